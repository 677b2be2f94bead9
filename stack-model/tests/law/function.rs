//! E2014, W3011, E3012, W3014: functions, their variables and the buckets that invoke them.

use stack_model::handle::Standard;
use stack_model::pipeline::{FunctionOptions, ObjectEvents, QueueOptions};

use crate::{bucket, codes, function};

const NONE: [&str; 0] = [];

fn with_variables(names: &[&str]) -> Vec<&'static str> {
    codes(|pipeline| {
        let worker = function(pipeline);
        for name in names {
            pipeline.environment(&worker, name, "x");
        }
    })
}

#[test]
fn variable_set_twice_reserved_or_misnamed_is_e2014() {
    assert_eq!(with_variables(&["TABLE_NAME", "TABLE_NAME"]), ["E2014"]);
    assert_eq!(with_variables(&["AWS_REGION"]), ["E2014"]);
    assert_eq!(with_variables(&["TABLE-NAME"]), ["E2014"]);
    assert_eq!(with_variables(&["1ST"]), ["E2014"]);
    assert_eq!(with_variables(&["TABLE_NAME", "QUEUE_URL"]), NONE);
}

fn with_write_to(prefix: &str) -> Vec<&'static str> {
    codes(|pipeline| {
        let uploads = bucket(pipeline);
        let failures = pipeline.queue::<Standard>("failures", QueueOptions::default());
        let options = FunctionOptions { on_failure: Some(failures), ..FunctionOptions::default() };
        let worker = pipeline.function("worker", options);
        pipeline.grant(&worker, uploads.write(prefix));
        let events = ObjectEvents { prefix: Some("in/".to_owned()), ..ObjectEvents::default() };
        pipeline.on_object(&worker, &uploads, events);
    })
}

#[test]
fn function_that_writes_anywhere_in_its_source_bucket_is_w3011() {
    assert_eq!(with_write_to(""), ["W3011"]);
    assert_eq!(with_write_to("in/"), ["W3011"]);
    assert_eq!(with_write_to("out/"), NONE);
}

fn with_two_suffixes(first: &str, second: &str) -> Vec<&'static str> {
    codes(|pipeline| {
        let uploads = bucket(pipeline);
        let queue = pipeline.queue::<Standard>("uploads", QueueOptions::default());
        for suffix in [first, second] {
            let events = ObjectEvents { suffix: Some(suffix.to_owned()), ..ObjectEvents::default() };
            pipeline.on_object_to_queue(&queue, &uploads, events);
        }
    })
}

#[test]
fn notifications_that_one_key_can_match_are_e3012() {
    assert_eq!(with_two_suffixes(".gz", ".csv.gz"), ["E3012"]);
    assert_eq!(with_two_suffixes(".gz", ".csv"), NONE);
}

#[test]
fn asynchronous_function_without_on_failure_is_w3014() {
    let found = codes(|pipeline| {
        let uploads = bucket(pipeline);
        let worker = function(pipeline);
        pipeline.on_object(&worker, &uploads, ObjectEvents::default());
    });
    assert_eq!(found, ["W3014"]);
    let found = codes(|pipeline| {
        function(pipeline);
    });
    assert_eq!(found, NONE);
}
