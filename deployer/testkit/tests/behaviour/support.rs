//! A small stack and short ways to work on it.

use std::collections::BTreeMap;
use std::time::Duration;

use pipectl_engine::aws_error::{AwsError, AwsErrorCode};
use pipectl_engine::change_set::{ChangeSet, ChangeSetKind, ChangeSetRequest, TemplateSource};
use pipectl_engine::deployed::DeploymentMode;
use pipectl_engine::port::CloudFormation as _;
use pipectl_engine::status::StackStatus;
use pipectl_testkit::{FakeAccount, finish};
use serde_json::{Value, json};

/// A queue that a function reads from, with a bucket beside.
pub(crate) fn template() -> Value {
    json!({"Resources": {
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 1}},
        "Worker": {"Type": "AWS::Lambda::Function", "Properties": {"Environment": {"Ref": "Queue"}}},
        "Files": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "files"}},
    }, "Outputs": {"QueueUrl": {"Value": {"Ref": "Queue"}}}})
}

pub(crate) fn with(path: &str, value: Value) -> Value {
    let mut template = template();
    *template.pointer_mut(path).unwrap() = value;
    template
}

pub(crate) fn request(kind: ChangeSetKind, name: &str, template: &Value) -> ChangeSetRequest {
    ChangeSetRequest {
        stack: "s".to_owned(),
        name: name.to_owned(),
        kind,
        template: TemplateSource::Body(template.to_string()),
        parameters: BTreeMap::new(),
        kept: std::collections::BTreeSet::new(),
        tags: BTreeMap::new(),
        mode: DeploymentMode::Standard,
        import_existing: false,
    }
}

pub(crate) fn ask(account: &FakeAccount, request: &ChangeSetRequest) -> Result<String, AwsErrorCode> {
    finish(account.cloudformation.create_change_set(request)).map_err(|error: AwsError| error.code)
}

pub(crate) fn described(account: &FakeAccount, name: &str) -> ChangeSet {
    finish(account.cloudformation.describe_change_set("s", name)).unwrap()
}

pub(crate) fn pass(account: &FakeAccount, seconds: u64) {
    account.clock.advance(Duration::from_secs(seconds));
}

/// Asks for a change set, waits until it is made and starts it; the name is the token too.
pub(crate) fn start(account: &FakeAccount, kind: ChangeSetKind, name: &str, template: &Value) {
    ask(account, &request(kind, name, template)).unwrap();
    pass(account, 2);
    finish(account.cloudformation.execute_change_set("s", name, name)).unwrap();
}

/// An account with the stack of [`template`] in it.
pub(crate) fn deployed() -> FakeAccount {
    let account = FakeAccount::new();
    start(&account, ChangeSetKind::Create, "create", &template());
    pass(&account, 60);
    assert_eq!(status(&account), Some(StackStatus::CreateComplete));
    account
}

pub(crate) fn status(account: &FakeAccount) -> Option<StackStatus> {
    finish(account.cloudformation.describe_stack("s")).unwrap().map(|stack| stack.status)
}

/// Lists `logical ID STATUS` of a token's events.
pub(crate) fn events(account: &FakeAccount, stack: &str, token: &str) -> Vec<String> {
    let events = finish(account.cloudformation.events(stack, Some(token), None)).unwrap();
    events.iter().map(|event| format!("{} {}", event.logical_id, event.status)).collect()
}
