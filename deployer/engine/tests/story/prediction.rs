//! What the comparison of templates predicts is what the change set says; where not, it is listed here.

use std::collections::BTreeMap;

use pipectl_engine::execute::Asked;
use pipectl_engine::plan_file::Disagreement;
use serde_json::{Value, json};
use stack_model::resource::{UpdateBehavior, resource_types};

use crate::preview::asked;
use crate::support::Story;

/// Deploys one template and compares with another one: logical ID, predicted, described.
fn differences(before: Value, after: Value) -> Vec<(String, String, String)> {
    with_values((before, &[]), (after, &[]))
}

fn with_values(
    (before, old): (Value, &[(&str, &str)]),
    (after, new): (Value, &[(&str, &str)]),
) -> Vec<(String, String, String)> {
    let given = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let mut story = Story::new();
    story.inputs.functions.clear();
    story.inputs.wanted.template = before;
    story.inputs.wanted.given = given(old);
    story.up().unwrap();
    story.inputs.wanted.template = after;
    story.inputs.wanted.given = given(new);
    let plan = asked(&story, Asked::Described);
    let found = plan.change_set.map(|described| described.disagreements).unwrap_or_default();
    let triple = |it: Disagreement| (it.logical_id, it.predicted, it.described);
    found.into_iter().map(triple).collect()
}

fn resources(entries: &[(&str, &str, Value)]) -> Value {
    let resource = |kind: &str, properties: &Value| json!({"Type": kind, "Properties": properties});
    let all: serde_json::Map<_, _> =
        entries.iter().map(|(id, kind, properties)| ((*id).to_owned(), resource(kind, properties))).collect();
    json!({"Resources": all})
}

/// Property by property of every type that the model knows. The fake has a table of its own, and no
/// third answer: what AWS documents as conditional it calls an update.
#[test]
fn every_property_of_the_model_is_replaced_when_the_change_set_says_so() {
    let mut odd = Vec::new();
    for known in resource_types() {
        for property in known.properties {
            let with = |value: &str| resources(&[("It", known.name, json!({property.name: value}))]);
            let conditional = matches!(property.update, UpdateBehavior::Conditional { .. });
            for (_, predicted, described) in differences(with("a"), with("b")) {
                if !(conditional && predicted == "may_replace") {
                    odd.push(format!("{}.{}: {predicted}, not {described}", known.name, property.name));
                }
            }
        }
    }
    assert_eq!(odd, UNKNOWN_TO_THE_FAKE);
}

/// Replacing properties of the model that the fake's table does not have.
const UNKNOWN_TO_THE_FAKE: [&str; 12] = [
    "AWS::ApiGatewayV2::Authorizer.ApiId: replace, not update",
    "AWS::CloudWatch::CompositeAlarm.AlarmName: replace, not update",
    "AWS::DynamoDB::Table.ImportSourceSpecification: replace, not update",
    "AWS::IAM::ManagedPolicy.Description: replace, not update",
    "AWS::IAM::ManagedPolicy.ManagedPolicyName: replace, not update",
    "AWS::IAM::ManagedPolicy.Path: replace, not update",
    "AWS::IAM::RolePolicy.PolicyName: replace, not update",
    "AWS::IAM::RolePolicy.RoleName: replace, not update",
    "AWS::Lambda::EventSourceMapping.StartingPosition: replace, not update",
    "AWS::SNS::Subscription.Endpoint: replace, not update",
    "AWS::SNS::Subscription.Protocol: replace, not update",
    "AWS::SNS::Subscription.TopicArn: replace, not update",
];

#[test]
fn addition_removal_and_another_type_are_agreed_upon() {
    let one =
        |id: &str, kind: &str| resources(&[("Stays", "AWS::SQS::Queue", json!({})), (id, kind, json!({}))]);
    assert_eq!(differences(one("A", "AWS::SQS::Queue"), one("B", "AWS::SQS::Queue")), []);
    assert_eq!(differences(one("A", "AWS::SQS::Queue"), one("A", "AWS::SNS::Topic")), []);
}

#[test]
fn consequences_of_a_replacement_are_agreed_upon_but_for_what_only_the_comparison_is_sure_of() {
    let pipeline = |name: &str| {
        resources(&[
            ("Jobs", "AWS::SQS::Queue", json!({"QueueName": name})),
            (
                "Worker",
                "AWS::Lambda::Function",
                json!({"Environment": {"Variables": {"U": {"Ref": "Jobs"}}}}),
            ),
            (
                "Mapping",
                "AWS::Lambda::EventSourceMapping",
                json!({"EventSourceArn": {"Fn::GetAtt": ["Jobs", "Arn"]}, "FunctionName": {"Ref": "Worker"}}),
            ),
        ])
    };
    // The change set cannot know that the ARN of another queue is another one.
    let expected = ("Mapping".to_owned(), "replace".to_owned(), "may_replace".to_owned());
    assert_eq!(differences(pipeline("a"), pipeline("b")), [expected]);
}

#[test]
fn parameter_value_that_replaces_is_agreed_upon() {
    let mut template =
        resources(&[("Files", "AWS::S3::Bucket", json!({"BucketName": {"Fn::Sub": "${Name}-files"}}))]);
    template["Parameters"] = json!({"Name": {"Type": "String"}});
    let found = with_values((template.clone(), &[("Name", "a")]), (template, &[("Name", "b")]));
    assert_eq!(found, []);
}

#[test]
fn condition_that_turns_is_agreed_upon() {
    let mut template =
        resources(&[("Jobs", "AWS::SQS::Queue", json!({})), ("Spare", "AWS::SQS::Queue", json!({}))]);
    template["Parameters"] = json!({"Spare": {"Type": "String"}});
    template["Conditions"] = json!({"HasSpare": {"Fn::Equals": [{"Ref": "Spare"}, "yes"]}});
    template["Resources"]["Spare"]["Condition"] = json!("HasSpare");
    for (old, new) in [("yes", "no"), ("no", "yes")] {
        let found = with_values((template.clone(), &[("Spare", old)]), (template.clone(), &[("Spare", new)]));
        assert_eq!(found, []);
    }
}

/// A resource that only may be replaced can give yet another one a new value. AWS's change set follows
/// it; the fake does not.
#[test]
fn consequence_of_a_consequence_is_predicted_further_than_the_fake_describes() {
    let chain = |name: &str| {
        resources(&[
            ("Jobs", "AWS::SQS::Queue", json!({"QueueName": name})),
            (
                "Mapping",
                "AWS::Lambda::EventSourceMapping",
                json!({"EventSourceArn": {"Fn::GetAtt": ["Jobs", "Arn"]}}),
            ),
            ("Note", "AWS::SSM::Parameter", json!({"Value": {"Ref": "Mapping"}})),
        ])
    };
    let expected = [("Mapping", "replace", "may_replace"), ("Note", "update", "none")];
    let expected = expected.map(|(id, ours, theirs)| (id.to_owned(), ours.to_owned(), theirs.to_owned()));
    assert_eq!(differences(chain("a"), chain("b")), expected);
}
