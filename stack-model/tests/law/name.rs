//! E2002, E2003, E2010, E2011: names.

use stack_model::pipeline::BucketOptions;

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
