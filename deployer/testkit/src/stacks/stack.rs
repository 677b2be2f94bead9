//! A stack and what it keeps.

use std::collections::{BTreeMap, BTreeSet};

use pipectl_engine::deployed::STACK_TYPE;
use pipectl_engine::status::{ResourceStatus, StackStatus};
use serde_json::Value;

use super::change_set::StoredChangeSet;
use super::drift::Detection;
use super::event::{Event, OperationRecord, OperationType};
use super::operation::Operation;
use super::order::Deployment;
use super::template::{Declared, Target};

/// A stack.
#[derive(Debug)]
pub(crate) struct Stack {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) status: StackStatus,
    pub(crate) status_reason: Option<String>,
    pub(crate) target: Target,
    /// What is shown as the template, when it was sent otherwise than as JSON.
    pub(crate) shown_template: Option<Value>,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) capabilities: BTreeSet<String>,
    pub(crate) is_protected: bool,
    pub(crate) policy: Option<Value>,
    pub(crate) resources: BTreeMap<String, Resource>,
    /// Oldest first.
    pub(crate) events: Vec<Event>,
    pub(crate) change_sets: Vec<StoredChangeSet>,
    pub(super) operation: Option<Operation>,
    /// The operation that failed and was left where it failed.
    pub(super) stuck: Option<Operation>,
    /// Oldest first.
    pub(crate) operations: Vec<OperationRecord>,
    pub(crate) deployment: Deployment,
    /// ID of the change set that was executed last.
    pub(crate) executed: Option<String>,
    pub(crate) created_ms: i64,
    pub(crate) updated_ms: Option<i64>,
    pub(crate) deleted_ms: Option<i64>,
    pub(crate) detections: Vec<Detection>,
}

/// A resource of a stack.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Resource {
    pub(crate) logical_id: String,
    /// Empty before there is a physical resource.
    pub(crate) physical_id: String,
    pub(crate) resource_type: String,
    pub(crate) status: ResourceStatus,
    pub(crate) reason: Option<String>,
    /// What the template said when it was last made or changed.
    pub(super) declared: Declared,
    /// Its properties by the template, references put in.
    pub(crate) expected: Value,
    /// Its properties in the account; `None` when it was deleted by hand.
    pub(crate) actual: Option<Value>,
    pub(crate) changed_ms: i64,
    /// When it is ready for use, which in express mode is after its operation.
    pub(crate) ready_ms: i64,
}

impl Resource {
    pub(super) fn new(logical_id: &str, declared: Declared, at_ms: i64) -> Self {
        Self {
            logical_id: logical_id.to_owned(),
            physical_id: String::new(),
            resource_type: declared.resource_type.clone(),
            status: ResourceStatus::CreateInProgress,
            reason: None,
            declared,
            expected: Value::Null,
            actual: None,
            changed_ms: at_ms,
            ready_ms: at_ms,
        }
    }

    /// True once there is a physical resource.
    pub(crate) fn exists(&self) -> bool {
        !self.physical_id.is_empty()
    }
}

impl Stack {
    pub(super) fn new(name: &str, id: String, status: StackStatus, now_ms: i64) -> Self {
        Self {
            name: name.to_owned(),
            id,
            status,
            status_reason: None,
            target: Target::empty(),
            shown_template: None,
            outputs: BTreeMap::new(),
            capabilities: BTreeSet::new(),
            is_protected: false,
            policy: None,
            resources: BTreeMap::new(),
            events: Vec::new(),
            change_sets: Vec::new(),
            operation: None,
            stuck: None,
            operations: Vec::new(),
            deployment: Deployment::default(),
            executed: None,
            created_ms: now_ms,
            updated_ms: None,
            deleted_ms: None,
            detections: Vec::new(),
        }
    }

    /// A deleted stack has given up its name.
    pub(super) fn is_called(&self, name_or_id: &str) -> bool {
        self.id == name_or_id || (self.name == name_or_id && self.status != StackStatus::DeleteComplete)
    }

    /// Token of the operation that runs, or ran last.
    pub(super) fn token(&self) -> Option<&str> {
        self.operations.last()?.token.as_deref()
    }

    /// True when the operation that runs, or ran last, was started with this token.
    pub(super) fn was_asked_by(&self, token: Option<&str>) -> bool {
        token.is_some() && self.token() == token
    }

    pub(super) fn physical_ids(&self) -> BTreeMap<String, String> {
        let existing = self.resources.iter().filter(|(_, it)| it.exists());
        existing.map(|(id, resource)| (id.clone(), resource.physical_id.clone())).collect()
    }

    /// What its physical resources were made from.
    pub(super) fn declared(&self) -> BTreeMap<String, Declared> {
        let existing = self.resources.iter().filter(|(_, it)| it.exists());
        existing.map(|(id, resource)| (id.clone(), resource.declared.clone())).collect()
    }

    /// Writes an operation down; what is said from now on belongs to it.
    pub(super) fn begin(&mut self, operation_type: OperationType, token: Option<&str>) {
        let id = format!("{:08}-0000-0000-0000-{}", self.operations.len() + 1, unique(&self.id));
        let token = token.map(str::to_owned);
        self.operations.push(OperationRecord { id, operation_type, token });
    }

    /// Moves the stack itself and says so.
    pub(super) fn enter(&mut self, status: StackStatus, reason: Option<String>, at_ms: i64) {
        self.status = status.clone();
        self.status_reason.clone_from(&reason);
        if status == StackStatus::DeleteComplete {
            self.deleted_ms = Some(at_ms);
        }
        let (name, id) = (self.name.clone(), self.id.clone());
        let status = ResourceStatus::from_aws(status.as_str());
        self.push([&name, &id, STACK_TYPE], status, reason, None, at_ms);
    }

    /// Adds an event about a resource as it stands.
    pub(super) fn say(&mut self, resource: &Resource, at_ms: i64) {
        let properties = (!resource.expected.is_null()).then(|| resource.expected.to_string());
        let who = [&resource.logical_id, &resource.physical_id, resource.resource_type.as_str()];
        self.push(who, resource.status.clone(), resource.reason.clone(), properties, at_ms);
    }

    fn push(
        &mut self,
        [logical_id, physical_id, resource_type]: [&str; 3],
        status: ResourceStatus,
        reason: Option<String>,
        properties: Option<String>,
        at_ms: i64,
    ) {
        let serial = self.events.len() + 1;
        self.events.push(Event {
            id: format!("{logical_id}-{status}-{serial}"),
            at_ms,
            operation: self.operations.last().cloned(),
            logical_id: logical_id.to_owned(),
            physical_id: Some(physical_id.to_owned()).filter(|id| !id.is_empty()),
            resource_type: resource_type.to_owned(),
            status,
            reason,
            properties,
        });
    }
}

/// The part of an ARN that no other shares.
fn unique(arn: &str) -> &str {
    arn.rsplit('-').next().unwrap_or_default()
}
