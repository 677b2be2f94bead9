//! A running local engine, as other tools talk to it.

use std::process::Command;

use pipectl_local::{Credentials, Unsigned};
use serde_json::{Value, json};

use super::http::{Answer, escaped, send};

/// A running local engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Engine {
    /// Host and port.
    pub(crate) address: String,
    /// Its process.
    pub(crate) pid: u64,
    /// Its access key.
    pub(crate) credentials: Credentials,
}

impl Engine {
    /// The engine that `pipectl local start` or `status` speaks of.
    #[track_caller]
    pub(crate) fn of(outcome: &Value) -> Self {
        assert_eq!(outcome["result"], "running", "{outcome}");
        let endpoint = outcome["endpoint_url"].as_str().expect("an endpoint");
        Self {
            address: endpoint.strip_prefix("http://").expect("plain HTTP").to_owned(),
            pid: outcome["pid"].as_u64().expect("a process"),
            credentials: Credentials {
                access_key_id: outcome["access_key_id"].as_str().expect("a key").to_owned(),
                secret_access_key: outcome["secret_access_key"].as_str().expect("a secret").to_owned(),
            },
        }
    }

    /// Sends a signed request to a service.
    #[track_caller]
    fn send(
        &self,
        service: &str,
        (method, path): (&str, &str),
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let url = format!("http://{}{path}", self.address);
        let request = Unsigned { service, method, url: &url, headers, body };
        let signature = self.credentials.sign(&request).expect("a signature");
        let signature = signature.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let headers: Vec<(&str, &str)> = headers.iter().copied().chain(signature).collect();
        send(&self.address, method, path, &headers, body)
    }

    /// Calls an operation of a service that speaks JSON, such as `DynamoDB_20120810.Scan`.
    #[track_caller]
    pub(crate) fn call(&self, operation: &str, request: &Value) -> Value {
        let headers = [("X-Amz-Target", operation), ("Content-Type", "application/x-amz-json-1.0")];
        let service = match operation.split(['.', '_']).next() {
            Some("DynamoDB") => "dynamodb",
            Some("AmazonSQS") => "sqs",
            Some("Logs") => "logs",
            other => panic!("{other:?} of {operation}"),
        };
        self.send(service, ("POST", "/"), &headers, request.to_string().as_bytes()).is(200).json()
    }

    /// Puts an object.
    #[track_caller]
    pub(crate) fn put_object(&self, bucket: &str, key: &str, body: &[u8]) -> Answer {
        let path = format!("/{bucket}/{}", escaped(key));
        self.send("s3", ("PUT", &path), &[], body).is(200)
    }

    /// Gets a path of Lambda, or one of S3.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Answer {
        let service = if path.starts_with("/2015-03-31/") { "lambda" } else { "s3" };
        self.send(service, ("GET", path), &[], b"")
    }

    /// Calls an action of a service that takes forms, such as `ListRolePolicies` of `iam`, and returns the XML.
    #[track_caller]
    pub(crate) fn query(&self, service: &str, parameters: &[(&str, &str)]) -> String {
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        let form: Vec<String> =
            parameters.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        self.send(service, ("POST", "/"), &headers, form.join("&").as_bytes()).is(200).text()
    }

    /// Invokes a function and waits for its answer; `Err` is the failure that the function reports.
    #[track_caller]
    pub(crate) fn invoke(&self, function: &str, event: &Value) -> Result<Value, Value> {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let headers = [("Content-Type", "application/json")];
        let answer = self.send("lambda", ("POST", &path), &headers, event.to_string().as_bytes()).is(200);
        if answer.header("x-amz-function-error").is_some() { Err(answer.json()) } else { Ok(answer.json()) }
    }

    /// Invokes a function asynchronously: its failures are tried again.
    #[track_caller]
    pub(crate) fn invoke_later(&self, function: &str, event: &Value) {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let headers = [("X-Amz-Invocation-Type", "Event")];
        self.send("lambda", ("POST", &path), &headers, event.to_string().as_bytes()).is(202);
    }

    /// Returns the messages in a queue, without taking them out of it: waiting and being worked on.
    #[track_caller]
    pub(crate) fn messages(&self, queue_url: &str) -> (u64, u64) {
        let request = json!({"QueueUrl": queue_url, "AttributeNames": ["All"]});
        let answer = self.call("AmazonSQS.GetQueueAttributes", &request);
        let count = |name: &str| {
            let text = answer["Attributes"][name].as_str().unwrap_or_else(|| panic!("{name} in {answer}"));
            text.parse().expect("a number")
        };
        (count("ApproximateNumberOfMessages"), count("ApproximateNumberOfMessagesNotVisible"))
    }

    /// Takes up to ten messages out of a queue, without waiting for any.
    #[track_caller]
    pub(crate) fn take(&self, queue_url: &str) -> Vec<Value> {
        let request = json!({"QueueUrl": queue_url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 0});
        let answer = self.call("AmazonSQS.ReceiveMessage", &request);
        let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
        for message in &messages {
            let request = json!({"QueueUrl": queue_url, "ReceiptHandle": message["ReceiptHandle"]});
            self.call("AmazonSQS.DeleteMessage", &request);
        }
        messages
    }

    /// Returns every item of a table.
    #[track_caller]
    pub(crate) fn items(&self, table: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut request = json!({"TableName": table});
        loop {
            let page = self.call("DynamoDB_20120810.Scan", &request);
            items.extend(page["Items"].as_array().into_iter().flatten().cloned());
            match page.get("LastEvaluatedKey") {
                Some(last) => request["ExclusiveStartKey"] = last.clone(),
                None => return items,
            }
        }
    }

    /// Returns the messages in a log group that are JSON objects.
    #[track_caller]
    pub(crate) fn log_lines(&self, group: &str) -> Vec<Value> {
        let mut lines = Vec::new();
        let mut request = json!({"logGroupName": group});
        loop {
            let page = self.call("Logs_20140328.FilterLogEvents", &request);
            let events = page["events"].as_array().into_iter().flatten();
            let texts = events.filter_map(|event| event["message"].as_str());
            lines.extend(texts.filter_map(|text| serde_json::from_str::<Value>(text).ok()));
            match page.get("nextToken").filter(|token| token.is_string()) {
                Some(token) => request["nextToken"] = token.clone(),
                None => return lines,
            }
        }
    }

    /// Kills the engine as a crash would.
    pub(crate) fn crash(&self) {
        signal("-KILL", &self.pid.to_string());
    }
}

/// Sends a signal to a process.
#[track_caller]
pub(crate) fn signal(signal: &str, pid: &str) {
    let status = Command::new("kill").args([signal, pid]).status().expect("kill runs");
    assert!(status.success(), "kill {signal} {pid}");
}
