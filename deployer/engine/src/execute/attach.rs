//! Shows an operation, running or over, and stops one that runs.

use super::Ports;
use super::watch::{OperationFailure, Watched, watch};
use crate::aws_error::AwsError;
use crate::deployed::DeployedStack;
use crate::event::{EventKind, Operation};
use crate::outcome::{Outcome, Receipt};
use crate::port::{Clock, CloudFormation, Deletion, ObjectStore};
use crate::status::StackStatus;

/// Why an operation could not be shown or stopped.
#[derive(Debug, thiserror::Error)]
pub enum AttachError {
    /// A call to AWS failed.
    #[error("the watch on `{stack}` was interrupted while {during}")]
    Aws {
        /// Stack name.
        stack: String,
        /// What was being done.
        during: &'static str,
        /// The failed call.
        source: AwsError,
    },
    /// There is no such stack.
    #[error("there is no stack `{stack}`")]
    NoStack {
        /// Stack name.
        stack: String,
    },
    /// The stack knows no such operation.
    #[error("stack `{stack}` knows no operation `{operation}`")]
    NoOperation {
        /// Stack name.
        stack: String,
        /// What was asked for.
        operation: String,
    },
    /// AWS can no longer stop what runs.
    #[error("stack `{stack}` is in {status}, which AWS does not stop")]
    CannotCancel {
        /// Stack name.
        stack: String,
        /// Its status.
        status: StackStatus,
    },
    /// The operation has failed.
    #[error(transparent)]
    Operation(#[from] OperationFailure),
}

/// Shows an operation from its first event to its end, and ends as it ends.
///
/// `operation` is the token of an operation or AWS's ID of it; the newest one when `None`. It does not
/// matter who started it, nor from where. `stack` may be a stack ID, by which a deleted stack is found.
///
/// # Effects
/// `cloudformation:DescribeStacks`, `DescribeStackEvents`; `DescribeEvents` for AWS's ID.
///
/// # Errors
/// See [`AttachError`]; `Operation` as the operation's own command would have failed.
pub async fn attach<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    stack: &str,
    operation: Option<&str>,
) -> Result<Outcome, AttachError> {
    ports.emit(EventKind::Started { operation: Operation::Attach, stack: stack.to_owned() });
    let attached = Attached { ports, stack };
    let found = attached.read().await?;
    let token = attached.token(&found, operation).await?;
    let watched = watch(ports, &found.id, token.as_deref()).await;
    let watched = watched.map_err(attached.aws("watching the operation, which goes on"))?;
    let outcome = attached.outcome(watched, &found).await?;
    ports.emit(EventKind::Finished { outcome: outcome.clone() });
    Ok(outcome)
}

/// Stops the operation that runs, and watches the stack until it has settled.
///
/// An update is turned back to the state before it. A first creation is deleted with all it has made,
/// because there is no state before it. What is being deleted or rolled back already AWS does not stop.
///
/// # Effects
/// `cloudformation:DescribeStacks`, `CancelUpdateStack` or `DeleteStack`, `DescribeStackEvents`.
///
/// # Errors
/// See [`AttachError`].
pub async fn cancel<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    stack: &str,
) -> Result<Outcome, AttachError> {
    ports.emit(EventKind::Started { operation: Operation::Cancel, stack: stack.to_owned() });
    let attached = Attached { ports, stack };
    let found = attached.read().await?;
    let status = attached.stop(&found).await?;
    let outcome = Outcome::Cancelled { status };
    ports.emit(EventKind::Finished { outcome: outcome.clone() });
    Ok(outcome)
}

struct Attached<'a, C, S, T> {
    ports: &'a Ports<'a, C, S, T>,
    stack: &'a str,
}

impl<C: CloudFormation, S: ObjectStore, T: Clock> Attached<'_, C, S, T> {
    fn aws(&self, during: &'static str) -> impl Fn(AwsError) -> AttachError + use<C, S, T> {
        let stack = self.stack.to_owned();
        move |source| AttachError::Aws { stack: stack.clone(), during, source }
    }

    async fn read(&self) -> Result<DeployedStack, AttachError> {
        let found = self.ports.cloudformation.describe_stack(self.stack).await;
        let found = found.map_err(self.aws("reading the stack"))?;
        self.ports.emit(EventKind::StackRead { status: found.as_ref().map(|found| found.status.clone()) });
        found.ok_or_else(|| AttachError::NoStack { stack: self.stack.to_owned() })
    }

    /// Finds the token that the operation's events carry; `None` when they carry none.
    async fn token(
        &self,
        found: &DeployedStack,
        wanted: Option<&str>,
    ) -> Result<Option<String>, AttachError> {
        let cloudformation = self.ports.cloudformation;
        let Some(wanted) = wanted else {
            let newest = cloudformation.newest_operation(&found.id).await;
            let newest = newest.map_err(self.aws("finding the newest operation"))?;
            return Ok(newest.and_then(|newest| newest.token));
        };
        let events = cloudformation.events(&found.id, Some(wanted), None).await;
        if !events.map_err(self.aws("finding the operation"))?.is_empty() {
            return Ok(Some(wanted.to_owned()));
        }
        let token = cloudformation.token_of_operation(&found.id, wanted).await;
        let token = token.map_err(self.aws("finding the operation"))?;
        token.map(Some).ok_or_else(|| AttachError::NoOperation {
            stack: self.stack.to_owned(),
            operation: wanted.to_owned(),
        })
    }

    async fn outcome(&self, watched: Watched, found: &DeployedStack) -> Result<Outcome, AttachError> {
        match watched.status {
            StackStatus::DeleteComplete if watched.is_deletion() => {
                let resources = watched.deleted();
                let deleted = resources.len();
                Ok(Outcome::Deleted(Receipt { deleted, resources, ..Receipt::default() }))
            }
            StackStatus::CreateComplete => Ok(Outcome::Created { outputs: self.outputs(found).await }),
            StackStatus::UpdateComplete | StackStatus::ImportComplete => {
                Ok(Outcome::Updated { outputs: self.outputs(found).await })
            }
            _ => Err(watched.failure(self.stack).into()),
        }
    }

    /// Outputs that cannot be read now do not make the operation look failed.
    async fn outputs(&self, found: &DeployedStack) -> std::collections::BTreeMap<String, String> {
        let stack = self.ports.cloudformation.describe_stack(&found.id).await;
        stack.ok().flatten().map(|stack| stack.outputs).unwrap_or_default()
    }

    async fn stop(&self, found: &DeployedStack) -> Result<Option<StackStatus>, AttachError> {
        let cloudformation = self.ports.cloudformation;
        let token = format!("pipectl-cancel-{}", self.ports.clock.now_ms());
        let asked = match found.status {
            StackStatus::UpdateInProgress => cloudformation.cancel_update(&found.id, &token).await,
            StackStatus::CreateInProgress => {
                cloudformation.delete_stack(&Deletion::of(&found.id, &token)).await
            }
            _ => {
                let (stack, status) = (self.stack.to_owned(), found.status.clone());
                return Err(AttachError::CannotCancel { stack, status });
            }
        };
        asked.map_err(self.aws("stopping the operation"))?;
        self.ports.emit(EventKind::CancellationStarted { status: found.status.clone() });
        // The events of an update's way back carry the update's token, those of a deletion their own.
        let newest = cloudformation.newest_operation(&found.id).await;
        let newest = newest.map_err(self.aws("finding the newest operation"))?.and_then(|it| it.token);
        let watched = watch(self.ports, &found.id, newest.as_deref()).await;
        let watched = watched.map_err(self.aws("watching the way back, which goes on"))?;
        Ok(Some(watched.status).filter(|status| *status != StackStatus::DeleteComplete))
    }
}
