//! What happens without a call: the work of tests, of other people and of bad luck.

use pipectl_engine::status::{ResourceStatus, StackStatus};
use serde_json::{Value, json};

use super::named::BUCKET;
use super::stack::Resource;
use super::{Failure, Stacks, Verb, operation};
use crate::stacks::event::OperationType;
use crate::stacks::order::{ChangeSetOrder, Deployment, Kind, Template};
use crate::stacks::validation::Finding;

/// Logical ID of what somebody else would make.
const SOMEBODY_S: &str = "SomebodyElses";

impl Stacks {
    /// Makes a resource fail `times` times, or until it is healed.
    pub(crate) fn fail(&mut self, verb: Verb, logical_id: &str, reason: &str, times: Option<u32>) {
        let failure = Failure { reason: reason.to_owned(), left: times };
        self.around.failures.insert((verb, logical_id.to_owned()), failure);
    }

    pub(crate) fn heal(&mut self) {
        self.around.failures.clear();
        self.around.findings.clear();
    }

    /// Makes validations find this in every change set, until the failures are healed.
    pub(crate) fn find_in_validation(&mut self, finding: Finding) {
        self.around.findings.push(finding);
    }

    /// Puts a stack there as another tool left it; its resources are what its template declares, under
    /// names of their own.
    pub(crate) fn put(&mut self, name: &str, status: StackStatus, template: Value) {
        let (waits, is_absent) = (status == StackStatus::ReviewInProgress, status.is_absent());
        let index = self.add(name, status);
        let stack = &mut self.all[index];
        if !waits {
            stack.target.template = template;
        }
        if is_absent {
            return;
        }
        for (id, declared) in stack.target.declared(name) {
            let mut resource = Resource::new(&id, declared, self.now_ms);
            resource.physical_id = format!("{name}-{id}").to_lowercase();
            resource.status = ResourceStatus::CreateComplete;
            resource.expected = resource.declared.properties.clone();
            resource.actual = Some(resource.expected.clone());
            self.around.make(&resource.resource_type, &resource.physical_id);
            stack.resources.insert(id, resource);
        }
    }

    /// Lets somebody else's change set wait on a stack, which is made for it when there is none.
    pub(crate) fn put_change_set(&mut self, stack: &str, name: &str) {
        let body = |of: &str| json!({"Resources": {of: {"Type": "AWS::SNS::Topic"}}}).to_string();
        let is_there = self.find(stack).is_ok_and(|it| it.status != StackStatus::ReviewInProgress);
        let kind = if is_there { Kind::Update } else { Kind::Create };
        let order = ChangeSetOrder::new(stack, name, kind, Template::Body(body(SOMEBODY_S)));
        // Where the stack takes none there is none.
        let _ = self.create_change_set(&order);
    }

    /// Sets how a stack's last operation was asked for.
    pub(crate) fn set_deployment(&mut self, name: &str, deployment: Deployment) {
        if let Ok(stack) = self.find_mut(name) {
            stack.deployment = deployment;
        }
    }

    /// Sets the status of a resource, as a failed operation of another tool left it.
    pub(crate) fn set_resource_status(&mut self, stack: &str, logical_id: &str, status: ResourceStatus) {
        if let Some(resource) = self.resource_mut(stack, logical_id) {
            resource.status = status;
        }
    }

    pub(crate) fn show_template_as(&mut self, name: &str, text: &str) {
        if let Ok(stack) = self.find_mut(name) {
            stack.shown_template = Some(Value::String(text.to_owned()));
        }
    }

    pub(crate) fn occupy(&mut self, name: &str, duration_ms: i64) {
        let now_ms = self.now_ms;
        if let Ok(stack) = self.find_mut(name) {
            operation::occupy(stack, duration_ms, now_ms);
        }
    }

    /// Puts a resource into the account that no stack has.
    pub(crate) fn put_orphan(&mut self, resource_type: &str, physical_id: &str, properties: Value) {
        self.around.make(resource_type, physical_id);
        self.around.existing.insert((resource_type.to_owned(), physical_id.to_owned()), properties);
    }

    /// True when the account has the resource, in a stack or not.
    pub(crate) fn has(&self, resource_type: &str, physical_id: &str) -> bool {
        self.around.has(resource_type, physical_id)
    }

    /// Changes a property of a resource in the account, past CloudFormation.
    pub(crate) fn change_by_hand(&mut self, stack: &str, logical_id: &str, property: &str, value: Value) {
        let resource = self.resource_mut(stack, logical_id);
        let actual = resource.and_then(|it| it.actual.as_mut()).and_then(Value::as_object_mut);
        if let Some(actual) = actual {
            actual.insert(property.to_owned(), value);
        }
    }

    /// Deletes a resource in the account, past CloudFormation.
    pub(crate) fn delete_by_hand(&mut self, stack: &str, logical_id: &str) {
        let Some(resource) = self.resource_mut(stack, logical_id) else { return };
        resource.actual = None;
        let (resource_type, physical_id) = (resource.resource_type.clone(), resource.physical_id.clone());
        self.around.unmake(&resource_type, &physical_id);
    }

    /// Lets somebody delete a stack, whatever is running on it; it is gone at once.
    pub(crate) fn delete_stack_by_hand(&mut self, name: &str) {
        let now_ms = self.now_ms;
        let Some(stack) = self.all.iter_mut().find(|stack| stack.is_called(name)) else { return };
        (stack.operation, stack.stuck) = (None, None);
        stack.change_sets.clear();
        stack.begin(OperationType::DeleteStack, Some("somebody-else"));
        stack.enter(StackStatus::DeleteInProgress, Some("User Initiated".to_owned()), now_ms);
        for resource in std::mem::take(&mut stack.resources).into_values().filter(Resource::exists) {
            self.around.unmake(&resource.resource_type, &resource.physical_id);
        }
        stack.enter(StackStatus::DeleteComplete, None, now_ms);
    }

    /// True once a resource is ready for use; in express mode that is after its operation.
    pub(crate) fn is_ready(&self, stack: &str, logical_id: &str) -> bool {
        let found = self.find(stack).ok().and_then(|stack| stack.resources.get(logical_id));
        found.is_some_and(|it| it.exists() && !it.status.is_failed() && it.ready_ms <= self.now_ms)
    }

    pub(crate) fn set_ready_after(&mut self, ms: i64) {
        self.around.ready_after_ms = ms;
    }

    fn resource_mut(&mut self, stack: &str, logical_id: &str) -> Option<&mut Resource> {
        self.find_mut(stack).ok()?.resources.get_mut(logical_id)
    }
}

impl super::Surroundings {
    /// True when the account has such a resource.
    pub(super) fn has(&self, resource_type: &str, physical_id: &str) -> bool {
        if resource_type == BUCKET {
            return self.store.has_bucket(physical_id);
        }
        self.existing.contains_key(&(resource_type.to_owned(), physical_id.to_owned()))
    }

    /// Makes a named resource; false when the name is taken.
    pub(super) fn make(&mut self, resource_type: &str, physical_id: &str) -> bool {
        let is_free = if resource_type == BUCKET {
            self.store.make(physical_id)
        } else {
            !self.has(resource_type, physical_id)
        };
        if is_free {
            self.existing.insert((resource_type.to_owned(), physical_id.to_owned()), Value::Null);
        }
        is_free
    }

    pub(super) fn unmake(&mut self, resource_type: &str, physical_id: &str) {
        self.existing.remove(&(resource_type.to_owned(), physical_id.to_owned()));
        if resource_type == BUCKET {
            self.store.remove(physical_id);
        }
    }
}
