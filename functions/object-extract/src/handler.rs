//! One S3 event.

use std::sync::Arc;
use std::time::SystemTime;

use pipectl_invocation::clock::Clock;
use pipectl_invocation::invocation::Invocation;
use pipectl_invocation::log::{Item, Level, Log, chain};
use pipectl_invocation::metrics::Metrics;
use serde_json::Value;

use crate::config::Config;
use crate::effects::{ObjectStore, Queue};
use crate::event::{ObjectCreated, S3Event};
pub use crate::extract::ExtractError;
use crate::extract::{Extracted, Extraction, margin};

/// What the function is made of.
pub struct Function<S, Q> {
    /// Settings.
    pub config: Config,
    /// Where objects are read.
    pub store: S,
    /// Where messages go.
    pub queue: Arc<Q>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Log lines.
    pub log: Log,
}

/// Objects of the event could not be extracted; Lambda repeats the event.
#[derive(Debug, thiserror::Error)]
#[error("{failed} of {objects} objects could not be extracted")]
pub struct HandlerError {
    /// Objects that failed.
    pub failed: usize,
    /// Objects of the event.
    pub objects: usize,
    /// The first failure.
    #[source]
    pub first: Box<ExtractError>,
}

/// Queues the records of all objects of `event`, and counts into `metrics`. One object's failure does not keep
/// the others from being worked on.
///
/// # Errors
/// [`HandlerError`] when an object failed. Repeating the event is safe.
pub async fn handle<S: ObjectStore, Q: Queue>(
    event: &S3Event,
    invocation: &Invocation,
    function: &Function<S, Q>,
    metrics: &mut Metrics,
) -> Result<(), HandlerError> {
    let objects: Vec<ObjectCreated> =
        event.records.iter().filter_map(|record| record.object_created()).collect();
    if objects.is_empty() {
        function.log.write(Level::Info, "event names no created object", &[]);
    }
    let extraction = Extraction {
        store: &function.store,
        queue: &function.queue,
        clock: &function.clock,
        config: &function.config,
        invocation,
        margin: margin(invocation, &*function.clock),
    };
    let mut failures = Vec::new();
    for object in &objects {
        let started = function.clock.now();
        let result = extraction.extract(object).await;
        report(object, &result, started, invocation, &function.log);
        count(&result, metrics);
        failures.extend(result.err());
    }
    let failed = failures.len();
    match failures.into_iter().next() {
        Some(first) => Err(HandlerError { failed, objects: objects.len(), first: Box::new(first) }),
        None => Ok(()),
    }
}

fn report(
    object: &ObjectCreated,
    result: &Result<Extracted, ExtractError>,
    started: SystemTime,
    invocation: &Invocation,
    log: &Log,
) {
    let (level, outcome, mut details) = match result {
        Ok(Extracted::Queued { bytes, sent }) => (
            if sent.rejects == 0 { Level::Info } else { Level::Warn },
            "queued",
            vec![
                ("bytes", Value::from(*bytes)),
                ("records", Value::from(sent.records)),
                ("rejects", Value::from(sent.rejects)),
            ],
        ),
        Ok(Extracted::Gone) => (Level::Warn, "gone", Vec::new()),
        Err(error) => (Level::Error, "failed", vec![("error", Value::from(chain(error)))]),
    };
    details.push(("request_id", Value::from(invocation.request_id.as_str())));
    details.extend(object.version_id.as_deref().map(|version_id| ("version_id", Value::from(version_id))));
    let source = object.source();
    let item = Item { id: &source, outcome, started, trace_id: invocation.trace_id.as_deref() };
    log.item(level, "object worked on", &item, &details);
}

fn count(result: &Result<Extracted, ExtractError>, metrics: &mut Metrics) {
    let (queued, gone, failed) = match result {
        Ok(Extracted::Queued { .. }) => (1, 0, 0),
        Ok(Extracted::Gone) => (0, 1, 0),
        Err(_) => (0, 0, 1),
    };
    metrics.count("ObjectsExtracted", queued);
    metrics.count("ObjectsGone", gone);
    metrics.count("ObjectsFailed", failed);
    if let Ok(Extracted::Queued { bytes, sent }) = result {
        metrics.count("BytesRead", *bytes);
        metrics.count("RecordsQueued", sent.records);
        metrics.count("RecordsRejected", sent.rejects);
    }
}
