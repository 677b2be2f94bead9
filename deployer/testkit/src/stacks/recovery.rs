//! The ways out of a failed operation, and what tells one operation from another.

use pipectl_engine::deployed::NewestOperation;
use pipectl_engine::status::{ResourceStatus, StackStatus};

use super::stack::Stack;
use super::{Stacks, missing, operation};
use crate::refusal::Refusal;

impl Stack {
    /// True for a resource that the rollback of an update could not take back.
    fn can_be_skipped(&self, logical_id: &str) -> bool {
        let resource = self.resources.get(logical_id);
        resource.is_some_and(|resource| resource.status == ResourceStatus::UpdateFailed)
    }

    fn takes_rollback(&self) -> Result<(), Refusal> {
        if self.is_left_failed() && self.deployment.is_express {
            let message = "RollbackStack is not supported for stacks that were last updated using EXPRESS \
                           deployment mode and are in a failed state";
            return Err(Refusal::invalid(message));
        }
        if matches!(self.status, StackStatus::CreateFailed | StackStatus::UpdateFailed) {
            return Ok(());
        }
        let message = format!("Stack [{}] cannot be rolled back from {}", self.name, self.status);
        Err(Refusal::invalid(message))
    }

    /// The resources to skip, which force means all that failed.
    fn skipped(&self, named: &[String], is_forced: bool) -> Result<Vec<String>, Refusal> {
        if is_forced && !named.is_empty() {
            let message = "ForceRollback and ResourcesToSkip are mutually exclusive";
            return Err(Refusal::invalid(message));
        }
        if let Some(other) = named.iter().find(|id| !self.can_be_skipped(id)) {
            return Err(Refusal::invalid(format!("Resource [{other}] cannot be skipped")));
        }
        let failed = self.resources.keys().filter(|id| self.can_be_skipped(id));
        Ok(if is_forced { failed.cloned().collect() } else { named.to_vec() })
    }
}

impl Stacks {
    pub(crate) fn roll_back(
        &mut self,
        stack: &str,
        retain_except_on_create: bool,
        token: Option<&str>,
    ) -> Result<(), Refusal> {
        let (index, now_ms) = (self.index(stack)?, self.now_ms);
        let stack = &mut self.all[index];
        if stack.was_asked_by(token) {
            return Ok(());
        }
        stack.takes_rollback()?;
        operation::roll_back(stack, &mut self.around, retain_except_on_create, token, now_ms);
        Ok(())
    }

    pub(crate) fn continue_rollback(
        &mut self,
        stack: &str,
        named: &[String],
        is_forced: bool,
        token: Option<&str>,
    ) -> Result<(), Refusal> {
        let (index, now_ms) = (self.index(stack)?, self.now_ms);
        let stack = &mut self.all[index];
        if stack.was_asked_by(token) {
            return Ok(());
        }
        if stack.status != StackStatus::UpdateRollbackFailed {
            let message =
                format!("Stack:{} is in {} state and can not continue rollback.", stack.id, stack.status);
            return Err(Refusal::invalid(message));
        }
        let skipped = stack.skipped(named, is_forced)?;
        operation::continue_rollback(stack, &mut self.around, &skipped, token, now_ms);
        Ok(())
    }

    pub(crate) fn cancel_update(&mut self, stack: &str) -> Result<(), Refusal> {
        let (index, now_ms) = (self.index(stack)?, self.now_ms);
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
        let token = newest.token().map(str::to_owned);
        let own = events.iter().rev().take_while(|event| event.token() == token.as_deref());
        let since_ms = own.last().map_or(newest.at_ms, |event| event.at_ms);
        Ok(Some(NewestOperation { token, since_ms }))
    }

    pub(crate) fn token_of_operation(&self, stack: &str, id: &str) -> Result<Option<String>, Refusal> {
        let mut operations = self.find(stack)?.operations.iter();
        Ok(operations.find(|operation| operation.id == id).and_then(|it| it.token.clone()))
    }

    fn index(&self, stack: &str) -> Result<usize, Refusal> {
        self.all.iter().position(|it| it.is_called(stack)).ok_or_else(|| missing(stack))
    }
}
