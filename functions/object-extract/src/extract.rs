//! One object from its event to its last message.

use std::sync::Arc;
use std::time::Duration;

use pipectl_invocation::clock::Clock;
use pipectl_invocation::invocation::Invocation;
use pipectl_messages::Position;

use crate::config::{Config, MessageGroup, is_fifo};
use crate::convert::{Origin, Outgoing};
use crate::effects::{ObjectStore, OpenError, Queue};
use crate::event::ObjectCreated;
use crate::parse::{FormatChoice, Parser};
use crate::reader::{ReadError, Reader};
use crate::sender::{SendError, Sender, Sent};

/// Time kept for batches under way when an invocation stops before its deadline.
const LONGEST_MARGIN: Duration = Duration::from_secs(5);

/// Why an object was not extracted to its end.
#[derive(Debug, thiserror::Error)]
pub enum ExtractError {
    /// It could not be opened.
    #[error("opening failed")]
    Open(#[from] OpenError),
    /// It could not be read.
    #[error("reading failed")]
    Read(#[from] ReadError),
    /// A message could not be queued.
    #[error("sending failed")]
    Send(#[from] SendError),
    /// The invocation's time is up.
    #[error("the deadline came at record {}, byte {}", position.number, position.offset)]
    Deadline {
        /// First record that was not sent.
        position: Position,
    },
}

/// What became of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extracted {
    /// All its records are queued.
    Queued {
        /// Stored bytes read.
        bytes: u64,
        /// Messages sent.
        sent: Sent,
    },
    /// It does not exist any more.
    Gone,
}

/// What the extraction of every object needs.
pub(crate) struct Extraction<'call, S, Q> {
    pub(crate) store: &'call S,
    pub(crate) queue: &'call Arc<Q>,
    pub(crate) clock: &'call Arc<dyn Clock>,
    pub(crate) config: &'call Config,
    pub(crate) invocation: &'call Invocation,
    pub(crate) margin: Duration,
}

/// Time to keep before the deadline: a tenth of what there is, but no more than is useful.
pub(crate) fn margin(invocation: &Invocation, clock: &dyn Clock) -> Duration {
    let left = invocation.deadline.duration_since(clock.now()).unwrap_or_default();
    (left / 10).min(LONGEST_MARGIN)
}

impl<S: ObjectStore, Q: Queue> Extraction<'_, S, Q> {
    /// Queues all records of `object`.
    pub(crate) async fn extract(&self, object: &ObjectCreated) -> Result<Extracted, ExtractError> {
        let reader = match Reader::open(self.store, &**self.clock, object).await {
            Ok(reader) => reader,
            Err(OpenError::Gone) => return Ok(Extracted::Gone),
            Err(error) => return Err(error.into()),
        };
        let choice = FormatChoice {
            set: self.config.record_format,
            key: object.key.clone(),
            content_type: reader.content_type().map(ToOwned::to_owned),
            size: reader.size(),
        };
        self.send_all(reader, Parser::new(choice, self.origin(object))).await
    }

    async fn send_all(
        &self,
        mut reader: Reader<'_, S>,
        mut parser: Parser,
    ) -> Result<Extracted, ExtractError> {
        let mut sender =
            Sender::new(Arc::clone(self.queue), Arc::clone(self.clock), self.batches_in_flight());
        loop {
            let stored = reader.next().await?;
            match &stored {
                Some(stored) => parser.write(stored),
                None => parser.end(),
            }
            self.send_parsed(&mut parser, &mut sender).await?;
            if stored.is_none() || parser.is_finished() {
                let sent = sender.finish().await?;
                return Ok(Extracted::Queued { bytes: reader.offset(), sent });
            }
        }
    }

    async fn send_parsed(&self, parser: &mut Parser, sender: &mut Sender<Q>) -> Result<(), ExtractError> {
        let mut messages: Vec<Outgoing> = Vec::new();
        loop {
            let position = parser.position();
            let has_more = parser.step(&mut messages);
            if self.invocation.is_ending(&**self.clock, self.margin) {
                return Err(ExtractError::Deadline { position });
            }
            for outgoing in messages.drain(..) {
                sender.push(outgoing).await?;
            }
            if !has_more {
                return Ok(());
            }
        }
    }

    /// One batch at a time where all messages of an object are to stay in order.
    fn batches_in_flight(&self) -> usize {
        match self.config.message_group {
            MessageGroup::Object if is_fifo(&self.config.queue_url) => 1,
            _ => self.config.batches_in_flight,
        }
    }

    fn origin(&self, object: &ObjectCreated) -> Origin {
        Origin {
            source: object.source(),
            sequencer: object.sequencer.clone(),
            trace_id: self.invocation.trace_id.clone(),
            id_field: self.config.id_field.clone(),
            max_record_bytes: self.config.max_record_bytes,
            message_group: self.config.message_group,
        }
    }
}
