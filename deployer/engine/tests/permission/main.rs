//! The least-privilege roles of a stack.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod escalation;
mod simulation;

use std::collections::BTreeSet;
use std::path::Path;

use pipectl_engine::permission::document::{MANAGED_LIMIT, Statement};
use pipectl_engine::permission::execution::Subject;
use pipectl_engine::permission::place::Place;
use pipectl_engine::permission::role::{Roles, roles, template};
use pipectl_engine::permission::trust::Job;
use serde_json::{Value, json};

const EXAMPLES: [&str; 2] = ["ingest", "feedback"];

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap_or_default()
}

/// The golden template of an example, which another test holds to the example.
fn example(name: &str) -> Value {
    serde_json::from_str(&read(&format!("tests/golden/{name}.json"))).unwrap()
}

fn somewhere() -> Place {
    Place::of("111122223333", "eu-central-1")
}

fn roles_of(template: &Value, place: &Place) -> Roles {
    roles(Subject { template, stack: "shop", place, permissions_boundary: None }, &[])
}

fn of_resources(resources: Value) -> Roles {
    roles_of(&json!({"Resources": resources}), &somewhere())
}

fn actions(statements: &[Statement]) -> BTreeSet<&str> {
    statements.iter().flat_map(|statement| &statement.actions).map(String::as_str).collect()
}

#[expect(clippy::disallowed_methods, reason = "the documented switch that rewrites golden files")]
fn is_updating() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

#[test]
fn each_example_has_its_golden_roles() {
    for name in EXAMPLES {
        let example = example(name);
        let place = Place::of_template();
        let subject = Subject { template: &example, stack: name, place: &place, permissions_boundary: None };
        let written = template(name, &roles(subject, &[Job::github("acme/shop").unwrap()]));
        let path = format!("tests/golden/permissions_{name}.json");
        let text = format!("{written:#}\n");
        if is_updating() {
            std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(&path), &text).unwrap();
        }
        assert!(text == read(&path), "{path} differs: look at it after UPDATE_GOLDEN=1");
    }
}

#[test]
fn no_action_is_a_wildcard_and_no_resource_is_everything_without_a_reason() {
    for name in EXAMPLES {
        let roles = roles_of(&example(name), &somewhere());
        for statement in roles.execution.statements.iter().chain(&roles.deployer.statements) {
            let sid = &statement.sid;
            assert!(statement.actions.iter().all(|action| !action.contains('*')), "{sid}");
            let is_everything = statement.resources.contains("*");
            assert_eq!(is_everything, statement.everywhere_because.is_some(), "{sid}");
        }
    }
}

#[test]
fn statement_ids_are_unique_in_each_policy() {
    for name in EXAMPLES {
        let roles = roles_of(&example(name), &somewhere());
        let boundary = roles.boundary.as_ref().map(|boundary| boundary.policy());
        for policy in [roles.execution.policy(), roles.deployer.policy()].into_iter().chain(boundary) {
            let statements = policy["Statement"].as_array().unwrap();
            let ids: BTreeSet<&str> = statements.iter().filter_map(|it| it["Sid"].as_str()).collect();
            assert_eq!(ids.len(), statements.len(), "{name}: {policy:#}");
        }
    }
}

#[test]
fn every_type_of_the_examples_is_known_and_their_policies_fit_into_a_role() {
    for name in EXAMPLES {
        let roles = roles_of(&example(name), &somewhere());
        assert!(roles.derived.unknown_types.is_empty(), "{:?}", roles.derived.unknown_types);
        let boundary = roles.boundary.unwrap();
        let length = boundary.policy().to_string().len();
        assert!(length <= MANAGED_LIMIT, "{name} {}: {length}", boundary.name);
        assert!(roles.derived.unbounded_roles.is_empty(), "{name}: {:?}", roles.derived.unbounded_roles);
        assert!(roles.derived.untagged_keys.is_empty(), "{name}: {:?}", roles.derived.untagged_keys);
    }
}

#[test]
fn policy_that_is_too_long_for_a_role_becomes_managed_policies_that_hold_all_of_it() {
    let role = |template: &Value| template["Resources"]["ExecutionRole"]["Properties"].clone();
    let small = template("shop", &of_resources(json!({"Q": {"Type": "AWS::SQS::Queue"}})));
    assert_eq!(role(&small)["ManagedPolicyArns"], Value::Null);
    let large = example("ingest");
    let written = template("ingest", &roles_of(&large, &Place::of_template()));
    let arns = role(&written)["ManagedPolicyArns"].as_array().unwrap().clone();
    let mut actions = BTreeSet::new();
    for arn in &arns {
        let policy = &written["Resources"][arn["Ref"].as_str().unwrap()]["Properties"]["PolicyDocument"];
        for statement in policy["Statement"].as_array().unwrap() {
            actions.extend(statement["Action"].as_array().unwrap().iter().map(ToString::to_string));
        }
    }
    let wanted = roles_of(&large, &Place::of_template()).execution.statements;
    let wanted: BTreeSet<String> =
        wanted.iter().flat_map(|it| &it.actions).map(|it| format!("{it:?}")).collect();
    assert_eq!((arns.len() > 1, actions), (true, wanted));
}

#[test]
fn deployer_may_read_the_resources_as_drift_detection_does_and_change_none() {
    let roles = of_resources(json!({"Q": {"Type": "AWS::SQS::Queue"}}));
    let of_queues: Vec<&str> =
        actions(&roles.deployer.statements).into_iter().filter(|it| it.starts_with("sqs:")).collect();
    assert_eq!(of_queues, ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"]);
}

#[test]
fn unknown_type_is_named() {
    let roles = of_resources(json!({"Vpc": {"Type": "AWS::EC2::VPC"}, "Q": {"Type": "AWS::SQS::Queue"}}));
    assert_eq!(Vec::from_iter(roles.derived.unknown_types), ["AWS::EC2::VPC"]);
    assert!(actions(&roles.execution.statements).contains("sqs:CreateQueue"));
}

#[test]
fn named_resource_is_meant_by_its_name_and_an_unnamed_one_by_the_stack() {
    let named = json!({"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "jobs"}});
    let roles = of_resources(json!({"Q": named, "R": {"Type": "AWS::SQS::Queue"}}));
    let queues = &roles.execution.statements[0];
    assert_eq!(
        Vec::from_iter(&queues.resources),
        ["arn:aws:sqs:eu-central-1:111122223333:jobs", "arn:aws:sqs:eu-central-1:111122223333:shop-R-*"]
    );
}

#[test]
fn role_is_passed_to_the_services_that_it_trusts_only() {
    let trust = json!({"Statement": {"Principal": {"Service": "lambda.amazonaws.com"}}});
    let role = json!({"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}});
    let roles = of_resources(json!({"Role": role}));
    let pass = roles.execution.statements.iter().find(|it| it.sid == "PassRoles").unwrap();
    assert_eq!(pass.condition, json!({"StringEquals": {"iam:PassedToService": ["lambda.amazonaws.com"]}}));
    assert_eq!(Vec::from_iter(&pass.resources), ["arn:aws:iam::111122223333:role/shop-Role-*"]);
}

#[test]
fn roles_are_made_under_the_boundary_only_and_one_without_is_named() {
    let template = json!({"Resources": {"Role": {"Type": "AWS::IAM::Role"}}});
    let (place, boundary) = (somewhere(), Some("arn:aws:iam::111122223333:policy/boundary"));
    let subject =
        Subject { template: &template, stack: "shop", place: &place, permissions_boundary: boundary };
    let roles = roles(subject, &[]);
    let creating: Vec<&Statement> =
        roles.execution.statements.iter().filter(|it| it.actions.contains("iam:CreateRole")).collect();
    assert_eq!(creating.len(), 1);
    assert_eq!(creating[0].condition["StringEquals"]["iam:PermissionsBoundary"], boundary.unwrap());
    assert_eq!(Vec::from_iter(roles.derived.unbounded_roles), ["Role"]);
}

#[test]
fn secret_of_a_dynamic_reference_may_be_read() {
    let environment = json!({"A": "{{resolve:secretsmanager:shop/key:SecretString:field}}",
                             "B": {"Fn::Sub": "x{{resolve:ssm:/shop/flag}}"}});
    let roles = of_resources(json!({"Q": {"Type": "AWS::SQS::Queue", "Properties": {"Tags": environment}}}));
    let resources: Vec<&String> =
        roles.execution.statements.iter().rev().take(2).rev().flat_map(|it| &it.resources).collect();
    assert_eq!(
        resources,
        [
            "arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop/key-??????",
            "arn:aws:ssm:eu-central-1:111122223333:parameter/shop/flag",
        ]
    );
}

#[test]
fn stack_cannot_reach_the_roles_that_deploy_it() {
    let roles = of_resources(json!({"Role": {"Type": "AWS::IAM::Role"}}));
    let own = roles.execution.statements.iter().flat_map(|it| &it.resources);
    assert!(own.into_iter().all(|arn| !arn.contains("role/pipectl/") && !arn.contains("role/*")));
    let pass = roles.deployer.statements.last().unwrap();
    assert_eq!(Vec::from_iter(&pass.resources), ["arn:aws:iam::111122223333:role/pipectl/shop-execution"]);
}
