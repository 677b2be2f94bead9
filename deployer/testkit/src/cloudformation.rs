//! The port in front of the state machine.

use std::cell::RefCell;
use std::time::Duration;

use pipectl_engine::aws_error::AwsError;
use pipectl_engine::change_set::{ChangeSet, ChangeSetRequest};
use pipectl_engine::deployed::{DeployedStack, StackEvent, StackResource};
use pipectl_engine::port::{Clock as _, CloudFormation};
use pipectl_engine::status::StackStatus;
use serde_json::Value;

use crate::journal::{Journal, Refusal};
use crate::stacks::{Stacks, Verb};
use crate::{FakeClock, FakeObjectStore};

/// CloudFormation in memory, on a [`FakeClock`]. See [`behaviour`](crate::behaviour).
#[derive(Debug)]
pub struct FakeCloudFormation {
    journal: Journal,
    clock: FakeClock,
    stacks: RefCell<Stacks>,
}

impl FakeCloudFormation {
    pub(crate) fn new(journal: Journal, clock: FakeClock, store: FakeObjectStore) -> Self {
        Self { journal, clock, stacks: RefCell::new(Stacks::new(store)) }
    }

    /// Makes a resource fail with a reason, each time, until [`Self::heal`].
    pub fn fail(&self, verb: Verb, logical_id: &str, reason: &str) {
        self.stacks.borrow_mut().fail(verb, logical_id, reason);
    }

    /// Takes every [`Self::fail`] back.
    pub fn heal(&self) {
        self.stacks.borrow_mut().heal();
    }

    /// Puts a stack there as another tool left it. Its resources are what `template` declares.
    pub fn put_stack(&self, name: &str, status: StackStatus, template: Value) {
        self.now().put(name, status, template);
    }

    /// Shows a stack's template as the text it was sent as, for example YAML.
    pub fn show_template_as(&self, name: &str, text: &str) {
        self.stacks.borrow_mut().show_template_as(name, text);
    }

    /// Sets a stack's termination protection.
    pub fn protect(&self, name: &str, is_protected: bool) {
        self.stacks.borrow_mut().protect(name, is_protected);
    }

    /// Starts an update of somebody else's that changes nothing and takes this long.
    pub fn occupy(&self, name: &str, duration: Duration) {
        let ms = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        self.now().occupy(name, ms);
    }

    fn now(&self) -> std::cell::RefMut<'_, Stacks> {
        let mut stacks = self.stacks.borrow_mut();
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

    async fn delete_stack(&self, stack: &str, token: &str) -> Result<(), AwsError> {
        self.call("DeleteStack", |stacks| stacks.delete(stack, token))
    }

    async fn events(
        &self,
        stack: &str,
        token: &str,
        after: Option<&str>,
    ) -> Result<Vec<StackEvent>, AwsError> {
        self.call("DescribeStackEvents", |stacks| stacks.events(stack, token, after))
    }

    async fn resources(&self, stack: &str) -> Result<Vec<StackResource>, AwsError> {
        self.call("ListStackResources", |stacks| stacks.resources(stack))
    }
}
