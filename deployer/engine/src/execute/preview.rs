//! Finds out what would change, by as many accounts as are asked for, without changing a resource.

use std::collections::BTreeMap;

use serde_json::Value;

use super::join::settle;
use super::packaging::{by_parameter, package_unseen, why};
use super::prepare::{Interrupted, Prepared, prepare};
use super::recovery::{CHANGE_SET_PREFIX, SAVED_PREFIX};
use super::validation::say_findings;
use super::watch::Looking;
use super::{Ports, change_set};
use crate::aws_error::AwsError;
use crate::change_set::{ChangeSet, ChangeSetRequest};
use crate::deployed::DeployedStack;
use crate::diff::resolve::MASK;
use crate::diff::{self, ARTIFACT_BUCKET, Diff, Side, code, code_parameters};
use crate::digest::sha256_hex;
use crate::drift::{DriftDetectionStatus, ResourceDrift};
use crate::package::FunctionCrate;
use crate::plan::{Artifacts, Deployed, PlanError, Step, Wanted, changed_tags, parameter_values, plan};
use crate::plan_file::{Base, DescribedChangeSet, Execution, PlanFile, Subject, Unknown};
use crate::port::{Clock, CloudFormation, DriftDetection, Functions, ObjectStore, Packager};
use crate::review::data;
use crate::status::{ChangeSetStatus, StackStatus};

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// What the stack should be.
    pub wanted: Wanted,
    /// Function crates to build, by the logical ID of their function; `None` leaves the code out.
    pub functions: Option<BTreeMap<String, FunctionCrate>>,
    /// Whether AWS is asked for a change set.
    pub change_set: Asked,
    /// Whether AWS is asked which resources drifted.
    pub drift: bool,
}

/// Whether AWS is asked for a change set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// No: the comparison is offline, but for reading the stack. Nothing is left behind.
    No,
    /// Yes, and it is removed again, with the empty stack that it may have made. Of a template above
    /// 51,200 bytes a copy stays in the artifact bucket.
    Described,
    /// Yes, and it is kept with all packages, so that the plan can be carried out.
    Kept,
}

/// Why it could not be found out.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// A call to AWS failed.
    #[error("the comparison with `{stack}` was interrupted while {during}")]
    Aws {
        /// Stack name.
        stack: String,
        /// What was being done.
        during: &'static str,
        /// The failed call.
        source: AwsError,
    },
    /// A function could not be built or packed.
    #[error("the functions could not be packaged")]
    Packaging(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No plan can be made.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The stack is what a failed first deployment left: there is no change set before it is deleted.
    #[error("stack `{stack}` is in {status}: no change set can be made before its remains are deleted")]
    Remains {
        /// Stack name.
        stack: String,
        /// Its status.
        status: StackStatus,
    },
    /// CloudFormation refused to make the change set.
    #[error("CloudFormation could not make a change set for `{stack}`: {reason}")]
    ChangeSet {
        /// Stack name.
        stack: String,
        /// AWS's reason.
        reason: String,
    },
}

/// Compares what is wanted with what is deployed.
///
/// Nothing of the stack changes. Repeating it is safe.
///
/// # Effects
/// `cloudformation:DescribeStacks`, `GetTemplate`, `ListStackResources`; `lambda:GetFunctionConfiguration`;
/// cargo builds. With a change set also `CreateChangeSet`, `DescribeChangeSet`, `DescribeEvents`,
/// `DeleteChangeSet` and, for a new stack, `DeleteStack`; to keep one `s3:ListBucket`, `PutObject` and the making of the
/// artifact bucket. With drift `DetectStackDrift`, `DescribeStackDriftDetectionStatus`,
/// `DescribeStackResourceDrifts`.
///
/// # Errors
/// See [`PreviewError`]. What Lambda runs, and drift, are not worth a failure: the plan says that they
/// are unknown, and why.
pub async fn preview<C, S, T, F, P>(
    ports: &Ports<'_, C, S, T>,
    functions: &F,
    packager: &P,
    question: &Question,
) -> Result<PlanFile, PreviewError>
where
    C: CloudFormation + DriftDetection,
    S: ObjectStore,
    T: Clock,
    F: Functions,
    P: Packager,
{
    let preview = Preview { ports, question };
    let deployed = preview.deployed().await?;
    let artifacts = preview.artifacts(packager, deployed.as_ref()).await?;
    let mut plan = preview.compared(deployed.as_ref(), &artifacts);
    for change in &mut plan.diff.code {
        let after = change.after.as_deref();
        change.causes = after.map(|after| why(packager, change.before.as_ref(), after)).unwrap_or_default();
    }
    if let Some(deployed) = deployed.as_ref().filter(|_| question.functions.is_some()) {
        preview.add_running(functions, deployed, &mut plan).await;
    }
    if question.drift {
        preview.add_drift(deployed.is_some(), &mut plan).await;
    }
    if question.change_set != Asked::No {
        preview.add_change_set(deployed.as_ref(), &artifacts, &mut plan).await?;
    }
    Ok(plan.counted().sealed())
}

/// Compares two templates alone. The parameter values that are given count for both, as far as these declare the
/// parameters; the plan says that it is not known whether a stack has them. Others are unknown.
///
/// # Effects
/// None.
#[must_use]
pub fn preview_of_templates(
    stack: &str,
    before: &Value,
    after: &Value,
    given: &BTreeMap<String, String>,
) -> PlanFile {
    let declared = |template: &Value| -> BTreeMap<String, String> {
        let declares =
            |name: &&String| template.get("Parameters").is_some_and(|all| all.get(*name).is_some());
        given.keys().filter(declares).map(|name| (name.clone(), given[name].clone())).collect()
    };
    let (old, new) = (declared(before), declared(after));
    let diff = diff::diff(
        Some(Side { template: before, parameters: &old }),
        Side { template: after, parameters: &new },
    );
    let base =
        Base { stack_id: None, status: None, changed_at_ms: None, template_sha256: template_sha256(before) };
    let mut plan = PlanFile::new(stack, Some(base), diff, after);
    if !old.is_empty() {
        let names = old.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let reason = format!("the values given for {names} count for both templates");
        plan.unknown.push(Unknown { subject: Subject::ParameterValues, reason });
    }
    plan.counted().sealed()
}

struct Preview<'a, C, S, T> {
    ports: &'a Ports<'a, C, S, T>,
    question: &'a Question,
}

impl<C: CloudFormation + DriftDetection, S: ObjectStore, T: Clock> Preview<'_, C, S, T> {
    fn stack(&self) -> &str {
        &self.question.wanted.stack
    }

    fn aws(&self, during: &'static str) -> impl Fn(AwsError) -> PreviewError {
        let stack = self.stack().to_owned();
        move |source| PreviewError::Aws { stack: stack.clone(), during, source }
    }

    fn interrupted(&self, interrupted: Interrupted) -> PreviewError {
        self.aws(interrupted.during)(interrupted.source)
    }

    /// Reads the stack. Only a change set needs one on which nothing is going on.
    async fn deployed(&self) -> Result<Option<Deployed>, PreviewError> {
        let found = match self.question.change_set {
            Asked::No => self.ports.cloudformation.describe_stack(self.stack()).await,
            Asked::Described | Asked::Kept => settle(self.ports, self.stack()).await,
        };
        let Some(stack) = found.map_err(self.aws("reading the stack"))? else { return Ok(None) };
        if self.question.change_set != Asked::No && is_remains(&stack.status) {
            return Err(PreviewError::Remains { stack: stack.name, status: stack.status });
        }
        if stack.status.is_absent() || is_remains(&stack.status) {
            return Ok(None);
        }
        let template = self.ports.template(&stack.name).await;
        let template = template.map_err(self.aws("reading the deployed template"))?;
        Ok(Some(Deployed { stack, template }))
    }

    async fn artifacts<P: Packager>(
        &self,
        packager: &P,
        deployed: Option<&Deployed>,
    ) -> Result<Artifacts, PreviewError> {
        let mut artifacts = Artifacts { bucket: self.bucket(deployed).await?, ..Artifacts::default() };
        let Some(functions) = self.question.functions.as_ref().filter(|it| !it.is_empty()) else {
            return Ok(artifacts);
        };
        let packages = package_unseen(self.ports, packager, functions).await;
        let packages = packages.map_err(|error| PreviewError::Packaging(Box::new(error)))?;
        artifacts.packages = by_parameter(functions, packages, &self.question.wanted.template);
        Ok(artifacts)
    }

    /// The bucket that is given or known; the account is asked only where it will be used.
    async fn bucket(&self, deployed: Option<&Deployed>) -> Result<String, PreviewError> {
        let known = deployed.and_then(|deployed| deployed.stack.parameters.get(ARTIFACT_BUCKET));
        match self.question.wanted.given.get(ARTIFACT_BUCKET).or(known) {
            Some(bucket) => Ok(bucket.clone()),
            None if self.question.change_set == Asked::No => Ok(String::new()),
            None => {
                let answer = self.ports.store.artifact_bucket().await;
                answer.map_err(self.aws("asking which account this is"))
            }
        }
    }

    /// Compares offline. A parameter without a value is not this comparison's business.
    fn compared(&self, deployed: Option<&Deployed>, artifacts: &Artifacts) -> PlanFile {
        let wanted = &self.question.wanted;
        let values = parameter_values(wanted, deployed, artifacts).values;
        let after = Side { template: &wanted.template, parameters: &values };
        let tags = changed_tags(wanted, deployed);
        let diff = Diff { tags, ..diff::diff(deployed.map(side), after) };
        PlanFile::new(&wanted.stack, deployed.map(base), diff, &wanted.template)
    }

    async fn add_running<F: Functions>(&self, functions: &F, deployed: &Deployed, plan: &mut PlanFile) {
        match self.running(functions, deployed).await {
            Ok(running) => code::add_running(&mut plan.diff.code, side(deployed), &running),
            Err(error) => {
                plan.unknown.push(Unknown { subject: Subject::RunningCode, reason: error.message });
            }
        }
    }

    async fn running<F: Functions>(
        &self,
        functions: &F,
        deployed: &Deployed,
    ) -> Result<BTreeMap<String, String>, AwsError> {
        let known = code_parameters(&deployed.template);
        if known.is_empty() {
            return Ok(BTreeMap::new());
        }
        let resources = self.ports.cloudformation.resources(&deployed.stack.name).await?;
        let physical = resources.into_iter().filter(|it| known.contains_key(&it.logical_id));
        let asked = physical.filter_map(|it| Some((it.logical_id, it.physical_id?)));
        let answers = asked.map(|(id, name)| async move { (id, functions.running(&name).await) });
        let mut running = BTreeMap::new();
        for (id, answer) in futures_util::future::join_all(answers).await {
            if let Some(code) = answer?.filter(|code| !code.sha256.is_empty()) {
                running.insert(id, code.sha256);
            }
        }
        Ok(running)
    }

    async fn add_drift(&self, exists: bool, plan: &mut PlanFile) {
        match if exists { self.drift().await } else { Ok((Vec::new(), None)) } {
            Ok((drift, incomplete)) => {
                plan.drift = Some(drift);
                plan.unknown.extend(incomplete.map(|reason| Unknown { subject: Subject::Drift, reason }));
            }
            Err(error) => plan.unknown.push(Unknown { subject: Subject::Drift, reason: error.message }),
        }
    }

    /// Detects drift; beside it AWS's reason when some resources could not be checked.
    async fn drift(&self) -> Result<(Vec<ResourceDrift>, Option<String>), AwsError> {
        let cloudformation = self.ports.cloudformation;
        let detection = cloudformation.detect_drift(self.stack()).await?;
        let mut looking = Looking::new(self.ports);
        let incomplete = loop {
            let state = cloudformation.drift_detection(&detection).await;
            let Some(state) = looking.answer(state).await? else { continue };
            match state {
                DriftDetectionStatus::InProgress => {
                    self.ports.clock.sleep(looking.watch.after_answer(false)).await;
                }
                DriftDetectionStatus::Complete => break None,
                DriftDetectionStatus::Failed(reason) => break Some(reason),
            }
        };
        Ok((cloudformation.drifted_resources(self.stack()).await?, incomplete))
    }

    async fn add_change_set(
        &self,
        deployed: Option<&Deployed>,
        artifacts: &Artifacts,
        file: &mut PlanFile,
    ) -> Result<(), PreviewError> {
        let wanted = &self.question.wanted;
        let steps = plan(wanted, deployed, artifacts)?.steps;
        let keeps = self.question.change_set == Asked::Kept;
        let steps = if keeps { for_later(steps) } else { for_a_look(steps) };
        let prepared = prepare(self.ports, steps).await.map_err(|it| self.interrupted(it))?;
        let Some(Prepared::ChangeSet(prepared)) = prepared else { return Ok(()) };
        let (request, change_set) = *prepared;
        let complete = change_set.status == ChangeSetStatus::CreateComplete;
        if !change_set.is_empty {
            say_findings(self.ports, &change_set).await;
        }
        if !keeps || !complete {
            let token = format!("pipectl-preview-{}", self.ports.clock.now_ms());
            let removed = change_set::discard(self.ports, &request, &token).await;
            removed.map_err(self.aws("removing the change set"))?;
        }
        if !complete && !change_set.is_empty {
            let reason = change_set.status_reason.unwrap_or_else(|| change_set.status.to_string());
            return Err(PreviewError::ChangeSet { stack: request.stack, reason });
        }
        file.data = data::changes(&file.diff, &change_set.changes, &wanted.template);
        if keeps && complete {
            file.execution = Some(execution(&request, &change_set, wanted, artifacts));
        }
        file.change_set = Some(DescribedChangeSet::new(change_set.changes, &file.diff.resources));
        Ok(())
    }
}

/// Names the change set apart, so that a deployment of the same content, which somebody may decline, does
/// not take it for its own and away.
fn for_later(steps: Vec<Step>) -> Vec<Step> {
    renamed(steps, SAVED_PREFIX)
}

/// Leaves out what a change set does not need to be described, and names it apart, so that one kept by
/// a saved plan is not taken for it.
fn for_a_look(steps: Vec<Step>) -> Vec<Step> {
    let sends_template = steps.iter().any(|step| matches!(step, Step::UploadTemplate { .. }));
    let needed = steps.into_iter().filter(|step| match step {
        Step::UploadPackage { .. } => false,
        Step::EnsureArtifactBucket(_) => sends_template,
        _ => true,
    });
    renamed(needed.collect(), "pipectl-preview-")
}

fn renamed(steps: Vec<Step>, prefix: &str) -> Vec<Step> {
    let renamed = steps.into_iter().map(|step| match step {
        Step::CreateChangeSet(request) => {
            let name = request.name.replacen(CHANGE_SET_PREFIX, prefix, 1);
            Step::CreateChangeSet(ChangeSetRequest { name, ..request })
        }
        other => other,
    });
    renamed.collect()
}

fn execution(
    request: &ChangeSetRequest,
    change_set: &ChangeSet,
    wanted: &Wanted,
    artifacts: &Artifacts,
) -> Execution {
    let keys = code_parameters(&wanted.template).into_values();
    let packages = keys.filter_map(|parameter| request.parameters.get(&parameter).cloned());
    let mut packages: Vec<String> = packages.collect();
    packages.sort();
    packages.dedup();
    Execution {
        template_sha256: template_sha256(&wanted.template),
        parameters: diff::masked(&wanted.template, &request.parameters)
            .into_iter()
            .chain(request.kept.iter().map(|name| (name.clone(), MASK.to_owned())))
            .collect(),
        tags: request.tags.clone(),
        bucket: artifacts.bucket.clone(),
        packages,
        change_set: request.name.clone(),
        change_set_id: change_set.id.clone(),
    }
}

/// What a failed first deployment leaves: there are no resources to compare with.
fn is_remains(status: &StackStatus) -> bool {
    matches!(status, StackStatus::RollbackComplete | StackStatus::RollbackFailed | StackStatus::CreateFailed)
}

fn side(deployed: &Deployed) -> Side<'_> {
    Side { template: &deployed.template, parameters: &deployed.stack.parameters }
}

fn base(deployed: &Deployed) -> Base {
    let DeployedStack { id, status, changed_at_ms, .. } = &deployed.stack;
    Base {
        stack_id: Some(id.clone()),
        status: Some(status.to_string()),
        changed_at_ms: *changed_at_ms,
        template_sha256: template_sha256(&deployed.template),
    }
}

/// Names a template by its content.
pub(super) fn template_sha256(template: &Value) -> String {
    sha256_hex(&template.to_string())
}

impl PlanFile {
    fn new(stack: &str, base: Option<Base>, diff: Diff, wanted: &Value) -> Self {
        Self {
            version: crate::plan_file::VERSION,
            stack: stack.to_owned(),
            base,
            summary: crate::plan_file::Summary::default(),
            data: data::changes(&diff, &[], wanted),
            diff,
            change_set: None,
            drift: None,
            unknown: Vec::new(),
            execution: None,
            digest: String::new(),
        }
    }
}
