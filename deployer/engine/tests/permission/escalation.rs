//! The known ways from a deployer's permissions to an administrator's, and to another stage: none is open.
//!
//! Source of the ways: IAM user guide, "Permissions boundaries for IAM entities"; the published list of privilege
//! escalations in IAM by creating, attaching, passing and updating.

use std::collections::BTreeMap;

use pipectl_engine::permission::document::Statement;
use pipectl_engine::permission::role::{Roles, boundary_of};
use regex_lite::Regex;
use serde_json::{Value, json};

use crate::{example, roles_of, somewhere};

/// A call and what is known of it.
struct Call<'a> {
    action: &'a str,
    resource: &'a str,
    context: BTreeMap<&'a str, &'a str>,
}

fn call<'a>(action: &'a str, resource: &'a str, context: &[(&'a str, &'a str)]) -> Call<'a> {
    Call { action, resource, context: context.iter().copied().collect() }
}

/// `*` stands for any text and `?` for one character.
fn is_like(pattern: &str, text: &str) -> bool {
    let escaped = regex_lite::escape(pattern).replace(r"\*", ".*").replace(r"\?", ".");
    Regex::new(&format!("^{escaped}$")).unwrap().is_match(text)
}

fn is_met(condition: &Value, context: &BTreeMap<&str, &str>) -> bool {
    let Some(operators) = condition.as_object() else { return true };
    operators.iter().all(|(operator, keys)| {
        keys.as_object().unwrap().iter().all(|(key, wanted)| {
            let wanted = wanted.as_array().cloned().unwrap_or_else(|| vec![wanted.clone()]);
            let Some(found) = context.get(key.as_str()) else { return operator.ends_with("IfExists") };
            wanted.iter().filter_map(Value::as_str).any(|wanted| match operator.as_str() {
                "StringEquals" | "StringEqualsIfExists" => wanted == *found,
                "ArnLike" | "StringLike" => is_like(wanted, found),
                other => panic!("the test does not know the operator {other}"),
            })
        })
    })
}

fn allows(statements: &[Statement], call: &Call<'_>) -> bool {
    statements.iter().any(|statement| {
        statement.actions.contains(call.action)
            && statement.resources.iter().any(|resource| is_like(resource, call.resource))
            && is_met(&statement.condition, &call.context)
    })
}

/// What is open to a deployer: its own permissions, and by a template those of CloudFormation's role.
fn is_open(roles: &Roles, call: &Call<'_>) -> bool {
    allows(&roles.deployer.statements, call) || allows(&roles.execution.statements, call)
}

fn roles() -> Roles {
    roles_of(&example("feedback"), &somewhere())
}

const ACCOUNT: &str = "arn:aws:iam::111122223333";
const OWN_ROLE: &str = "arn:aws:iam::111122223333:role/shop-FeedbackWriterFunctionRole-1A2B3C4D5E6F";
const OWN_FUNCTION: &str =
    "arn:aws:lambda:eu-central-1:111122223333:function:shop-FeedbackWriterFunction-1A2B3C4D5E6F";
const FOREIGN_FUNCTION: &str = "arn:aws:lambda:eu-central-1:111122223333:function:payroll";
const OTHER_STAGE: &str =
    "arn:aws:lambda:eu-central-1:111122223333:function:shop-2-FeedbackWriterFunction-1A2B3C4D5E6F";
const BOUNDARY: (&str, &str) =
    ("iam:PermissionsBoundary", "arn:aws:iam::111122223333:policy/pipectl/shop-boundary");
const ADMINISTRATOR: (&str, &str) = ("iam:PolicyARN", "arn:aws:iam::aws:policy/AdministratorAccess");
const LAMBDA: (&str, &str) = ("iam:PassedToService", "lambda.amazonaws.com");

#[test]
fn no_known_way_leads_to_an_administrator() {
    let roles = roles();
    let iam = |rest: &str| format!("{ACCOUNT}:{rest}");
    let [execution, deployer, administrator] =
        ["role/pipectl/shop-execution", "role/pipectl/shop-deployer", "role/Administrator"].map(iam);
    let (boundary, user, group) = (iam("policy/pipectl/shop-boundary"), iam("user/me"), iam("group/admins"));
    let policy = iam("policy/any");
    let (key, secret) = (
        "arn:aws:kms:eu-central-1:111122223333:key/1",
        "arn:aws:secretsmanager:eu-central-1:111122223333:secret:x",
    );
    let other_boundary = ("iam:PermissionsBoundary", "arn:aws:iam::aws:policy/AdministratorAccess");
    let ways = [
        ("a role without a boundary", call("iam:CreateRole", OWN_ROLE, &[])),
        ("a role under a boundary of one's own choice", call("iam:CreateRole", OWN_ROLE, &[other_boundary])),
        ("a role of another name", call("iam:CreateRole", &administrator, &[BOUNDARY])),
        ("an inline policy without the boundary", call("iam:PutRolePolicy", OWN_ROLE, &[])),
        ("an inline policy for the deployer", call("iam:PutRolePolicy", &deployer, &[BOUNDARY])),
        ("an inline policy for CloudFormation", call("iam:PutRolePolicy", &execution, &[BOUNDARY])),
        ("AdministratorAccess for a role", call("iam:AttachRolePolicy", OWN_ROLE, &[ADMINISTRATOR])),
        ("AdministratorAccess for oneself", call("iam:AttachUserPolicy", &user, &[ADMINISTRATOR])),
        ("another boundary", call("iam:PutRolePermissionsBoundary", OWN_ROLE, &[other_boundary])),
        ("no boundary any more", call("iam:DeleteRolePermissionsBoundary", OWN_ROLE, &[BOUNDARY])),
        ("a new version of the boundary", call("iam:CreatePolicyVersion", &boundary, &[])),
        ("an old version of the boundary", call("iam:SetDefaultPolicyVersion", &boundary, &[])),
        ("the boundary deleted", call("iam:DeletePolicy", &boundary, &[])),
        ("a new version of a policy", call("iam:CreatePolicyVersion", &policy, &[])),
        ("an old version of a policy", call("iam:SetDefaultPolicyVersion", &policy, &[])),
        ("trust for oneself", call("iam:UpdateAssumeRolePolicy", &administrator, &[])),
        ("CloudFormation's role trusts oneself", call("iam:UpdateAssumeRolePolicy", &execution, &[])),
        ("a user in a group", call("iam:AddUserToGroup", &group, &[])),
        ("a key of a user", call("iam:CreateAccessKey", &user, &[])),
        ("a password of a user", call("iam:CreateLoginProfile", &user, &[])),
        ("a new password of a user", call("iam:UpdateLoginProfile", &user, &[])),
        ("a policy of a user", call("iam:PutUserPolicy", &user, &[])),
        ("another role for a function", call("iam:PassRole", &administrator, &[LAMBDA])),
        (
            "an own role for a machine",
            call("iam:PassRole", OWN_ROLE, &[("iam:PassedToService", "ec2.amazonaws.com")]),
        ),
        ("CloudFormation's role for a function", call("iam:PassRole", &execution, &[LAMBDA])),
        (
            "another role for CloudFormation",
            call("iam:PassRole", &administrator, &[("iam:PassedToService", "cloudformation.amazonaws.com")]),
        ),
        ("the code of another function", call("lambda:UpdateFunctionCode", FOREIGN_FUNCTION, &[])),
        ("the role of another function", call("lambda:UpdateFunctionConfiguration", FOREIGN_FUNCTION, &[])),
        ("another function invoked", call("lambda:InvokeFunction", FOREIGN_FUNCTION, &[])),
        ("another function for everybody", call("lambda:AddPermission", FOREIGN_FUNCTION, &[])),
        (
            "another function for a queue",
            call("lambda:CreateEventSourceMapping", "*", &[("lambda:FunctionArn", FOREIGN_FUNCTION)]),
        ),
        (
            "the mapping of another function",
            call(
                "lambda:UpdateEventSourceMapping",
                "arn:aws:lambda:eu-central-1:111122223333:event-source-mapping:1",
                &[("lambda:FunctionArn", FOREIGN_FUNCTION)],
            ),
        ),
        ("another role taken on", call("sts:AssumeRole", &administrator, &[])),
        ("the policy of another key", call("kms:PutKeyPolicy", key, &[])),
        (
            "the policy of another stage's key",
            call("kms:PutKeyPolicy", key, &[("aws:ResourceTag/pipectl:stack", "shop-2")]),
        ),
        ("a grant for another key", call("kms:CreateGrant", key, &[])),
        (
            "another key deleted",
            call("kms:ScheduleKeyDeletion", key, &[("aws:ResourceTag/pipectl:stack", "shop-2")]),
        ),
        ("a secret", call("secretsmanager:GetSecretValue", secret, &[])),
        ("a command on a machine", call("ssm:SendCommand", "*", &[])),
    ];
    let open: Vec<&str> =
        ways.iter().filter(|(_, way)| is_open(&roles, way)).map(|(name, _)| *name).collect();
    assert_eq!(open, [""; 0]);
}

#[test]
fn no_way_leads_to_another_stage() {
    let roles = roles();
    let stack = "arn:aws:cloudformation:eu-central-1:111122223333:stack/shop-2/1";
    let role = "arn:aws:iam::111122223333:role/shop-2-FeedbackWriterFunctionRole-1A2B3C4D5E6F";
    let queue = "arn:aws:sqs:eu-central-1:111122223333:shop-2-FeedbackQueue-1A2B3C4D5E6F";
    let record = "arn:aws:s3:::pipectl-artifacts-111122223333-eu-central-1/code-only/shop-2/x";
    let package = "arn:aws:s3:::pipectl-artifacts-111122223333-eu-central-1/packages/store/1.zip";
    let key = "arn:aws:kms:eu-central-1:111122223333:key/1";
    let [of_other, as_own] =
        [("aws:ResourceTag/pipectl:stack", "shop-2"), ("aws:RequestTag/pipectl:stack", "shop")];
    let ways = [
        ("its key", call("kms:PutKeyPolicy", key, &[of_other])),
        ("its key under another tag", call("kms:TagResource", key, &[of_other, as_own])),
        ("its stack", call("cloudformation:CreateChangeSet", stack, &[])),
        ("its stack deleted", call("cloudformation:DeleteStack", stack, &[])),
        ("the code of its function", call("lambda:UpdateFunctionCode", OTHER_STAGE, &[])),
        ("its function deleted", call("lambda:DeleteFunction", OTHER_STAGE, &[])),
        ("the policy of its role", call("iam:PutRolePolicy", role, &[BOUNDARY])),
        ("its role passed", call("iam:PassRole", role, &[LAMBDA])),
        ("its queue", call("sqs:SetQueueAttributes", queue, &[])),
        ("its records of updates", call("s3:PutObject", record, &[])),
        ("its records of updates deleted", call("s3:DeleteObject", record, &[])),
        ("its packages deleted", call("s3:DeleteObject", package, &[])),
    ];
    let open: Vec<&str> =
        ways.iter().filter(|(_, way)| is_open(&roles, way)).map(|(name, _)| *name).collect();
    assert_eq!(open, [""; 0]);
}

#[test]
fn what_a_deployment_does_is_allowed() {
    let roles = roles();
    let key = "arn:aws:kms:eu-central-1:111122223333:key/1";
    let package = "arn:aws:s3:::pipectl-artifacts-111122223333-eu-central-1/packages/store/1.zip";
    let record = "arn:aws:s3:::pipectl-artifacts-111122223333-eu-central-1/code-only/shop/x";
    let own = ("aws:ResourceTag/pipectl:stack", "shop");
    for call in [
        call("iam:CreateRole", OWN_ROLE, &[BOUNDARY]),
        call("iam:PutRolePolicy", OWN_ROLE, &[BOUNDARY]),
        call("iam:PutRolePermissionsBoundary", OWN_ROLE, &[BOUNDARY]),
        call("iam:DeleteRole", OWN_ROLE, &[]),
        call("iam:PassRole", OWN_ROLE, &[LAMBDA]),
        call("lambda:CreateFunction", OWN_FUNCTION, &[]),
        call("lambda:CreateEventSourceMapping", "*", &[("lambda:FunctionArn", OWN_FUNCTION)]),
        call("lambda:DeleteEventSourceMapping", "*", &[("lambda:FunctionArn", OWN_FUNCTION)]),
        call("kms:CreateKey", "*", &[("aws:RequestTag/pipectl:stack", "shop")]),
        call("kms:TagResource", key, &[("aws:RequestTag/pipectl:stack", "shop")]),
        call("kms:PutKeyPolicy", key, &[own]),
        call("kms:ScheduleKeyDeletion", key, &[own]),
        call("s3:PutObject", package, &[]),
        call("s3:GetObject", package, &[]),
        call("s3:PutObject", record, &[]),
        call("s3:DeleteObject", record, &[]),
    ] {
        assert!(is_open(&roles, &call), "{} on {}", call.action, call.resource);
    }
}

#[test]
fn boundary_allows_what_the_roles_are_granted_and_nothing_else() {
    let roles = roles();
    let boundary = roles.boundary.unwrap();
    let allowed = &boundary.boundary.statements;
    let table = "arn:aws:dynamodb:eu-central-1:111122223333:table/shop-FeedbackTable-1A2B3C4D5E6F";
    let queue = "arn:aws:sqs:eu-central-1:111122223333:shop-FeedbackQueue-1A2B3C4D5E6F";
    assert!(allows(allowed, &call("dynamodb:UpdateItem", table, &[])), "{:#}", boundary.policy());
    assert!(allows(allowed, &call("sqs:SendMessage", queue, &[])), "{:#}", boundary.policy());
    for (action, resource) in [
        ("dynamodb:DeleteTable", table),
        ("dynamodb:UpdateItem", "arn:aws:dynamodb:eu-central-1:111122223333:table/payroll"),
        ("iam:CreateUser", "*"),
        ("sts:AssumeRole", "arn:aws:iam::111122223333:role/Administrator"),
        ("lambda:UpdateFunctionCode", FOREIGN_FUNCTION),
    ] {
        assert!(!allows(allowed, &call(action, resource, &[])), "{action}");
    }
}

#[test]
fn boundary_knows_each_form_of_an_arn() {
    let statement =
        |resource: Value| json!({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": resource});
    let arn = |name: &str| format!("arn:aws:sqs:eu-central-1:111122223333:{name}");
    for (resource, expected) in [
        (json!({"Fn::GetAtt": ["Jobs", "Arn"]}), arn("shop-Jobs-*")),
        (json!({"Fn::GetAtt": "Jobs.Arn"}), arn("shop-Jobs-*")),
        (json!({"Fn::Sub": "${Jobs.Arn}"}), arn("shop-Jobs-*")),
        (json!({"Fn::Sub": ["${It}", {"It": {"Fn::GetAtt": ["Named", "Arn"]}}]}), arn("jobs.fifo")),
        (json!({"Fn::Sub": "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:x"}), arn("x")),
        (
            json!({"Fn::Join": [":", ["arn:aws:sqs", {"Ref": "AWS::Region"}, {"Ref": "AWS::AccountId"}, "y"]]}),
            arn("y"),
        ),
        (json!({"Fn::If": ["C", {"Ref": "AWS::NoValue"}, "z"]}), "z".to_owned()),
        (json!({"Fn::ImportValue": "other"}), "*".to_owned()),
    ] {
        let policies =
            json!([{"PolicyName": "p", "PolicyDocument": {"Statement": [statement(resource.clone())]}}]);
        let template = json!({"Resources": {
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"Policies": policies}},
            "Jobs": {"Type": "AWS::SQS::Queue"},
            "Named": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "jobs.fifo"}},
        }});
        let boundary = roles_of(&template, &somewhere()).boundary.unwrap().boundary;
        let resources: Vec<&String> = boundary.statements.iter().flat_map(|it| &it.resources).collect();
        assert_eq!(resources, [&expected], "{resource}");
    }
}

#[test]
fn boundary_is_found_by_the_execution_role() {
    for stack in ["shop", &"s".repeat(70)] {
        let template = json!({"Resources": {}});
        let place = somewhere();
        let subject = pipectl_engine::permission::execution::Subject {
            template: &template,
            stack,
            place: &place,
            permissions_boundary: None,
        };
        let roles = pipectl_engine::permission::role::roles(subject, &[]);
        let execution = format!("{ACCOUNT}:role/pipectl/{}", roles.execution.name);
        let boundary = format!("{ACCOUNT}:policy/pipectl/{}", roles.boundary.unwrap().name);
        assert_eq!(boundary_of(&execution), Some(boundary));
    }
    assert_eq!(boundary_of("arn:aws:iam::111122223333:role/cloudformation"), None);
    assert_eq!(boundary_of("arn:aws:iam::111122223333:role/pipectl/shop-deployer"), None);
}
