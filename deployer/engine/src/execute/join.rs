//! Waits for the operation that runs on a stack, whoever started it.

use super::Ports;
use super::recovery::{CHANGE_SET_PREFIX, SAVED_PREFIX};
use super::watch::{OperationFailure, patiently, watch};
use crate::aws_error::AwsError;
use crate::deployed::DeployedStack;
use crate::event::EventKind;
use crate::port::{Clock, CloudFormation, ObjectStore};
use crate::stack_update::StackUpdate;
use crate::status::StackStatus;

/// A stack on which nothing runs.
#[derive(Debug)]
pub(super) struct Settled {
    /// The stack; `None` when there is none.
    pub(super) stack: Option<DeployedStack>,
    /// The change that was joined and that failed.
    pub(super) failed: Option<FailedChange>,
}

/// A change that failed while it was watched.
#[derive(Debug)]
pub(super) struct FailedChange {
    /// Name of the change set, or of the update without one.
    pub(super) change: String,
    /// What became of the stack.
    pub(super) failure: OperationFailure,
}

/// Waits until no operation runs on the stack; says who is at work and what happens.
pub(super) async fn join<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    stack: &str,
) -> Result<Settled, AwsError> {
    let mut failed = None;
    loop {
        match patiently(ports, async || ports.cloudformation.describe_stack(stack).await).await? {
            Some(running) if !running.status.is_settled() => failed = wait(ports, &running).await?,
            stack => {
                ports.emit(EventKind::StackRead { status: stack.as_ref().map(|it| it.status.clone()) });
                return Ok(Settled { stack, failed });
            }
        }
    }
}

async fn wait<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    running: &DeployedStack,
) -> Result<Option<FailedChange>, AwsError> {
    let newest = patiently(ports, async || ports.cloudformation.newest_operation(&running.id).await).await?;
    let (token, since_ms) = newest.map_or((None, None), |newest| (newest.token, Some(newest.since_ms)));
    let status = running.status.clone();
    ports.emit(EventKind::WaitingForOperation { status, token: token.clone(), since_ms });
    let watched = watch(ports, &running.id, token.as_deref()).await?;
    let executes = matches!(running.status, StackStatus::CreateInProgress | StackStatus::UpdateInProgress);
    let has_failed = !watched.status.is_good() || watched.status == StackStatus::DeleteComplete;
    let update = token.as_deref().and_then(StackUpdate::name_in_token);
    let change = update.or_else(|| running.change_set_id.as_deref().and_then(name_of_change_set));
    // A saved plan asks for the same change under a name of its own.
    let change = change.map(|name| name.replacen(SAVED_PREFIX, CHANGE_SET_PREFIX, 1));
    Ok(change
        .filter(|_| executes && has_failed)
        .map(|change| FailedChange { change, failure: watched.failure(&running.name) }))
}

/// Reads the name out of a change set's ARN: `arn:…:changeSet/<name>/<unique>`.
fn name_of_change_set(arn: &str) -> Option<&str> {
    arn.split_once(":changeSet/")?.1.split('/').next()
}

/// Waits until no operation runs on the stack and returns it as it is then.
pub(super) async fn settle<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    stack: &str,
) -> Result<Option<DeployedStack>, AwsError> {
    join(ports, stack).await.map(|settled| settled.stack)
}
