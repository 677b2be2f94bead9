//! What a spec says against what the contracts of its function crates ask for.

use std::collections::BTreeSet;

use pipectl_engine::diagnostic::Diagnostic;
use pipectl_engine::spec::contract::{self, FILE_NAME};
use serde_json::{Value, json};

use crate::support::{assert_golden, examine, examine_with};

const WRITER: &str = r#"{"version": 1,
    "environment": {
        "TABLE_NAME": {"required": true, "documentation": "Name of the table.",
            "value": {"table_name": {"access": "write", "actions": ["UpdateItem"]}}},
        "MODE": {"default": "strict", "value": {"choice": ["strict", "lenient"]}},
        "WRITES": {"default": "16", "value": {"number": {"minimum": 1, "maximum": 256}}},
        "API_KEY": {"value": "secret"},
        "ALERTS": {"value": "topic_arn"},
        "UPLOADS": {"value": {"bucket_name": {"access": "read"}}},
        "NEXT_URL": {"value": {"queue_url": {"access": "send", "payloads": ["shop.invoice/1"]}}},
        "LABEL": {}
    },
    "events": [{"queue": {"payloads": ["shop.order/1", "shop.order/2"]}}]}"#;

/// A spec whose function `writer` has these lines of environment, and further keys.
fn spec(environment: &str, further: &str) -> String {
    format!(
        "name: a
topics: {{ alerts: {{}} }}
buckets: {{ uploads: {{}} }}
queues: {{ orders: {{ redrive: {{ dead_letter_queue: dead }} }}, dead: {{}}, invoices: {{}} }}
tables: {{ orders: {{ partition_key: id }} }}
functions:
  writer:
    crate: writer
    environment: {{ {environment} }}
{further}"
    )
}

const TABLE: &str = "TABLE_NAME: { table: orders, access: write, actions: [UpdateItem] }";

fn examined(text: &str) -> Vec<Diagnostic> {
    contracted(text, &[("writer", WRITER)])
}

/// Lists the findings of the contracts alone.
fn contracted(text: &str, contracts: &[(&str, &str)]) -> Vec<Diagnostic> {
    let (_, without) = examine(text, None);
    assert!(!without.iter().any(Diagnostic::is_error), "{without:?} in {text}");
    let (_, found) = examine_with(text, None, contracts);
    found.into_iter().filter(|found| !without.contains(found)).collect()
}

/// Shows findings as `line:column code message help`.
fn shown(found: &[Diagnostic]) -> Vec<String> {
    let place = |it: &Diagnostic| it.place.map_or_else(String::new, |place| place.to_string());
    let help = |it: &Diagnostic| it.help.clone().unwrap_or_default();
    found.iter().map(|it| format!("{} {} {} {}", place(it), it.code.name, it.message, help(it))).collect()
}

fn codes(found: &[Diagnostic]) -> Vec<&'static str> {
    found.iter().map(|found| found.code.name).collect()
}

#[test]
fn spec_that_keeps_the_contract_has_no_finding() {
    let environment = "MODE: lenient, WRITES: 256, API_KEY: { secret: key }, ALERTS: { topic: alerts, access: publish }, \
                       UPLOADS: { bucket: uploads, access: read }, NEXT_URL: { queue: invoices, access: send }, \
                       LABEL: x, AWS_RETRY_MODE: standard, RUST_LOG: debug";
    let text = spec(&format!("{TABLE}, {environment}"), "    events: [{ queue: orders }]\n");
    assert_eq!(shown(&examined(&text)), [""; 0]);
}

#[test]
fn crate_without_a_contract_is_not_spoken_of() {
    assert_eq!(shown(&contracted(&spec("ANY: 1", ""), &[("other", WRITER)])), [""; 0]);
}

#[test]
fn missing_variable_comes_with_its_documentation_and_the_line_to_add() {
    let expected = "9:5 E1017 `writer` does not start without `TABLE_NAME`, which is not set. Name of the table. Add \
                    under `environment`: `TABLE_NAME: { table: orders, access: write, actions: [UpdateItem] }`.";
    assert_eq!(shown(&examined(&spec("LABEL: x", ""))), [expected]);
}

#[test]
fn empty_value_counts_as_missing_where_one_is_required() {
    assert_eq!(codes(&examined(&spec("TABLE_NAME: ''", ""))), ["E1017"]);
    assert_eq!(codes(&examined(&spec(&format!("{TABLE}, MODE: ''"), ""))), [""; 0]);
}

#[test]
fn misspelt_variable_comes_with_the_nearest_that_is_not_set() {
    let text = spec(&format!("{TABLE}, WRITTES: 3"), "");
    let expected = "9:89 W1023 `writer` does not read `WRITTES`. Did you mean `WRITES`?";
    assert_eq!(shown(&examined(&text)), [expected]);
}

#[test]
fn stage_that_removes_a_required_variable_is_found() {
    let stages =
        "stages: { dev: {}, prod: { functions: { writer: { environment: { TABLE_NAME: null } } } } }\n";
    assert_eq!(codes(&examined(&spec(TABLE, stages))), ["E1017"]);
}

#[test]
fn literals_are_held_to_range_choice_and_shape() {
    for (line, message) in [
        ("WRITES: 257", "`WRITES` of `writer` is a whole number from 1 to 256, and not `257`."),
        ("WRITES: 1.5", "`WRITES` of `writer` is a whole number from 1 to 256, and not `1.5`."),
        ("MODE: lenien", "`MODE` of `writer` is one of strict, lenient, and not `lenien`."),
        ("NEXT_URL: queue", "`NEXT_URL` of `writer` is the URL of a queue, and not `queue`."),
        ("ALERTS: topic", "`ALERTS` of `writer` is the ARN of a topic, and not `topic`."),
    ] {
        let found = examined(&spec(&format!("{TABLE}, {line}"), ""));
        assert_eq!(codes(&found), ["E1019"], "{line}");
        assert_eq!(found[0].message, message);
    }
}

#[test]
fn what_a_parameter_or_a_reference_holds_is_not_judged() {
    let parameters = "parameters: { Writes: {} }\n";
    for line in [
        "WRITES: { parameter: Writes }",
        "WRITES: '{{resolve:ssm:writes}}'",
        "NEXT_URL: https://sqs.example/q",
    ] {
        assert_eq!(codes(&examined(&spec(&format!("{TABLE}, {line}"), parameters))), [""; 0], "{line}");
    }
}

#[test]
fn declared_secret_must_not_be_literal() {
    let found = examined(&spec(&format!("{TABLE}, API_KEY: hunter2"), ""));
    assert_eq!(codes(&found), ["E1008"]);
    assert!(!shown(&found)[0].contains("hunter2"));
}

#[test]
fn secret_that_its_name_gives_away_is_reported_once() {
    let contract = r#"{"version": 1, "environment": {"API_TOKEN": {"value": "secret"}}}"#;
    let (_, found) = examine_with(&spec("API_TOKEN: hunter2", ""), None, &[("writer", contract)]);
    assert_eq!(codes(&found).iter().filter(|code| **code == "E1008").count(), 1);
}

#[test]
fn binding_of_another_kind_is_refused() {
    for line in [
        "NEXT_URL: { table: orders, access: read }",
        "ALERTS: { queue: orders, access: send }",
        "UPLOADS: { topic: alerts, access: publish }",
        "WRITES: { bucket: uploads, access: read }",
    ] {
        assert_eq!(codes(&examined(&spec(&format!("{TABLE}, {line}"), ""))), ["E1018"], "{line}");
    }
}

#[test]
fn name_of_the_spec_as_text_is_to_be_bound() {
    let found = examined(&spec("TABLE_NAME: orders", ""));
    let expected = "9:32 E1018 `orders` is a name of this file, and not the name of a table. Bind it: `TABLE_NAME: \
                    { table: orders, access: write, actions: [UpdateItem] }`.";
    assert_eq!(shown(&found), [expected]);
}

#[test]
fn action_that_is_not_granted_is_named() {
    let found = examined(&spec("TABLE_NAME: { table: orders, access: write, actions: [PutItem] }", ""));
    assert_eq!(codes(&found), ["E1020"]);
    assert_eq!(found[0].message, "`writer` calls UpdateItem on `orders`, for which it has no permission.");
}

#[test]
fn access_may_come_from_another_entry_or_from_an_event() {
    let read = "TABLE_NAME: { table: orders, access: read }";
    assert_eq!(codes(&examined(&spec(read, ""))), ["E1020"]);
    let further = "    access: [{ table: orders, access: write, actions: [UpdateItem] }]\n";
    assert_eq!(codes(&examined(&spec(read, further))), [""; 0]);
    let consumer =
        r#"{"version": 1, "environment": {"URL": {"value": {"queue_url": {"access": "consume"}}}}}"#;
    let url = |further| {
        contracted(&spec("URL: { queue: orders, access: receive }", further), &[("writer", consumer)])
    };
    assert_eq!(codes(&url("")), ["E1020"]);
    assert_eq!(codes(&url("    events: [{ queue: orders }]\n")), [""; 0]);
}

#[test]
fn access_of_another_resource_does_not_help() {
    let further = "    access: [{ queue: orders, access: send }]\n";
    let text = spec(&format!("{TABLE}, NEXT_URL: {{ queue: invoices, access: receive }}"), further);
    assert_eq!(codes(&examined(&text)), ["E1020"]);
}

#[test]
fn event_that_the_function_does_not_take_is_refused_at_its_place() {
    let text = spec(TABLE, "    events: [{ bucket: uploads }]\n");
    let expected = "10:24 E1022 `writer` does not take notifications of a bucket. By its contract it takes messages \
                    of a queue.";
    assert_eq!(shown(&examined(&text)), [expected]);
}

#[test]
fn route_leads_to_a_function_that_takes_requests() {
    let text = spec(TABLE, "apis: { a: { routes: { GET /orders: writer } } }\n");
    assert_eq!(codes(&examined(&text)), ["E1022"]);
    let serving = r#"{"version": 1, "events": ["api"]}"#;
    let text = spec("", "apis: { a: { routes: { GET /orders: writer } } }\n");
    assert_eq!(codes(&contracted(&text, &[("writer", serving)])), [""; 0]);
}

/// A sender of one payload into `orders`.
fn sender(payload: &str) -> String {
    let value = format!(r#"{{"queue_url": {{"access": "send", "payloads": ["{payload}"]}}}}"#);
    format!(r#"{{"version": 1, "environment": {{"URL": {{"value": {value}}}}}}}"#)
}

fn with_sender(reader_event: &str, payload: &str) -> Vec<Diagnostic> {
    let further = format!(
        "    events: [{{ queue: {reader_event} }}]\n  sender: {{ crate: sender, environment: \
         {{ URL: {{ queue: orders, access: send }} }} }}\n"
    );
    contracted(&spec(TABLE, &further), &[("writer", WRITER), ("sender", &sender(payload))])
}

#[test]
fn every_version_that_the_reader_lists_may_be_sent() {
    assert_eq!(codes(&with_sender("orders", "shop.order/2")), [""; 0]);
}

#[test]
fn unreadable_version_is_found_at_the_reader() {
    let expected = "10:23 E1021 `writer` cannot read `shop.order/3`, which `sender` puts into the queue `orders`. It \
                    reads `shop.order/1`, `shop.order/2`; let it read both versions before `sender` sends the other.";
    assert_eq!(shown(&with_sender("orders", "shop.order/3")), [expected]);
}

#[test]
fn dead_letters_arrive_with_the_payload_of_their_source() {
    let found = with_sender("dead", "shop.parcel/1");
    assert_eq!(codes(&found), ["E1021"]);
    assert!(found[0].help.as_deref().unwrap().contains("a queue of its own"), "{found:?}");
}

#[test]
fn contract_that_cannot_be_read_names_its_file_and_line() {
    let found = contracted(&spec("", ""), &[("writer", "{\"version\": 1,\n \"colour\": 2}")]);
    assert_eq!(codes(&found), ["E1016"]);
    assert!(found[0].message.contains(&format!("writer/{FILE_NAME}: unknown field `colour`")), "{found:?}");
    assert!(found[0].message.contains("line 2"), "{found:?}");
}

#[test]
fn checked_in_schema_is_the_generated_one() {
    assert_golden("../../templates/contract.schema.json", &format!("{:#}\n", contract::schema()));
}

#[test]
fn every_key_of_the_schema_is_described() {
    let schema = contract::schema();
    let objects = schema["$defs"].as_object().into_iter().flat_map(|definitions| definitions.values());
    let bare: BTreeSet<&String> = objects
        .chain([&schema])
        .filter_map(|object| object["properties"].as_object())
        .flat_map(|properties| properties.iter().filter(|(_, it)| it.get("description").is_none()))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(bare, BTreeSet::new());
    assert_eq!(schema["properties"]["version"]["maximum"], json!(1));
    assert_eq!(schema["additionalProperties"], Value::Bool(false));
}
