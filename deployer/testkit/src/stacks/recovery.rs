//! The ways out of a failed operation, and what tells one operation from another.

use pipectl_engine::change_set::{ChangeSetSummary, ValidationFinding};
use pipectl_engine::deployed::{DeploymentMode, NewestOperation};
use pipectl_engine::status::{ResourceStatus, StackStatus};

use super::stack::Stack;
use super::{Stacks, missing, no_change_set, operation};
use crate::refusal::Refusal;

impl Stack {
    /// True after a failure in express mode, which leaves the stack to another express operation.
    pub(super) fn takes_express_only(&self) -> bool {
        self.mode == DeploymentMode::Express
            && matches!(self.status, StackStatus::CreateFailed | StackStatus::UpdateFailed)
    }

    /// Finds resources that the rollback of an update could not take back.
    fn can_be_skipped(&self, logical_id: &str) -> bool {
        let resource = self.resources.get(logical_id);
        resource.is_some_and(|resource| resource.status == ResourceStatus::UpdateFailed)
    }
}

impl Stacks {
    /// Makes validations find this in every change set that is made, until the failures are healed.
    pub(crate) fn find_in_validation(&mut self, finding: ValidationFinding) {
        self.around.findings.push(finding);
    }

    pub(crate) fn change_sets(&self, stack: &str) -> Vec<ChangeSetSummary> {
        let found = self.find(stack).ok();
        let change_sets = found.into_iter().flat_map(|stack| &stack.change_sets);
        change_sets.map(|change_set| change_set.summary(self.now_ms)).collect()
    }

    pub(crate) fn validation_findings(&self, change_set_id: &str) -> Result<Vec<ValidationFinding>, Refusal> {
        let mut all = self.all.iter().flat_map(|stack| &stack.change_sets);
        let found = all.find(|change_set| change_set.id == change_set_id);
        Ok(found.ok_or_else(|| no_change_set(change_set_id))?.findings.clone())
    }

    pub(crate) fn express_only(&self, index: usize, mode: DeploymentMode) -> Result<usize, Refusal> {
        if mode == DeploymentMode::Express {
            return Ok(index);
        }
        let status = &self.all[index].status;
        let message = format!(
            "This stack is in a {status} state from a previous operation that used EXPRESS deployment mode \
             with disable-rollback."
        );
        Err(Refusal::invalid(message))
    }

    pub(crate) fn roll_back(&mut self, stack: &str, token: &str) -> Result<(), Refusal> {
        let now_ms = self.now_ms;
        let stack = self.find_mut(stack)?;
        if stack.token.as_deref() == Some(token) {
            return Ok(());
        }
        if stack.takes_express_only() {
            let message = "RollbackStack is not supported for stacks that were last updated using EXPRESS \
                           deployment mode and are in a failed state";
            return Err(Refusal::invalid(message));
        }
        if !matches!(stack.status, StackStatus::CreateFailed | StackStatus::UpdateFailed) {
            let message = format!("Stack [{}] cannot be rolled back from {}", stack.name, stack.status);
            return Err(Refusal::invalid(message));
        }
        operation::roll_back(stack, token, now_ms);
        Ok(())
    }

    pub(crate) fn continue_rollback(
        &mut self,
        stack: &str,
        skipped: &[String],
        token: &str,
    ) -> Result<(), Refusal> {
        let now_ms = self.now_ms;
        let stack = self.find_mut(stack)?;
        if stack.token.as_deref() == Some(token) {
            return Ok(());
        }
        if stack.status != StackStatus::UpdateRollbackFailed {
            let message =
                format!("Stack:{} is in {} state and can not continue rollback.", stack.id, stack.status);
            return Err(Refusal::invalid(message));
        }
        if let Some(other) = skipped.iter().find(|id| !stack.can_be_skipped(id)) {
            return Err(Refusal::invalid(format!("Resource [{other}] cannot be skipped")));
        }
        operation::continue_rollback(stack, skipped, token, now_ms);
        Ok(())
    }

    pub(crate) fn cancel_update(&mut self, stack: &str) -> Result<(), Refusal> {
        let now_ms = self.now_ms;
        let index = self.all.iter().position(|it| it.is_called(stack)).ok_or_else(|| missing(stack))?;
        let stack = &mut self.all[index];
        if stack.status != StackStatus::UpdateInProgress {
            return Err(Refusal::invalid("CancelUpdateStack cannot be called from current stack status"));
        }
        operation::cancel(stack, &mut self.around, now_ms);
        Ok(())
    }

    pub(crate) fn newest_operation(&self, stack: &str) -> Result<Option<NewestOperation>, Refusal> {
        let events = &self.find(stack)?.events;
        let Some(newest) = events.last() else { return Ok(None) };
        let token = newest.client_request_token.clone();
        let own = events.iter().rev().take_while(|event| event.client_request_token == token);
        let since_ms = own.last().map_or(newest.at_ms, |event| event.at_ms);
        Ok(Some(NewestOperation { token, since_ms }))
    }

    pub(crate) fn token_of_operation(&self, stack: &str, id: &str) -> Result<Option<String>, Refusal> {
        let mut operations = self.find(stack)?.operations.iter();
        Ok(operations.find(|(operation, _)| operation.id == id).and_then(|(_, token)| token.clone()))
    }
}
