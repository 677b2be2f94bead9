//! The ingest example on a local engine, from its first deployment to its end, with real data.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use serde_json::{Value, json};
use support::Sandbox;
use support::ingest::{Ingest, write_spec};

/// Records of each file.
const RECORDS: usize = 10_000;

/// Records of the compressed file.
const COMPRESSED: usize = 1_000;

#[test]
fn example_lives_from_up_to_down_and_up_again() {
    let sandbox = Sandbox::new();
    write_spec(&sandbox, quiet_writer);
    let ingest = Ingest::up(&sandbox, "ingest", &[]);
    let packed = every_record_of_every_format_becomes_an_item(&ingest);
    same_object_put_again_changes_nothing(&ingest);
    poison_records_go_to_the_dead_letter_queue(&ingest);
    unusual_objects_are_read(&ingest);
    api_serves_records(&ingest, &packed);
    memory_change_updates_one_function(&sandbox, &ingest);
    down_empties_and_deletes(&sandbox);
    sandbox.run(&["up", "--local"]).exits(0);
}

#[test]
fn down_names_what_the_stage_retains() {
    let sandbox = Sandbox::new();
    write_spec(&sandbox, |spec| spec);
    let ingest = Ingest::up(&sandbox, "ingest-prod", &["--stage", "prod"]);
    ingest.put("kept.txt", b"kept\n");
    ingest.settle();
    let down = sandbox.run(&["down", "--local", "--stage", "prod", "--yes", "--format", "json"]).exits(0);
    let outcome = down.outcome();
    let retained = outcome["receipt"]["retained"].as_array().expect("a list");
    let mut names: Vec<&str> =
        retained.iter().map(|it| it["physical_id"].as_str().expect("a name")).collect();
    names.sort_unstable();
    let mut expected = [ingest.output("RecordsTableName"), ingest.output("UploadsBucketName")];
    expected.sort_unstable();
    assert_eq!(names, expected, "{outcome}");
    assert_eq!(outcome["receipt"]["emptied"], json!({}));
    let object = format!("/{}/kept.txt", ingest.output("UploadsBucketName"));
    assert_eq!(ingest.engine.get(&object).is(200).text(), "kept\n");
}

/// Puts one file of each format at once; returns the source of the compressed one.
fn every_record_of_every_format_becomes_an_item(ingest: &Ingest) -> String {
    let sources = [
        (ingest.put("lines.jsonl", json_lines(RECORDS).as_bytes()), RECORDS),
        (ingest.put("array.json", json_array(RECORDS).as_bytes()), RECORDS),
        (ingest.put("rows.csv", csv(RECORDS).as_bytes()), RECORDS),
        (ingest.put("lines.txt", text(RECORDS).as_bytes()), RECORDS),
        (ingest.put("packed.csv.gz", &gzipped(csv(COMPRESSED).as_bytes())), COMPRESSED),
    ];
    ingest.settle();
    let items = ingest.items_by_source();
    assert_eq!(items.keys().collect::<BTreeSet<_>>(), sources.iter().map(|(source, _)| source).collect());
    for (source, records) in &sources {
        assert_eq!((source, items[source].len()), (source, *records));
        assert_eq!(positions(&items[source]).len(), *records, "each position of {source} is there once");
    }
    assert_eq!(body_of(&items[&sources[0].0], 7), json!({"n": {"N": "7"}, "name": {"S": "record 7"}}));
    assert_eq!(body_of(&items[&sources[1].0], 7), json!({"n": {"N": "7"}, "tags": {"L": [{"S": "a"}]}}));
    // The header is line 1.
    assert_eq!(body_of(&items[&sources[2].0], 8), json!({"n": {"S": "7"}, "name": {"S": "record, \"7\""}}));
    assert_eq!(body_of(&items[&sources[3].0], 7), json!({"text": {"S": "line 7"}}));
    assert_eq!(body_of(&items[&sources[4].0], 8), json!({"n": {"S": "7"}, "name": {"S": "record, \"7\""}}));
    let [_, _, _, _, (packed, _)] = sources;
    packed
}

fn same_object_put_again_changes_nothing(ingest: &Ingest) {
    let before = without_ordering(ingest.items_by_source());
    ingest.put("packed.csv.gz", &gzipped(csv(COMPRESSED).as_bytes()));
    ingest.settle();
    assert_eq!(without_ordering(ingest.items_by_source()), before);
}

fn poison_records_go_to_the_dead_letter_queue(ingest: &Ingest) {
    let deep = format!("{}1{}\n", "[".repeat(40), "]".repeat(40));
    let lines: [&[u8]; 6] =
        [b"{\"n\":1}\n", b"{broken\n", b"\xff\xfe\n", b"{\"n\":1e400}\n", deep.as_bytes(), b"{\"n\":6}"];
    let source = ingest.put("poison.jsonl", &lines.concat());
    let rows = ingest.put("poison.csv", b"a,b\n1,2\n1,2,3\n3,4\n");
    let found: BTreeSet<(String, String, u64, u64)> = ingest.rejects(5).iter().map(rejection).collect();
    let expected = [
        (source.as_str(), "not_json", 2, 8),
        (&source, "not_utf8", 3, 16),
        (&source, "number_out_of_range", 4, 19),
        (&source, "too_deep", 5, 31),
        (&rows, "wrong_field_count", 3, 8),
    ];
    let expected =
        expected.map(|(source, code, number, offset)| (source.into(), code.into(), number, offset));
    assert_eq!(found, BTreeSet::from(expected));
    ingest.settle();
    let items = ingest.items_by_source();
    assert_eq!(positions(&items[&source]), BTreeSet::from([1, 6]));
    assert_eq!(positions(&items[&rows]), BTreeSet::from([2, 4]));
}

fn unusual_objects_are_read(ingest: &Ingest) {
    let named = ingest.put("ein Ordner/größe+1 (a&b=c)%20.txt", b"one\n\ntwo\n");
    let empty = ingest.put("empty.json", b"");
    ingest.settle();
    let items = ingest.items_by_source();
    assert_eq!(positions(&items[&named]), BTreeSet::from([1, 3]));
    assert!(!items.contains_key(&empty));
    let extractions = ingest.extractions();
    let of_empty = extractions.iter().find(|line| line["item"] == *empty).expect("a log line");
    assert_eq!((&of_empty["records"], &of_empty["rejects"]), (&json!(0), &json!(0)));
}

fn api_serves_records(ingest: &Ingest, source: &str) {
    let listed = ingest.list(&format!("&source={}", support::http::escaped(source)));
    let ids: BTreeSet<&str> = listed.iter().filter_map(|record| record["id"].as_str()).collect();
    assert_eq!((listed.len(), ids.len()), (COMPRESSED, COMPRESSED));
    let path = format!("/records/{}", listed[0]["id"].as_str().expect("an id"));
    assert_eq!(ingest.api("GET", &path, &[], &Value::Null).is(200).json(), listed[0]);

    let made = ingest.api("POST", "/records", &[], &json!({"id": "made", "body": {"n": 1}})).is(201);
    assert_eq!(made.json()["revision"], 1);
    ingest.api("POST", "/records", &[], &json!({"id": "made", "body": {"n": 1}})).is(409);
    let first = [("If-Match", "\"1\"")];
    let replaced = ingest.api("PUT", "/records/made", &first, &json!({"body": {"n": 2}})).is(200);
    assert_eq!((replaced.header("etag"), &replaced.json()["body"]["n"]), (Some("\"2\""), &json!(2)));
    ingest.api("PUT", "/records/made", &first, &json!({"body": {"n": 3}})).is(412);
    ingest.api("DELETE", "/records/made", &[], &Value::Null).is(204);
    let problem = ingest.api("GET", "/records/made", &[], &Value::Null).is(404);
    assert_eq!(problem.header("content-type"), Some("application/problem+json"));
}

fn memory_change_updates_one_function(sandbox: &Sandbox, ingest: &Ingest) {
    write_spec(sandbox, |spec| quiet_writer(spec).replace("memory_size: 256MB", "memory_size: 512MB"));
    let diff = sandbox.run(&["diff", "--local", "--fail-on", "any"]).exits(4);
    for part in ["ObjectExtractFunction", "MemorySize: 256 -> 512", "0 to add, 1 to change, 0 to replace"] {
        assert!(diff.stdout.contains(part), "{part} is missing in\n{}", diff.stdout);
    }
    let up = sandbox.run(&["up", "--local", "--format", "json"]).exits(0);
    assert_eq!(up.outcome()["result"], "updated");
    assert!(up.events("uploaded").is_empty());
    let function = ingest.output("ObjectExtractFunctionName");
    let path = format!("/2015-03-31/functions/{function}/configuration");
    assert_eq!(ingest.engine.get(&path).is(200).json()["MemorySize"], 512);
    assert_eq!(sandbox.run(&["diff", "--local", "--fail-on", "any"]).exits(0).stdout, "no differences\n");
}

fn down_empties_and_deletes(sandbox: &Sandbox) {
    let down = sandbox.run(&["down", "--local", "--yes", "--format", "json"]).exits(0);
    let receipt = &down.outcome()["receipt"];
    assert_eq!(receipt["retained"], json!([]));
    let emptied: BTreeMap<String, u64> = serde_json::from_value(receipt["emptied"].clone()).expect("counts");
    assert!(emptied.values().all(|objects| *objects >= 9), "{emptied:?}");
    sandbox.run(&["outputs", "--local"]).exits(2);
    let again = sandbox.run(&["down", "--local", "--yes", "--format", "json"]).exits(0);
    assert_eq!(again.outcome()["receipt"]["was_absent"], true);
}

/// The engine works through the log lines of 41,000 items longer than through the items.
fn quiet_writer(spec: String) -> String {
    let environment = "    timeout: 30s\n    environment:\n";
    assert!(spec.contains(environment), "the environment of message-writer");
    spec.replace(environment, &format!("{environment}      LOG_LEVEL: warn\n"))
}

fn json_lines(records: usize) -> String {
    (1..=records).map(|n| format!("{{\"n\":{n},\"name\":\"record {n}\"}}\n")).collect()
}

fn json_array(records: usize) -> String {
    let elements: Vec<String> = (1..=records).map(|n| format!("{{\"n\":{n},\"tags\":[\"a\"]}}")).collect();
    format!("[{}]", elements.join(",\n"))
}

fn csv(records: usize) -> String {
    let rows = (1..=records).map(|n| format!("{n},\"record, \"\"{n}\"\"\"\r\n"));
    std::iter::once("n,name\r\n".to_owned()).chain(rows).collect()
}

fn text(records: usize) -> String {
    (1..=records).map(|n| format!("line {n}\n")).collect()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// The numbers of the places that the items came from.
fn positions(items: &[Value]) -> BTreeSet<usize> {
    items.iter().map(position).collect()
}

fn position(item: &Value) -> usize {
    item["position"]["N"].as_str().expect("a position").parse().expect("a number")
}

fn body_of(items: &[Value], number: usize) -> Value {
    let found = items.iter().find(|item| position(item) == number).expect("an item at that position");
    found["body"]["M"].clone()
}

/// The items by id, without the one attribute that a repeated object may raise.
fn without_ordering(by_source: BTreeMap<String, Vec<Value>>) -> BTreeMap<String, Value> {
    let items = by_source.into_values().flatten();
    let strip = |mut item: Value| {
        item.as_object_mut().expect("an item").remove("ordering");
        (item["id"]["S"].as_str().expect("an id").to_owned(), item)
    };
    items.map(strip).collect()
}

fn rejection(payload: &Value) -> (String, String, u64, u64) {
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{payload}")).to_owned();
    let number = |value: &Value| value.as_u64().unwrap_or_else(|| panic!("{payload}"));
    assert_eq!(payload["kind"], "rejected_record", "{payload}");
    assert!(!text(&payload["reason"]["message"]).is_empty());
    let position = &payload["position"];
    (
        text(&payload["source"]),
        text(&payload["reason"]["code"]),
        number(&position["number"]),
        number(&position["offset"]),
    )
}
