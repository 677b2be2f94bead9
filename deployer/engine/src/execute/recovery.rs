//! Leads a stack out of a failed state, one safe action at a time.

use super::Ports;
use super::join::join;
use super::watch::{FailedResource, OperationFailure, Watched, failed_resources, watch};
use crate::aws_error::AwsError;
use crate::deployed::{DeployedStack, STACK_TYPE, StackEvent};
use crate::event::{EventKind, Operation};
use crate::outcome::{Outcome, Recovery};
use crate::port::{Answer, Approver, Clock, CloudFormation, Deletion, ObjectStore, Request};
use crate::recover::{Action, Goal, Situation, next_action, smallest_skip};
use crate::review::Proposal;
use crate::status::{ResourceStatus, StackStatus};

/// Name prefix of our change sets.
pub(super) const CHANGE_SET_PREFIX: &str = "pipectl-";

/// Name prefix of those that saved plans wait with.
pub(super) const SAVED_PREFIX: &str = "pipectl-plan-";

/// Why a stack could not be led out of a failed state.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// A call to AWS failed.
    #[error("the recovery of `{stack}` was interrupted while {during}")]
    Aws {
        /// Stack name.
        stack: String,
        /// What was being done.
        during: &'static str,
        /// The failed call.
        source: AwsError,
    },
    /// The next action costs something, and nobody could be asked.
    #[error("nobody could be asked whether stack `{stack}` may be led out of {status} by `{}`", .action.name())]
    ConsentMissing {
        /// Stack name.
        stack: String,
        /// Its status.
        status: StackStatus,
        /// The action.
        action: Action,
    },
    /// The user said no to the next action.
    #[error("stack `{stack}` was left in {status}")]
    Declined {
        /// Stack name.
        stack: String,
        /// Its status.
        status: StackStatus,
    },
    /// The action was taken and led nowhere.
    #[error(transparent)]
    Operation(#[from] OperationFailure),
}

/// Leads a stack to a state that its next deployment can start from.
///
/// With `dry_run` only the next action is found. Running it again is always safe: an operation that
/// runs is watched to its end first.
///
/// # Effects
/// `cloudformation:DescribeStacks`, `DescribeStackEvents`, `ListChangeSets`, `ListStackResources`,
/// `GetTemplate`; unless `dry_run`: `RollbackStack`, `ContinueUpdateRollback`, `DeleteStack`,
/// `DeleteChangeSet`.
///
/// # Errors
/// See [`RecoverError`].
pub async fn recover<C, S, T, A>(
    ports: &Ports<'_, C, S, T>,
    approver: &A,
    stack: &str,
    dry_run: bool,
) -> Result<Outcome, RecoverError>
where
    C: CloudFormation,
    S: ObjectStore,
    T: Clock,
    A: Approver,
{
    ports.emit(EventKind::Started { operation: Operation::Recover, stack: stack.to_owned() });
    let outcome = run(ports, approver, stack, dry_run).await?;
    ports.emit(EventKind::Finished { outcome: outcome.clone() });
    Ok(outcome)
}

async fn run<C: CloudFormation, S: ObjectStore, T: Clock, A: Approver>(
    ports: &Ports<'_, C, S, T>,
    approver: &A,
    stack: &str,
    dry_run: bool,
) -> Result<Outcome, RecoverError> {
    let mut leading = Leading::new(ports, stack, Goal::Deploy);
    if dry_run {
        let found =
            ports.cloudformation.describe_stack(stack).await.map_err(leading.aws("reading the stack"))?;
        let (situation, next) = leading.next(found.as_ref()).await?;
        return Ok(Outcome::RecoveryPlanned { status: situation.status, action: next });
    }
    let mut from = None;
    loop {
        let settled = join(ports, stack).await.map_err(leading.aws("reading the stack"))?;
        let status = settled.stack.as_ref().map(|found| found.status.clone());
        from.get_or_insert_with(|| status.clone());
        let (_, action) = leading.next(settled.stack.as_ref()).await?;
        let Some(found) = settled.stack.filter(|_| !action.is_end()) else {
            let Leading { taken, skipped, .. } = leading;
            return Ok(Outcome::Recovered(Recovery {
                from: from.flatten(),
                to: status,
                actions: taken.iter().map(Action::name).collect(),
                skipped,
                next: action,
            }));
        };
        leading.take(&found, action, approver).await?;
    }
}

/// A stack on its way out.
pub(super) struct Leading<'a, C, S, T> {
    ports: &'a Ports<'a, C, S, T>,
    stack: &'a str,
    goal: Goal,
    /// What was done so far.
    taken: Vec<Action>,
    /// Logical IDs of the resources that no longer match the template.
    skipped: Vec<String>,
    /// How the last action ended.
    last: Option<OperationFailure>,
}

impl<'a, C: CloudFormation, S: ObjectStore, T: Clock> Leading<'a, C, S, T> {
    pub(super) fn new(ports: &'a Ports<'a, C, S, T>, stack: &'a str, goal: Goal) -> Self {
        Self { ports, stack, goal, taken: Vec::new(), skipped: Vec::new(), last: None }
    }

    fn aws(&self, during: &'static str) -> impl Fn(AwsError) -> RecoverError + use<C, S, T> {
        let stack = self.stack.to_owned();
        move |source| RecoverError::Aws { stack: stack.clone(), during, source }
    }

    /// Finds the next action and what it follows from.
    pub(super) async fn next(
        &self,
        found: Option<&DeployedStack>,
    ) -> Result<(Situation, Action), RecoverError> {
        let situation = self.situation(found).await.map_err(self.aws("finding out what failed"))?;
        let action = next_action(self.goal, &situation);
        Ok((situation, action))
    }

    async fn situation(&self, found: Option<&DeployedStack>) -> Result<Situation, AwsError> {
        let Some(found) = found else { return Ok(Situation::default()) };
        let (stuck, waiting) = match &found.status {
            StackStatus::DeleteFailed => (self.undeleted(&found.id).await?, Vec::new()),
            StackStatus::UpdateRollbackFailed => (self.not_rolled_back(found).await?, Vec::new()),
            StackStatus::ReviewInProgress => (Vec::new(), foreign_change_sets(self.ports, &found.id).await?),
            _ => (Vec::new(), Vec::new()),
        };
        Ok(Situation {
            status: Some(found.status.clone()),
            mode: found.mode,
            rollback_disabled: found.rollback_disabled,
            stuck,
            waiting,
            was_tried: !self.taken.is_empty(),
        })
    }

    async fn undeleted(&self, stack_id: &str) -> Result<Vec<String>, AwsError> {
        let resources = self.ports.cloudformation.resources(stack_id).await?;
        let failed = resources.into_iter().filter(|it| it.status == ResourceStatus::DeleteFailed);
        Ok(failed.map(|resource| resource.logical_id).collect())
    }

    /// Only a resource whose rollback failed may be skipped; one whose update was cancelled has the same
    /// status and may not.
    async fn not_rolled_back(&self, found: &DeployedStack) -> Result<Vec<String>, AwsError> {
        let newest = self.ports.cloudformation.newest_operation(&found.id).await?;
        let token = newest.and_then(|newest| newest.token);
        let events = self.ports.cloudformation.events(&found.id, token.as_deref(), None).await?;
        let failed = failed_in_rollback(&events);
        let failed: Vec<String> = failed.into_iter().map(|it| it.logical_id).collect();
        let template = self.ports.template(&found.id).await?;
        Ok(smallest_skip(&failed, &template))
    }

    /// Takes an action, with consent where it needs one.
    ///
    /// # Errors
    /// `Operation` when the same action has led here before: nothing new would come of it.
    pub(super) async fn take<A: Approver>(
        &mut self,
        found: &DeployedStack,
        action: Action,
        approver: &A,
    ) -> Result<(), RecoverError> {
        if self.taken.contains(&action)
            && let Some(failure) = self.last.take()
        {
            return Err(failure.into());
        }
        self.ask(found, &action, approver).await?;
        let chosen = EventKind::RecoveryChosen { status: found.status.clone(), action: action.clone() };
        self.ports.emit(chosen);
        self.last = self
            .perform(found, &action)
            .await?
            .filter(|watched| !is_as_asked(watched, &action))
            .map(|watched| watched.failure(self.stack));
        if let Action::SkipInRollback(skipped) = &action {
            self.skipped.extend(skipped.iter().cloned());
            self.ports.emit(EventKind::ResourcesSkipped { resources: skipped.clone() });
        }
        self.taken.push(action);
        Ok(())
    }

    async fn ask<A: Approver>(
        &self,
        found: &DeployedStack,
        action: &Action,
        approver: &A,
    ) -> Result<(), RecoverError> {
        if !action.needs_consent() {
            return Ok(());
        }
        let (stack, status) = (self.stack.to_owned(), found.status.clone());
        let proposal = Proposal { stack: stack.clone(), status: status.clone(), action: action.clone() };
        match approver.approve(Request::Recover(&proposal)).await {
            Answer::Approved => Ok(()),
            Answer::Declined => Err(RecoverError::Declined { stack, status }),
            Answer::Refused => Err(RecoverError::ConsentMissing { stack, status, action: action.clone() }),
        }
    }

    async fn perform(&self, found: &DeployedStack, action: &Action) -> Result<Option<Watched>, RecoverError> {
        let token = format!("pipectl-{}-{}", action.name().replace('_', "-"), self.ports.clock.now_ms());
        let cloudformation = self.ports.cloudformation;
        let started = match action {
            Action::DiscardChangeSets(names) => {
                for name in names {
                    let deleted = cloudformation.delete_change_set(&found.id, name).await;
                    deleted.map_err(self.aws("deleting a change set"))?;
                }
                return Ok(None);
            }
            Action::RollBack => cloudformation.rollback_stack(&found.name, &token).await,
            Action::ContinueRollback => {
                cloudformation.continue_update_rollback(&found.name, &[], &token).await
            }
            Action::SkipInRollback(skipped) => {
                cloudformation.continue_update_rollback(&found.name, skipped, &token).await
            }
            Action::RetainStubborn(retained) => {
                let deletion = Deletion { retained, ..Deletion::of(&found.id, &token) };
                cloudformation.delete_stack(&deletion).await
            }
            Action::ForceDeletion(_) => {
                let deletion = Deletion { is_forced: true, ..Deletion::of(&found.id, &token) };
                cloudformation.delete_stack(&deletion).await
            }
            Action::DeleteRemains | Action::RetryDeletion | Action::Recreate | Action::Delete => {
                cloudformation.delete_stack(&Deletion::of(&found.id, &token)).await
            }
            Action::Proceed | Action::ProceedExpress | Action::Wait => return Ok(None),
        };
        started.map_err(self.aws("starting the recovery"))?;
        self.ports.emit(EventKind::OperationStarted { resources: None, token: token.clone() });
        let watched = watch(self.ports, &found.id, Some(&token)).await;
        watched.map(Some).map_err(self.aws("watching the recovery, which goes on"))
    }
}

/// Lists the waiting change sets that were not made by us. Those of saved plans are ours: any deployment
/// makes a plan obsolete.
pub(super) async fn foreign_change_sets<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    stack: &str,
) -> Result<Vec<String>, AwsError> {
    waiting(ports, stack, |name| !name.starts_with(CHANGE_SET_PREFIX)).await
}

/// Lists the waiting change sets that somebody counts on: those not made by us, and those of saved plans.
pub(super) async fn kept_change_sets<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    stack: &str,
) -> Result<Vec<String>, AwsError> {
    waiting(ports, stack, |name| !name.starts_with(CHANGE_SET_PREFIX) || name.starts_with(SAVED_PREFIX)).await
}

async fn waiting<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    stack: &str,
    is_meant: impl Fn(&str) -> bool,
) -> Result<Vec<String>, AwsError> {
    let all = ports.cloudformation.change_sets(stack).await?;
    let waiting = all.into_iter().filter(|it| it.is_waiting() && is_meant(&it.name));
    Ok(waiting.map(|it| it.name).collect())
}

fn is_as_asked(watched: &Watched, action: &Action) -> bool {
    match action {
        Action::RollBack => watched.status.is_rolled_back(),
        Action::ContinueRollback | Action::SkipInRollback(_) => {
            watched.status == StackStatus::UpdateRollbackComplete
        }
        _ => watched.status == StackStatus::DeleteComplete,
    }
}

/// Lists the resources that failed by themselves after the way back began.
fn failed_in_rollback(events: &[StackEvent]) -> Vec<FailedResource> {
    let begins = |event: &StackEvent| {
        event.resource_type == STACK_TYPE
            && event.status_text() == StackStatus::UpdateRollbackInProgress.as_str()
    };
    let from = events.iter().rposition(begins).unwrap_or(0);
    failed_resources(&events[from..])
}
