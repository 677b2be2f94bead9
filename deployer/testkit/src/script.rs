//! What tests, other people and bad luck do to an account's stacks.

use std::time::Duration;

use pipectl_engine::change_set::ValidationFinding;
use pipectl_engine::status::{ResourceStatus, StackStatus};
use serde_json::Value;

use crate::FakeCloudFormation;
use crate::clock::millis;
use crate::stacks::{Deployment, Verb};

impl FakeCloudFormation {
    /// Makes a resource fail with a reason, each time, until [`Self::heal`].
    pub fn fail(&self, verb: Verb, logical_id: &str, reason: &str) {
        self.now().fail(verb, logical_id, reason, None);
    }

    /// Makes a resource fail with a reason the next `times` times.
    pub fn fail_times(&self, verb: Verb, logical_id: &str, reason: &str, times: u32) {
        self.now().fail(verb, logical_id, reason, Some(times));
    }

    /// Takes every planned failure and finding back.
    pub fn heal(&self) {
        self.now().heal();
    }

    /// Makes validations find this in every change set that is made, until [`Self::heal`].
    pub fn find_in_validation(&self, finding: ValidationFinding) {
        self.now().find_in_validation(finding.into());
    }

    /// Puts a stack there as another tool left it. Its resources are what `template` declares.
    pub fn put_stack(&self, name: &str, status: StackStatus, template: Value) {
        self.now().put(name, status, template);
    }

    /// Lets somebody else's change set wait on a stack; it would replace what the stack has by a topic.
    /// Without a stack one is made, in `REVIEW_IN_PROGRESS`.
    pub fn put_change_set(&self, stack: &str, name: &str) {
        self.now().put_change_set(stack, name);
    }

    /// Sets how a stack's last operation was asked for, for one that [`Self::put_stack`] put there.
    pub fn set_deployment(&self, name: &str, deployment: Deployment) {
        self.now().set_deployment(name, deployment);
    }

    /// Sets the status of one resource, for a stack that [`Self::put_stack`] put there.
    pub fn set_resource_status(&self, stack: &str, logical_id: &str, status: ResourceStatus) {
        self.now().set_resource_status(stack, logical_id, status);
    }

    /// Shows a stack's template as the text it was sent as, for example YAML.
    pub fn show_template_as(&self, name: &str, text: &str) {
        self.now().show_template_as(name, text);
    }

    /// Sets a stack's termination protection; nothing happens when there is no such stack.
    pub fn protect(&self, name: &str, is_protected: bool) {
        // A script has no caller to refuse.
        let _ = self.now().protect(name, is_protected);
    }

    /// Starts an update of somebody else's that changes nothing and takes this long.
    pub fn occupy(&self, name: &str, duration: Duration) {
        self.now().occupy(name, millis(duration));
    }

    /// Puts a named resource into the account that belongs to no stack, as a deletion policy leaves it.
    pub fn put_orphan(&self, resource_type: &str, physical_id: &str, properties: Value) {
        self.now().put_orphan(resource_type, physical_id, properties);
    }

    /// True when the account has the named resource, in a stack or not.
    #[must_use]
    pub fn has_resource(&self, resource_type: &str, physical_id: &str) -> bool {
        self.now().has(resource_type, physical_id)
    }

    /// Changes a property of a stack's resource in the account, past CloudFormation.
    pub fn change_by_hand(&self, stack: &str, logical_id: &str, property: &str, value: Value) {
        self.now().change_by_hand(stack, logical_id, property, value);
    }

    /// Deletes a stack's resource in the account, past CloudFormation.
    pub fn delete_by_hand(&self, stack: &str, logical_id: &str) {
        self.now().delete_by_hand(stack, logical_id);
    }

    /// Lets somebody else delete a stack, whatever is running on it. It is gone at once.
    pub fn delete_stack_by_hand(&self, name: &str) {
        self.now().delete_stack_by_hand(name);
    }

    /// True once a resource of a stack is ready for use, which in express mode is after its operation.
    #[must_use]
    pub fn is_ready(&self, stack: &str, logical_id: &str) -> bool {
        self.now().is_ready(stack, logical_id)
    }

    /// Sets the time from the end of a resource's operation in express mode until it is ready.
    /// Default: 10 s.
    pub fn set_ready_after(&self, duration: Duration) {
        self.now().set_ready_after(millis(duration));
    }
}
