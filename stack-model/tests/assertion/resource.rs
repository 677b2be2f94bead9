//! Resources and outputs: what is found, and what is said when it is not.

use serde_json::{Value as Json, json};
use stack_model::Template;
use stack_model::assertion::{
    Mismatch, Pattern, assert_has_resource, has_output, has_resource, resource_count, resource_is,
    resources_like,
};

fn template() -> Template {
    Template::from_json(json!({
        "Resources": {
            "Failed": {"Type": "AWS::SQS::Queue", "Properties": {"MessageRetentionPeriod": 1_209_600}},
            "Orders": {"Type": "AWS::SQS::Queue", "Properties": {
                "VisibilityTimeout": 30,
                "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": "Failed.Arn"}, "maxReceiveCount": 3},
            }},
            "Records": {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain"},
        },
        "Outputs": {"OrdersUrl": {"Value": {"Ref": "Orders"}}},
    }))
    .unwrap()
}

fn said<T: std::fmt::Debug>(result: Result<T, Mismatch>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn resource_with_at_least_these_properties_is_returned() {
    let template = template();
    let redrive = json!({"deadLetterTargetArn": {"Fn::GetAtt": ["Failed", "Arn"]}});
    let orders = assert_has_resource(&template, "AWS::SQS::Queue", json!({"RedrivePolicy": redrive}));
    assert_eq!(orders.logical_id, "Orders");
    assert_eq!(orders.property("VisibilityTimeout"), Some(&json!(30)));
}

#[test]
fn nearest_resource_is_shown_with_the_paths_that_differ() {
    let expected = json!({"VisibilityTimeout": 180, "RedrivePolicy": {"maxReceiveCount": 5}});
    let found = said(has_resource(&template(), "AWS::SQS::Queue", expected));
    let text = "no AWS::SQS::Queue is like this; the nearest is `Failed`\n  \
                RedrivePolicy: expected {\"maxReceiveCount\": 5}, found nothing\n  \
                VisibilityTimeout: expected 180, found nothing\n\
                others of the type: Orders";
    assert_eq!(found, text);
}

#[test]
fn resource_that_differs_in_fewer_places_is_nearer() {
    let expected = json!({"VisibilityTimeout": 30, "RedrivePolicy": {"maxReceiveCount": 5}});
    let Err(Mismatch::NoResourceLike { nearest: Some((nearest, differences)), .. }) =
        has_resource(&template(), "AWS::SQS::Queue", expected)
    else {
        panic!("a queue was found");
    };
    assert_eq!((nearest.as_str(), differences.len()), ("Orders", 1));
    assert_eq!(differences[0].path, "RedrivePolicy.maxReceiveCount");
}

#[test]
fn type_that_is_not_there_shows_what_is() {
    let found = said(has_resource(&template(), "AWS::SNS::Topic", json!({})));
    let present = "Failed (AWS::SQS::Queue), Orders (AWS::SQS::Queue), Records (AWS::DynamoDB::Table)";
    assert_eq!(found, format!("the template has no AWS::SNS::Topic, only {present}"));
}

#[test]
fn resource_without_properties_has_none_set() {
    let without_name = Pattern::object([("TableName", Pattern::absent())]);
    assert_eq!(assert_has_resource(&template(), "AWS::DynamoDB::Table", without_name).logical_id, "Records");
}

#[test]
fn every_resource_like_the_pattern_is_found() {
    let ids = |pattern: Json| {
        let template = template();
        let found = resources_like(&template, "AWS::SQS::Queue", pattern);
        found.iter().map(|resource| resource.logical_id.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(json!({})), ["Failed", "Orders"]);
    assert_eq!(ids(json!({"VisibilityTimeout": 30})), ["Orders"]);
}

#[test]
fn attributes_of_a_resource_are_held_by_its_logical_id() {
    assert!(resource_is(&template(), "Records", json!({"DeletionPolicy": "Retain"})).is_ok());
    let found = said(resource_is(&template(), "Records", json!({"DeletionPolicy": "Delete"})));
    assert_eq!(
        found,
        "`Records` is not as expected\n  DeletionPolicy: expected \"Delete\", found \"Retain\""
    );
    let found = said(resource_is(&template(), "Recrods", json!({})));
    assert_eq!(found, "the template has no resource `Recrods`, only Failed, Orders, Records");
}

#[test]
fn count_names_what_was_counted() {
    assert_eq!(resource_count(&template(), "AWS::SQS::Queue", 2), Ok(()));
    let found = said(resource_count(&template(), "AWS::SQS::Queue", 1));
    assert_eq!(found, "expected 1 of AWS::SQS::Queue, found 2: Failed, Orders");
    assert_eq!(resource_count(&template(), "AWS::SNS::Topic", 0), Ok(()));
}

#[test]
fn output_is_held_by_its_value() {
    assert_eq!(has_output(&template(), "OrdersUrl", json!({"Fn::Sub": "${Orders}"})), Ok(()));
    let found = said(has_output(&template(), "OrdersUrl", json!({"Ref": "Failed"})));
    let differs = r#"expected {"Ref":"Failed"}, found {"Ref":"Orders"}"#;
    assert_eq!(found, format!("the output `OrdersUrl` is not as expected\n  {differs}"));
    let found = said(has_output(&template(), "OrdersArn", Pattern::present()));
    assert_eq!(found, "the template has no output `OrdersArn`, only OrdersUrl");
}

#[test]
#[should_panic(expected = "the template has no AWS::SNS::Topic")]
fn failed_assertion_panics_with_the_text() {
    assert_has_resource(&template(), "AWS::SNS::Topic", json!({}));
}
