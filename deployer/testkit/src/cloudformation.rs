//! The port in front of the state machine.

use std::sync::MutexGuard;

use pipectl_engine::aws_error::AwsError;
use pipectl_engine::change_set::{ChangeSet, ChangeSetRequest, ChangeSetSummary, ValidationFinding};
use pipectl_engine::deployed::{DeployedStack, NewestOperation, StackEvent, StackResource};
use pipectl_engine::port::{Clock as _, CloudFormation, Deletion};
use pipectl_engine::stack_update::StackUpdate;
use serde_json::Value;

use crate::refusal::Refusal;
use crate::shared::Shared;
use crate::stacks::{ChangeSetOrder, Deletion as Order, Execution, Stacks};
use crate::{FakeClock, FakeObjectStore, Journal};

/// CloudFormation in memory, on a [`FakeClock`]. Clones share it. See [`behaviour`](crate::behaviour).
#[derive(Debug, Clone)]
pub struct FakeCloudFormation {
    journal: Journal,
    clock: FakeClock,
    stacks: Shared<Stacks>,
}

impl FakeCloudFormation {
    pub(crate) fn new(journal: Journal, clock: FakeClock, store: FakeObjectStore) -> Self {
        Self { journal, clock, stacks: Shared::new(Stacks::new(store)) }
    }

    /// The stacks once everything has happened that is due.
    pub(crate) fn now(&self) -> MutexGuard<'_, Stacks> {
        let mut stacks = self.stacks.lock();
        stacks.advance(self.clock.now_ms());
        stacks
    }

    pub(crate) async fn call<T>(
        &self,
        operation: &'static str,
        mut work: impl FnMut(&mut Stacks) -> Result<T, Refusal>,
    ) -> Result<T, AwsError> {
        self.journal.answer("CloudFormation", operation, || work(&mut self.now())).await
    }
}

impl CloudFormation for FakeCloudFormation {
    async fn describe_stack(&self, stack: &str) -> Result<Option<DeployedStack>, AwsError> {
        self.call("DescribeStacks", |stacks| Ok(stacks.describe(stack))).await
    }

    async fn template(&self, stack: &str) -> Result<Value, AwsError> {
        self.call("GetTemplate", |stacks| stacks.template(stack)).await
    }

    async fn create_change_set(&self, request: &ChangeSetRequest) -> Result<String, AwsError> {
        let order = ChangeSetOrder::from(request);
        self.call("CreateChangeSet", |stacks| stacks.create_change_set(&order)).await
    }

    async fn describe_change_set(&self, stack: &str, change_set: &str) -> Result<ChangeSet, AwsError> {
        self.call("DescribeChangeSet", |stacks| stacks.described_change_set(stack, change_set)).await
    }

    async fn execute_change_set(&self, stack: &str, change_set: &str, token: &str) -> Result<(), AwsError> {
        let token = Some(token.to_owned());
        let execution = Execution { token, disable_rollback: None, retain_except_on_create: true };
        self.call("ExecuteChangeSet", |stacks| stacks.execute_change_set(stack, change_set, &execution)).await
    }

    async fn update_stack(&self, update: &StackUpdate) -> Result<(), AwsError> {
        let order = ChangeSetOrder::from(update);
        let token = Some(update.token.clone());
        let execution = Execution { token, disable_rollback: None, retain_except_on_create: false };
        self.call("UpdateStack", |stacks| stacks.deploy(&order, &execution)).await
    }

    async fn delete_change_set(&self, stack: &str, change_set: &str) -> Result<(), AwsError> {
        self.call("DeleteChangeSet", |stacks| {
            stacks.delete_change_set(stack, change_set);
            Ok(())
        })
        .await
    }

    async fn change_sets(&self, stack: &str) -> Result<Vec<ChangeSetSummary>, AwsError> {
        self.call("ListChangeSets", |stacks| Ok(stacks.change_sets(stack))).await
    }

    async fn validation_findings(&self, change_set_id: &str) -> Result<Vec<ValidationFinding>, AwsError> {
        self.call("DescribeEvents", |stacks| stacks.validation_findings(change_set_id)).await
    }

    async fn delete_stack(&self, deletion: &Deletion<'_>) -> Result<(), AwsError> {
        let order = Order {
            token: Some(deletion.token.to_owned()),
            retain: deletion.retained.to_vec(),
            is_forced: deletion.is_forced,
            ..Order::default()
        };
        self.call("DeleteStack", |stacks| stacks.delete(deletion.stack, &order)).await
    }

    async fn rollback_stack(&self, stack: &str, token: &str) -> Result<(), AwsError> {
        self.call("RollbackStack", |stacks| stacks.roll_back(stack, true, Some(token))).await
    }

    async fn continue_update_rollback(
        &self,
        stack: &str,
        skipped: &[String],
        token: &str,
    ) -> Result<(), AwsError> {
        self.call("ContinueUpdateRollback", |stacks| {
            stacks.continue_rollback(stack, skipped, false, Some(token))
        })
        .await
    }

    async fn cancel_update(&self, stack: &str, _token: &str) -> Result<(), AwsError> {
        self.call("CancelUpdateStack", |stacks| stacks.cancel_update(stack)).await
    }

    async fn set_termination_protection(&self, stack: &str, is_protected: bool) -> Result<(), AwsError> {
        self.call("UpdateTerminationProtection", |stacks| stacks.protect(stack, is_protected)).await
    }

    async fn newest_operation(&self, stack: &str) -> Result<Option<NewestOperation>, AwsError> {
        self.call("DescribeStackEvents", |stacks| stacks.newest_operation(stack)).await
    }

    async fn token_of_operation(&self, stack: &str, operation_id: &str) -> Result<Option<String>, AwsError> {
        self.call("DescribeEvents", |stacks| stacks.token_of_operation(stack, operation_id)).await
    }

    async fn events(
        &self,
        stack: &str,
        token: Option<&str>,
        after: Option<&str>,
    ) -> Result<Vec<StackEvent>, AwsError> {
        self.call("DescribeStackEvents", |stacks| stacks.events(stack, token, after)).await
    }

    async fn resources(&self, stack: &str) -> Result<Vec<StackResource>, AwsError> {
        self.call("ListStackResources", |stacks| stacks.resources(stack)).await
    }
}
