//! Answers in the engine's words, for the port.

use std::collections::BTreeMap;

use pipectl_engine::change_set::{ChangeSet, ChangeSetSummary, ResourceChange, ValidationFinding};
use pipectl_engine::deployed::{DeployedStack, DeploymentMode, StackEvent, StackOperation, StackResource};
use serde_json::Value;

use super::Stacks;
use super::event::{Event, OperationRecord};
use super::stack::Stack;
use super::template::is_masked;
use super::validation::Finding;
use crate::refusal::Refusal;

impl Stacks {
    pub(crate) fn describe(&self, name_or_id: &str) -> Option<DeployedStack> {
        self.find(name_or_id).ok().map(Stack::described)
    }

    pub(crate) fn template(&self, name_or_id: &str) -> Result<Value, Refusal> {
        let stack = self.find(name_or_id)?;
        Ok(stack.shown_template.as_ref().unwrap_or(&stack.target.template).clone())
    }

    pub(crate) fn resources(&self, stack: &str) -> Result<Vec<StackResource>, Refusal> {
        let resources = self.find(stack)?.resources.values();
        let resources = resources.map(|it| StackResource {
            logical_id: it.logical_id.clone(),
            physical_id: it.exists().then(|| it.physical_id.clone()),
            resource_type: it.resource_type.clone(),
            status: it.status.clone(),
        });
        Ok(resources.collect())
    }

    pub(crate) fn events(
        &self,
        stack: &str,
        token: Option<&str>,
        after: Option<&str>,
    ) -> Result<Vec<StackEvent>, Refusal> {
        let events = self.find(stack)?.events.iter();
        let seen = |event: &&Event| after.is_some_and(|after| event.id != after);
        let from = events.clone().take_while(seen).count();
        let from = if after.is_some() { from + 1 } else { 0 };
        Ok(events.skip(from).filter(|event| event.token() == token).map(StackEvent::from).collect())
    }

    pub(crate) fn described_change_set(&self, stack: &str, change_set: &str) -> Result<ChangeSet, Refusal> {
        let (stack, found) = self.change_set(stack, change_set)?;
        Ok(ChangeSet {
            id: found.id.clone(),
            stack_id: stack.id.clone(),
            status: found.status(self.now_ms),
            status_reason: found.status_reason(self.now_ms),
            is_empty: found.is_empty(self.now_ms),
            is_executable: found.is_executable(self.now_ms),
            changes: found.shown_changes(self.now_ms).iter().map(ResourceChange::from).collect(),
        })
    }

    pub(crate) fn change_sets(&self, stack: &str) -> Vec<ChangeSetSummary> {
        let found = self.find(stack).ok();
        let change_sets = found.into_iter().flat_map(|stack| &stack.change_sets);
        let summary = change_sets.map(|it| ChangeSetSummary {
            name: it.name.clone(),
            status: it.status(self.now_ms),
            is_executable: it.is_executable(self.now_ms),
        });
        summary.collect()
    }

    pub(crate) fn validation_findings(&self, change_set_id: &str) -> Result<Vec<ValidationFinding>, Refusal> {
        let (_, found) = self.change_set("", change_set_id)?;
        Ok(found.shown_findings(self.now_ms).iter().cloned().map(ValidationFinding::from).collect())
    }
}

impl Stack {
    /// Parameter values as they are shown: a `NoEcho` value is masked.
    pub(crate) fn shown_parameters(&self) -> BTreeMap<String, String> {
        let shown = |(name, value): (&String, &String)| {
            let masked = is_masked(&self.target.template, name);
            (name.clone(), if masked { "****".to_owned() } else { value.clone() })
        };
        self.target.parameters.iter().map(shown).collect()
    }

    /// The last operation of each type.
    pub(crate) fn last_operations(&self) -> Vec<&OperationRecord> {
        let by_type: BTreeMap<_, _> = self.operations.iter().map(|it| (it.operation_type, it)).collect();
        by_type.into_values().collect()
    }

    fn described(&self) -> DeployedStack {
        let operation = |it: &OperationRecord| StackOperation {
            id: it.id.clone(),
            operation_type: it.operation_type.as_str().to_owned(),
        };
        DeployedStack {
            name: self.name.clone(),
            id: self.id.clone(),
            status: self.status.clone(),
            status_reason: self.status_reason.clone(),
            parameters: self.shown_parameters(),
            outputs: self.outputs.clone(),
            tags: self.target.tags.clone(),
            termination_protection: self.is_protected,
            mode: if self.deployment.is_express { DeploymentMode::Express } else { DeploymentMode::Standard },
            rollback_disabled: self.deployment.rollback_is_disabled(),
            change_set_id: self.executed.clone(),
            changed_at_ms: self.updated_ms,
            last_operations: self.last_operations().into_iter().map(operation).collect(),
        }
    }
}

impl From<&Event> for StackEvent {
    fn from(event: &Event) -> Self {
        Self {
            id: event.id.clone(),
            at_ms: event.at_ms,
            logical_id: event.logical_id.clone(),
            physical_id: event.physical_id.clone(),
            resource_type: event.resource_type.clone(),
            status: event.status.clone(),
            reason: event.reason.clone(),
            client_request_token: event.token().map(str::to_owned),
        }
    }
}

impl From<Finding> for ValidationFinding {
    fn from(finding: Finding) -> Self {
        let Finding { logical_id, resource_type, path, validation, reason, is_failure } = finding;
        Self { logical_id, resource_type, path, validation, reason, is_failure }
    }
}

impl From<ValidationFinding> for Finding {
    fn from(finding: ValidationFinding) -> Self {
        let ValidationFinding { logical_id, resource_type, path, validation, reason, is_failure } = finding;
        Self { logical_id, resource_type, path, validation, reason, is_failure }
    }
}
