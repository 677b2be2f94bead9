//! The ingest example, deployed to a local engine of its own.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::Value;

use super::engine::Engine;
use super::http::Answer;
use super::stack::{Stack, write_example};
use super::{Sandbox, poll};

/// Looks at a pipeline that works through tens of thousands of records on a loaded machine.
const LOOKS: usize = 2_400;

/// Writes the example's spec into a sandbox.
pub(crate) fn write_spec(sandbox: &Sandbox, change: impl FnOnce(String) -> String) {
    write_example(sandbox, "ingest", change);
}

/// The deployed example.
pub(crate) struct Ingest {
    /// The engine it runs on.
    pub(crate) engine: Engine,
    /// The stack's name.
    name: String,
    stack: Stack,
    put: Cell<usize>,
}

impl Ingest {
    /// Deploys it; `flags` may name a stage.
    #[track_caller]
    pub(crate) fn up(sandbox: &Sandbox, name: &str, flags: &[&str]) -> Self {
        let stack = Stack::up(sandbox, flags);
        Self { engine: stack.engine.clone(), name: name.to_owned(), stack, put: Cell::new(0) }
    }

    /// Returns an output of the stack.
    #[track_caller]
    pub(crate) fn output(&self, name: &str) -> &str {
        self.stack.output(name)
    }

    /// Puts an object into the bucket and returns the source that its records name.
    #[track_caller]
    pub(crate) fn put(&self, key: &str, body: &[u8]) -> String {
        let bucket = self.output("UploadsBucketName");
        self.engine.put_object(bucket, key, body);
        self.put.set(self.put.get() + 1);
        format!("s3://{bucket}/{key}")
    }

    /// Waits until every object put so far is read, and every record of it is written.
    #[track_caller]
    pub(crate) fn settle(&self) {
        let put = self.put.get();
        poll::until("all objects are read", LOOKS, || {
            let read = self.extractions();
            if read.len() >= put { Ok(()) } else { Err(format!("{put} objects put, read: {read:?}")) }
        });
        poll::until("all records are written", LOOKS, || {
            match self.engine.messages(self.output("MessagesQueueUrl")) {
                (0, 0) => Ok(()),
                (waiting, in_flight) => Err(format!("{waiting} waiting, {in_flight} in flight")),
            }
        });
    }

    /// Returns what object-extract logged of the objects it queued, oldest first.
    #[track_caller]
    pub(crate) fn extractions(&self) -> Vec<Value> {
        let lines = self.engine.log_lines(&format!("/aws/lambda/{}-object-extract", self.name));
        lines.into_iter().filter(|line| line["outcome"] == "queued").collect()
    }

    /// Returns the items of the table by the source they name.
    #[track_caller]
    pub(crate) fn items_by_source(&self) -> BTreeMap<String, Vec<Value>> {
        let mut by_source: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for item in self.engine.items(self.output("RecordsTableName")) {
            let source = item["source"]["S"].as_str().expect("a source").to_owned();
            by_source.entry(source).or_default().push(item);
        }
        by_source
    }

    /// Takes `count` payloads from the dead-letter queue.
    #[track_caller]
    pub(crate) fn rejects(&self, count: usize) -> Vec<Value> {
        let mut found: Vec<Value> = Vec::new();
        poll::until("the rejected records arrive", LOOKS, || {
            for message in self.engine.take(self.output("MessagesDlqQueueUrl")) {
                let body = message["Body"].as_str().expect("a body");
                found.push(serde_json::from_str(body).expect("JSON"));
            }
            if found.len() >= count { Ok(()) } else { Err(format!("{found:?}")) }
        });
        found
    }

    /// Sends a request to the API, with a JSON body unless it is null.
    #[track_caller]
    pub(crate) fn api(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let headers = [&[("Content-Type", "application/json")], headers].concat();
        self.stack.request("RecordsApiUrl", method, path, &headers, body.as_bytes())
    }

    /// Reads a list to its end, page by page.
    #[track_caller]
    pub(crate) fn list(&self, query: &str) -> Vec<Value> {
        let mut records = Vec::new();
        let mut next = String::new();
        loop {
            let path = format!("/records?limit=100{query}{next}");
            let page = self.api("GET", &path, &[], &Value::Null).is(200).json();
            records.extend(page["items"].as_array().expect("items").iter().cloned());
            match page["next_token"].as_str() {
                Some(token) => next = format!("&next_token={token}"),
                None => return records,
            }
        }
    }
}
