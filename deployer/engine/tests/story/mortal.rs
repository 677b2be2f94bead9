//! A process that dies after so many calls to AWS: the call is done, and nothing after it ever happens.

use std::cell::Cell;
use std::collections::BTreeSet;

use pipectl_engine::aws_error::AwsError;
use pipectl_engine::change_set::{ChangeSet, ChangeSetRequest, ChangeSetSummary, ValidationFinding};
use pipectl_engine::deployed::{DeployedStack, NewestOperation, StackEvent, StackResource};
use pipectl_engine::port::{CloudFormation, Content, Deletion, ObjectStore};
use serde_json::Value;

/// The calls that are left to live.
#[derive(Debug)]
pub(crate) struct Life(Cell<usize>);

impl Life {
    pub(crate) fn of(calls: usize) -> Self {
        Self(Cell::new(calls))
    }

    /// Nothing happens in a dead process, not even what goes on beside the call that was its last.
    async fn is_there(&self) {
        if self.0.get() == 0 {
            std::future::pending::<()>().await;
        }
    }

    async fn goes_on(&self) {
        self.0.set(self.0.get() - 1);
        self.is_there().await;
    }
}

/// A port in the hands of such a process.
#[derive(Debug)]
pub(crate) struct Mortal<'a, P> {
    pub(crate) life: &'a Life,
    pub(crate) port: &'a P,
}

/// Each verb is done, and then the process may be dead.
macro_rules! verbs {
    ($(async fn $verb:ident(&self $(, $name:ident: $type:ty)*) -> Result<$answer:ty, AwsError>;)*) => {
        $(async fn $verb(&self $(, $name: $type)*) -> Result<$answer, AwsError> {
            self.life.is_there().await;
            let answer = self.port.$verb($($name),*).await;
            self.life.goes_on().await;
            answer
        })*
    };
}

impl<P: CloudFormation> CloudFormation for Mortal<'_, P> {
    verbs! {
        async fn describe_stack(&self, stack: &str) -> Result<Option<DeployedStack>, AwsError>;
        async fn template(&self, stack: &str) -> Result<Value, AwsError>;
        async fn create_change_set(&self, request: &ChangeSetRequest) -> Result<String, AwsError>;
        async fn describe_change_set(&self, stack: &str, change_set: &str) -> Result<ChangeSet, AwsError>;
        async fn execute_change_set(&self, stack: &str, change_set: &str, token: &str) -> Result<(), AwsError>;
        async fn delete_change_set(&self, stack: &str, change_set: &str) -> Result<(), AwsError>;
        async fn change_sets(&self, stack: &str) -> Result<Vec<ChangeSetSummary>, AwsError>;
        async fn validation_findings(&self, change_set_id: &str) -> Result<Vec<ValidationFinding>, AwsError>;
        async fn delete_stack(&self, deletion: &Deletion<'_>) -> Result<(), AwsError>;
        async fn rollback_stack(&self, stack: &str, token: &str) -> Result<(), AwsError>;
        async fn continue_update_rollback(&self, stack: &str, skipped: &[String], token: &str) -> Result<(), AwsError>;
        async fn cancel_update(&self, stack: &str, token: &str) -> Result<(), AwsError>;
        async fn set_termination_protection(&self, stack: &str, is_protected: bool) -> Result<(), AwsError>;
        async fn newest_operation(&self, stack: &str) -> Result<Option<NewestOperation>, AwsError>;
        async fn token_of_operation(&self, stack: &str, id: &str) -> Result<Option<String>, AwsError>;
        async fn events(&self, stack: &str, token: Option<&str>, after: Option<&str>) -> Result<Vec<StackEvent>, AwsError>;
        async fn resources(&self, stack: &str) -> Result<Vec<StackResource>, AwsError>;
    }
}

impl<P: ObjectStore> ObjectStore for Mortal<'_, P> {
    verbs! {
        async fn artifact_bucket(&self) -> Result<String, AwsError>;
        async fn ensure_artifact_bucket(&self, bucket: &str) -> Result<bool, AwsError>;
        async fn keys(&self, bucket: &str, prefix: &str) -> Result<BTreeSet<String>, AwsError>;
        async fn put(&self, bucket: &str, key: &str, content: Content) -> Result<(), AwsError>;
        async fn empty_bucket(&self, bucket: &str) -> Result<u64, AwsError>;
        async fn delete(&self, bucket: &str, keys: &[String]) -> Result<(), AwsError>;
    }
}
