//! The functions that are measured, and the events they get.

use serde_json::{Value, json};

/// A function and its workload.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject {
    /// Name of the crate and its binary.
    pub(crate) name: &'static str,
    /// Program with the same clients that does nothing else.
    pub(crate) baseline: &'static str,
    /// Variables of its contract.
    pub(crate) environment: &'static [(&'static str, &'static str)],
    /// Event number `n`, from 0.
    pub(crate) event: fn(usize) -> Value,
    /// Operation of AWS that the work comes down to; the baseline repeats it.
    pub(crate) operation: &'static str,
    /// Messages of one event.
    pub(crate) messages: u64,
    /// Calls of the operation for one event.
    pub(crate) calls: u64,
    /// Whether it reads an object.
    pub(crate) reads_object: bool,
}

/// Messages of a batch from a queue, and of a request to one.
pub(crate) const BATCH: u64 = 10;

/// Where the work on many messages is measured with [`OBJECT_EXTRACT`] alone.
pub(crate) const OBJECT_EXTRACT: &str = "object-extract";

/// The function whose times are laid beside those of the interpreted one.
pub(crate) const RECORDS_API: &str = "records-api";

const RECORD_QUEUE: &str = "https://sqs.us-east-1.amazonaws.com/123456789012/records";
const DEAD_LETTER_QUEUE: &str = "https://sqs.us-east-1.amazonaws.com/123456789012/records-dlq";

/// All functions.
pub(crate) const SUBJECTS: [Subject; 5] = [
    Subject {
        name: OBJECT_EXTRACT,
        baseline: "baseline-s3-sqs",
        environment: &[("QUEUE_URL", RECORD_QUEUE), ("REJECT_QUEUE_URL", DEAD_LETTER_QUEUE)],
        event: |_| object_created(),
        operation: "SendMessageBatch",
        messages: BATCH,
        calls: 1,
        reads_object: true,
    },
    Subject {
        name: "message-writer",
        baseline: "baseline-dynamodb",
        environment: &[("TABLE_NAME", "records")],
        event: messages,
        operation: "UpdateItem",
        messages: BATCH,
        calls: BATCH,
        reads_object: false,
    },
    Subject {
        name: RECORDS_API,
        baseline: "baseline-dynamodb",
        environment: &[("TABLE_NAME", "records"), ("SOURCE_INDEX", "by-source")],
        event: request,
        operation: "UpdateItem",
        messages: 1,
        calls: 1,
        reads_object: false,
    },
    Subject {
        name: "feedback-intake",
        baseline: "baseline-sqs",
        environment: &[("QUEUE_URL", RECORD_QUEUE)],
        event: |_| feedback(),
        operation: "SendMessage",
        messages: 1,
        calls: 1,
        reads_object: false,
    },
    Subject {
        name: "dead-letter-alert",
        baseline: "baseline-sqs-sns",
        environment: &[
            ("QUEUE_URL", DEAD_LETTER_QUEUE),
            ("TOPIC_ARN", "arn:aws:sns:us-east-1:123456789012:alerts"),
            ("SAMPLE_SIZE", "10"),
        ],
        event: |_| alarm(),
        operation: "Publish",
        messages: 1,
        calls: 1,
        reads_object: false,
    },
];

fn object_created() -> Value {
    json!({ "Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": "2026-11-23T13:00:00.250Z",
        "eventName": "ObjectCreated:Put",
        "s3": {
            "bucket": { "name": "bench", "arn": "arn:aws:s3:::bench" },
            "object": { "key": "records.jsonl", "size": 2000, "sequencer": "0055AED6DCD90281E5" },
        },
    }] })
}

/// A batch of records, each of another id.
fn messages(number: usize) -> Value {
    let message = |place: u64| {
        let id = format!("{number:016x}{place:016x}");
        let record = json!({
            "version": 1,
            "id": id,
            "source": "s3://bench/records.jsonl",
            "position": { "number": place + 1, "offset": place * 200 },
            "ordering": format!("00000000000000000055aed6dcd90281e5.{:012}", place + 1),
            "deduplication_id": format!("{id}{id}"),
            "body": {
                "sku": "A-2", "price": 12.5, "quantity": 3, "in_stock": true,
                "description": "a part of no particular use, in a box of its own, that fits no shelf there is",
            },
        });
        json!({
            "messageId": format!("059f36b4-87a3-44ab-83d2-{place:012x}"),
            "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
            "body": record.to_string(),
            "attributes": { "ApproximateReceiveCount": "1", "SentTimestamp": "1795438800000" },
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:records",
            "awsRegion": "us-east-1",
        })
    };
    json!({ "Records": (0..BATCH).map(message).collect::<Vec<_>>() })
}

/// Creates, reads and lists records, in turn.
fn request(number: usize) -> Value {
    let record = r#"{"id":"A-2","body":{"sku":"A-2","price":12.5,"quantity":3,"in_stock":true}}"#;
    match number % 3 {
        0 => http("GET", "/records/A-2", "", None),
        1 => http("POST", "/records", "", Some(record)),
        _ => http("GET", "/records", "limit=20", None),
    }
}

fn feedback() -> Value {
    http("POST", "/feedback", "", Some(r#"{"rating":4,"channel":"web","comment":"Nice but slow"}"#))
}

/// A request as API Gateway hands it over.
fn http(method: &str, path: &str, query: &str, content: Option<&str>) -> Value {
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": { "accept": "*/*", "content-type": "application/json", "host": "api.example.com" },
        "requestContext": {
            "apiId": "a1b2c3d4e5",
            "stage": "$default",
            "requestId": "JKJaXmPLvHcESHA=",
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1" },
        },
        "body": content,
        "isBase64Encoded": false,
    })
}

fn alarm() -> Value {
    json!({
        "source": "aws.cloudwatch",
        "alarmArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:records-dlq",
        "region": "us-east-1",
        "alarmData": {
            "alarmName": "records-dlq",
            "state": { "value": "ALARM", "timestamp": "2026-11-23T13:00:00.000+0000" },
            "configuration": { "description": "Messages wait in records-dlq." },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_all_events_have_ids_of_their_own() {
        let ids = |event: Value| -> Vec<String> {
            let messages = event["Records"].as_array().unwrap().clone();
            let record = |message: &Value| -> Value {
                serde_json::from_str(message["body"].as_str().unwrap()).unwrap()
            };
            messages.iter().map(|message| record(message)["id"].to_string()).collect()
        };
        let mut all: Vec<String> = [ids(messages(0)), ids(messages(1))].concat();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 20);
    }
}
