//! A stack and what it keeps.

use std::collections::BTreeMap;

use pipectl_engine::deployed::{
    DeployedStack, DeploymentMode, STACK_TYPE, StackEvent, StackOperation, StackResource,
};
use pipectl_engine::status::{ResourceStatus, StackStatus};
use serde_json::Value;

use super::change_set::StoredChangeSet;
use super::operation::Operation;
use super::template::{Declared, Target, is_masked};

/// A stack.
#[derive(Debug)]
pub(super) struct Stack {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) status: StackStatus,
    pub(super) status_reason: Option<String>,
    pub(super) target: Target,
    /// What is shown as the template, when it was sent otherwise than as JSON.
    pub(super) shown_template: Option<Value>,
    pub(super) outputs: BTreeMap<String, String>,
    pub(super) is_protected: bool,
    pub(super) resources: BTreeMap<String, Resource>,
    pub(super) events: Vec<StackEvent>,
    pub(super) change_sets: Vec<StoredChangeSet>,
    pub(super) operation: Option<Operation>,
    /// Token of the operation that runs, or ran last.
    pub(super) token: Option<String>,
    /// The operation that failed and was left where it failed.
    pub(super) stuck: Option<Operation>,
    pub(super) mode: DeploymentMode,
    pub(super) rollback_disabled: bool,
    /// ID of the change set that was executed last.
    pub(super) executed: Option<String>,
    pub(super) changed_at_ms: Option<i64>,
    /// Every operation so far, with the token of the call that started it.
    pub(super) operations: Vec<(StackOperation, Option<String>)>,
}

/// A resource in the account.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Resource {
    pub(super) logical_id: String,
    pub(super) physical_id: String,
    pub(super) resource_type: String,
    pub(super) status: ResourceStatus,
}

/// The type of a bucket.
pub(super) const BUCKET: &str = "AWS::S3::Bucket";

impl Stack {
    pub(super) fn new(name: &str, id: String, status: StackStatus) -> Self {
        Self {
            name: name.to_owned(),
            id,
            status,
            status_reason: None,
            target: Target::empty(),
            shown_template: None,
            outputs: BTreeMap::new(),
            is_protected: false,
            resources: BTreeMap::new(),
            events: Vec::new(),
            change_sets: Vec::new(),
            operation: None,
            token: None,
            stuck: None,
            mode: DeploymentMode::Standard,
            rollback_disabled: false,
            executed: None,
            changed_at_ms: None,
            operations: Vec::new(),
        }
    }

    /// What its resources are, which after a failure that was left is not what the template says.
    pub(super) fn declared(&self) -> BTreeMap<String, Declared> {
        let mut declared = self.target.declared(&self.name);
        if let Some(stuck) = &self.stuck {
            stuck.take_back_unfinished(&self.name, &mut declared);
        }
        declared
    }

    /// Writes an operation down under its token.
    pub(super) fn begin(&mut self, operation_type: &str, token: Option<&str>) {
        self.token = token.map(str::to_owned);
        let id = format!("11111111-0000-0000-0000-{:012}", self.operations.len() + 1);
        let operation = StackOperation { id, operation_type: operation_type.to_owned() };
        self.operations.push((operation, self.token.clone()));
    }

    /// A deleted stack has given up its name.
    pub(super) fn is_called(&self, name_or_id: &str) -> bool {
        self.id == name_or_id || (self.name == name_or_id && self.status != StackStatus::DeleteComplete)
    }

    pub(super) fn physical_ids(&self) -> BTreeMap<String, String> {
        self.resources.iter().map(|(id, resource)| (id.clone(), resource.physical_id.clone())).collect()
    }

    pub(super) fn described(&self) -> DeployedStack {
        let shown = |(name, value): (&String, &String)| {
            let masked = is_masked(&self.target.template, name);
            (name.clone(), if masked { "****".to_owned() } else { value.clone() })
        };
        DeployedStack {
            name: self.name.clone(),
            id: self.id.clone(),
            status: self.status.clone(),
            status_reason: self.status_reason.clone(),
            parameters: self.target.parameters.iter().map(shown).collect(),
            outputs: self.outputs.clone(),
            tags: self.target.tags.clone(),
            termination_protection: self.is_protected,
            mode: self.mode,
            rollback_disabled: self.rollback_disabled,
            change_set_id: self.executed.clone(),
            changed_at_ms: self.changed_at_ms,
            last_operations: self.last_operations(),
        }
    }

    /// The last operation of each type.
    fn last_operations(&self) -> Vec<StackOperation> {
        let by_type: BTreeMap<&str, &StackOperation> =
            self.operations.iter().map(|(it, _)| (it.operation_type.as_str(), it)).collect();
        by_type.into_values().cloned().collect()
    }

    pub(super) fn listed(&self) -> Vec<StackResource> {
        let resources = self.resources.values().map(|resource| StackResource {
            logical_id: resource.logical_id.clone(),
            physical_id: Some(resource.physical_id.clone()),
            resource_type: resource.resource_type.clone(),
            status: resource.status.clone(),
        });
        resources.collect()
    }

    /// Moves the stack itself and says so.
    pub(super) fn enter(&mut self, status: StackStatus, reason: Option<String>, at_ms: i64) {
        self.status = status.clone();
        self.status_reason = reason.clone();
        let itself = Resource {
            logical_id: self.name.clone(),
            physical_id: self.id.clone(),
            resource_type: STACK_TYPE.to_owned(),
            status: ResourceStatus::from_aws(status.as_str()),
        };
        self.say(&itself, reason, at_ms);
    }

    /// Adds an event about a resource as it stands.
    pub(super) fn say(&mut self, resource: &Resource, reason: Option<String>, at_ms: i64) {
        let serial = self.events.len() + 1;
        self.events.push(StackEvent {
            id: format!("{}-{}-{serial}", resource.logical_id, resource.status),
            at_ms,
            logical_id: resource.logical_id.clone(),
            physical_id: Some(resource.physical_id.clone()).filter(|id| !id.is_empty()),
            resource_type: resource.resource_type.clone(),
            status: resource.status.clone(),
            reason,
            client_request_token: self.token.clone(),
        });
    }
}
