//! Makes a change set, waits until AWS has described it, and removes what an unused one leaves.

use super::Ports;
use super::watch::{Looking, is_passing, patiently};
use crate::aws_error::{AwsError, AwsErrorCode};
use crate::change_set::{ChangeSet, ChangeSetKind, ChangeSetRequest, ChangeSetSummary};
use crate::event::EventKind;
use crate::port::{Clock, CloudFormation, Deletion, ObjectStore};
use crate::status::ChangeSetStatus;

/// Asks for the change set and describes it until its status is final.
///
/// One of the same name holds the same content, because the name is a digest of it; so a name that
/// is taken means that an earlier call did its work and only its answer was lost. One that failed or
/// was executed long ago is removed and asked for anew.
pub(super) async fn prepare<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    request: &ChangeSetRequest,
) -> Result<ChangeSet, AwsError> {
    let creates = request.kind == ChangeSetKind::Create;
    ports.emit(EventKind::ChangeSetRequested { change_set: request.name.clone(), creates });
    match patiently(ports, async || ports.cloudformation.create_change_set(request).await).await {
        Ok(_) => {}
        Err(error) if error.code == AwsErrorCode::AlreadyExists => renew(ports, request).await?,
        Err(error) if is_passing(&error) && is_there(ports, request).await => {}
        Err(error) => return Err(error),
    }
    ports.emit(EventKind::ChangeSetCreated { change_set: request.name.clone() });
    let mut looking = Looking::new(ports);
    loop {
        let found = ports.cloudformation.describe_change_set(&request.stack, &request.name).await;
        let Some(change_set) = looking.answer(found).await? else { continue };
        match change_set.status {
            ChangeSetStatus::CreatePending | ChangeSetStatus::CreateInProgress => {
                ports.clock.sleep(looking.watch.after_answer(true)).await;
            }
            _ => {
                ports.emit(EventKind::ChangeSetReady { changes: change_set.changes.len() });
                return Ok(change_set);
            }
        }
    }
}

/// Keeps a change set of this name that can be executed, and makes any other anew.
async fn renew<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    request: &ChangeSetRequest,
) -> Result<(), AwsError> {
    let describe = async || ports.cloudformation.describe_change_set(&request.stack, &request.name).await;
    let found = patiently(ports, describe).await?;
    let is_spent = found.status == ChangeSetStatus::CreateComplete && !found.is_executable;
    if is_spent || found.status == ChangeSetStatus::Failed {
        let cloudformation = ports.cloudformation;
        let delete = async || cloudformation.delete_change_set(&request.stack, &request.name).await;
        patiently(ports, delete).await?;
        patiently(ports, async || cloudformation.create_change_set(request).await).await?;
    }
    Ok(())
}

/// True when the call whose answer did not come was heard.
async fn is_there<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    request: &ChangeSetRequest,
) -> bool {
    ports.cloudformation.describe_change_set(&request.stack, &request.name).await.is_ok()
}

/// Removes a change set that will not be executed, and the empty stack it may have brought along. A stack
/// on which somebody's change set waits is left.
pub(super) async fn discard<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    request: &ChangeSetRequest,
    token: &str,
) -> Result<(), AwsError> {
    let cloudformation = ports.cloudformation;
    let delete = async || cloudformation.delete_change_set(&request.stack, &request.name).await;
    patiently(ports, delete).await?;
    if request.kind == ChangeSetKind::Create {
        let others = patiently(ports, async || cloudformation.change_sets(&request.stack).await).await?;
        if !others.iter().any(ChangeSetSummary::is_waiting) {
            let deletion = Deletion::of(&request.stack, token);
            patiently(ports, async || cloudformation.delete_stack(&deletion).await).await?;
        }
    }
    Ok(())
}
