//! The verb DeleteStack, and termination protection.

use pipectl_engine::aws_error::AwsErrorCode;
use pipectl_engine::status::StackStatus;

use super::order::Deletion;
use super::{Stacks, operation};
use crate::refusal::Refusal;

impl Stacks {
    /// Starts the deletion of a stack; one that is not there counts as deleted.
    pub(crate) fn delete(&mut self, stack: &str, order: &Deletion) -> Result<(), Refusal> {
        let now_ms = self.now_ms;
        let Ok(stack) = self.find_mut(stack) else { return Ok(()) };
        if stack.was_asked_by(order.token.as_deref()) || stack.status == StackStatus::DeleteComplete {
            return Ok(());
        }
        if stack.is_protected {
            let message = "cannot be deleted while TerminationProtection is enabled";
            return Err(Refusal::invalid(format!("Stack [{}] {message}", stack.name)));
        }
        if stack.operation.is_some() && stack.status != StackStatus::CreateInProgress {
            let message =
                format!("Stack [{}] cannot be deleted while in status {}", stack.name, stack.status);
            return Err(Refusal::new(AwsErrorCode::OperationInProgress, message));
        }
        let has_failed = stack.status == StackStatus::DeleteFailed;
        if !order.retain.is_empty() && !has_failed {
            let message = "Retained resources can be given only for a stack in the DELETE_FAILED state";
            return Err(Refusal::invalid(message));
        }
        if order.is_forced && !has_failed {
            let message = "FORCE_DELETE_STACK can be given only for a stack in the DELETE_FAILED state";
            return Err(Refusal::invalid(message));
        }
        if let Some(other) = order.retain.iter().find(|id| !stack.resources.contains_key(*id)) {
            return Err(Refusal::invalid(format!("Resource [{other}] does not exist in the stack")));
        }
        stack.change_sets.clear();
        operation::delete(stack, order, now_ms);
        Ok(())
    }

    pub(crate) fn protect(&mut self, name: &str, is_protected: bool) -> Result<(), Refusal> {
        self.find_mut(name)?.is_protected = is_protected;
        Ok(())
    }

    pub(crate) fn set_policy(&mut self, name: &str, policy: &str) -> Result<(), Refusal> {
        let wrong = |_| Refusal::invalid("Error validating stack policy: Invalid stack policy");
        let policy = serde_json::from_str(policy).map_err(wrong)?;
        self.find_mut(name)?.policy = Some(policy);
        Ok(())
    }
}
