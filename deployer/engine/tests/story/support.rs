//! A pipeline of two functions, a queue, a table and a bucket, and the operations on it.

use std::collections::BTreeMap;
use std::time::Duration;

use pipectl_engine::deployed::{DeployedStack, DeploymentMode};
use pipectl_engine::event::EventKind;
use pipectl_engine::execute::{
    AttachError, DownError, Inputs, RecoverError, UpError, attach, cancel, down, recover, up,
};
use pipectl_engine::outcome::{Outcome, Receipt};
use pipectl_engine::package::FunctionCrate;
use pipectl_engine::plan::Wanted;
use pipectl_engine::port::{Answer, Approver, CloudFormation as _, Request};
use pipectl_engine::status::StackStatus;
use pipectl_testkit::{Answering, FakeAccount, finish, interrupt};
use serde_json::{Value, json};

pub(crate) const STACK: &str = "ingest";

fn function(parameter: &str) -> Value {
    json!({"Type": "AWS::Lambda::Function", "Properties": {
        "Code": {"S3Bucket": {"Ref": "ArtifactBucket"}, "S3Key": {"Ref": parameter}},
        "MemorySize": 128, "Environment": {"Variables": {"QUEUE_URL": {"Ref": "Messages"}}}}})
}

pub(crate) fn template() -> Value {
    json!({
        "Parameters": {
            "ArtifactBucket": {"Type": "String"},
            "ReaderCodeKey": {"Type": "String"},
            "WriterCodeKey": {"Type": "String"},
        },
        "Resources": {
            "Files": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "files"}},
            "Messages": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 0}},
            "Reader": function("ReaderCodeKey"),
            "Records": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "records"}},
            "Writer": function("WriterCodeKey"),
        },
        "Outputs": {"TableName": {"Value": {"Ref": "Records"}}},
    })
}

pub(crate) fn function_crate(name: &str) -> FunctionCrate {
    FunctionCrate { function: name.to_owned(), crate_name: name.to_owned(), ..FunctionCrate::default() }
}

/// An account and what is wanted in it.
pub(crate) struct Story {
    pub(crate) account: FakeAccount,
    pub(crate) inputs: Inputs,
}

impl Story {
    pub(crate) fn new() -> Self {
        let functions = [("Reader", "reader"), ("Writer", "writer")];
        let wanted = Wanted {
            stack: STACK.to_owned(),
            template: template(),
            given: BTreeMap::new(),
            tags: BTreeMap::new(),
            mode: DeploymentMode::Standard,
        };
        let functions = functions.map(|(id, name)| (id.to_owned(), function_crate(name))).into();
        Self { account: FakeAccount::new(), inputs: Inputs { wanted, functions } }
    }

    /// A story in which the pipeline is deployed; calls and events are forgotten.
    pub(crate) fn deployed() -> Self {
        Self::deployed_as(template())
    }

    pub(crate) fn deployed_as(template: Value) -> Self {
        let mut story = Self::new();
        story.inputs.wanted.template = template;
        assert!(matches!(story.up(), Ok(Outcome::Created { .. })));
        story.account.journal.clear();
        story.account.recorder.clear();
        story
    }

    pub(crate) fn up(&self) -> Result<Outcome, UpError> {
        self.up_asking(&Answering::with(Answer::Approved))
    }

    pub(crate) fn up_asking(&self, approver: &impl Approver) -> Result<Outcome, UpError> {
        let ports = self.account.ports();
        finish(up(&ports, &self.account.packager, approver, &self.inputs))
    }

    pub(crate) fn down(&self) -> Result<Outcome, DownError> {
        self.down_asking(&Answering::with(Answer::Approved))
    }

    pub(crate) fn down_asking(&self, approver: &impl Approver) -> Result<Outcome, DownError> {
        finish(down(&self.account.ports(), approver, STACK, false))
    }

    pub(crate) fn forced_down(&self, approver: &impl Approver) -> Result<Outcome, DownError> {
        finish(down(&self.account.ports(), approver, STACK, true))
    }

    pub(crate) fn recover(&self, approver: &impl Approver) -> Result<Outcome, RecoverError> {
        finish(recover(&self.account.ports(), approver, STACK, false))
    }

    pub(crate) fn attach(&self, operation: Option<&str>) -> Result<Outcome, AttachError> {
        finish(attach(&self.account.ports(), STACK, operation))
    }

    pub(crate) fn cancel(&self) -> Result<Outcome, AttachError> {
        finish(cancel(&self.account.ports(), STACK))
    }

    /// Begins an `up` and drops it when it has slept for longer than this.
    #[track_caller]
    pub(crate) fn interrupted_after(&self, time: Duration) {
        let (ports, approver) = (self.account.ports(), Answering::with(Answer::Approved));
        self.account.clock.stop_after(time);
        interrupt(up(&ports, &self.account.packager, &approver, &self.inputs));
        self.account.clock.go_on();
    }

    /// Changes what is wanted.
    pub(crate) fn set(&mut self, pointer: &str, value: Value) {
        *self.inputs.wanted.template.pointer_mut(pointer).unwrap() = value;
    }

    pub(crate) fn remove(&mut self, logical_id: &str) {
        self.inputs.wanted.template["Resources"].as_object_mut().unwrap().remove(logical_id).unwrap();
    }

    pub(crate) fn stack(&self) -> Option<DeployedStack> {
        finish(self.account.cloudformation.describe_stack(STACK)).unwrap()
    }

    pub(crate) fn status(&self) -> Option<StackStatus> {
        self.stack().map(|stack| stack.status)
    }

    pub(crate) fn said(&self, wanted: impl Fn(&EventKind) -> bool) -> usize {
        self.account.recorder.kinds().iter().filter(|kind| wanted(kind)).count()
    }

    /// Runs `up` again after a failure: it ends well, and then nothing is left to do.
    #[track_caller]
    pub(crate) fn ends_well(&self) {
        let outcome = self.up().unwrap();
        assert!(matches!(outcome, Outcome::Created { .. } | Outcome::Updated { .. }), "{outcome:?}");
        assert!(matches!(self.up(), Ok(Outcome::Unchanged { .. })));
    }
}

/// Agrees to the deletion of a stack and to nothing else.
pub(crate) struct DeletesOnly;

impl Approver for DeletesOnly {
    async fn approve(&self, request: Request<'_>) -> Answer {
        match request {
            Request::Delete(_) => Answer::Approved,
            Request::Change(_) | Request::Recover(_) => Answer::Declined,
        }
    }
}

#[track_caller]
pub(crate) fn receipt(outcome: Result<Outcome, DownError>) -> Receipt {
    match outcome {
        Ok(Outcome::Deleted(receipt)) => receipt,
        other => panic!("{other:?}"),
    }
}
