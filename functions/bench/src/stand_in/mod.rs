//! Stands in for Amazon S3, SQS, SNS and DynamoDB: answers at once what the services would, from nothing.
//!
//! It holds no state and checks no signature. What it knows is counted: connections, calls, and how many calls of
//! an operation were under way together.

mod dynamodb;
mod s3;
mod sns;
mod sqs;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

pub(crate) use s3::ObjectShape;

use crate::http::{Request, Server, Service, respond};

/// The stand-in, as long as it lives.
pub(crate) struct StandIn {
    server: Server,
    state: Arc<State>,
}

/// What was counted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    /// Connections that clients opened.
    pub(crate) connections: u64,
    /// By operation, such as `SendMessageBatch`.
    pub(crate) operations: BTreeMap<String, OperationCounts>,
}

/// Calls of one operation.
#[derive(Debug, Clone, Default)]
pub(crate) struct OperationCounts {
    pub(crate) calls: u64,
    under_way: u64,
    /// The most that were under way together.
    pub(crate) most_under_way: u64,
    /// Content of the first call.
    pub(crate) sample: Vec<u8>,
}

/// How the stand-in answers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Behaviour {
    /// What objects look like.
    pub(crate) object: ObjectShape,
    /// Wait before each answer.
    pub(crate) latency: Duration,
}

struct State {
    behaviour: Behaviour,
    counts: Mutex<Counts>,
}

impl StandIn {
    pub(crate) fn start(behaviour: Behaviour) -> io::Result<Self> {
        let state = Arc::new(State { behaviour, counts: Mutex::default() });
        let service: Arc<dyn Service> = state.clone();
        Ok(Self { server: Server::start(service)?, state })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    pub(crate) fn counts(&self) -> Counts {
        self.state.counts().clone()
    }
}

impl State {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, operation: &str, request: &Request) {
        let mut counts = self.counts();
        if !counts.operations.contains_key(operation) {
            let first = OperationCounts { sample: request.body.clone(), ..OperationCounts::default() };
            counts.operations.insert(operation.to_owned(), first);
        }
        if let Some(counts) = counts.operations.get_mut(operation) {
            counts.calls += 1;
            counts.under_way += 1;
            counts.most_under_way = counts.most_under_way.max(counts.under_way);
        }
    }

    fn end(&self, operation: &str) {
        if let Some(counts) = self.counts().operations.get_mut(operation) {
            counts.under_way -= 1;
        }
    }

    fn work(&self, operation: &str, request: &Request, to: &mut dyn Write) -> io::Result<()> {
        if !self.behaviour.latency.is_zero() {
            thread::sleep(self.behaviour.latency);
        }
        let (content_type, content) = match request.amz_target.as_deref() {
            Some(target) if target.starts_with("AmazonSQS.") => {
                ("application/x-amz-json-1.0", sqs::answer(operation, &request.body))
            }
            Some(_) => ("application/x-amz-json-1.0", dynamodb::answer(operation, &request.body)),
            None if operation == s3::GET_OBJECT => return s3::send(self.behaviour.object, to),
            None => ("text/xml", sns::answer(operation)),
        };
        match content {
            Some(content) => respond(to, 200, &[("content-type", content_type)], content.as_bytes()),
            None => respond(to, 400, &[("content-type", content_type)], UNKNOWN.as_bytes()),
        }
    }
}

/// The answer to an operation that no function is known to use.
const UNKNOWN: &str = r#"{"__type":"UnknownOperationException"}"#;

impl Service for State {
    fn answer(&self, request: Request, to: &mut dyn Write) -> io::Result<()> {
        let operation = operation(&request);
        self.begin(&operation, &request);
        let result = self.work(&operation, &request, to);
        self.end(&operation);
        result
    }

    fn connected(&self) {
        self.counts().connections += 1;
    }
}

/// Name of the operation: behind the version in `X-Amz-Target`, by the method for S3, or the form's `Action`.
fn operation(request: &Request) -> String {
    match &request.amz_target {
        Some(target) => target.rsplit('.').next().unwrap_or_default().to_owned(),
        None if request.method == "GET" => s3::GET_OBJECT.to_owned(),
        None => sns::action(&request.body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(state: &State, target: Option<&str>, body: &str) -> String {
        let mut answer = Vec::new();
        let request = Request {
            method: "POST".to_owned(),
            amz_target: target.map(ToOwned::to_owned),
            body: body.as_bytes().to_vec(),
            ..Request::default()
        };
        state.answer(request, &mut answer).unwrap();
        String::from_utf8(answer).unwrap()
    }

    fn state() -> State {
        State { behaviour: Behaviour::default(), counts: Mutex::default() }
    }

    #[test]
    fn calls_are_counted_by_operation_and_the_first_is_kept() {
        let state = state();
        for body in ["{\"a\":1}", "{\"a\":2}"] {
            call(&state, Some("DynamoDB_20120810.UpdateItem"), body);
        }
        let counts = state.counts().clone();
        let update = &counts.operations["UpdateItem"];
        assert_eq!((update.calls, update.under_way, update.most_under_way), (2, 0, 1));
        assert_eq!(update.sample, b"{\"a\":1}");
    }

    #[test]
    fn unknown_operation_is_refused() {
        assert!(call(&state(), Some("AmazonSQS.PurgeQueue"), "{}").starts_with("HTTP/1.1 400 "));
    }
}
