//! Updates of nothing but code, past CloudFormation: what may be done so, and what is remembered of it.
//!
//! The stack's parameters go on naming the code of the last deployment, so each direct update leaves a
//! [`record`] in the artifact bucket. The next deployment reads them and brings stack and functions in
//! line. CloudFormation cannot do that by itself: `Code` is a write-only property of
//! `AWS::Lambda::Function`, so neither drift detection nor a change set of `REVERT_DRIFT` sees other
//! code (resource schema `aws-lambda-function`, `writeOnlyProperties`; read 2026-11-23).
//!
//! Invariant: all but the [`port`] is pure.

pub mod port;
pub mod record;

use std::collections::{BTreeMap, BTreeSet};

use crate::diff::{Side, code_parameters, diff};
use crate::package::{Package, digest_of};
use crate::plan::{Artifacts, Deployed, Wanted, parameter_values};
use record::Records;

/// What an update of code alone comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Bring these functions to this code; empty when all of them run it.
    Update(Vec<Target>),
    /// More than code differs: a deployment is needed. Says what, each a name or a few words.
    More(Vec<String>),
}

/// A function and the code that it should run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Logical ID of the function.
    pub logical_id: String,
    /// Object key of the package in the artifact bucket.
    pub key: String,
    /// SHA-256 of the package in lower-case hexadecimal.
    pub sha256: String,
    /// The package, where it was built now; `None` when it is in the bucket since its deployment.
    pub package: Option<Package>,
    /// True when the stack was deployed with this very code, so that no record of it is needed.
    pub as_deployed: bool,
}

/// Decides whether code alone differs, and whose.
///
/// A function that has a record is among the targets even where the record names the wanted code: the
/// run that left it may have been stopped before the update.
#[must_use]
pub fn decide(wanted: &Wanted, deployed: &Deployed, artifacts: &Artifacts, records: &Records) -> Decision {
    let more = other_changes(wanted, deployed, artifacts);
    if !more.is_empty() {
        return Decision::More(more);
    }
    let targets = code_parameters(&wanted.template).into_iter().filter_map(|(logical_id, parameter)| {
        let package = artifacts.packages.get(&parameter)?;
        let as_deployed = deployed.stack.parameters.get(&parameter) == Some(&package.key());
        let is_in_line = as_deployed && !records.by_function.contains_key(&logical_id);
        (!is_in_line).then(|| Target {
            logical_id,
            key: package.key(),
            sha256: package.sha256.clone(),
            package: Some(package.clone()),
            as_deployed,
        })
    });
    Decision::Update(targets.collect())
}

/// Finds the functions that a deployment has left with other code than the stack names, and the code
/// to bring back.
///
/// `parameters` are the stack's after the deployment. A record that names the stack's own code is
/// merely spent.
#[must_use]
pub fn to_restore(
    template: &serde_json::Value,
    parameters: &BTreeMap<String, String>,
    records: &Records,
) -> Vec<Target> {
    let code = code_parameters(template);
    let targets = records.by_function.iter().filter_map(|(logical_id, digests)| {
        let key = parameters.get(code.get(logical_id)?)?;
        let sha256 = digest_of(key)?;
        let is_in_line = digests.len() == 1 && digests.contains(sha256);
        (!is_in_line).then(|| Target {
            logical_id: logical_id.clone(),
            key: key.clone(),
            sha256: sha256.to_owned(),
            package: None,
            as_deployed: true,
        })
    });
    targets.collect()
}

/// Lists what differs besides code.
fn other_changes(wanted: &Wanted, deployed: &Deployed, artifacts: &Artifacts) -> Vec<String> {
    if !deployed.stack.status.is_updatable() {
        return vec![format!("the stack is in {}", deployed.stack.status)];
    }
    let values = parameter_values(wanted, Some(deployed), artifacts);
    let code: BTreeSet<String> = code_parameters(&wanted.template).into_values().collect();
    let without_code = |values: &BTreeMap<String, String>| -> BTreeMap<String, String> {
        let kept = values.iter().filter(|(name, _)| !code.contains(*name));
        kept.map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    let (before, after) = (without_code(&deployed.stack.parameters), without_code(&values.values));
    let mut found = BTreeSet::new();
    if wanted.template != deployed.template {
        found.extend(named_changes(wanted, deployed, &values.values));
        if found.is_empty() {
            found.insert("the template".to_owned());
        }
    }
    if before != after || !values.missing.is_empty() {
        let names = before.keys().chain(after.keys()).chain(&values.missing);
        let changed =
            names.filter(|name| before.get(*name) != after.get(*name) || !after.contains_key(*name));
        found.extend(changed.map(|name| format!("parameter {name}")));
    }
    if wanted.tags != deployed.stack.tags {
        found.insert("the stack's tags".to_owned());
    }
    found.into_iter().collect()
}

/// Names what a person would see of two templates that differ.
fn named_changes(wanted: &Wanted, deployed: &Deployed, values: &BTreeMap<String, String>) -> Vec<String> {
    let before = Side { template: &deployed.template, parameters: &deployed.stack.parameters };
    let difference = diff(Some(before), Side { template: &wanted.template, parameters: values });
    let resources = difference.resources.into_iter().filter(|resource| !resource.is_code_alone());
    let resources = resources.map(|resource| resource.logical_id);
    let outputs = difference.outputs.into_iter().map(|output| format!("output {}", output.name));
    resources.chain(outputs).collect()
}
