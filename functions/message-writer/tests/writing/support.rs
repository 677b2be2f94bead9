//! A table in memory, messages, and one way to run the function.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use message_writer::effects::{Existing, Put, Table};
use message_writer::event::{PartialBatchResponse, SqsEvent};
use message_writer::handler::{Function, handle};
use pipectl_invocation::aws_error::{AwsError, Retry};
use pipectl_invocation::metrics::Metrics;
use pipectl_invocation::testing::{FakeClock, RecorderOutput, invocation, log};
use pipectl_messages::{Document, Position, Record, RecordId};
use serde_json::{Value, json};

/// An item of the table in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredItem {
    pub(crate) ordering: String,
    pub(crate) deduplication_id: String,
    pub(crate) body: Document,
    pub(crate) revision: u64,
    pub(crate) deleted: bool,
}

/// What happens to a call instead of its work.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// The work is done.
    None,
    /// The work is done, its answer is lost.
    AnswerLost,
    /// Nothing is done.
    Throttled,
    /// Nothing is done, and never will be.
    Refused,
}

/// Holds to the contract of [`Table`]. Calls meet the faults of a script, then none.
#[derive(Default)]
pub(crate) struct MemoryTable {
    pub(crate) items: Mutex<BTreeMap<String, StoredItem>>,
    pub(crate) faults: Mutex<VecDeque<Fault>>,
    pub(crate) calls: Mutex<Vec<String>>,
    under_way: Mutex<usize>,
    pub(crate) most_under_way: Mutex<usize>,
}

impl MemoryTable {
    async fn call<Answer>(
        &self,
        record: &Record,
        work: impl FnOnce(&mut BTreeMap<String, StoredItem>) -> Answer,
    ) -> Result<Answer, AwsError> {
        {
            let mut under_way = self.under_way.lock().expect("no panic");
            *under_way += 1;
            let mut most = self.most_under_way.lock().expect("no panic");
            *most = (*most).max(*under_way);
        }
        tokio::task::yield_now().await;
        *self.under_way.lock().expect("no panic") -= 1;
        self.calls.lock().expect("no panic").push(format!("{} {}", record.id, record.ordering));
        let fault = self.faults.lock().expect("no panic").pop_front().unwrap_or(Fault::None);
        let mut items = self.items.lock().expect("no panic");
        match fault {
            Fault::None => Ok(work(&mut items)),
            Fault::AnswerLost => {
                work(&mut items);
                Err(error(Retry::Transient))
            }
            Fault::Throttled => Err(error(Retry::Throttled)),
            Fault::Refused => Err(error(Retry::Useless)),
        }
    }
}

impl Table for MemoryTable {
    async fn put_newer(&self, record: &Record, _now: SystemTime) -> Result<Put, AwsError> {
        self.call(record, |items| {
            let old = items.get(record.id.as_str());
            if let Some(old) = old
                && (old.ordering >= record.ordering || old.deduplication_id == record.deduplication_id)
            {
                let StoredItem { ordering, deduplication_id, .. } = old.clone();
                return Put::Refused(Existing { ordering, deduplication_id });
            }
            let item = StoredItem {
                ordering: record.ordering.clone(),
                deduplication_id: record.deduplication_id.clone(),
                body: record.body.clone(),
                revision: old.map_or(0, |old| old.revision) + 1,
                deleted: false,
            };
            items.insert(record.id.as_str().to_owned(), item);
            Put::Written
        })
        .await
    }

    async fn raise_ordering(&self, record: &Record) -> Result<bool, AwsError> {
        self.call(record, |items| match items.get_mut(record.id.as_str()) {
            Some(item)
                if item.ordering < record.ordering && item.deduplication_id == record.deduplication_id =>
            {
                item.ordering.clone_from(&record.ordering);
                true
            }
            _ => false,
        })
        .await
    }
}

fn error(retry: Retry) -> AwsError {
    AwsError {
        operation: "dynamodb:UpdateItem",
        code: None,
        message: "scripted".to_owned(),
        request_id: None,
        retry,
    }
}

/// A record of `id` with `content`, as of `ordering`. Equal content has an equal deduplication id.
pub(crate) fn record(id: &str, ordering: u32, content: &str) -> Record {
    Record {
        id: RecordId::new(id).expect("a legal id"),
        source: "s3://uploads/x.jsonl".to_owned(),
        position: Position { number: 1, offset: 0 },
        ordering: format!("{ordering:032}.000000000001"),
        deduplication_id: format!("{content:0>64}"),
        body: Document::String(content.to_owned()),
    }
}

/// A message of a standard queue.
pub(crate) fn message(message_id: &str, body: &str) -> Value {
    json!({ "messageId": message_id, "body": body, "attributes": { "AWSTraceHeader": "Root=1-trace" } })
}

/// A message of a FIFO queue.
pub(crate) fn fifo_message(message_id: &str, group: &str, body: &str) -> Value {
    json!({
        "messageId": message_id,
        "body": body,
        "attributes": { "MessageGroupId": group, "SequenceNumber": "18849496460467696128" },
    })
}

/// A function on a table in memory.
pub(crate) struct Writer {
    pub(crate) function: Arc<Function<MemoryTable>>,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) output: Arc<RecorderOutput>,
}

impl Writer {
    pub(crate) fn new(writes_in_flight: usize) -> Self {
        let (clock, output) = (FakeClock::new(), Arc::new(RecorderOutput::default()));
        let function = Arc::new(Function {
            writes_in_flight,
            table: MemoryTable::default(),
            clock: clock.clone(),
            log: log(output.clone(), clock.clone()),
        });
        Self { function, clock, output }
    }

    pub(crate) fn with_faults(self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.function.table.faults.lock().expect("no panic").extend(faults);
        self
    }

    /// Handles a batch with 30 s left; returns the ids given back.
    pub(crate) fn handle(&self, messages: Vec<Value>) -> Vec<String> {
        let event: SqsEvent = serde_json::from_value(json!({ "Records": messages })).expect("a legal event");
        let invocation = invocation(&self.clock, Duration::from_secs(30));
        let mut metrics = Metrics::new("pipectl", "message-writer");
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let PartialBatchResponse { batch_item_failures } =
            runtime.block_on(handle(event, &invocation, &self.function, &mut metrics));
        metrics.publish(&*self.output, SystemTime::UNIX_EPOCH);
        batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
    }

    pub(crate) fn item(&self, id: &str) -> Option<StoredItem> {
        self.function.table.items.lock().expect("no panic").get(id).cloned()
    }

    pub(crate) fn outcomes(&self) -> Vec<String> {
        let lines = self.output.lines();
        let outcomes = lines.iter().filter_map(|line| Some(line.get("outcome")?.as_str()?.to_owned()));
        outcomes.collect()
    }
}
