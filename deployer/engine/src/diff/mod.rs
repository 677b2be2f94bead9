//! What differs between what is deployed and what is wanted; computed offline from two templates
//! and two sets of parameter values.
//!
//! The types are what a plan file holds, so they are written and read as they stand; the checked-in
//! schema `templates/plan.schema.json` guards their form.

pub mod access;
pub(crate) mod behaviour;
pub mod code;
mod follow;
pub(crate) mod resolve;
pub mod sections;
pub mod shown;
pub mod template;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use access::{AccessChange, Permit, Statement};
pub use code::{CodeChange, code_parameters};
pub use sections::TemplateChange;
pub use template::{DataFate, Effect, PropertyChange, ResourceDiff};

use self::follow::Causes;
use self::resolve::{MASK, is_secret, resolved};

/// One side of a comparison.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// The template.
    pub template: &'a Value,
    /// Parameter values.
    pub parameters: &'a BTreeMap<String, String>,
}

/// All that differs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Diff {
    /// Resources that are added, removed or changed, by logical ID.
    pub resources: Vec<ResourceDiff>,
    /// Access that becomes possible or impossible.
    pub access: AccessChange,
    /// Functions whose deployment package changes, or was changed outside of CloudFormation.
    pub code: Vec<CodeChange>,
    /// Parameters whose value changes, those of code aside.
    pub parameters: Vec<ValueChange>,
    /// Outputs that are added, removed or changed.
    pub outputs: Vec<ValueChange>,
    /// Tags of the stack that are added, removed or changed; empty where there is no stack yet.
    pub tags: Vec<ValueChange>,
    /// What else differs in the templates as they are written, in any section; empty where there is none yet.
    pub template: Vec<TemplateChange>,
}

/// A value before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValueChange {
    /// Name of the parameter or output.
    pub name: String,
    /// Value before; null where there is none. Four asterisks stand for a `NoEcho` value.
    pub before: Option<String>,
    /// Value after; null where there is none. The same on both sides: whether the value changes cannot be told.
    pub after: Option<String>,
}

impl Diff {
    /// True when nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// True when something differs, and all of it is code of functions.
    #[must_use]
    pub fn is_code_alone(&self) -> bool {
        let others = self.access != AccessChange::default()
            || !(self.parameters.is_empty() && self.outputs.is_empty())
            || !(self.tags.is_empty() && self.template.is_empty());
        !others && !self.code.is_empty() && self.resources.iter().all(ResourceDiff::is_code_alone)
    }

    /// Lists the stateful resources whose data this change would delete.
    pub fn data_losses(&self) -> impl Iterator<Item = &ResourceDiff> {
        self.resources.iter().filter(|resource| resource.loses_data())
    }
}

/// Compares two sides; `before` is `None` when there is no stack.
///
/// # Effects
/// None.
#[must_use]
pub fn diff(before: Option<Side<'_>>, after: Side<'_>) -> Diff {
    let nothing = Value::Null;
    let no_parameters = BTreeMap::new();
    let is_there = before.is_some();
    let before = before.unwrap_or(Side { template: &nothing, parameters: &no_parameters });
    let (old, new) = (resolved(before), resolved(after));
    let causes = if is_there { Causes::new(before, after) } else { Causes::default() };
    let resources = template::resources(&old, &new, &causes);
    let outputs = outputs(&old, &new, &causes);
    let template = if is_there {
        sections::changes(before.template, after.template, &resources, &outputs)
    } else {
        Vec::new()
    };
    Diff {
        access: access::changes(&old, &new),
        code: code::changes(before, after),
        parameters: parameters(before, after),
        tags: Vec::new(),
        resources,
        outputs,
        template,
    }
}

/// Parameter that names the bucket of the deployment packages.
pub const ARTIFACT_BUCKET: &str = "ArtifactBucket";

/// Compares the parameters, those of code aside; a `NoEcho` value is never shown.
fn parameters(before: Side<'_>, after: Side<'_>) -> Vec<ValueChange> {
    let of_code: BTreeSet<String> =
        [before, after].iter().flat_map(|side| code_parameters(side.template).into_values()).collect();
    let shown = |side: Side<'_>| -> BTreeMap<String, String> {
        let mut shown = masked(before.template, &masked(after.template, side.parameters));
        shown.retain(|name, _| !of_code.contains(name) && name != ARTIFACT_BUCKET);
        shown
    };
    let unknown = after.parameters.iter().filter(|(name, value)| {
        let is_secret = [before, after].iter().any(|side| is_secret(side.template, name));
        is_secret && before.parameters.get(*name).is_some_and(|old| old != *value)
    });
    let secret = || Some(MASK.to_owned());
    let unknown =
        unknown.map(|(name, _)| ValueChange { name: name.clone(), before: secret(), after: secret() });
    let mut found = values(&shown(before), &shown(after));
    found.extend(unknown);
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

/// Returns parameter values with the `NoEcho` ones masked.
pub(crate) fn masked(template: &Value, parameters: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mask = |name: &String, value: &String| {
        if is_secret(template, name) { MASK.to_owned() } else { value.clone() }
    };
    parameters.iter().map(|(name, value)| (name.clone(), mask(name, value))).collect()
}

/// Compares the outputs; one that refers to what may have another value has the same on both sides.
fn outputs(before: &Value, after: &Value, causes: &Causes<'_>) -> Vec<ValueChange> {
    let (old, new) = (shown_outputs(before), shown_outputs(after));
    let mut found = values(&old, &new);
    let entries = after.get("Outputs").and_then(Value::as_object).into_iter().flatten();
    let following = entries.filter(|(_, output)| causes.of(output).is_some());
    for (name, shown) in following.filter_map(|(name, _)| new.get_key_value(name)) {
        if old.get(name) == Some(shown) {
            let side = Some(shown.clone());
            found.push(ValueChange { name: name.clone(), before: side.clone(), after: side });
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

fn shown_outputs(template: &Value) -> BTreeMap<String, String> {
    let outputs = template.get("Outputs").and_then(Value::as_object);
    let shown = outputs.into_iter().flatten().map(|(name, output)| {
        let value = output.get("Value").map(shown::shown).unwrap_or_default();
        let export = output.pointer("/Export/Name").map(shown::shown);
        (name.clone(), export.map_or_else(|| value.clone(), |export| format!("{value} (export {export})")))
    });
    shown.collect()
}

/// Lists the names whose values differ.
pub(crate) fn values(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) -> Vec<ValueChange> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changed = names.into_iter().filter(|name| before.get(*name) != after.get(*name));
    changed
        .map(|name| ValueChange {
            name: name.clone(),
            before: before.get(name).cloned(),
            after: after.get(name).cloned(),
        })
        .collect()
}
