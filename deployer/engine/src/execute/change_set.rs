//! Makes a change set, waits until AWS has described it, and removes what an unused one leaves.

use std::time::Duration;

use super::Ports;
use crate::aws_error::{AwsError, AwsErrorCode};
use crate::change_set::{ChangeSet, ChangeSetKind, ChangeSetRequest};
use crate::event::EventKind;
use crate::port::{Clock, CloudFormation, Deletion, ObjectStore};
use crate::status::ChangeSetStatus;

const PAUSE: Duration = Duration::from_secs(1);

/// Asks for the change set and describes it until its status is final.
///
/// One of the same name holds the same content, because the name is a digest of it; so a name that
/// is taken means that an earlier call did its work and only its answer was lost. One that failed or
/// was executed long ago is removed and asked for anew.
pub(super) async fn prepare<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    request: &ChangeSetRequest,
) -> Result<ChangeSet, AwsError> {
    match ports.cloudformation.create_change_set(request).await {
        Ok(_) => {}
        Err(error) if error.code == AwsErrorCode::AlreadyExists => {
            let found = ports.cloudformation.describe_change_set(&request.stack, &request.name).await?;
            let is_spent = found.status == ChangeSetStatus::CreateComplete && !found.is_executable;
            if is_spent || found.status == ChangeSetStatus::Failed {
                ports.cloudformation.delete_change_set(&request.stack, &request.name).await?;
                ports.cloudformation.create_change_set(request).await?;
            }
        }
        Err(error) => return Err(error),
    }
    ports.emit(EventKind::ChangeSetCreated { change_set: request.name.clone() });
    loop {
        let change_set = ports.cloudformation.describe_change_set(&request.stack, &request.name).await?;
        match change_set.status {
            ChangeSetStatus::CreatePending | ChangeSetStatus::CreateInProgress => {
                ports.clock.sleep(PAUSE).await
            }
            _ => {
                ports.emit(EventKind::ChangeSetReady { changes: change_set.changes.len() });
                return Ok(change_set);
            }
        }
    }
}

/// Removes a change set that will not be executed, and the empty stack it may have brought along.
pub(super) async fn discard<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    request: &ChangeSetRequest,
    token: &str,
) -> Result<(), AwsError> {
    ports.cloudformation.delete_change_set(&request.stack, &request.name).await?;
    if request.kind == ChangeSetKind::Create {
        ports.cloudformation.delete_stack(&Deletion::of(&request.stack, token)).await?;
    }
    Ok(())
}
