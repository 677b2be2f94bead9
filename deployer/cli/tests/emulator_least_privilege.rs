//! The policies of the functions' roles, enforced by a local engine: with them the examples work, and without
//! any one action of theirs something observable does not.

mod support;

use serde_json::{Value, json};
use support::privilege::{Subject, Unobserved, encryption, new_id, tracing, writes_records};
use support::stack::{Stack, write_example};
use support::{Sandbox, poll, repository};

/// Looks at what takes a moment, on a loaded machine.
const LOOKS: usize = 480;

#[test]
fn feedback_breaks_without_any_one_of_its_grants() {
    let sandbox = Sandbox::new();
    write_example(&sandbox, "feedback", |spec| spec);
    let stack = Stack::up(&sandbox, &[]);

    let intake = Subject::new(&stack, "FeedbackIntakeFunctionName");
    intake.needs_each_grant(&tracing(), |intake, _| {
        let body = json!({"rating": 5, "channel": "web"});
        let accepted = request(&stack, "FeedbackApiUrl", "POST", "/feedback", &body, 202)?;
        intake.has_logged(accepted["id"].as_str().expect("an id"))
    });
    let writer = Subject::new(&stack, "FeedbackWriterFunctionName");
    writer.needs_each_grant(&tracing(), |writer, removed| {
        writes_records(writer, stack.output("FeedbackQueueUrl"), stack.output("FeedbackTableName"), removed)
    });
    let alert = Subject::new(&stack, "DeadLetterAlertFunctionName");
    let event = repository().join("functions/dead-letter-alert/tests/alerting/events/alarm.json");
    let event: Value = serde_json::from_slice(&std::fs::read(event).expect("the event")).expect("JSON");
    // On an empty queue, the function would wait for a message.
    let letter = json!({"QueueUrl": stack.output("FeedbackDlqQueueUrl"), "MessageBody": "probe"});
    stack.engine.call("AmazonSQS.SendMessage", &letter);
    alert.needs_each_grant(&[tracing(), encryption()].concat(), |alert, _| {
        let mut event = event.clone();
        let name = new_id();
        event["alarmData"]["alarmName"] = json!(name);
        alert.invoke(&event)?;
        alert.has_logged(&name)
    });
}

#[test]
fn ingest_breaks_without_any_one_of_its_grants() {
    let sandbox = Sandbox::new();
    write_example(&sandbox, "ingest", |spec| spec);
    let stack = Stack::up(&sandbox, &[]);

    let extract = Subject::new(&stack, "ObjectExtractFunctionName");
    let object = put_object(&stack);
    let failures = stack.output("ExtractFailuresQueueUrl").rsplit('/').next().expect("a name");
    let current = Unobserved {
        action: "s3:GetObject",
        resource: "/*".to_owned(),
        reason: "the events of this bucket name a version; a bucket without versioning has none to name",
    };
    extract.needs_each_grant(&[tracing(), vec![current]].concat(), |extract, removed| {
        extract.invoke(&event(&object))?;
        let mut gone = object.clone();
        let key = new_id();
        gone["object"]["key"] = json!(key);
        extract.invoke(&event(&gone))?;
        extract.has_logged(&key)?;
        // It takes seconds until Lambda has tried thrice.
        match removed {
            Some(granted) if granted.resource.ends_with(failures) => passes_failures_on(&stack, extract),
            _ => Ok(()),
        }
    });
    passes_failures_on(&stack, &extract).expect("with all grants");

    let writer = Subject::new(&stack, "MessageWriterFunctionName");
    writer.needs_each_grant(&tracing(), |writer, removed| {
        writes_records(writer, stack.output("MessagesQueueUrl"), stack.output("RecordsTableName"), removed)
    });

    let api = Subject::new(&stack, "RecordsApiFunctionName");
    let reason = "the spec names the actions on a table once, for it and its indexes";
    let table = format!("table/{}", stack.output("RecordsTableName"));
    let either = [
        Unobserved { action: "dynamodb:Query", resource: table, reason },
        Unobserved { action: "dynamodb:Scan", resource: "index/by-source".to_owned(), reason },
    ];
    api.needs_each_grant(&[tracing(), either.to_vec()].concat(), |api, _| {
        let id = new_id();
        let record = json!({"id": id, "body": {"n": 1}});
        request(&stack, "RecordsApiUrl", "POST", "/records", &record, 201)?;
        request(&stack, "RecordsApiUrl", "GET", &format!("/records/{id}"), &Value::Null, 200)?;
        request(&stack, "RecordsApiUrl", "GET", "/records?limit=1", &Value::Null, 200)?;
        request(&stack, "RecordsApiUrl", "GET", "/records?limit=1&source=probe", &Value::Null, 200)?;
        api.has_logged(&id)
    });
}

/// Sends a request and demands a status.
fn request(
    stack: &Stack,
    api: &str,
    method: &str,
    path: &str,
    body: &Value,
    status: u16,
) -> Result<Value, String> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = stack.request(api, method, path, &[("Content-Type", "application/json")], body.as_bytes());
    if answer.status == status {
        Ok(answer.json())
    } else {
        Err(format!("{method} {path}: {}", answer.text()))
    }
}

/// Puts an object with a record and a line that is none; returns its event's bucket and object.
fn put_object(stack: &Stack) -> Value {
    let bucket = stack.output("UploadsBucketName");
    let put = stack.engine.put_object(bucket, "probe.jsonl", b"{\"n\":1}\n{broken\n");
    let version = put.header("x-amz-version-id").expect("a bucket with versioning");
    json!({
        "bucket": {"name": bucket},
        "object": {"key": "probe.jsonl", "versionId": version, "sequencer": "0055AED6DCD90281E5"},
    })
}

fn event(object: &Value) -> Value {
    json!({"Records": [{"eventName": "ObjectCreated:Put", "s3": object}]})
}

/// Lets an invocation fail for good and looks where its event ends.
fn passes_failures_on(stack: &Stack, extract: &Subject<'_>) -> Result<(), String> {
    let queue = stack.output("ExtractFailuresQueueUrl");
    let lost = lost_events(stack, extract);
    let event = new_id();
    stack.engine.invoke_later(&extract.name, &json!({"Records": event}));
    poll::until("the event is passed on or lost", LOOKS, || {
        let taken = Value::from(stack.engine.take(queue)).to_string();
        if taken.contains(&event) {
            Ok(Ok(()))
        } else if lost_events(stack, extract) > lost {
            Ok(Err("the event is lost".to_owned()))
        } else {
            Err(taken)
        }
    })
}

/// `DestinationDeliveryFailures` of the function so far.
fn lost_events(stack: &Stack, function: &Subject<'_>) -> u64 {
    let parameters = [
        ("Action", "GetMetricStatistics"),
        ("Namespace", "AWS/Lambda"),
        ("MetricName", "DestinationDeliveryFailures"),
        ("Dimensions.member.1.Name", "FunctionName"),
        ("Dimensions.member.1.Value", function.name.as_str()),
        ("StartTime", "2020-01-01T00:00:00Z"),
        ("EndTime", "2100-01-01T00:00:00Z"),
        ("Period", "60"),
        ("Statistics.member.1", "Sum"),
    ];
    let xml = stack.engine.query("monitoring", &parameters);
    let sums = xml.split("<Sum>").skip(1).map(|rest| rest.split('<').next().expect("a number"));
    sums.map(|sum| sum.parse::<f64>().expect("a number") as u64).sum()
}
