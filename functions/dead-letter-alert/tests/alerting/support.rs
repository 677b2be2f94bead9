//! A dead-letter queue and a topic in memory, and one way to run the function.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use dead_letter_alert::config::Config;
use dead_letter_alert::effects::{DeadLetter, DeadLetterQueue, QueueDescription, Topic};
use dead_letter_alert::event::AlarmEvent;
use dead_letter_alert::handler::{Function, handle};
use dead_letter_alert::notice::Notice;
use pipectl_invocation::aws_error::{AwsError, Retry};
use pipectl_invocation::clock::Clock as _;
use pipectl_invocation::metrics::Metrics;
use pipectl_invocation::testing::{FakeClock, RecorderOutput, invocation, log};
use pipectl_messages::{Document, Position, Reason, Record, RecordId, RejectCode, RejectedRecord};

const ALARM: &str = include_str!("events/alarm.json");

/// Which messages one look shows.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shows {
    /// Ten others each time, from the start again after the last one.
    Others,
    /// The first ten, as a FIFO queue does.
    First,
    /// All of them once, then none: somebody redrives them meanwhile.
    Once,
}

/// Holds to the contract of [`DeadLetterQueue`]. Each look takes a second.
pub(crate) struct MemoryQueue {
    letters: Vec<DeadLetter>,
    shows: Shows,
    clock: Arc<FakeClock>,
    pub(crate) looks: Mutex<usize>,
}

impl DeadLetterQueue for MemoryQueue {
    async fn describe(&self) -> Result<QueueDescription, AwsError> {
        Ok(QueueDescription {
            arn: "arn:aws:sqs:eu-central-1:123456789012:feedback-dlq".to_owned(),
            visible: self.letters.len() as u64,
            in_flight: 0,
        })
    }

    async fn peek(&self) -> Result<Vec<DeadLetter>, AwsError> {
        self.clock.advance(Duration::from_secs(1));
        let mut looks = self.looks.lock().expect("no panic");
        let (look, count) = (*looks, self.letters.len());
        *looks += 1;
        let shown = match self.shows {
            Shows::Others if count > 0 => (0..count.min(10)).map(|n| (look * 10 + n) % count).collect(),
            Shows::Once if look > 0 => Vec::new(),
            Shows::Others | Shows::First | Shows::Once => (0..count.min(10)).collect::<Vec<_>>(),
        };
        Ok(shown.into_iter().map(|index| self.letters[index].clone()).collect())
    }
}

/// Remembers notices, unless it fails.
#[derive(Default)]
pub(crate) struct RecorderTopic {
    notices: Mutex<Vec<Notice>>,
    fails: bool,
}

impl Topic for RecorderTopic {
    async fn publish(&self, notice: &Notice) -> Result<(), AwsError> {
        if self.fails {
            return Err(AwsError {
                operation: "sns:Publish",
                code: None,
                message: "scripted".to_owned(),
                request_id: None,
                retry: Retry::Transient,
            });
        }
        self.notices.lock().expect("no panic").push(notice.clone());
        Ok(())
    }
}

/// What a customer wrote.
pub(crate) const CUSTOMERS_TEXT: &str = "my phone is 555";

/// A record of `id` that was not stored.
pub(crate) fn record(id: &str) -> String {
    let record = Record {
        id: RecordId::new(id).expect("a legal id"),
        source: "feedback".to_owned(),
        position: Position { number: 1, offset: 0 },
        ordering: "0".repeat(32),
        deduplication_id: "0".repeat(64),
        body: Document::String(CUSTOMERS_TEXT.to_owned()),
    };
    record.to_json()
}

/// A record of line `number` that is no JSON.
pub(crate) fn rejected(number: u64) -> String {
    let reason = Reason { code: RejectCode::NotJson, message: "not JSON".to_owned() };
    let position = Position { number, offset: 0 };
    RejectedRecord { source: "s3://uploads/x.jsonl".to_owned(), position, reason, size: 9 }.to_json()
}

/// A function on a queue and a topic in memory.
pub(crate) struct Alert {
    pub(crate) function: Function<MemoryQueue, RecorderTopic>,
    clock: Arc<FakeClock>,
    pub(crate) output: Arc<RecorderOutput>,
}

impl Alert {
    /// With messages of these bodies, `m0` the oldest, sent one minute apart.
    pub(crate) fn new(bodies: impl IntoIterator<Item = String>, shows: Shows, set: &[(&str, &str)]) -> Self {
        let (clock, output) = (FakeClock::new(), Arc::new(RecorderOutput::default()));
        let lookup = |name: &str| match name {
            "QUEUE_URL" => Some("https://sqs/feedback-dlq".to_owned()),
            "TOPIC_ARN" => Some("arn:topic".to_owned()),
            _ => set.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned()),
        };
        let first: SystemTime = clock.now() - Duration::from_secs(3600);
        let letter = |(number, body): (u32, String)| DeadLetter {
            message_id: format!("m{number}"),
            sent: first + Duration::from_secs(60) * number,
            body,
        };
        let letters = (0..).zip(bodies).map(letter).collect();
        let function = Function {
            config: Config::read(lookup).expect("usable settings"),
            queue: MemoryQueue { letters, shows, clock: clock.clone(), looks: Mutex::default() },
            topic: RecorderTopic::default(),
            clock: clock.clone(),
            log: log(output.clone(), clock.clone()),
        };
        Self { function, clock, output }
    }

    pub(crate) fn with_failing_topic(mut self) -> Self {
        self.function.topic.fails = true;
        self
    }

    /// Handles the alarm's change to `state` with `left` until the deadline.
    pub(crate) fn handle(&self, state: &str, left: Duration) -> Result<(), AwsError> {
        let mut event: AlarmEvent = serde_json::from_str(ALARM).expect("a legal event");
        event.alarm_data.state.value = state.to_owned();
        let invocation = invocation(&self.clock, left);
        let mut metrics = Metrics::new("pipectl", "dead-letter-alert");
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(handle(&event, &invocation, &self.function, &mut metrics))
    }

    /// The one notice of an alarm with plenty of time.
    pub(crate) fn notice(&self) -> Notice {
        self.handle("ALARM", Duration::from_secs(60)).expect("published");
        let [notice] = self.notices().try_into().expect("one notice");
        notice
    }

    pub(crate) fn notices(&self) -> Vec<Notice> {
        self.function.topic.notices.lock().expect("no panic").clone()
    }

    pub(crate) fn looks(&self) -> usize {
        *self.function.queue.looks.lock().expect("no panic")
    }
}
