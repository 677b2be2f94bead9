//! What functions ask for most: it is answered on a shorter way, by the same rules.

use std::process::Command;

use pipectl_local::RunningEngine;
use serde_json::{Value, json};

use crate::caller::{Caller, allow};
use crate::project::{Project, create_table, dynamodb, sqs};

const UPDATE: &str = "DynamoDB_20120810.UpdateItem";

fn count_up(table: &str) -> Value {
    json!({
        "TableName": table, "Key": {"id": {"S": "one"}},
        "UpdateExpression": "SET #count = if_not_exists(#count, :zero) + :one",
        "ExpressionAttributeNames": {"#count": "count"},
        "ExpressionAttributeValues": {":zero": {"N": "0"}, ":one": {"N": "1"}},
    })
}

fn count(engine: &RunningEngine, table: &str) -> Value {
    let (_, answer) = dynamodb(engine, "GetItem", &json!({"TableName": table, "Key": {"id": {"S": "one"}}}));
    serde_json::from_str::<Value>(&answer).unwrap()["Item"]["count"]["N"].clone()
}

#[tokio::test]
async fn update_is_refused_from_the_moment_the_role_loses_the_permission() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    create_table(&engine, "counts");
    let mut caller = Caller::assume(&engine, "counting", &["dynamodb:UpdateItem"]);
    for _ in 0..3 {
        assert_eq!(caller.call(UPDATE, &count_up("counts")), (200, "{}".to_owned()));
    }
    let (status, answer) = caller
        .call("DynamoDB_20120810.GetItem", &json!({"TableName": "counts", "Key": {"id": {"S": "one"}}}));
    assert!(status == 403 && answer.contains("AccessDenied"), "{status} {answer}");
    allow(&engine, "counting", &["dynamodb:GetItem"]);
    let (status, answer) = caller.call(UPDATE, &count_up("counts"));
    assert!(status == 403 && answer.contains("AccessDenied"), "{status} {answer}");
    assert_eq!(count(&engine, "counts"), "3");
}

#[tokio::test]
async fn request_that_is_not_what_was_signed_is_refused() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    create_table(&engine, "counts");
    let mut caller = Caller::assume(&engine, "counting", &["dynamodb:UpdateItem"]);
    assert_eq!(caller.call(UPDATE, &count_up("counts")).0, 200);
    let mut changed = caller.sign(UPDATE, &count_up("counts"));
    changed.body = changed.body.replace(r#""1""#, r#""5""#);
    assert!(changed.body.contains(r#""5""#));
    let (status, _, answer) = caller.send(&changed);
    assert!(status >= 400 && answer.contains("signature"), "{status} {answer}");
    let mut stolen = caller.sign(UPDATE, &count_up("counts"));
    stolen.headers = stolen.headers.replace("x-amz-security-token: ", "x-amz-security-token: X");
    let (status, _, answer) = caller.send(&stolen);
    assert!(status >= 400, "{status} {answer}");
    caller.date.replace_range(..4, "2020");
    let (status, answer) = caller.call(UPDATE, &count_up("counts"));
    assert!(status >= 400 && answer.contains("Signature expired"), "{status} {answer}");
    assert_eq!(count(&engine, "counts"), "1");
}

#[tokio::test]
async fn answer_has_the_checksum_that_sdks_compare() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    create_table(&engine, "counts");
    let mut caller = Caller::assume(&engine, "counting", &["dynamodb:UpdateItem"]);
    let (status, head, body) = caller.send(&caller.sign(UPDATE, &count_up("counts")));
    assert_eq!((status, body.as_str()), (200, "{}"));
    // CRC-32 of "{}".
    assert!(head.to_lowercase().contains("x-amz-crc32: 2745614147\r\n"), "{head}");
    assert!(head.contains("application/x-amz-json-1.0"), "{head}");
}

#[tokio::test]
async fn batch_is_sent_message_by_message_until_the_queue_refuses_the_caller() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let queue = sqs(&engine, "CreateQueue", &json!({"QueueName": "jobs"}))["QueueUrl"].clone();
    let mut caller = Caller::assume(&engine, "sending", &["sqs:SendMessage"]);
    let batch = json!({"QueueUrl": queue, "Entries": [
        {"Id": "good", "MessageBody": "job"}, {"Id": "bad", "MessageBody": ""},
    ]});
    let (status, answer) = caller.call("AmazonSQS.SendMessageBatch", &batch);
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(
        (status, &answer["Successful"][0]["Id"], &answer["Failed"][0]["Id"]),
        (200, &json!("good"), &json!("bad"))
    );
    let closed = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*",
         "Condition": {"IpAddress": {"aws:SourceIp": "127.0.0.1/32"}}}
    ]});
    let set = json!({"QueueUrl": queue, "Attributes": {"Policy": closed.to_string()}});
    sqs(&engine, "SetQueueAttributes", &set);
    let (status, answer) = caller.call("AmazonSQS.SendMessageBatch", &batch);
    assert!(status == 403 && answer.contains("AccessDenied"), "{status} {answer}");
}

/// A request that asks for what the answer says anyway is left to the engine itself.
#[tokio::test]
async fn updates_by_known_expressions_do_what_the_engine_does() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    create_table(&engine, "known");
    create_table(&engine, "engine");
    for (number, (update, condition, values)) in updates().into_iter().enumerate() {
        for id in ["one", "two", "one"] {
            let mut request = json!({
                "TableName": "known", "Key": {"id": {"S": id}}, "UpdateExpression": update,
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            });
            if values != json!({}) {
                request["ExpressionAttributeValues"] = values.clone();
            }
            if !condition.is_empty() {
                request["ConditionExpression"] = condition.into();
            }
            let known = dynamodb(&engine, "UpdateItem", &request);
            request["TableName"] = "engine".into();
            request["ReturnValues"] = "NONE".into();
            assert_eq!(known, dynamodb(&engine, "UpdateItem", &request), "{number}: {update} if {condition}");
        }
        let scan = |table: &str| dynamodb(&engine, "Scan", &json!({"TableName": table}));
        assert_eq!(scan("known"), scan("engine"), "{number}: {update} if {condition}");
    }
}

/// Update expressions, conditions and values; each is carried out several times.
fn updates() -> Vec<(&'static str, &'static str, Value)> {
    let text = |text: &str| json!({"S": text});
    let number = |number: &str| json!({"N": number});
    let count = "SET hits = if_not_exists(hits, :zero) + :one";
    vec![
        (count, "", json!({":zero": number("0"), ":one": number("1")})),
        (count, "", json!({":zero": number("0"), ":one": number("-1.50")})),
        (count, "", json!({":zero": number("0"), ":one": text("1")})),
        (count, "", json!({":zero": number("0"), ":one": number("1e126")})),
        ("SET a = :a, b = :a", "", json!({":a": {"M": {"p": {"L": [number("007"), {"NULL": true}]}}}})),
        ("SET a.p = :a", "", json!({":a": text("x")})),
        ("SET c = a REMOVE b", "attribute_exists(a)", json!({})),
        ("SET d = :d", "attribute_not_exists(id) OR d < :d", json!({":d": text("1")})),
        ("SET d = :d", "attribute_not_exists(id) OR d < :d", json!({":d": text("2")})),
        ("SET d = :d", "attribute_not_exists(id) OR d < :d", json!({":d": {"BOOL": true}})),
        ("SET d = :d", "NOT (d = :d AND hits <> :n)", json!({":d": text("3"), ":n": number("4")})),
        ("SET e = :e", "", json!({":e": text("x")})),
        ("SET e = :e", "", json!({":e": text("")})),
        ("SET e = :e", "", json!({":e": text(&"x".repeat(100_000))})),
        ("SET e = :e", "", json!({":e": {"SS": ["x", "x"]}})),
        ("SET e = :e", "", json!({":e": number("1".repeat(39).as_str())})),
        ("SET e = :e", "", json!({":f": text("x")})),
        ("SET id = :e", "", json!({":e": text("x")})),
        ("SET e = missing", "", json!({})),
        ("ADD hits :n", "", json!({":n": number("2")})),
    ]
}

/// State is saved at the worst moment: when a request has been let in and has changed nothing yet. Prints
/// for a request that succeeds and for one that fails halfway its status, and whether it will be saved.
const SAVED_BETWEEN: &str = r#"
import contextvars, json, logging, sys, threading, types
sys.path.append(sys.argv[1])
import shortcut

logging.disable()
changed = threading.Event()

def put(request):
    changed.clear()
    return 200, {}, "{}"

def update(request):
    changed.clear()
    raise ValueError("halfway")

engine = types.SimpleNamespace(
    _get_reset_lock=threading.Lock, _loaded_modules={}, fix_error_content_type=lambda *answer: None,
)
targets = [b"DynamoDB_20120810.PutItem", b"DynamoDB_20120810.UpdateItem"]
allowed = {(target, ("records", None)): True for target in targets}
caller = types.SimpleNamespace(context=contextvars.copy_context(), may=allowed)
services = dict.fromkeys(("evaluator", "actions", "sqs"))
services["dynamodb"] = types.SimpleNamespace(_put_item=put, _update_item=update)
signatures = types.SimpleNamespace(caller=lambda *request: caller)
answering = shortcut.Shortcut(engine, services, signatures, changed.set, logging.getLogger())
for target in targets:
    fields = {b"x-amz-target": target}
    head = types.SimpleNamespace(
        fields=fields, headers=list(fields), target=b"/", method=b"POST", version="1.1", keeps_alive=lambda: True,
    )
    answer = answering.answer(head, b'{"TableName": "records"}', "127.0.0.1")
    print(answer.split()[1].decode(), changed.is_set())
"#;

/// Needs a Python, not the engine.
#[test]
fn what_is_answered_for_is_saved_also_when_state_was_saved_just_before() {
    let mut python = Command::new("python3");
    let python = python.args(["-I", "-B", "-c", SAVED_BETWEEN, env!("CARGO_MANIFEST_DIR")]);
    let output = python.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(said, "200 True\n500 True\n");
}
