//! The clauses: what is done, and what is seen.

use aws_sdk_cloudformation::types::ChangeSetType;
use serde_json::{Value, json};

use crate::endpoint::{Endpoint, refusal};

/// One clause.
pub(crate) struct Clause {
    pub(crate) name: &'static str,
    /// What AWS answers, and the double.
    pub(crate) aws: &'static str,
    /// What the local engine answers where that is something else.
    pub(crate) engine: Option<&'static str>,
}

const fn same(name: &'static str, aws: &'static str) -> Clause {
    Clause { name, aws, engine: None }
}

const fn differs(name: &'static str, aws: &'static str, engine: &'static str) -> Clause {
    Clause { name, aws, engine: Some(engine) }
}

pub(crate) const CLAUSES: &[Clause] = &[
    same("missing-stack", "ValidationError"),
    same("missing-change-set", "ChangeSetNotFound"),
    same("first-change-set", "REVIEW_IN_PROGRESS"),
    same("create", "CREATE_COMPLETE with output q-create"),
    same("taken-name", "AlreadyExistsException"),
    same("nothing-differs", "FAILED: The submitted information didn't contain changes."),
    same("modification", "Modify Queue False"),
    same("replacement", "Modify Queue True"),
    same("executed-twice", "InvalidChangeSetStatus"),
    differs("create-on-a-stack", "ValidationError", "AlreadyExistsException"),
    same("update-without-a-stack", "ValidationError"),
    same("protected", "ValidationError, then CREATE_COMPLETE"),
    same("deleted", "ValidationError by name, DELETE_COMPLETE by ID"),
    same("retained-bucket", "there"),
    differs("full-bucket", "DELETE_FAILED", "DELETE_COMPLETE"),
    same("missing-capability", "InsufficientCapabilitiesException"),
    differs("unresolved-reference", "ValidationError", "accepted"),
    same("taken-bucket", "ROLLBACK_COMPLETE"),
    differs("update-after-rollback", "ValidationError", "accepted"),
    same("newest-event", "CREATE_COMPLETE of the stack"),
    differs("repeated-token", "joined", "InvalidChangeSetStatus"),
];

fn queue(name: &str, properties: &Value) -> String {
    let mut properties = properties.clone();
    properties["QueueName"] = json!(name);
    json!({
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": properties}},
        "Outputs": {"Name": {"Value": {"Fn::Sub": name}}},
    })
    .to_string()
}

fn bucket(name: &str, policy: &str) -> String {
    let bucket =
        json!({"Type": "AWS::S3::Bucket", "DeletionPolicy": policy, "Properties": {"BucketName": name}});
    json!({"Resources": {"Files": bucket}}).to_string()
}

/// Does what a clause says on a stack of its own, and returns what is seen.
pub(crate) async fn observe(clause: &str, at: &Endpoint) -> String {
    let stack = format!("s-{clause}");
    let name = format!("q-{clause}");
    let plain = queue(&name, &json!({}));
    match clause {
        "missing-stack" => at.status(&stack).await,
        "missing-change-set" => {
            at.deploy(&stack, &plain).await;
            describe(at, &stack, "none").await.unwrap_or_else(|refused| refused)
        }
        "first-change-set" => {
            at.ask(&stack, "a", ChangeSetType::Create, &plain).await.unwrap();
            at.status(&stack).await
        }
        "create" => created(at, &stack, &plain).await,
        "taken-name" => {
            at.ask(&stack, "a", ChangeSetType::Create, &plain).await.unwrap();
            said(at.ask(&stack, "a", ChangeSetType::Create, &plain).await)
        }
        "nothing-differs" => updated(at, &stack, &plain, &plain).await,
        "modification" => updated(at, &stack, &plain, &queue(&name, &json!({"DelaySeconds": 2}))).await,
        "replacement" => updated(at, &stack, &plain, &queue("q-renamed", &json!({}))).await,
        "executed-twice" => {
            at.deploy(&stack, &plain).await;
            let again = at.cloudformation.execute_change_set().stack_name(&stack).change_set_name("create");
            again.client_request_token("other").send().await.map_or_else(refusal, |_| "done".to_owned())
        }
        "create-on-a-stack" => {
            at.deploy(&stack, &plain).await;
            said(at.ask(&stack, "b", ChangeSetType::Create, &plain).await)
        }
        "update-without-a-stack" => said(at.ask(&stack, "a", ChangeSetType::Update, &plain).await),
        "protected" => protected(at, &stack, &plain).await,
        "deleted" => {
            let id = at.deploy(&stack, &plain).await;
            at.delete(&stack).await.unwrap();
            format!("{} by name, {} by ID", at.status(&stack).await, at.status(&id).await)
        }
        "retained-bucket" => {
            at.deploy(&stack, &bucket("kept-bucket", "Retain")).await;
            at.delete(&stack).await.unwrap();
            let head = at.s3.head_bucket().bucket("kept-bucket").send().await;
            head.map_or_else(|_| "gone".to_owned(), |_| "there".to_owned())
        }
        "full-bucket" => {
            let id = at.deploy(&stack, &bucket("full-bucket", "Delete")).await;
            at.s3.put_object().bucket("full-bucket").key("k").send().await.unwrap();
            at.delete(&stack).await.unwrap();
            at.status(&id).await
        }
        "missing-capability" => {
            let policy = json!({"Version": "2012-10-17", "Statement": []});
            let role = json!({"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}});
            let template = json!({"Resources": {"R": role}}).to_string();
            said(at.ask(&stack, "a", ChangeSetType::Create, &template).await)
        }
        "unresolved-reference" => {
            let template = queue(&name, &json!({"DelaySeconds": {"Ref": "Nothing"}}));
            said(at.ask(&stack, "a", ChangeSetType::Create, &template).await)
        }
        "taken-bucket" => {
            rolled_back(at, &stack, "taken-bucket").await;
            at.status(&stack).await
        }
        "update-after-rollback" => {
            rolled_back(at, &stack, "taken-too").await;
            said(at.ask(&stack, "b", ChangeSetType::Update, &plain).await)
        }
        "newest-event" => {
            at.deploy(&stack, &plain).await;
            let events = at.cloudformation.describe_stack_events().stack_name(&stack).send().await.unwrap();
            let newest = events.stack_events.unwrap().remove(0);
            let of = if newest.resource_type.as_deref() == Some("AWS::CloudFormation::Stack") {
                "the stack"
            } else {
                "a resource"
            };
            format!("{} of {of}", newest.resource_status.unwrap().as_str())
        }
        "repeated-token" => {
            at.deploy(&stack, &plain).await;
            at.execute(&stack, "create").await.map_or_else(|refused| refused, |()| "joined".to_owned())
        }
        other => panic!("no clause `{other}`"),
    }
}

fn said(answer: Result<String, String>) -> String {
    answer.map_or_else(|refused| refused, |_| "accepted".to_owned())
}

async fn describe(at: &Endpoint, stack: &str, name: &str) -> Result<String, String> {
    let describe = at.cloudformation.describe_change_set().stack_name(stack).change_set_name(name);
    let found = describe.send().await.map_err(refusal)?;
    let Some(change) = found.changes.unwrap_or_default().into_iter().find_map(|it| it.resource_change) else {
        let reason = found.status_reason.unwrap_or_default();
        let sentence = reason.split_inclusive('.').next().unwrap_or_default();
        return Ok(format!("{}: {sentence}", found.status.unwrap().as_str()));
    };
    let replacement = change.replacement.map_or_else(String::new, |it| it.as_str().to_owned());
    let (action, id) = (change.action.unwrap(), change.logical_resource_id.unwrap());
    Ok(format!("{} {id} {replacement}", action.as_str()))
}

async fn created(at: &Endpoint, stack: &str, template: &str) -> String {
    at.deploy(stack, template).await;
    let found = at.cloudformation.describe_stacks().stack_name(stack).send().await.unwrap();
    let output = found.stacks.unwrap().remove(0).outputs.unwrap().remove(0).output_value.unwrap();
    format!("{} with output {output}", at.status(stack).await)
}

async fn updated(at: &Endpoint, stack: &str, before: &str, after: &str) -> String {
    at.deploy(stack, before).await;
    at.ask(stack, "update", ChangeSetType::Update, after).await.unwrap();
    describe(at, stack, "update").await.unwrap()
}

async fn protected(at: &Endpoint, stack: &str, template: &str) -> String {
    at.deploy(stack, template).await;
    let protect = at.cloudformation.update_termination_protection().stack_name(stack);
    protect.enable_termination_protection(true).send().await.unwrap();
    let refused = at.delete(stack).await.map_or_else(|refused| refused, |()| "deleted".to_owned());
    format!("{refused}, then {}", at.status(stack).await)
}

/// A create that fails because its bucket's name is taken.
async fn rolled_back(at: &Endpoint, stack: &str, name: &str) {
    at.s3.create_bucket().bucket(name).send().await.unwrap();
    at.ask(stack, "create", ChangeSetType::Create, &bucket(name, "Delete")).await.unwrap();
    at.execute(stack, "create").await.unwrap();
}
