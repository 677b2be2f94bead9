//! Follows an operation to its end by the stack's events.

use std::time::Duration;

use super::{Ports, pace::Watch};
use crate::aws_error::{AwsError, AwsErrorCode};
use crate::deployed::{DeployedStack, STACK_TYPE, StackEvent};
use crate::event::EventKind;
use crate::outcome::Deleted;
use crate::port::{Clock, CloudFormation, ObjectStore};
use crate::status::{ResourceStatus, StackStatus};

/// Looks without news after which the stack itself is asked: events can be late or lost.
const QUIET_LOOKS: u32 = 6;

/// How long nothing but failed looks is borne, while the operation goes on without them. Each was
/// retried by the adapter before it came here. Credentials that have expired have a patience of their own.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

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
    /// True when what was watched was begun as a deletion, and is not the end of something else.
    pub(super) fn is_deletion(&self) -> bool {
        let mut of_stack = self.events.iter().filter(|event| event.resource_type == STACK_TYPE);
        let begun = of_stack.next().map(StackEvent::status_text);
        begun.is_none_or(|status| status == StackStatus::DeleteInProgress.as_str())
    }

    /// Lists the resources that were deleted.
    pub(super) fn deleted(&self) -> Vec<Deleted> {
        let own = self.events.iter().filter(|event| event.resource_type != STACK_TYPE);
        let gone = own.filter(|event| event.status == ResourceStatus::DeleteComplete);
        let deleted = gone.map(|event| Deleted {
            logical_id: event.logical_id.clone(),
            resource_type: event.resource_type.clone(),
            physical_id: event.physical_id.clone().unwrap_or_default(),
        });
        deleted.collect()
    }

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
///
/// Looks that fail for a reason that passes are repeated for [`PATIENCE`], and those with expired credentials
/// as long as the pace has it: the operation does not need us.
pub(super) async fn watch<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    stack_id: &str,
    token: Option<&str>,
) -> Result<Watched, AwsError> {
    let mut looking = Looking::new(ports);
    let mut seen: Vec<StackEvent> = Vec::new();
    loop {
        let after = seen.last().map(|event| event.id.clone());
        let new = ports.cloudformation.events(stack_id, token, after.as_deref()).await;
        let Some(new) = looking.answer(new).await? else { continue };
        let has_news = !new.is_empty();
        for event in new {
            ports.emit(EventKind::ResourceChanged(event.clone()));
            seen.push(event);
        }
        if let Some((status, status_reason)) = settled(&seen, stack_id) {
            return Ok(Watched { status, status_reason, events: seen });
        }
        let pause = looking.watch.after_answer(has_news);
        let quiet = looking.watch.quiet_looks();
        if quiet > 0 && quiet.is_multiple_of(QUIET_LOOKS) {
            let stack = ports.cloudformation.describe_stack(stack_id).await;
            let Some(stack) = looking.answer(stack).await? else { continue };
            if let Some(stack) = stack.filter(|stack| stack.status.is_settled()) {
                let DeployedStack { status, status_reason, .. } = stack;
                return Ok(Watched { status, status_reason, events: seen });
            }
        }
        ports.clock.sleep(pause).await;
    }
}

/// Looks at an operation, some of which fail.
pub(super) struct Looking<'a, C, S, T> {
    ports: &'a Ports<'a, C, S, T>,
    pub(super) watch: Watch<'a>,
    failing_since_ms: Option<i64>,
}

impl<'a, C: CloudFormation, S: ObjectStore, T: Clock> Looking<'a, C, S, T> {
    pub(super) fn new(ports: &'a Ports<'a, C, S, T>) -> Self {
        Self { ports, watch: ports.pace.watch(), failing_since_ms: None }
    }

    /// Unwraps an answer; `None`, after a wait, when the same look is to be taken again.
    pub(super) async fn answer<A>(&mut self, answer: Result<A, AwsError>) -> Result<Option<A>, AwsError> {
        match answer {
            Ok(answer) => {
                self.failing_since_ms = None;
                Ok(Some(answer))
            }
            Err(error) if is_passing(&error) && self.is_patient(&error.code) => {
                if self.failing_since_ms.is_none() {
                    self.failing_since_ms = Some(self.ports.clock.now_ms());
                    let patience_ms = i64::try_from(self.patience(&error.code).as_millis());
                    let patience_ms = patience_ms.unwrap_or(i64::MAX);
                    self.ports.emit(EventKind::WatchDisturbed { error: error.clone(), patience_ms });
                }
                let pause = match error.code {
                    AwsErrorCode::CredentialsExpired => self.watch.after_expiry(),
                    AwsErrorCode::Throttled => self.watch.after_failure(true),
                    _ => self.watch.after_failure(false),
                };
                self.ports.clock.sleep(pause).await;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn patience(&self, code: &AwsErrorCode) -> Duration {
        if *code == AwsErrorCode::CredentialsExpired { self.ports.pace.credential_wait() } else { PATIENCE }
    }

    fn is_patient(&self, code: &AwsErrorCode) -> bool {
        let failing_ms = self.failing_since_ms.map_or(0, |since| self.ports.clock.now_ms() - since);
        u128::try_from(failing_ms).is_ok_and(|failing_ms| failing_ms < self.patience(code).as_millis())
    }
}

/// Repeats a call while AWS asks to slow down, as patiently as a look at an operation. Such a call was not
/// heard, so that repeating it is safe whatever it does.
pub(super) async fn patiently<C, S, T, A>(
    ports: &Ports<'_, C, S, T>,
    call: impl AsyncFn() -> Result<A, AwsError>,
) -> Result<A, AwsError>
where
    C: CloudFormation,
    S: ObjectStore,
    T: Clock,
{
    let mut looking = Looking::new(ports);
    loop {
        match call().await {
            Err(error) if error.code == AwsErrorCode::Throttled => {
                looking.answer(Err::<A, _>(error)).await?;
            }
            answer => return answer,
        }
    }
}

/// True when the same call may well succeed later: of itself, or once somebody has logged in again.
pub(super) fn is_passing(error: &AwsError) -> bool {
    matches!(
        error.code,
        AwsErrorCode::Throttled
            | AwsErrorCode::Unreachable
            | AwsErrorCode::ServiceFault
            | AwsErrorCode::CredentialsExpired
    )
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
pub(super) fn failed_resources(events: &[StackEvent]) -> Vec<FailedResource> {
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
