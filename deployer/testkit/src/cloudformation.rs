//! The port in front of the state machine.

use std::sync::MutexGuard;
use std::time::Duration;

use pipectl_engine::aws_error::AwsError;
use pipectl_engine::change_set::{ChangeSet, ChangeSetRequest, ChangeSetSummary, ValidationFinding};
use pipectl_engine::deployed::{DeployedStack, NewestOperation, StackEvent, StackResource};
use pipectl_engine::port::{Clock as _, CloudFormation, Deletion};
use pipectl_engine::status::StackStatus;
use serde_json::Value;

use crate::clock::millis;
use crate::drift::DriftBook;
use crate::refusal::Refusal;
use crate::shared::Shared;
use crate::stacks::{Stacks, Verb};
use crate::{FakeClock, FakeObjectStore, Journal};

/// CloudFormation in memory, on a [`FakeClock`]. Clones share it. See [`behaviour`](crate::behaviour).
#[derive(Debug, Clone)]
pub struct FakeCloudFormation {
    pub(crate) journal: Journal,
    pub(crate) clock: FakeClock,
    stacks: Shared<Stacks>,
    pub(crate) drift: Shared<DriftBook>,
}

impl FakeCloudFormation {
    pub(crate) fn new(journal: Journal, clock: FakeClock, store: FakeObjectStore) -> Self {
        Self { journal, clock, stacks: Shared::new(Stacks::new(store)), drift: Shared::default() }
    }

    /// Makes a resource fail with a reason, each time, until [`Self::heal`].
    pub fn fail(&self, verb: Verb, logical_id: &str, reason: &str) {
        self.stacks.lock().fail(verb, logical_id, reason);
    }

    /// Takes every [`Self::fail`] back.
    pub fn heal(&self) {
        self.stacks.lock().heal();
    }

    /// Makes validations find this in every change set that is made, until [`Self::heal`].
    pub fn find_in_validation(&self, finding: ValidationFinding) {
        self.stacks.lock().find_in_validation(finding);
    }

    /// Puts a stack there as another tool left it. Its resources are what `template` declares.
    pub fn put_stack(&self, name: &str, status: StackStatus, template: Value) {
        self.now().put(name, status, template);
    }

    /// Shows a stack's template as the text it was sent as, for example YAML.
    pub fn show_template_as(&self, name: &str, text: &str) {
        self.stacks.lock().show_template_as(name, text);
    }

    /// Sets a stack's termination protection.
    pub fn protect(&self, name: &str, is_protected: bool) {
        self.stacks.lock().protect(name, is_protected);
    }

    /// Starts an update of somebody else's that changes nothing and takes this long.
    pub fn occupy(&self, name: &str, duration: Duration) {
        self.now().occupy(name, millis(duration));
    }

    /// The stacks once everything has happened that is due.
    pub(crate) fn now(&self) -> MutexGuard<'_, Stacks> {
        let mut stacks = self.stacks.lock();
        stacks.advance(self.clock.now_ms());
        stacks
    }

    fn call<T>(
        &self,
        operation: &'static str,
        mut work: impl FnMut(&mut Stacks) -> Result<T, Refusal>,
    ) -> Result<T, AwsError> {
        self.journal.call("CloudFormation", operation, || work(&mut self.now()))
    }
}

impl CloudFormation for FakeCloudFormation {
    async fn describe_stack(&self, stack: &str) -> Result<Option<DeployedStack>, AwsError> {
        self.call("DescribeStacks", |stacks| Ok(stacks.describe(stack)))
    }

    async fn template(&self, stack: &str) -> Result<Value, AwsError> {
        self.call("GetTemplate", |stacks| stacks.template(stack))
    }

    async fn create_change_set(&self, request: &ChangeSetRequest) -> Result<String, AwsError> {
        self.call("CreateChangeSet", |stacks| stacks.create_change_set(request))
    }

    async fn describe_change_set(&self, stack: &str, change_set: &str) -> Result<ChangeSet, AwsError> {
        self.call("DescribeChangeSet", |stacks| stacks.describe_change_set(stack, change_set))
    }

    async fn execute_change_set(&self, stack: &str, change_set: &str, token: &str) -> Result<(), AwsError> {
        self.call("ExecuteChangeSet", |stacks| stacks.execute_change_set(stack, change_set, token))
    }

    async fn delete_change_set(&self, stack: &str, change_set: &str) -> Result<(), AwsError> {
        self.call("DeleteChangeSet", |stacks| {
            stacks.delete_change_set(stack, change_set);
            Ok(())
        })
    }

    async fn change_sets(&self, stack: &str) -> Result<Vec<ChangeSetSummary>, AwsError> {
        self.call("ListChangeSets", |stacks| Ok(stacks.change_sets(stack)))
    }

    async fn validation_findings(&self, change_set_id: &str) -> Result<Vec<ValidationFinding>, AwsError> {
        self.call("DescribeEvents", |stacks| stacks.validation_findings(change_set_id))
    }

    async fn delete_stack(&self, deletion: &Deletion<'_>) -> Result<(), AwsError> {
        self.call("DeleteStack", |stacks| stacks.delete(deletion))
    }

    async fn rollback_stack(&self, stack: &str, token: &str) -> Result<(), AwsError> {
        self.call("RollbackStack", |stacks| stacks.roll_back(stack, token))
    }

    async fn continue_update_rollback(
        &self,
        stack: &str,
        skipped: &[String],
        token: &str,
    ) -> Result<(), AwsError> {
        self.call("ContinueUpdateRollback", |stacks| stacks.continue_rollback(stack, skipped, token))
    }

    async fn cancel_update(&self, stack: &str, _token: &str) -> Result<(), AwsError> {
        self.call("CancelUpdateStack", |stacks| stacks.cancel_update(stack))
    }

    async fn set_termination_protection(&self, stack: &str, is_protected: bool) -> Result<(), AwsError> {
        self.call("UpdateTerminationProtection", |stacks| {
            stacks.protect(stack, is_protected);
            Ok(())
        })
    }

    async fn newest_operation(&self, stack: &str) -> Result<Option<NewestOperation>, AwsError> {
        self.call("DescribeStackEvents", |stacks| stacks.newest_operation(stack))
    }

    async fn token_of_operation(&self, stack: &str, operation_id: &str) -> Result<Option<String>, AwsError> {
        self.call("DescribeEvents", |stacks| stacks.token_of_operation(stack, operation_id))
    }

    async fn events(
        &self,
        stack: &str,
        token: Option<&str>,
        after: Option<&str>,
    ) -> Result<Vec<StackEvent>, AwsError> {
        self.call("DescribeStackEvents", |stacks| stacks.events(stack, token, after))
    }

    async fn resources(&self, stack: &str) -> Result<Vec<StackResource>, AwsError> {
        self.call("ListStackResources", |stacks| stacks.resources(stack))
    }
}
