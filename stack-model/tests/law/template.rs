//! E2001 and E2004 to W2009, E3001 from the outside: ranges, raw resources, references, overrides.

use serde_json::json;
use stack_model::diagnostic::Diagnostic;
use stack_model::stack::RawResource;
use stack_model::unit::Seconds;
use stack_model::{LogicalId, Output, ResourceAttributes, Value, sqs};

use crate::codes;

const NONE: [&str; 0] = [];

fn id(text: &str) -> LogicalId {
    LogicalId::new(text).unwrap()
}

#[test]
fn range_error_becomes_e2001_with_the_range_as_help() {
    let found = Diagnostic::from(sqs::DelaySeconds::new(Seconds(901)).unwrap_err());
    assert_eq!(found.code.name, "E2001");
    assert_eq!(found.help.as_deref(), Some("Choose a value from 0 to 900."));
    assert!(sqs::DelaySeconds::new(Seconds(900)).is_ok());
}

fn with_output(value: Value<String>) -> Vec<&'static str> {
    codes(|pipeline| {
        crate::queue(pipeline, "source", false);
        pipeline.stack_mut().output(id("Own"), Output::new(value));
    })
}

#[test]
fn output_of_an_undeclared_resource_is_e2004() {
    assert_eq!(with_output(Value::reference(&id("TargetQueue"))), ["E2004"]);
    assert_eq!(with_output(Value::reference(&id("SourceQueue"))), NONE);
}

/// What types cannot forbid: a handle knows its construct, not its pipeline.
#[test]
fn grant_from_a_handle_of_another_pipeline_is_e2004() {
    let granted = |is_own: bool| {
        codes(|pipeline| {
            let mut other = pipeline.clone();
            let source = crate::queue(if is_own { &mut *pipeline } else { &mut other }, "source", false);
            let worker = crate::function(pipeline);
            pipeline.grant(&worker, source.send());
        })
    };
    assert_eq!(granted(false), ["E2004"]);
    assert_eq!(granted(true), NONE);
}

#[test]
fn output_of_an_unknown_return_value_is_e2005() {
    assert_eq!(with_output(Value::attribute(&id("SourceQueue"), "Url")), ["E2005"]);
    assert_eq!(with_output(Value::attribute(&id("SourceQueue"), "Arn")), NONE);
}

#[test]
fn fifty_one_tags_are_e2006() {
    let with_tags = |count| {
        codes(|pipeline| (0..count).for_each(|n| pipeline.stack_mut().tag(format!("key-{n}"), "value")))
    };
    assert_eq!(with_tags(51), ["E2006"]);
    assert_eq!(with_tags(50), NONE);
}

fn with_override(logical_id: &str, patch: serde_json::Value) -> Vec<&'static str> {
    codes(|pipeline| {
        pipeline.stack_mut().override_resource(id(logical_id), patch);
        crate::queue(pipeline, "source", false);
    })
}

#[test]
fn override_of_a_construct_made_later_is_applied_and_of_nothing_is_e2007() {
    assert_eq!(with_override("SourceQueue", json!({"Properties": {"DelaySeconds": 5}})), NONE);
    assert_eq!(with_override("TargetQueue", json!({})), ["E2007"]);
}

#[test]
fn override_that_removes_a_required_property_is_e2008() {
    assert_eq!(with_override("SourceQueuePolicy", json!({"Properties": {"Queues": null}})), ["E2008"]);
}

#[test]
fn override_with_a_misspelt_property_is_w2009() {
    assert_eq!(with_override("SourceQueue", json!({"Properties": {"DelaySecond": 5}})), ["W2009"]);
}

#[test]
fn raw_resources_that_wait_for_each_other_are_e3001() {
    let pair = |second: &str| {
        codes(|pipeline| {
            for (own, other) in [("First", "Second"), ("Second", second)] {
                let raw = RawResource {
                    resource_type: "AWS::CloudFormation::WaitConditionHandle".to_owned(),
                    properties: json!({}),
                    attributes: ResourceAttributes::default().after([id(other)]),
                };
                pipeline.stack_mut().add_raw(id(own), raw);
            }
            crate::queue(pipeline, "source", false);
        })
    };
    assert_eq!(pair("First"), ["E3001"]);
    assert_eq!(pair("SourceQueue"), NONE);
}
