//! Decides every step of a deployment before the first is taken.
//!
//! Invariant: pure. The same input gives the same plan, and executing a plan makes no choices.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::change_set::{ChangeSetKind, ChangeSetRequest, TemplateSource};
use crate::deployed::{DeployedStack, DeploymentMode};
use crate::diff::resolve::{is_masked, is_secret};
use crate::diff::{self, ARTIFACT_BUCKET, Diff, Side, ValueChange, values};
use crate::digest::hex;
use crate::express::{StandardBecause, is_left_failed, obstacle};
use crate::package::Package;
use crate::recover::{Action, Goal, Situation, next_action};
use crate::review::kept_on_removal;
use crate::stack_update::StackUpdate;
use crate::status::StackStatus;

/// What the user wants a stack to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Stack name.
    pub stack: String,
    /// The template.
    pub template: Value,
    /// Parameter values given for this deployment.
    pub given: BTreeMap<String, String>,
    /// Tags of the stack.
    pub tags: BTreeMap<String, String>,
    /// The mode that is wished for.
    pub mode: DeploymentMode,
}

/// A stack with the template it was deployed from.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployed {
    /// The stack.
    pub stack: DeployedStack,
    /// Its template; null where the stack has none yet.
    pub template: Value,
}

/// Deployment packages by the parameter that takes their key, and the bucket they lie in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Artifacts {
    /// Name of the artifact bucket.
    pub bucket: String,
    /// Packages by parameter name.
    pub packages: BTreeMap<String, Package>,
}

/// The steps of a deployment, in order; empty when nothing is to be done.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Stack name.
    pub stack: String,
    /// The steps.
    pub steps: Vec<Step>,
    /// What differs.
    pub diff: Diff,
    /// Why the deployment is a standard one although express mode is wished for.
    pub standard_because: Option<StandardBecause>,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Delete what a failed first deployment left. Done already when the stack is gone.
    DeleteRemains(StackStatus),
    /// Make the artifact bucket. Done already when it is there.
    EnsureArtifactBucket(String),
    /// Upload a deployment package. Done already when the key is there.
    UploadPackage {
        /// Bucket name.
        bucket: String,
        /// The package.
        package: Package,
    },
    /// Upload the template, which is too large for a request.
    UploadTemplate {
        /// Bucket name.
        bucket: String,
        /// Object key.
        key: String,
        /// The template as it is sent.
        body: String,
    },
    /// Ask for the change set and have it described. Done already when one of that name is there.
    CreateChangeSet(ChangeSetRequest),
    /// Have the change approved, then start it and watch it to its end.
    ExecuteChangeSet,
    /// Change values of parameters, and watch it to its end. Joins the operation that runs already.
    UpdateStack(StackUpdate),
}

impl Plan {
    /// True when the plan asks for the change of this name, which stands for its content.
    #[must_use]
    pub fn asks_for(&self, change: &str) -> bool {
        self.steps.iter().any(|step| match step {
            Step::CreateChangeSet(request) => request.name == change,
            Step::UpdateStack(update) => update.name == change,
            _ => false,
        })
    }

    /// The same without the change set, where that has nothing to tell: template and tags stay as they are
    /// deployed, AWS resolves nothing in them anew, and what changes is code of functions, which is neither
    /// access nor data.
    #[must_use]
    pub fn sparing_change_set(&self, deployed: &Deployed, wanted: &Wanted) -> Option<Self> {
        let is_same = deployed.template == wanted.template && deployed.stack.status.is_updatable();
        if !is_same || !self.diff.is_code_alone() || is_resolved_anew(&wanted.template) {
            return None;
        }
        let update = self.steps.iter().find_map(|step| match step {
            Step::CreateChangeSet(request) => StackUpdate::instead_of(request, deployed),
            _ => None,
        })?;
        let uploads = self.steps.iter().filter(|step| matches!(step, Step::UploadPackage { .. })).cloned();
        let steps = uploads.chain([Step::UpdateStack(update)]).collect();
        Some(Self { steps, ..self.clone() })
    }
}

impl Step {
    /// Returns the step's stable name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::DeleteRemains(_) => "delete_remains",
            Self::EnsureArtifactBucket(_) => "ensure_artifact_bucket",
            Self::UploadPackage { .. } => "upload_package",
            Self::UploadTemplate { .. } => "upload_template",
            Self::CreateChangeSet(_) => "create_change_set",
            Self::ExecuteChangeSet => "execute_change_set",
            Self::UpdateStack(_) => "update_stack",
        }
    }
}

/// Why no plan can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The stack is in a state that no deployment can start from.
    #[error("stack `{stack}` is in {status}, which a deployment cannot start from")]
    NeedsRecovery {
        /// Stack name.
        stack: String,
        /// Its status.
        status: StackStatus,
    },
    /// Parameters have neither a value nor a default.
    #[error("parameters without a value: {}", .names.join(", "))]
    MissingParameters {
        /// Their names.
        names: Vec<String>,
    },
    /// Values were given for parameters the template does not have.
    #[error("the template has no parameters {}; it has {}", .names.join(", "), .known.join(", "))]
    UnknownParameters {
        /// Their names.
        names: Vec<String>,
        /// The names it has.
        known: Vec<String>,
    },
    /// The template is larger than CloudFormation takes.
    #[error("the template has {bytes} bytes, {limit} are allowed")]
    TemplateTooLarge {
        /// Its size.
        bytes: usize,
        /// CloudFormation's limit.
        limit: usize,
    },
}

/// Decides the steps from what is wanted, what is deployed and what has been built.
///
/// The stack must be settled: no operation may be running on it.
///
/// # Errors
/// See [`PlanError`].
pub fn plan(wanted: &Wanted, deployed: Option<&Deployed>, artifacts: &Artifacts) -> Result<Plan, PlanError> {
    let start = start(wanted, deployed)?;
    let base = deployed.filter(|_| start == Start::Update);
    let parameters = parameters(wanted, base, artifacts)?;
    let before = base.map(|base| Side { template: &base.template, parameters: &base.stack.parameters });
    let after = Side { template: &wanted.template, parameters: &parameters.values };
    let diff = Diff { tags: changed_tags(wanted, base), ..diff::diff(before, after) };
    let wishes_express = wanted.mode == DeploymentMode::Express;
    let standard_because = wishes_express.then(|| obstacle(base.map(|base| &base.stack), &diff)).flatten();
    let mode = if standard_because.is_some() { DeploymentMode::Standard } else { wanted.mode };
    let mode = base.and_then(forced_mode).unwrap_or(mode);
    let mut steps = Vec::new();
    let unchanged = base.is_some_and(|base| {
        base.stack.status.is_updatable()
            && base.template == wanted.template
            && base.stack.parameters == parameters.values
            && base.stack.tags == wanted.tags
    });
    if !unchanged {
        if let Start::CreateAfter(status) = start {
            steps.push(Step::DeleteRemains(status));
        }
        artifact_steps(base, artifacts, &mut steps);
        let kind = if base.is_some() { ChangeSetKind::Update } else { ChangeSetKind::Create };
        change_set_steps(wanted, parameters, (kind, mode), artifacts, &mut steps)?;
    }
    let standard_because = standard_because.filter(|_| !steps.is_empty());
    Ok(Plan { stack: wanted.stack.clone(), steps, diff, standard_because })
}

/// Lists the tags of the stack that change.
pub(crate) fn changed_tags(wanted: &Wanted, base: Option<&Deployed>) -> Vec<ValueChange> {
    base.map(|base| values(&base.stack.tags, &wanted.tags)).unwrap_or_default()
}

/// True for a template that can mean something else in the next update though it is the same: parameters
/// and references to the Parameter Store are looked up then, macros run and nested templates are read.
/// Source: CloudFormation user guide, "Systems Manager parameter types", "Get values stored in other
/// services", "Perform custom processing with template macros" (read 2026-11-23).
fn is_resolved_anew(template: &Value) -> bool {
    match template {
        Value::Object(members) => members.iter().any(|(key, value)| match (key.as_str(), value) {
            ("Transform" | "Fn::Transform", _) => true,
            ("Type", Value::String(name)) => {
                name.starts_with("AWS::SSM::Parameter::") || name == "AWS::CloudFormation::Stack"
            }
            _ => is_resolved_anew(value),
        }),
        Value::Array(items) => items.iter().any(is_resolved_anew),
        Value::String(text) => text.contains("{{resolve:ssm"),
        _ => false,
    }
}

/// A stack that failed in express mode takes no other; see [`Action::ProceedExpress`].
fn forced_mode(base: &Deployed) -> Option<DeploymentMode> {
    is_left_failed(&base.stack.status).then_some(base.stack.mode)
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Start {
    Create,
    CreateAfter(StackStatus),
    Update,
}

fn start(wanted: &Wanted, deployed: Option<&Deployed>) -> Result<Start, PlanError> {
    let Some(stack) = deployed.map(|deployed| &deployed.stack) else { return Ok(Start::Create) };
    let status = &stack.status;
    let found = Situation { status: Some(status.clone()), mode: stack.mode, ..Situation::default() };
    match next_action(Goal::Deploy, &found) {
        Action::Proceed if status.is_absent() => Ok(Start::Create),
        Action::Proceed | Action::ProceedExpress => Ok(Start::Update),
        Action::DeleteRemains => Ok(Start::CreateAfter(status.clone())),
        _ => Err(PlanError::NeedsRecovery { stack: wanted.stack.clone(), status: status.clone() }),
    }
}

/// Values for the parameters of a template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParameterValues {
    /// Values by name; of a parameter in `kept` AWS's mask.
    pub values: BTreeMap<String, String>,
    /// Parameters that keep the stack's value, which cannot be read.
    pub kept: BTreeSet<String>,
    /// Parameters for which there is none.
    pub missing: Vec<String>,
}

/// Finds a value for each parameter of the template: what is given, what was built, what the stack has,
/// the default; in this order.
///
/// A stack keeps the value of a parameter that is not given, also one that it has from an earlier default, as
/// with `aws cloudformation deploy`. Source: aws/aws-cli#2599 and #2659 (read 2026-12-01).
#[must_use]
pub fn parameter_values(wanted: &Wanted, base: Option<&Deployed>, artifacts: &Artifacts) -> ParameterValues {
    let mut found = ParameterValues::default();
    for (name, default) in declared(&wanted.template) {
        let built = artifacts.packages.get(&name).map(Package::key);
        let bucket = (name == ARTIFACT_BUCKET).then(|| artifacts.bucket.clone());
        let given = wanted.given.get(&name).cloned();
        let known = given.or(built).or(bucket);
        let deployed =
            base.filter(|_| known.is_none()).and_then(|it| it.stack.parameters.get(&name).cloned());
        if deployed.is_some() && base.is_some_and(|base| is_unreadable(base, &name)) {
            found.kept.insert(name.clone());
        }
        match known.or(deployed).or(default) {
            Some(value) => {
                found.values.insert(name, value);
            }
            None => found.missing.push(name),
        }
    }
    found
}

/// Holds the names of the given parameter values to the template.
///
/// # Errors
/// [`PlanError::UnknownParameters`] with all names that the template does not declare.
pub fn check_names(wanted: &Wanted) -> Result<(), PlanError> {
    let known: BTreeSet<String> = declared(&wanted.template).into_keys().collect();
    let unknown: Vec<String> = wanted.given.keys().filter(|name| !known.contains(*name)).cloned().collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(PlanError::UnknownParameters { names: unknown, known: known.into_iter().collect() })
}

fn parameters(
    wanted: &Wanted,
    base: Option<&Deployed>,
    artifacts: &Artifacts,
) -> Result<ParameterValues, PlanError> {
    check_names(wanted)?;
    let found = parameter_values(wanted, base, artifacts);
    if found.missing.is_empty() {
        Ok(found)
    } else {
        Err(PlanError::MissingParameters { names: found.missing })
    }
}

/// Reads the parameters of a template with their defaults.
fn declared(template: &Value) -> BTreeMap<String, Option<String>> {
    let parameters = template.get("Parameters").and_then(Value::as_object);
    let defaults = parameters.into_iter().flatten().map(|(name, parameter)| {
        let default = parameter.get("Default").map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        (name.clone(), default)
    });
    defaults.collect()
}

/// True when the stack has a value for the parameter that AWS does not tell.
pub(crate) fn is_unreadable(base: &Deployed, name: &str) -> bool {
    let value = base.stack.parameters.get(name);
    value.is_some_and(|value| is_masked(value) || is_secret(&base.template, name))
}

fn artifact_steps(base: Option<&Deployed>, artifacts: &Artifacts, steps: &mut Vec<Step>) {
    let deployed_key = |parameter: &String| base.and_then(|base| base.stack.parameters.get(parameter));
    let mut keys = BTreeSet::new();
    let new: Vec<&Package> = artifacts
        .packages
        .iter()
        .filter(|(parameter, package)| deployed_key(parameter) != Some(&package.key()))
        .map(|(_, package)| package)
        .filter(|package| keys.insert(package.key()))
        .collect();
    if !new.is_empty() && base.is_none() {
        steps.push(Step::EnsureArtifactBucket(artifacts.bucket.clone()));
    }
    let bucket = &artifacts.bucket;
    steps.extend(
        new.into_iter()
            .map(|package| Step::UploadPackage { bucket: bucket.clone(), package: package.clone() }),
    );
}

fn change_set_steps(
    wanted: &Wanted,
    ParameterValues { mut values, kept, .. }: ParameterValues,
    (kind, mode): (ChangeSetKind, DeploymentMode),
    artifacts: &Artifacts,
    steps: &mut Vec<Step>,
) -> Result<(), PlanError> {
    let body = wanted.template.to_string();
    if body.len() > stack_model::template::MAX_BYTES {
        let limit = stack_model::template::MAX_BYTES;
        return Err(PlanError::TemplateTooLarge { bytes: body.len(), limit });
    }
    values.retain(|name, _| !kept.contains(name));
    let names = kept.iter().map(|name| format!("{name}\n")).collect::<String>();
    let mut content = vec![body.clone(), text_of(&values), text_of(&wanted.tags)];
    content.extend(Some(names).filter(|names| !names.is_empty()));
    let name = change_set_name(content, mode);
    let template = if body.len() <= stack_model::template::MAX_INLINE_BYTES {
        TemplateSource::Body(body)
    } else {
        let (bucket, key) = (artifacts.bucket.clone(), format!("templates/{}.json", digest(&[&body])));
        if !steps.iter().any(|step| matches!(step, Step::EnsureArtifactBucket(_)))
            && kind == ChangeSetKind::Create
        {
            steps.push(Step::EnsureArtifactBucket(bucket.clone()));
        }
        steps.push(Step::UploadTemplate { bucket: bucket.clone(), key: key.clone(), body });
        TemplateSource::Object { bucket, key }
    };
    steps.push(Step::CreateChangeSet(ChangeSetRequest {
        stack: wanted.stack.clone(),
        name,
        kind,
        template,
        parameters: values,
        kept,
        tags: wanted.tags.clone(),
        mode,
        import_existing: !kept_on_removal(&wanted.template).is_empty(),
    }));
    steps.push(Step::ExecuteChangeSet);
    Ok(())
}

/// The same content in another mode is another change set.
fn change_set_name(mut content: Vec<String>, mode: DeploymentMode) -> String {
    content.extend((mode == DeploymentMode::Express).then(|| "express".to_owned()));
    let parts: Vec<&str> = content.iter().map(String::as_str).collect();
    format!("pipectl-{}", &digest(&parts)[..16])
}

fn text_of(map: &BTreeMap<String, String>) -> String {
    map.iter().map(|(key, value)| format!("{key}={value}\n")).collect()
}

/// Names content by its parts.
pub(crate) fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex(hash.finalize().as_slice())
}
