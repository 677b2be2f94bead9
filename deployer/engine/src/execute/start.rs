//! Starts a change of a stack and follows it to its end.

use std::collections::BTreeMap;

use super::Ports;
use super::up::UpError;
use super::watch::{is_passing, patiently, watch};
use crate::aws_error::AwsError;
use crate::change_set::ChangeSet;
use crate::event::EventKind;
use crate::outcome::Outcome;
use crate::port::{Clock, CloudFormation, ObjectStore};
use crate::stack_update::StackUpdate;
use crate::status::StackStatus;

/// What is said to be done when an update without a change set is refused.
pub(super) const STARTING_UPDATE: &str = "starting the update";

/// A stack whose change is agreed on.
pub(super) struct Starting<'a, C, S, T> {
    pub(super) ports: &'a Ports<'a, C, S, T>,
    /// Stack name, for messages.
    pub(super) stack: &'a str,
}

impl<C: CloudFormation, S: ObjectStore, T: Clock> Starting<'_, C, S, T> {
    /// Executes a change set.
    pub(super) async fn change_set(
        &self,
        name: &str,
        change_set: &ChangeSet,
        creates: bool,
    ) -> Result<Outcome, UpError> {
        let token = token(&change_set.id);
        self.ports.emit(EventKind::OperationRequested { token: token.clone() });
        let cloudformation = self.ports.cloudformation;
        let execute = async || cloudformation.execute_change_set(self.stack, name, &token).await;
        let answer = patiently(self.ports, execute).await;
        self.has_started(answer, &change_set.stack_id, &token, "starting the change set").await?;
        self.follow(&change_set.stack_id, &token, change_set.changes.len()).await?;
        let outputs = self.outputs(&change_set.stack_id).await;
        Ok(if creates { Outcome::Created { outputs } } else { Outcome::Updated { outputs } })
    }

    /// Updates without a change set; `resources` are expected to change.
    pub(super) async fn update(&self, update: &StackUpdate, resources: usize) -> Result<(), UpError> {
        self.ports.emit(EventKind::OperationRequested { token: update.token.clone() });
        let cloudformation = self.ports.cloudformation;
        let answer = patiently(self.ports, async || cloudformation.update_stack(update).await).await;
        self.has_started(answer, &update.stack_id, &update.token, STARTING_UPDATE).await?;
        self.follow(&update.stack_id, &update.token, resources).await
    }

    /// Reads the outputs. The deployment is done: when they cannot be read it must not look failed.
    pub(super) async fn outputs(&self, stack_id: &str) -> BTreeMap<String, String> {
        let stack = self.ports.cloudformation.describe_stack(stack_id).await;
        stack.ok().flatten().map(|stack| stack.outputs).unwrap_or_default()
    }

    fn aws(&self, during: &'static str, source: AwsError) -> UpError {
        UpError::Aws { stack: self.stack.to_owned(), during, source }
    }

    /// Takes a call whose answer did not come, but that was heard, for started.
    async fn has_started(
        &self,
        answer: Result<(), AwsError>,
        stack_id: &str,
        token: &str,
        during: &'static str,
    ) -> Result<(), UpError> {
        match answer {
            Err(error) if !(is_passing(&error) && self.has_begun(stack_id, token).await) => {
                Err(self.aws(during, error))
            }
            _ => Ok(()),
        }
    }

    async fn has_begun(&self, stack_id: &str, token: &str) -> bool {
        let newest = self.ports.cloudformation.newest_operation(stack_id).await;
        newest.ok().flatten().is_some_and(|newest| newest.token.as_deref() == Some(token))
    }

    /// Watches the operation to its good end.
    async fn follow(&self, stack_id: &str, token: &str, resources: usize) -> Result<(), UpError> {
        self.ports.emit(EventKind::OperationStarted { resources: Some(resources), token: token.to_owned() });
        let watched = watch(self.ports, stack_id, Some(token)).await;
        let watched = watched.map_err(|source| self.aws("watching the operation, which goes on", source))?;
        if !watched.status.is_good() || watched.status == StackStatus::DeleteComplete {
            return Err(watched.failure(self.stack).into());
        }
        Ok(())
    }
}

/// The last part of a change set's ARN is unique, so that a repeated execution of the same change
/// set joins the first and no other is taken for it.
pub(super) fn token(change_set_id: &str) -> String {
    let unique = change_set_id.rsplit('/').next().unwrap_or(change_set_id);
    format!(
        "pipectl-{}",
        unique.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect::<String>()
    )
}
