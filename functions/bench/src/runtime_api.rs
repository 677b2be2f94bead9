//! The Runtime API of Lambda for one execution environment.
//!
//! Source: AWS Lambda developer guide, using the Lambda runtime API for custom runtimes (read 2026-11-23).

use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, bail};

use crate::clock;
use crate::http::{Request, Server, Service, respond};

/// The longest that Lambda lets an invocation take. Source: AWS Lambda developer guide, quotas (read 2026-11-23).
const TIMEOUT: Duration = Duration::from_secs(900);

/// Longest wait before the harness looks whether the process has ended.
pub(crate) const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// Hands one event after the other to a function, and takes its answers.
pub(crate) struct RuntimeApi {
    server: Server,
    events: Sender<Vec<u8>>,
    outcomes: Receiver<Outcome>,
    exchange: Arc<Exchange>,
}

/// What a function made of an event.
struct Outcome {
    at: Instant,
    failure: Option<String>,
    body: Vec<u8>,
}

/// The side of the connections.
struct Exchange {
    events: Mutex<Receiver<Vec<u8>>>,
    outcomes: Mutex<Sender<Outcome>>,
    asked_first: OnceLock<Instant>,
    invocations: AtomicU64,
}

impl RuntimeApi {
    pub(crate) fn start() -> io::Result<Self> {
        let (events, events_out) = channel();
        let (outcomes_in, outcomes) = channel();
        let exchange = Arc::new(Exchange {
            events: Mutex::new(events_out),
            outcomes: Mutex::new(outcomes_in),
            asked_first: OnceLock::new(),
            invocations: AtomicU64::new(0),
        });
        let service: Arc<dyn Service> = exchange.clone();
        Ok(Self { server: Server::start(service)?, events, outcomes, exchange })
    }

    /// For `AWS_LAMBDA_RUNTIME_API`.
    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Queues an event for the function.
    pub(crate) fn send(&self, event: Vec<u8>) -> anyhow::Result<()> {
        self.events.send(event).context("the Runtime API has ended")
    }

    /// When the answer to the oldest event came, and its content. Asks `is_alive` while it waits.
    ///
    /// # Errors
    /// With what the function says when it fails, and when its process ends.
    pub(crate) fn outcome(&self, mut is_alive: impl FnMut() -> bool) -> anyhow::Result<(Instant, Vec<u8>)> {
        loop {
            match self.outcomes.recv_timeout(LOOK_INTERVAL) {
                Ok(Outcome { at, failure: None, body }) => return Ok((at, body)),
                Ok(Outcome { failure: Some(failure), .. }) => bail!("the function failed: {failure}"),
                Err(RecvTimeoutError::Timeout) if is_alive() => {}
                Err(_) => bail!("the function's process ended without an answer"),
            }
        }
    }

    /// When the function first asked for an event, which ends Lambda's init phase.
    pub(crate) fn asked_first(&self) -> Option<Instant> {
        self.exchange.asked_first.get().copied()
    }
}

impl Service for Exchange {
    fn answer(&self, request: Request, to: &mut dyn Write) -> io::Result<()> {
        let at = clock::now();
        let path = request.target.trim_start_matches("/2018-06-01/runtime");
        match path.rsplit('/').next() {
            Some("next") => self.hand_out(at, to),
            Some("response") => self.take(Outcome { at, failure: None, body: request.body }, to),
            Some("error") => {
                let failure = Some(String::from_utf8_lossy(&request.body).into_owned());
                self.take(Outcome { at, failure, body: Vec::new() }, to)
            }
            _ => respond(to, 404, &[], b""),
        }
    }
}

impl Exchange {
    fn hand_out(&self, at: Instant, to: &mut dyn Write) -> io::Result<()> {
        self.asked_first.get_or_init(|| at);
        let next = self.events.lock().unwrap_or_else(PoisonError::into_inner).recv();
        // Without a sender the measurement is over.
        let Ok(event) = next else { return Err(io::ErrorKind::ConnectionAborted.into()) };
        let number = self.invocations.fetch_add(1, Ordering::Relaxed);
        let deadline = (clock::wall() + TIMEOUT).duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let headers = [
            ("content-type", "application/json"),
            ("lambda-runtime-aws-request-id", &format!("8476a536-e9f4-11e8-9739-{number:012x}")),
            ("lambda-runtime-deadline-ms", &deadline.as_millis().to_string()),
            ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:bench"),
            ("lambda-runtime-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"),
        ];
        respond(to, 200, &headers, &event)
    }

    fn take(&self, outcome: Outcome, to: &mut dyn Write) -> io::Result<()> {
        // Nobody waits any more when the measurement was given up.
        drop(self.outcomes.lock().unwrap_or_else(PoisonError::into_inner).send(outcome));
        respond(to, 202, &[], b"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(api: &RuntimeApi, target: &str, body: &[u8]) -> String {
        let mut answer = Vec::new();
        let request = Request { target: target.to_owned(), body: body.to_vec(), ..Request::default() };
        api.exchange.answer(request, &mut answer).unwrap();
        String::from_utf8(answer).unwrap()
    }

    #[test]
    fn event_is_handed_out_with_its_request_id_and_its_answer_comes_back() {
        let api = RuntimeApi::start().unwrap();
        api.send(b"{\"n\":1}".to_vec()).unwrap();
        let event = ask(&api, "/2018-06-01/runtime/invocation/next", b"");
        assert!(event.contains("lambda-runtime-aws-request-id: 8476a536-e9f4-11e8-9739-000000000000\r\n"));
        assert!(event.ends_with("{\"n\":1}"));
        ask(&api, "/2018-06-01/runtime/invocation/8476a536/response", b"[]");
        assert_eq!(api.outcome(|| true).unwrap().1, b"[]");
        assert!(api.asked_first().is_some());
    }

    #[test]
    fn failed_invocation_says_why() {
        let api = RuntimeApi::start().unwrap();
        ask(&api, "/2018-06-01/runtime/init/error", b"no table");
        assert!(api.outcome(|| true).unwrap_err().to_string().contains("no table"));
    }
}
