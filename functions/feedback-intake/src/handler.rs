//! One request.

use std::sync::Arc;

use pipectl_invocation::clock::Clock;
use pipectl_invocation::http::{HttpEvent, HttpResponse};
use pipectl_invocation::invocation::Invocation;
use pipectl_invocation::log::{Item, Level, Log, chain};
use pipectl_invocation::metrics::Metrics;
use pipectl_invocation::problem::{Fault, INTERNAL_ERROR, INVALID_PARAMETER, MALFORMED_CONTENT, Problem};
use pipectl_invocation::refusal::{Refusal, json_content};
use pipectl_messages::{Document, DocumentError, RecordId};
use serde_json::{Value, json};

use crate::config::Config;
use crate::effects::Queue;
use crate::feedback::Feedback;
use crate::idempotency_key::IdempotencyKey;
use crate::problem::INVALID_FEEDBACK;
use crate::submission;

/// What the function is made of.
pub struct Function<Q> {
    /// Settings.
    pub config: Config,
    /// Where feedback goes.
    pub queue: Q,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Log lines.
    pub log: Log,
}

/// Queues the feedback of a request, and counts into `metrics`. Every request gets a response; failures of the
/// queue are logged, and the client learns no more than that there was one.
pub async fn handle<Q: Queue>(
    event: &HttpEvent,
    invocation: &Invocation,
    function: &Function<Q>,
    metrics: &mut Metrics,
) -> HttpResponse {
    let started = function.clock.now();
    let accepted = accept(event, invocation, function).await;
    let (response, item, cause) = match accepted {
        Ok(id) => (accepted_response(&id), id.into(), None),
        Err(refusal) => (refusal.problem.response(), invocation.request_id.clone(), refusal.cause),
    };
    let status = response.status_code;
    metrics.count("Requests", 1);
    metrics.count("ClientErrors", u64::from((400..500).contains(&status)));
    metrics.count("ServerErrors", u64::from(status >= 500));
    let mut details =
        vec![("status", Value::from(status)), ("request_id", Value::from(invocation.request_id.as_str()))];
    details.extend(cause.map(|error| ("error", Value::from(chain(&error)))));
    let (level, outcome) = match status {
        500.. => (Level::Error, "failed"),
        400.. => (Level::Info, "refused"),
        _ => (Level::Info, "queued"),
    };
    let item = Item { id: &item, outcome, started, trace_id: invocation.trace_id.as_deref() };
    function.log.item(level, "feedback taken", &item, &details);
    response
}

/// Returns the id under which the feedback is queued.
async fn accept<Q: Queue>(
    event: &HttpEvent,
    invocation: &Invocation,
    function: &Function<Q>,
) -> Result<RecordId, Refusal> {
    if event.method() != "POST" {
        return Err(Problem::method_not_allowed(vec!["POST"]).into());
    }
    let key = idempotency_key(event)?;
    let feedback = feedback(event, function.config.max_body_bytes)?;
    let id = match key {
        Some(key) => submission::id_of_key(&key, &feedback),
        // The request id is unique.
        None => RecordId::new(invocation.request_id.as_str()).map_err(|_| Problem::new(INTERNAL_ERROR))?,
    };
    let record = submission::record(id, &feedback, function.clock.now());
    function.queue.send(&submission::message(&record, invocation.trace_id.as_deref())).await?;
    Ok(record.id)
}

fn idempotency_key(event: &HttpEvent) -> Result<Option<IdempotencyKey>, Problem> {
    let value = event.header("idempotency-key");
    value
        .map(IdempotencyKey::read)
        .transpose()
        .map_err(|error| Problem::with_detail(INVALID_PARAMETER, error.to_string()))
}

fn feedback(event: &HttpEvent, max_bytes: usize) -> Result<Feedback, Problem> {
    let text = json_content(event, max_bytes)?;
    let faults = match Document::from_json(&text) {
        Ok(document) => match Feedback::from_document(document) {
            Ok(feedback) => return Ok(feedback),
            Err(faults) => faults,
        },
        Err(error @ DocumentError::NotJson { .. }) => {
            return Err(Problem::with_detail(MALFORMED_CONTENT, error.to_string()));
        }
        Err(error) => vec![Fault::of_content(error.to_string())],
    };
    Err(Problem::with_faults(INVALID_FEEDBACK, faults))
}

fn accepted_response(id: &RecordId) -> HttpResponse {
    HttpResponse::content(202, "application/json", json!({ "id": id.as_str() }).to_string())
}
