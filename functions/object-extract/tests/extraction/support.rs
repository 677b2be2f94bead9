//! Memory effects of the extraction, and one way to run it.

use std::collections::{BTreeMap, VecDeque};
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use object_extract::config::Config;
use object_extract::effects::{
    BodyError, Destination, Message, ObjectBody, ObjectStore, OpenError, OpenObject, Queue, Refusal,
};
use object_extract::event::{ObjectCreated, S3Event};
use object_extract::handler::{Function, HandlerError, handle};
use pipectl_invocation::aws_error::AwsError;
use pipectl_invocation::metrics::Metrics;
use pipectl_invocation::testing::{FakeClock, RecorderOutput, invocation, log};
use pipectl_messages::{Record, RejectedRecord};
use serde_json::{Value, json};

/// Objects by key. A body arrives in parts of some bytes and breaks off once at each offset of `breaks`.
#[derive(Default)]
pub(crate) struct MemoryObjects {
    pub(crate) contents: BTreeMap<String, Vec<u8>>,
    pub(crate) breaks: Arc<Mutex<VecDeque<u64>>>,
    pub(crate) opened: Mutex<Vec<Opened>>,
    pub(crate) reopening: Reopening,
    pub(crate) content_type: Option<&'static str>,
}

/// What the store sends when an object is opened again behind its start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Reopening {
    /// The part asked for.
    #[default]
    Part,
    /// The whole object.
    Whole,
    /// A part that starts some bytes off.
    PartFrom(i64),
    /// The part asked for, of a content with another entity tag.
    OtherContent,
    /// The part asked for, of a content without an entity tag.
    Untagged,
}

/// What an object was opened with.
pub(crate) struct Opened {
    pub(crate) version_id: Option<String>,
    pub(crate) from: u64,
    pub(crate) entity_tag: Option<String>,
}

pub(crate) struct MemoryBody {
    rest: VecDeque<u8>,
    offset: u64,
    breaks: Arc<Mutex<VecDeque<u64>>>,
}

impl ObjectStore for MemoryObjects {
    type Body = MemoryBody;

    async fn open(
        &self,
        object: &ObjectCreated,
        from: u64,
        entity_tag: Option<&str>,
    ) -> Result<OpenObject<MemoryBody>, OpenError> {
        self.opened.lock().expect("no panic").push(Opened {
            version_id: object.version_id.clone(),
            from,
            entity_tag: entity_tag.map(ToOwned::to_owned),
        });
        let content = self.contents.get(&object.key).ok_or(OpenError::Gone)?;
        let (from, tag) = match self.reopening {
            _ if from == 0 => (0, Some("\"tag\"")),
            Reopening::Part => (from, Some("\"tag\"")),
            Reopening::Whole => (0, Some("\"tag\"")),
            Reopening::PartFrom(off) => (from.saturating_add_signed(off), Some("\"tag\"")),
            Reopening::OtherContent => (from, Some("\"other\"")),
            Reopening::Untagged => (from, None),
        };
        let rest = content[usize::try_from(from).expect("a small offset")..].to_vec().into();
        let body = MemoryBody { rest, offset: from, breaks: Arc::clone(&self.breaks) };
        Ok(OpenObject {
            body,
            from,
            size: Some(content.len() as u64),
            entity_tag: tag.map(ToOwned::to_owned),
            content_type: self.content_type.map(ToOwned::to_owned),
        })
    }
}

impl ObjectBody for MemoryBody {
    async fn next(&mut self) -> Option<Result<Bytes, BodyError>> {
        let mut breaks = self.breaks.lock().expect("no panic");
        if breaks.front().is_some_and(|offset| *offset <= self.offset) {
            breaks.pop_front();
            return Some(Err(BodyError { reason: "connection reset".to_owned() }));
        }
        let count = self.rest.len().min(1_000);
        self.offset += count as u64;
        (count > 0).then(|| Ok(self.rest.drain(..count).collect::<Vec<_>>().into()))
    }
}

/// What a scripted queue answers to one request.
pub(crate) enum Answer {
    /// Refuses the entries at these indexes.
    Refuse(Vec<usize>),
    /// Fails as a whole.
    Fail(AwsError),
}

/// Remembers messages. Answers its requests from a script first, then accepts everything.
#[derive(Default)]
pub(crate) struct MemoryQueue {
    pub(crate) script: Mutex<VecDeque<Answer>>,
    pub(crate) requests: Mutex<Vec<(Destination, usize)>>,
    pub(crate) queued: Mutex<Vec<(Destination, Message)>>,
    under_way: Mutex<usize>,
    pub(crate) most_under_way: Mutex<usize>,
}

impl Queue for MemoryQueue {
    async fn send_batch(
        &self,
        destination: Destination,
        messages: &[Message],
    ) -> Result<Vec<Refusal>, AwsError> {
        {
            let mut under_way = self.under_way.lock().expect("no panic");
            *under_way += 1;
            let mut most = self.most_under_way.lock().expect("no panic");
            *most = (*most).max(*under_way);
        }
        tokio::task::yield_now().await;
        *self.under_way.lock().expect("no panic") -= 1;
        self.requests.lock().expect("no panic").push((destination, messages.len()));
        let refused = match self.script.lock().expect("no panic").pop_front() {
            Some(Answer::Fail(error)) => return Err(error),
            Some(Answer::Refuse(refused)) => refused,
            None => Vec::new(),
        };
        let accepted = messages.iter().enumerate().filter(|(index, _)| !refused.contains(index));
        let mut queued = self.queued.lock().expect("no panic");
        queued.extend(accepted.map(|(_, message)| (destination, message.clone())));
        Ok(refused.into_iter().map(|index| Refusal { index, code: "InternalError".to_owned() }).collect())
    }
}

/// A function on memory effects.
pub(crate) struct Extract {
    pub(crate) function: Function<MemoryObjects, MemoryQueue>,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) output: Arc<RecorderOutput>,
    pub(crate) time_left: Duration,
}

impl Extract {
    /// With `set` variables, and an object of `content` under `key`.
    pub(crate) fn new(set: &[(&str, &str)], key: &str, content: impl Into<Vec<u8>>) -> Self {
        let lookup = |name: &str| {
            let set = set.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned());
            set.or_else(|| name.ends_with("QUEUE_URL").then(|| format!("https://sqs/{name}")))
        };
        let (clock, output) = (FakeClock::new(), Arc::new(RecorderOutput::default()));
        let store = MemoryObjects {
            contents: BTreeMap::from([(key.to_owned(), content.into())]),
            ..MemoryObjects::default()
        };
        let function = Function {
            config: Config::read(lookup).expect("usable settings"),
            store,
            queue: Arc::new(MemoryQueue::default()),
            clock: clock.clone(),
            log: log(output.clone(), clock.clone()),
        };
        Self { function, clock, output, time_left: Duration::from_secs(60) }
    }

    /// Handles the event that `keys` were put, as of `sequencer`.
    pub(crate) fn put(&self, keys: &[&str], sequencer: &str) -> Result<(), HandlerError> {
        let records: Vec<Value> = keys
            .iter()
            .map(|key| {
                json!({
                    "eventName": "ObjectCreated:Put",
                    "s3": { "bucket": { "name": "uploads" }, "object": { "key": key, "sequencer": sequencer } },
                })
            })
            .collect();
        self.handle(&serde_json::from_value(json!({ "Records": records })).expect("a legal event"))
    }

    /// Handles `event`.
    pub(crate) fn handle(&self, event: &S3Event) -> Result<(), HandlerError> {
        let invocation = invocation(&self.clock, self.time_left);
        let mut metrics = Metrics::new("pipectl", "object-extract");
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let result = runtime.block_on(handle(event, &invocation, &self.function, &mut metrics));
        metrics.publish(&*self.output, std::time::SystemTime::UNIX_EPOCH);
        result
    }

    pub(crate) fn messages(&self, destination: Destination) -> Vec<Message> {
        let queued = self.function.queue.queued.lock().expect("no panic");
        queued.iter().filter(|(to, _)| *to == destination).map(|(_, message)| message.clone()).collect()
    }

    pub(crate) fn records(&self) -> Vec<Record> {
        let messages = self.messages(Destination::Records);
        messages.iter().map(|message| Record::from_json(&message.body).expect("a record")).collect()
    }

    /// Bodies of the records, in order of their positions.
    pub(crate) fn bodies(&self) -> Vec<String> {
        let mut records = self.records();
        records.sort_by_key(|record| record.position);
        records.iter().map(|record| record.body.to_json()).collect()
    }

    /// Positions and codes of the rejected records.
    pub(crate) fn rejects(&self) -> Vec<String> {
        let messages = self.messages(Destination::Rejects);
        let rejected = messages.iter().map(|message| {
            let rejected = RejectedRecord::from_json(&message.body).expect("a rejected record");
            format!("{}@{} {:?}", rejected.position.number, rejected.position.offset, rejected.reason.code)
        });
        rejected.collect()
    }
}

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).expect("memory");
    encoder.finish().expect("memory")
}
