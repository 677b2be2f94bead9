//! Creates or updates a stack.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::join::{FailedChange, join};
use super::packaging::{by_parameter, package};
use super::prepare::{Prepared, prepare};
use super::recovery::{Leading, RecoverError};
use super::start::{STARTING_UPDATE, Starting, token};
use super::validation::{failure_findings, may_warn, say_findings};
use super::watch::{OperationFailure, patiently};
use super::{Ports, change_set};
use crate::aws_error::{AwsError, AwsErrorCode};
use crate::change_set::{ChangeSet, ChangeSetKind, ChangeSetRequest, Replacement, ValidationFinding};
use crate::deployed::{DeployedStack, DeploymentMode};
use crate::detour::without;
use crate::diff::{ARTIFACT_BUCKET, Diff};
use crate::event::{EventKind, Operation};
use crate::express::{StandardBecause, failed_in_express, is_left_failed};
use crate::outcome::Outcome;
use crate::package::FunctionCrate;
use crate::plan::{Artifacts, Deployed, Plan, PlanError, Step, Wanted, plan};
use crate::port::{Answer, Approver, Clock, CloudFormation, Deletion, ObjectStore, Packager, Request};
use crate::recover::{Action, Goal};
use crate::review::{Consent, Review};
use crate::stack_update::StackUpdate;
use crate::status::{ChangeSetStatus, StackStatus};

/// How often a deployment is planned when others are faster each time.
const ATTEMPTS: usize = 5;

/// What `up` works from.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// What the stack should be.
    pub wanted: Wanted,
    /// Function crates to build, by the logical ID of their function.
    pub functions: BTreeMap<String, FunctionCrate>,
}

/// Why `up` failed.
#[derive(Debug, thiserror::Error)]
pub enum UpError {
    /// A call to AWS failed.
    #[error("the deployment of `{stack}` was interrupted while {during}")]
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
    /// CloudFormation refused to make the change set.
    #[error("CloudFormation could not make a change set for `{stack}`: {reason}")]
    ChangeSet {
        /// Stack name.
        stack: String,
        /// AWS's reason.
        reason: String,
        /// What validations found, all of it.
        findings: Vec<ValidationFinding>,
    },
    /// The stack is left as it failed in express mode and takes no other, and the change set, which is
    /// deleted again, replaces resources, which AWS does not do in that mode.
    #[error("AWS would replace {} of `{stack}`, which it does not do in express mode", .resources.join(", "))]
    ReplacedInExpress {
        /// Stack name.
        stack: String,
        /// Logical IDs of the resources.
        resources: Vec<String>,
    },
    /// Somebody else was faster, each time that the deployment was planned.
    #[error("stack `{stack}` was changed by somebody else while this deployment was being prepared")]
    Overtaken {
        /// Stack name.
        stack: String,
    },
    /// The stack is in a failed state and could not be led out of it.
    #[error(transparent)]
    Recovery(#[from] RecoverError),
    /// Consent is needed and nobody could be asked.
    #[error("the change to `{stack}` needs consent: {consent}")]
    ConsentMissing {
        /// Stack name.
        stack: String,
        /// What it needs consent for.
        consent: Consent,
    },
    /// The operation ran and failed.
    #[error(transparent)]
    Operation(#[from] OperationFailure),
}

/// Makes the stack as wanted.
///
/// Running it again is always safe: what is done already is recognised by its content.
///
/// # Effects
/// `cloudformation:DescribeStacks`, `GetTemplate`, `CreateChangeSet`, `DescribeChangeSet`,
/// `ExecuteChangeSet`, `DescribeStackEvents`, `DeleteChangeSet`, `DeleteStack` (remains of a failed
/// first deployment only), `UpdateStack` (where nothing but code differs, and to make a failed stack sound
/// that is as wanted), `DescribeEvents`, `ListChangeSets`; `s3:PutObject`, `HeadObject`, `ListObjectsV2`
/// (before large uploads) and the making of the artifact bucket; `sts:GetCallerIdentity`; cargo builds.
///
/// # Errors
/// See [`UpError`]. With `Operation` the stack has settled; with `Aws` an operation may go on.
pub async fn up<C, S, T, P, A>(
    ports: &Ports<'_, C, S, T>,
    packager: &P,
    approver: &A,
    inputs: &Inputs,
) -> Result<Outcome, UpError>
where
    C: CloudFormation,
    S: ObjectStore,
    T: Clock,
    P: Packager,
    A: Approver,
{
    up_reporting(ports, packager, approver, inputs).await.map(|(outcome, _)| outcome)
}

/// As [`up`]; also returns the stack as it was before.
pub(super) async fn up_reporting<C, S, T, P, A>(
    ports: &Ports<'_, C, S, T>,
    packager: &P,
    approver: &A,
    inputs: &Inputs,
) -> Result<(Outcome, Option<DeployedStack>), UpError>
where
    C: CloudFormation,
    S: ObjectStore,
    T: Clock,
    P: Packager,
    A: Approver,
{
    let stack = &inputs.wanted.stack;
    ports.emit(EventKind::Started { operation: Operation::Up, stack: stack.clone() });
    let before = OnceCell::new();
    let outcome = Up { ports, packager, approver, inputs, before: &before }.run().await?;
    ports.emit(EventKind::Finished { outcome: outcome.clone() });
    Ok((outcome, before.into_inner()))
}

struct Up<'a, C, S, T, P, A> {
    ports: &'a Ports<'a, C, S, T>,
    packager: &'a P,
    approver: &'a A,
    inputs: &'a Inputs,
    /// The stack as it was found.
    before: &'a OnceCell<DeployedStack>,
}

impl<C: CloudFormation, S: ObjectStore, T: Clock, P: Packager, A: Approver> Up<'_, C, S, T, P, A> {
    async fn run(&self) -> Result<Outcome, UpError> {
        // Asked first: bad credentials should show before minutes of compiling.
        let (mut deployed, mut failed) = self.read().await?;
        let artifacts = self.artifacts(deployed.as_ref()).await?;
        let mut wanted = self.inputs.wanted.clone();
        for _ in 1..ATTEMPTS {
            let found = deployed.as_ref();
            match self.deploy(&wanted, found, &artifacts, failed.as_ref()).await {
                Err(UpError::ReplacedInExpress { resources, .. })
                    if found.is_some_and(is_failed_in_express) =>
                {
                    match self.deploy_without(resources, &wanted, found, &artifacts).await {
                        Ok(Outcome::Declined) => return Ok(Outcome::Declined),
                        Err(error) if !self.is_overtaken(&error, found).await => return Err(error),
                        _ => {}
                    }
                }
                // Only AWS has seen the replacement coming.
                Err(UpError::ReplacedInExpress { resources, .. }) => {
                    self.fell_back(&StandardBecause::Replacement(resources));
                    wanted.mode = DeploymentMode::Standard;
                }
                Err(error) if self.is_overtaken(&error, found).await => {}
                ended => return ended,
            }
            (deployed, failed) = self.read().await?;
        }
        self.deploy(&wanted, deployed.as_ref(), &artifacts, failed.as_ref()).await
    }

    /// Makes a stack that failed in express mode sound; what is to be replaced stays as it is deployed.
    async fn deploy_without(
        &self,
        put_off: Vec<String>,
        wanted: &Wanted,
        deployed: Option<&Deployed>,
        artifacts: &Artifacts,
    ) -> Result<Outcome, UpError> {
        let interim = deployed.map_or_else(|| wanted.clone(), |it| without(wanted, it, &put_off));
        self.ports.emit(EventKind::PutOff { resources: put_off });
        // Where that replaces something itself, the stack failed for it.
        self.deploy(&interim, deployed, artifacts, None).await
    }

    /// Plans and carries the plan out. Somebody else may be faster at any time; then nothing of ours has
    /// been changed.
    async fn deploy(
        &self,
        wanted: &Wanted,
        deployed: Option<&Deployed>,
        artifacts: &Artifacts,
        failed: Option<&FailedChange>,
    ) -> Result<Outcome, UpError> {
        let plan = plan(wanted, deployed, artifacts)?;
        if let Some(because) = &plan.standard_because {
            self.fell_back(because);
        }
        let spared = deployed.and_then(|deployed| plan.sparing_change_set(deployed, wanted));
        let taken = spared.as_ref().unwrap_or(&plan);
        let (steps, changes) = (taken.steps.iter().map(Step::name).collect(), changes(&taken.diff));
        self.ports.emit(EventKind::Planned { steps, changes });
        // The very same change was joined and seen to fail; trying it again would only repeat that.
        if let Some(failed) = failed.filter(|failed| taken.asks_for(&failed.change)) {
            return Err(failed.failure.clone().into());
        }
        let Some(deployed) = deployed else { return self.carry_out(wanted, plan, None).await };
        if plan.steps.is_empty() {
            return Ok(Outcome::Unchanged { outputs: deployed.stack.outputs.clone() });
        }
        let Some(spared) = spared else { return self.carry_out(wanted, plan, Some(deployed)).await };
        match self.carry_out(wanted, spared, Some(deployed)).await {
            // Older policies, and those of some organisations, allow change sets only.
            Err(UpError::Aws { source, during: STARTING_UPDATE, .. })
                if source.code == AwsErrorCode::AccessDenied =>
            {
                self.ports.emit(EventKind::FellBack { from: "update_stack", because: vec![source.message] });
                self.carry_out(wanted, plan, Some(deployed)).await
            }
            ended => ended,
        }
    }

    fn fell_back(&self, because: &StandardBecause) {
        let because = vec![because.to_string()];
        self.ports.emit(EventKind::FellBack { from: "express", because });
    }

    /// True when somebody else's deployment explains the failure: another plan is to be made.
    async fn is_overtaken(&self, error: &UpError, planned_for: Option<&Deployed>) -> bool {
        match error {
            UpError::Overtaken { .. } => true,
            UpError::Aws { source, .. } => {
                may_be_overtaken(&source.code) && self.has_changed(planned_for).await
            }
            _ => false,
        }
    }

    /// Reads the stack once nothing runs on it, and leads it out of a failed state.
    ///
    /// The remains of a failed first deployment are left to the plan: they need not go before there is
    /// something to take their place.
    async fn read(&self) -> Result<(Option<Deployed>, Option<FailedChange>), UpError> {
        let mut leading = Leading::new(self.ports, self.stack(), Goal::Deploy);
        let mut failed = None;
        loop {
            let settled = join(self.ports, self.stack()).await;
            let settled = settled.map_err(|source| self.aws("reading the stack", source))?;
            failed = settled.failed.or(failed);
            let Some(found) = settled.stack else { return Ok((None, failed)) };
            let _ = self.before.set(found.clone());
            match leading.next(Some(&found)).await?.1 {
                Action::Proceed | Action::ProceedExpress | Action::DeleteRemains => {
                    return Ok((Some(self.with_template(found).await?), failed));
                }
                action => leading.take(&found, action, self.approver).await?,
            }
        }
    }

    /// True when the stack is no longer what the plan was made for.
    async fn has_changed(&self, planned_for: Option<&Deployed>) -> bool {
        let now = self.ports.cloudformation.describe_stack(self.stack()).await;
        let now = now.ok().flatten().filter(|stack| !stack.status.is_absent());
        let before = planned_for.map(|it| &it.stack).filter(|stack| !stack.status.is_absent());
        now.as_ref().map(marks) != before.map(marks)
    }

    fn stack(&self) -> &str {
        &self.inputs.wanted.stack
    }

    fn aws(&self, during: &'static str, source: AwsError) -> UpError {
        UpError::Aws { stack: self.stack().to_owned(), during, source }
    }

    async fn with_template(&self, stack: DeployedStack) -> Result<Deployed, UpError> {
        let template = if stack.status.is_updatable() || is_left_failed(&stack.status) {
            let answer = patiently(self.ports, async || self.ports.template(&stack.name).await).await;
            answer.map_err(|source| self.aws("reading the deployed template", source))?
        } else {
            Value::Null
        };
        Ok(Deployed { stack, template })
    }

    async fn artifacts(&self, deployed: Option<&Deployed>) -> Result<Artifacts, UpError> {
        if self.inputs.functions.is_empty() {
            return Ok(Artifacts { bucket: self.bucket(deployed).await?, ..Artifacts::default() });
        }
        let (functions, template) = (&self.inputs.functions, &self.inputs.wanted.template);
        let known = deployed.map(|deployed| &deployed.stack.parameters);
        let packages = package(self.ports, self.packager, functions, template, known).await;
        let packages = packages.map_err(|error| UpError::Packaging(Box::new(error)))?;
        let packages = by_parameter(functions, packages, template);
        Ok(Artifacts { bucket: self.bucket(deployed).await?, packages })
    }

    /// The bucket of the deployed stack, otherwise the account's.
    async fn bucket(&self, deployed: Option<&Deployed>) -> Result<String, UpError> {
        let given = self.inputs.wanted.given.get(ARTIFACT_BUCKET);
        let known =
            given.or_else(|| deployed.and_then(|deployed| deployed.stack.parameters.get(ARTIFACT_BUCKET)));
        match known {
            Some(bucket) => Ok(bucket.clone()),
            None => {
                let answer = self.ports.store.artifact_bucket().await;
                answer.map_err(|source| self.aws("asking which account this is", source))
            }
        }
    }

    async fn carry_out(
        &self,
        wanted: &Wanted,
        plan: Plan,
        deployed: Option<&Deployed>,
    ) -> Result<Outcome, UpError> {
        let Plan { steps, diff, .. } = plan;
        if let Some(Step::DeleteRemains(status)) = steps.first() {
            self.delete_remains(status.clone()).await?;
        }
        let prepared = prepare(self.ports, steps).await;
        let prepared = prepared.map_err(|it| self.aws(it.during, it.source))?;
        match (prepared, deployed) {
            (Some(Prepared::ChangeSet(prepared)), _) => {
                let (request, change_set) = *prepared;
                self.review(wanted, request, change_set, diff).await
            }
            (Some(Prepared::Update(update)), Some(deployed)) => self.update(&update, diff, deployed).await,
            _ => Ok(Outcome::Unchanged { outputs: BTreeMap::new() }),
        }
    }

    async fn delete_remains(&self, status: StackStatus) -> Result<(), UpError> {
        let token = format!("pipectl-remains-{}", self.ports.clock.now_ms());
        let (cloudformation, deletion) = (self.ports.cloudformation, Deletion::of(self.stack(), &token));
        let deleted = patiently(self.ports, async || cloudformation.delete_stack(&deletion).await).await;
        deleted.map_err(|source| self.aws("deleting the remains of a failed deployment", source))?;
        let (left, _) = self.read().await?;
        if let Some(left) = left.filter(|left| !left.stack.status.is_absent()) {
            let Deployed { stack, .. } = left;
            return Err(PlanError::NeedsRecovery { stack: stack.name, status: stack.status }.into());
        }
        self.ports.emit(EventKind::RemainsDeleted { status });
        Ok(())
    }

    async fn review(
        &self,
        wanted: &Wanted,
        request: ChangeSetRequest,
        change_set: ChangeSet,
        diff: Diff,
    ) -> Result<Outcome, UpError> {
        let token = token(&change_set.id);
        let creates = request.kind == ChangeSetKind::Create;
        if change_set.status != ChangeSetStatus::CreateComplete {
            let findings = failure_findings(self.ports, &change_set).await;
            self.discard(&request, &token).await?;
            if change_set.is_empty {
                let review = Review::new(&request.stack, creates, diff, change_set, &wanted.template);
                return self.unchanged(&request, &review).await;
            }
            let reason = change_set.status_reason.unwrap_or_else(|| change_set.status.to_string());
            return Err(UpError::ChangeSet { stack: request.stack, reason, findings });
        }
        if let Some(resources) = replaced_in_express(&request, &change_set) {
            self.discard(&request, &token).await?;
            return Err(UpError::ReplacedInExpress { stack: request.stack, resources });
        }
        if may_warn(&change_set) {
            say_findings(self.ports, &change_set).await;
        }
        let review = Review::new(&request.stack, creates, diff, change_set.clone(), &wanted.template);
        self.say_untold(&review, &wanted.template);
        let agreed = self.agreed(&review).await;
        if !matches!(agreed, Ok(true)) {
            self.discard(&request, &token).await?;
        }
        if agreed? {
            self.starting().change_set(&request.name, &change_set, creates).await
        } else {
            Ok(Outcome::Declined)
        }
    }

    fn say_untold(&self, review: &Review, template: &Value) {
        let resources: Vec<String> = review.untold(template).into_iter().map(str::to_owned).collect();
        if !resources.is_empty() {
            self.ports.emit(EventKind::Untold { resources });
        }
    }

    /// True when the change may be made, false when it is declined.
    async fn agreed(&self, review: &Review) -> Result<bool, UpError> {
        match self.approver.approve(Request::Change(review)).await {
            Answer::Approved => Ok(true),
            Answer::Declined => Ok(false),
            Answer::Refused => {
                Err(UpError::ConsentMissing { stack: review.stack.clone(), consent: review.consent() })
            }
        }
    }

    async fn discard(&self, request: &ChangeSetRequest, token: &str) -> Result<(), UpError> {
        let answer = change_set::discard(self.ports, request, token).await;
        answer.map_err(|source| self.aws("removing the unused change set", source))
    }

    /// Reads the outputs of a stack in which nothing differs. One that is left as it failed is not sound
    /// because of that (aws/aws-cdk-cli#1972): the same once more makes it so, and only UpdateStack takes it.
    async fn unchanged(&self, request: &ChangeSetRequest, review: &Review) -> Result<Outcome, UpError> {
        let stack = self.ports.cloudformation.describe_stack(self.stack()).await;
        let stack = stack.map_err(|source| self.aws("reading the outputs", source))?;
        let Some(failed) = stack.as_ref().filter(|stack| is_left_failed(&stack.status)) else {
            return Ok(Outcome::Unchanged { outputs: stack.map(|stack| stack.outputs).unwrap_or_default() });
        };
        if !self.agreed(review).await? {
            return Ok(Outcome::Declined);
        }
        self.starting().update(&StackUpdate::repeating(request, failed), 0).await?;
        Ok(Outcome::Updated { outputs: self.starting().outputs(&failed.id).await })
    }

    /// Changes code alone. A change set would be obsolete by now if somebody else had deployed while the
    /// functions were compiled, so the stack is looked at once more.
    async fn update(
        &self,
        update: &StackUpdate,
        diff: Diff,
        planned_for: &Deployed,
    ) -> Result<Outcome, UpError> {
        let functions = diff.code.len();
        if !self.agreed(&Review::of_code(self.stack(), diff)).await? {
            return Ok(Outcome::Declined);
        }
        let now = self.ports.cloudformation.describe_stack(self.stack()).await;
        let now = now.map_err(|source| self.aws("reading the stack once more", source))?;
        let Some(now) = now.filter(|now| marks(now) == marks(&planned_for.stack)) else {
            return Err(UpError::Overtaken { stack: self.stack().to_owned() });
        };
        self.starting().update(update, functions).await?;
        // No output reads code, so none has changed.
        Ok(Outcome::Updated { outputs: now.outputs })
    }

    fn starting(&self) -> Starting<'_, C, S, T> {
        Starting { ports: self.ports, stack: self.stack() }
    }
}

/// Lists what AWS would replace in express mode, and what may follow; `None` when it replaces nothing for sure.
fn replaced_in_express(request: &ChangeSetRequest, change_set: &ChangeSet) -> Option<Vec<String>> {
    let replaced = change_set.changes.iter().filter(|it| it.replacement != Replacement::Never);
    let is_sure = change_set.changes.iter().any(|it| it.replacement == Replacement::Always);
    (request.mode == DeploymentMode::Express && is_sure)
        .then(|| replaced.map(|it| it.logical_id.clone()).collect())
}

/// Lists the resources that differ, in order of name.
fn changes(diff: &Diff) -> Vec<String> {
    let resources = diff.resources.iter().map(|it| &it.logical_id);
    let changed: BTreeSet<&String> = resources.chain(diff.code.iter().map(|it| &it.logical_id)).collect();
    changed.into_iter().cloned().collect()
}

/// What is another after any change of a stack.
fn marks(stack: &DeployedStack) -> (&str, &StackStatus, Option<i64>, Option<&str>) {
    (&stack.id, &stack.status, stack.changed_at_ms, stack.change_set_id.as_deref())
}

fn is_failed_in_express(deployed: &Deployed) -> bool {
    failed_in_express(&deployed.stack)
}

/// True for a refusal that a faster deployment of somebody else explains.
fn may_be_overtaken(code: &AwsErrorCode) -> bool {
    matches!(
        code,
        AwsErrorCode::AlreadyExists
            | AwsErrorCode::OperationInProgress
            | AwsErrorCode::NotFound
            | AwsErrorCode::Invalid
    )
}
