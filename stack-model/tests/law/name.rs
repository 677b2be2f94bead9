//! E2002, E2003, E2010, E2011: names.

use stack_model::handle::{FunctionHandle, Standard};
use stack_model::pipeline::{
    ApiOptions, Authorization, BucketOptions, FunctionOptions, MessageOptions, ObjectEvents, Pipeline,
    PipelineName, PipelineOptions, QueueOptions, TopicOptions,
};

use crate::{codes, queue};

const NONE: [&str; 0] = [];

#[test]
fn two_queues_whose_names_meet_in_one_logical_id_are_e2002() {
    let both = |second| {
        codes(|pipeline| {
            queue(pipeline, "a-b", false);
            queue(pipeline, second, false);
        })
    };
    assert!(both("aB").contains(&"E2002"));
    assert_eq!(both("ab"), NONE);
}

#[test]
fn queue_and_table_of_one_name_are_told_apart() {
    let found = codes(|pipeline| {
        queue(pipeline, "records", false);
        pipeline.bucket("records", BucketOptions::default());
    });
    assert_eq!(found, NONE);
}

#[test]
fn name_with_an_umlaut_is_e2003() {
    let named = |name| {
        codes(|pipeline| {
            queue(pipeline, name, false);
        })
    };
    assert!(named("größe").contains(&"E2003"));
    assert_eq!(named("groesse"), NONE);
}

#[test]
fn bucket_name_beyond_63_characters_is_e2010() {
    let named = |length| {
        codes(|pipeline| {
            pipeline.bucket(&"b".repeat(length), BucketOptions::default());
        })
    };
    assert_eq!(named(27), NONE);
    assert_eq!(named(28), ["E2010"]);
}

#[test]
fn bucket_name_with_an_underscore_is_e2011() {
    let named = |name| {
        codes(|pipeline| {
            pipeline.bucket(name, BucketOptions::default());
        })
    };
    assert_eq!(named("raw_data"), ["E2011"]);
    assert_eq!(named("raw-data"), NONE);
}

#[test]
fn handles_of_another_pipeline_are_refused_wherever_one_is_taken() {
    let mut other = Pipeline::new(PipelineName::new("other").unwrap(), PipelineOptions::default());
    let function = other.function("far", FunctionOptions::default());
    let queue = other.queue::<Standard>("far", QueueOptions::default());
    let bucket = other.bucket("far", BucketOptions::default());
    let topic = other.topic("far", TopicOptions::default());
    let api = other.http_api("far", ApiOptions::default());
    let refused = |wire: &dyn Fn(&mut Pipeline, &FunctionHandle)| {
        let found = codes(|pipeline| {
            let own = pipeline.function("near", FunctionOptions::default());
            wire(pipeline, &own);
        });
        found.into_iter().filter(|code| *code == "E2013").count()
    };
    let objects = ObjectEvents::default;
    assert_eq!(refused(&|_, _| {}), 0);
    assert_eq!(refused(&|it, _| it.environment(&function, "NAME", "value")), 1);
    assert_eq!(refused(&|it, own| it.grant(&function, own.invoke())), 1);
    assert_eq!(refused(&|it, own| it.on_object(own, &bucket, objects())), 1);
    assert_eq!(refused(&|it, own| it.on_message(own, &queue, MessageOptions::default())), 1);
    assert_eq!(refused(&|it, _| it.subscribe_queue(&topic, &queue)), 1);
    assert_eq!(refused(&|it, _| it.subscribe_function(&topic, &function)), 1);
    assert_eq!(refused(&|it, own| it.route(&api, "GET /", own, Authorization::None)), 1);
    assert_eq!(refused(&|it, _| it.on_object_to_queue(&queue, &bucket, objects())), 2);
}

#[test]
fn override_of_a_name_that_grants_repeat_is_e2016() {
    let overridden = |patch: serde_json::Value| {
        codes(|pipeline| {
            let bucket = pipeline.bucket("uploads", BucketOptions::default());
            pipeline.stack_mut().override_resource(bucket.id().clone(), patch);
        })
    };
    assert_eq!(overridden(serde_json::json!({"Properties": {"BucketName": "other"}})), ["E2016"]);
    assert_eq!(overridden(serde_json::json!({"Properties": {"BucketNamespace": null}})), ["E2016"]);
    assert_eq!(overridden(serde_json::json!({"Properties": {"Tags": []}})), NONE);
}
