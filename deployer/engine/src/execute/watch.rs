//! Follows an operation to its end by the stack's events.

use std::time::Duration;

use super::Ports;
use crate::aws_error::{AwsError, AwsErrorCode};
use crate::deployed::{DeployedStack, STACK_TYPE, StackEvent};
use crate::event::EventKind;
use crate::port::{Clock, CloudFormation, ObjectStore};
use crate::status::{ResourceStatus, StackStatus};

/// Shortest wait between two looks; it grows by half to [`SLOWEST`] while nothing happens.
const FASTEST: Duration = Duration::from_secs(1);

/// Longest wait between two looks.
const SLOWEST: Duration = Duration::from_secs(5);

/// Looks without news after which the stack itself is asked: events can be late or lost.
const QUIET_LOOKS: u32 = 6;

/// Failed looks in a row that the watch bears, while the operation goes on without it. Each was
/// retried by the adapter before it came here.
const FAILED_LOOKS: u32 = 5;

/// A resource that failed, with AWS's reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedResource {
    /// Logical ID.
    pub logical_id: String,
    /// Resource type.
    pub resource_type: String,
    /// Status it failed with.
    pub status: ResourceStatus,
    /// AWS's reason.
    pub reason: String,
}

/// A stack operation that did not reach what was asked of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("stack `{stack}` ended in {status}{}", First(.failed))]
pub struct OperationFailure {
    /// Stack name.
    pub stack: String,
    /// Status in which the stack settled.
    pub status: StackStatus,
    /// AWS's reason for that status.
    pub status_reason: Option<String>,
    /// The resources that failed by themselves, in order of time: the first is the cause.
    pub failed: Vec<FailedResource>,
}

impl OperationFailure {
    /// True when AWS went back to the state before, so that the command can simply be run again.
    #[must_use]
    pub fn is_rolled_back(&self) -> bool {
        self.status.is_rolled_back() || self.status == StackStatus::DeleteComplete
    }
}

struct First<'a>(&'a [FailedResource]);

impl std::fmt::Display for First<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Some(first) = self.0.first() else { return Ok(()) };
        write!(f, ": {} ({}) failed first: {}", first.logical_id, first.resource_type, first.reason)
    }
}

/// What was seen of an operation.
pub(super) struct Watched {
    /// Status in which the stack settled.
    pub(super) status: StackStatus,
    /// Reason of that status.
    pub(super) status_reason: Option<String>,
    /// All events, in AWS's order.
    pub(super) events: Vec<StackEvent>,
}

impl Watched {
    pub(super) fn failure(self, stack: &str) -> OperationFailure {
        OperationFailure {
            stack: stack.to_owned(),
            failed: failed_resources(&self.events),
            status: self.status,
            status_reason: self.status_reason,
        }
    }
}

/// Emits the events of the operation that was started with `token` until the stack settles.
pub(super) async fn watch<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    stack_id: &str,
    token: &str,
) -> Result<Watched, AwsError> {
    let mut seen: Vec<StackEvent> = Vec::new();
    let mut pause = FASTEST;
    let (mut quiet, mut failed) = (0, 0);
    loop {
        let after = seen.last().map(|event| event.id.clone());
        let new = match ports.cloudformation.events(stack_id, Some(token), after.as_deref()).await {
            Err(error) if is_passing(&error) && failed < FAILED_LOOKS => {
                failed += 1;
                ports.clock.sleep(SLOWEST).await;
                continue;
            }
            answer => answer?,
        };
        failed = 0;
        quiet = if new.is_empty() { quiet + 1 } else { 0 };
        pause = if new.is_empty() { (pause * 3 / 2).min(SLOWEST) } else { FASTEST };
        for event in new {
            ports.emit(EventKind::ResourceChanged(event.clone()));
            seen.push(event);
        }
        if let Some((status, status_reason)) = settled(&seen, stack_id) {
            return Ok(Watched { status, status_reason, events: seen });
        }
        if quiet > 0 && quiet % QUIET_LOOKS == 0 {
            let stack = ports.cloudformation.describe_stack(stack_id).await?;
            if let Some(stack) = stack.filter(|stack| stack.status.is_settled()) {
                return Ok(Watched {
                    status: stack.status,
                    status_reason: stack.status_reason,
                    events: seen,
                });
            }
        }
        ports.clock.sleep(pause).await;
    }
}

/// True when the same call may well succeed a little later.
pub(super) fn is_passing(error: &AwsError) -> bool {
    matches!(error.code, AwsErrorCode::Throttled | AwsErrorCode::Unreachable | AwsErrorCode::ServiceFault)
}

/// Reads the stack's final status from its own last event.
fn settled(events: &[StackEvent], stack_id: &str) -> Option<(StackStatus, Option<String>)> {
    let last = events
        .iter()
        .rev()
        .find(|event| event.resource_type == STACK_TYPE && event.physical_id.as_deref() == Some(stack_id))?;
    let status = StackStatus::from_aws(last.status_text());
    (status.is_settled() && status != StackStatus::ReviewInProgress).then(|| (status, last.reason.clone()))
}

/// Lists the resources that failed by themselves; those AWS gave up because of another are left out.
fn failed_resources(events: &[StackEvent]) -> Vec<FailedResource> {
    let own = events.iter().filter(|event| event.resource_type != STACK_TYPE && event.status.is_failed());
    let failed = own.filter(|event| !event.is_cancelled());
    failed
        .map(|event| FailedResource {
            logical_id: event.logical_id.clone(),
            resource_type: event.resource_type.clone(),
            status: event.status.clone(),
            reason: event.reason.clone().unwrap_or_else(|| "AWS gave no reason".to_owned()),
        })
        .collect()
}

/// Waits until no operation runs on the stack.
///
/// Returns the stack as it is then; `None` when there is none.
pub(super) async fn settle<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    stack: &str,
) -> Result<Option<DeployedStack>, AwsError> {
    let mut waiting = false;
    loop {
        let found = ports.cloudformation.describe_stack(stack).await?;
        let running = found.as_ref().map(|found| &found.status).filter(|status| !status.is_settled());
        let Some(status) = running else {
            ports.emit(EventKind::StackRead { status: found.as_ref().map(|found| found.status.clone()) });
            return Ok(found);
        };
        if !waiting {
            ports.emit(EventKind::WaitingForOperation { status: status.clone() });
            waiting = true;
        }
        ports.clock.sleep(SLOWEST).await;
    }
}
