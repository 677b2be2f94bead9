//! What a stage changes, and what is found wrong in each.

use pipectl_engine::diagnostic::Diagnostic;
use pipectl_engine::spec::lower::check_others;
use pipectl_engine::spec::reading::read;

use crate::support::{examine, lowered};

/// Lists what is found in the stages that were not asked for: place, code and sentence.
fn others(text: &str) -> Vec<String> {
    let reading = read(text, None);
    let (_, known) = examine(text, None);
    check_others(&reading, &known).iter().map(line).collect()
}

fn line(found: &Diagnostic) -> String {
    let place = found.place.map_or_else(String::new, |place| place.to_string());
    format!("{place} {} {}", found.code.name, found.message)
}

#[test]
fn null_in_a_stage_removes_and_never_creates() {
    let text = "
name: shop
queues: { kept: {}, dropped: {} }
tables: { items: { partition_key: id } }
stages:
  prod:
    queues: { dropped: null, absent: null }
    topics: { news: { display_name: null, fifo: ~ }, absent: }
    tables: { items: { sort_key: null } }
    buckets: { absent: null }
";
    let template = lowered(text, Some("prod")).template;
    let resources = template["Resources"].as_object().unwrap();
    let of = |kind: &str| -> Vec<&str> {
        let mut ids: Vec<&str> = resources
            .iter()
            .filter(|(_, resource)| resource["Type"] == kind)
            .map(|(id, _)| id.as_str())
            .collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(of("AWS::SQS::Queue"), ["KeptQueue"]);
    assert_eq!(of("AWS::SNS::Topic"), ["NewsTopic"]);
    assert_eq!(of("AWS::S3::Bucket"), Vec::<&str>::new());
}

#[test]
fn stage_without_content_is_the_file_itself() {
    let text = "name: shop\nqueues: { a: {} }\nstages:\n  dev:\n  test: ~\n  prod: {}\n";
    let of = |stage| lowered(text, Some(stage)).template["Resources"].clone();
    assert_eq!(
        of("dev").as_object().map(serde_json::Map::len),
        of("prod").as_object().map(serde_json::Map::len)
    );
    assert_eq!(others(text), Vec::<String>::new());
    assert_eq!(lowered(text, Some("dev")).stack_name, "shop-dev");
}

#[test]
fn stage_that_is_no_mapping_is_one_mistake() {
    let (_, found) = examine("name: shop\nqueues: { a: {} }\nstages: { dev: 5 }\n", None);
    assert_eq!(
        found.iter().map(line).collect::<Vec<_>>(),
        ["3:16 E1003 Expected mapping, found integer `5`."]
    );
}

#[test]
fn stage_is_named_as_the_end_of_a_stack_name() {
    let text = "name: shop\nqueues: { q: {} }\nstages: { \"1\": {}, PROD: {}, a_b: {}, -x: {}, \"ü\": {}, a b: {}, \"\": {}, eu-1: {} }\n";
    let (_, found) = examine(text, None);
    let rule = "lower-case letters, digits and `-`, no `-` first, 40 characters at most";
    let expected = ["PROD", "a_b", "-x", "ü", "a b", ""];
    let messages: Vec<&str> = found.iter().map(|found| found.message.as_str()).collect();
    assert_eq!(messages, expected.map(|name| format!("`{name}` is not a name of a stage: {rule}.")));
    let help: Vec<_> = found.iter().map(|found| found.help.as_deref().unwrap_or_default()).collect();
    assert_eq!(help, ["Write `prod`.", "Write `a-b`.", "Write `x`.", "", "Write `a-b`.", ""]);
}

#[test]
fn value_out_of_range_in_a_stage_is_found_without_asking_for_it() {
    let text = "
name: shop
functions: { worker: { crate: worker } }
stages:
  dev: { functions: { worker: { timeout: 1h } } }
  prod: { functions: { worker: { memory_size: 64 } } }
";
    assert_eq!(
        others(text),
        [
            "5:42 E1004 Timeout is `3600` seconds, but takes 1 to 900.",
            "6:47 E1004 MemorySize is `64` MB, but takes 128 to 10240.",
        ]
    );
}

#[test]
fn law_that_a_stage_breaks_elsewhere_names_the_stage() {
    let text = "
name: shop
queues: { jobs: { visibility_timeout: 60s } }
functions: { worker: { crate: worker, timeout: 10s, events: [{ queue: jobs }] } }
stages:
  dev: {}
  prod: { functions: { worker: { timeout: 5m } } }
";
    let sentence = "The visibility timeout is 60 seconds, but its consumer `worker` may run for 300 seconds.";
    assert_eq!(others(text), [format!("3:39 E3004 With stage `prod`: {sentence}")]);
}

#[test]
fn mistake_of_form_does_not_hide_one_of_range() {
    let reading =
        read("name: shop\nqueus: {}\nfunctions: { worker: { crate: worker, timeout: 1h } }\n", None);
    let spec = reading.spec.as_ref().unwrap();
    let found = pipectl_engine::spec::lower::out_of_range(spec, &reading.tree, None);
    assert_eq!(
        found.iter().map(line).collect::<Vec<_>>(),
        ["3:48 E1004 Timeout is `3600` seconds, but takes 1 to 900."]
    );
}
