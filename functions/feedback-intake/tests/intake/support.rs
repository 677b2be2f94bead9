//! A queue in memory, requests, and one way to serve them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use feedback_intake::config::Config;
use feedback_intake::effects::{Message, Queue};
use feedback_intake::handler::{Function, handle};
use pipectl_invocation::aws_error::{AwsError, Retry};
use pipectl_invocation::http::{HttpEvent, HttpResponse};
use pipectl_invocation::metrics::Metrics;
use pipectl_invocation::testing::{FakeClock, RecorderOutput, invocation, log};
use pipectl_messages::Record;
use serde_json::{Value, json};

/// What happens to a call instead of its work.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// The message is queued, the answer is lost.
    AnswerLost,
    /// Nothing is done.
    Failed(Retry),
}

/// Remembers messages. Calls meet the faults of a script, then none.
#[derive(Default)]
pub(crate) struct MemoryQueue {
    pub(crate) faults: Mutex<VecDeque<Fault>>,
    pub(crate) queued: Mutex<Vec<Message>>,
}

impl Queue for MemoryQueue {
    async fn send(&self, message: &Message) -> Result<(), AwsError> {
        let fault = self.faults.lock().expect("no panic").pop_front();
        if !matches!(fault, Some(Fault::Failed(_))) {
            self.queued.lock().expect("no panic").push(message.clone());
        }
        let retry = match fault {
            None => return Ok(()),
            Some(Fault::AnswerLost) => Retry::Transient,
            Some(Fault::Failed(retry)) => retry,
        };
        Err(AwsError {
            operation: "sqs:SendMessage",
            code: Some("AccessDenied".to_owned()),
            message: "arn:aws:sqs:eu-central-1:123456789012:secret".to_owned(),
            request_id: None,
            retry,
        })
    }
}

/// Feedback with every field.
pub(crate) const FEEDBACK: &str =
    r#"{"rating":4,"channel":"web","comment":"Nice — but slow","contact":"me@example.org"}"#;

/// A request with JSON content.
pub(crate) fn request(content: &str) -> Value {
    json!({
        "version": "2.0",
        "routeKey": "POST /feedback",
        "rawPath": "/feedback",
        "rawQueryString": "",
        "headers": { "content-type": "application/json" },
        "requestContext": { "stage": "$default", "http": { "method": "POST", "path": "/feedback" } },
        "body": content,
        "isBase64Encoded": false,
    })
}

/// The request with a header.
pub(crate) fn with_header(mut request: Value, name: &str, value: &str) -> Value {
    request["headers"][name] = value.into();
    request
}

/// A function on a queue in memory.
pub(crate) struct Intake {
    pub(crate) function: Function<MemoryQueue>,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) output: Arc<RecorderOutput>,
}

impl Intake {
    pub(crate) fn new() -> Self {
        let (clock, output) = (FakeClock::new(), Arc::new(RecorderOutput::default()));
        let function = Function {
            config: Config::read(|name| (name == "QUEUE_URL").then(|| "https://q".to_owned()))
                .expect("usable settings"),
            queue: MemoryQueue::default(),
            clock: clock.clone(),
            log: log(output.clone(), clock.clone()),
        };
        Self { function, clock, output }
    }

    pub(crate) fn with_faults(self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.function.queue.faults.lock().expect("no panic").extend(faults);
        self
    }

    /// Serves a request; the clock goes on by a second.
    pub(crate) fn serve(&self, request: Value) -> HttpResponse {
        let event: HttpEvent = serde_json::from_value(request).expect("a legal event");
        let invocation = invocation(&self.clock, Duration::from_secs(10));
        let mut metrics = Metrics::new("pipectl", "feedback-intake");
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let response = runtime.block_on(handle(&event, &invocation, &self.function, &mut metrics));
        self.clock.advance(Duration::from_secs(1));
        response
    }

    pub(crate) fn messages(&self) -> Vec<Message> {
        self.function.queue.queued.lock().expect("no panic").clone()
    }

    pub(crate) fn records(&self) -> Vec<Record> {
        self.messages().iter().map(|message| Record::from_json(&message.body).expect("a record")).collect()
    }
}

/// Content of a response.
pub(crate) fn content(response: &HttpResponse) -> Value {
    serde_json::from_str(response.body.as_deref().expect("content")).expect("JSON")
}

/// Status and kind of a problem.
pub(crate) fn problem(response: &HttpResponse) -> (u16, String) {
    assert_eq!(response.headers["content-type"], "application/problem+json");
    let content = content(response);
    assert_eq!(content["status"], response.status_code);
    let kind = content["type"].as_str().expect("a type").replace("urn:pipectl:problem:", "");
    (response.status_code, kind)
}
