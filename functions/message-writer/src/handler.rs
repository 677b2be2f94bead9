//! One batch of messages.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::SystemTime;

use pipectl_invocation::clock::Clock;
use pipectl_invocation::invocation::Invocation;
use pipectl_invocation::log::{Item, Level, Log, chain};
use pipectl_invocation::metrics::Metrics;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::effects::Table;
use crate::event::{BatchItemFailure, PartialBatchResponse, SqsEvent};
use crate::lane::{Lane, Parsed, lanes};
use crate::write::{Written, write};

/// What the function is made of; clones share everything.
pub struct Function<T> {
    /// `WRITES_IN_FLIGHT`.
    pub writes_in_flight: usize,
    /// Where records go.
    pub table: T,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Log lines.
    pub log: Log,
}

/// What became of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Succeeded(Written),
    /// Not a record; it will never be one.
    Poison,
    Failed,
    /// Given back untouched, because one before it in its message group failed.
    Held,
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Self::Succeeded(Written::Written) => "written",
            Self::Succeeded(Written::Duplicate) => "duplicate",
            Self::Succeeded(Written::Confirmed) => "confirmed",
            Self::Succeeded(Written::Stale) => "stale",
            Self::Poison => "poison",
            Self::Failed => "failed",
            Self::Held => "held",
        }
    }

    fn level(self) -> Level {
        match self {
            Self::Succeeded(_) => Level::Info,
            Self::Held => Level::Warn,
            Self::Poison | Self::Failed => Level::Error,
        }
    }

    fn metric(self) -> &'static str {
        match self {
            Self::Succeeded(Written::Written) => "RecordsWritten",
            Self::Succeeded(_) => "RecordsSkipped",
            Self::Poison => "MessagesPoisonous",
            Self::Failed | Self::Held => "MessagesFailed",
        }
    }
}

/// All metrics, so that each is published, as 0 if need be.
const METRICS: [&str; 4] = ["RecordsWritten", "RecordsSkipped", "MessagesPoisonous", "MessagesFailed"];

/// Writes the records of a batch, and counts into `metrics`. Returns the messages to be delivered again, in
/// the order of the batch; repeating them, or the whole batch, is safe.
pub async fn handle<T: Table>(
    event: SqsEvent,
    invocation: &Invocation,
    function: &Arc<Function<T>>,
    metrics: &mut Metrics,
) -> PartialBatchResponse {
    let order: Vec<String> = event.records.iter().map(|message| message.message_id.clone()).collect();
    let mut waiting = lanes(event.records).into_iter();
    let mut under_way = JoinSet::new();
    let mut outcomes = Vec::with_capacity(order.len());
    loop {
        while under_way.len() < function.writes_in_flight
            && let Some(lane) = waiting.next()
        {
            under_way.spawn(work(lane, invocation.clone(), Arc::clone(function)));
        }
        match under_way.join_next().await {
            Some(Ok(done)) => outcomes.extend(done),
            // The runtime reports a panic of the handler as a failed invocation, so this one goes on to it.
            Some(Err(panic)) => std::panic::resume_unwind(panic.into_panic()),
            None => break,
        }
    }
    METRICS.iter().for_each(|name| metrics.count(name, 0));
    outcomes.iter().for_each(|(_, outcome)| metrics.count(outcome.metric(), 1));
    response(order, &outcomes)
}

fn response(order: Vec<String>, outcomes: &[(String, Outcome)]) -> PartialBatchResponse {
    let succeeded: BTreeSet<&String> = outcomes
        .iter()
        .filter(|(_, outcome)| matches!(outcome, Outcome::Succeeded(_)))
        .map(|(message_id, _)| message_id)
        .collect();
    let failed = order.into_iter().filter(|message_id| !succeeded.contains(message_id));
    PartialBatchResponse {
        batch_item_failures: failed.map(|item_identifier| BatchItemFailure { item_identifier }).collect(),
    }
}

/// Works on the messages of a lane in order.
async fn work<T: Table>(
    lane: Lane,
    invocation: Invocation,
    function: Arc<Function<T>>,
) -> Vec<(String, Outcome)> {
    let mut outcomes: Vec<(String, Outcome)> = Vec::with_capacity(lane.messages.len());
    for parsed in lane.messages {
        let is_held = lane.stops_at_failure
            && outcomes.last().is_some_and(|(_, outcome)| !matches!(outcome, Outcome::Succeeded(_)));
        let started = function.clock.now();
        let (outcome, error) =
            if is_held { (Outcome::Held, None) } else { work_on(&parsed, &invocation, &function).await };
        report(&parsed, outcome, error, started, &function.log);
        outcomes.push((parsed.message.message_id, outcome));
    }
    outcomes
}

async fn work_on<T: Table>(
    parsed: &Parsed,
    invocation: &Invocation,
    function: &Function<T>,
) -> (Outcome, Option<String>) {
    match &parsed.record {
        Err(error) => (Outcome::Poison, Some(chain(error))),
        Ok(record) => match write(record, &function.table, &*function.clock, invocation).await {
            Ok(written) => (Outcome::Succeeded(written), None),
            Err(error) => (Outcome::Failed, Some(chain(&error))),
        },
    }
}

fn report(parsed: &Parsed, outcome: Outcome, error: Option<String>, started: SystemTime, log: &Log) {
    let message = &parsed.message;
    let mut details = vec![("message_id", Value::from(message.message_id.as_str()))];
    details.extend(error.map(|error| ("error", Value::from(error))));
    let item = Item {
        id: parsed.record.as_ref().map_or(&message.message_id, |record| record.id.as_str()),
        outcome: outcome.name(),
        started,
        trace_id: message.attributes.trace_header.as_deref(),
    };
    log.item(outcome.level(), "message worked on", &item, &details);
}
