//! Sends batches, several at a time, and repeats what was refused.

use std::sync::Arc;

use pipectl_invocation::aws_error::{AwsError, Retry};
use pipectl_invocation::backoff::pause_after;
use pipectl_invocation::clock::Clock;
use tokio::task::JoinSet;

use crate::batch::Batch;
use crate::convert::Outgoing;
use crate::effects::{Destination, Message, Queue, Refusal};

/// Requests for one message, the first included.
const MAX_ATTEMPTS: u32 = 6;

/// Most bytes of messages under way, beyond which a batch waits for those before it. A batch is in memory about four
/// times: as messages, as the client's request, as JSON and on the wire.
const MAX_BYTES_UNDER_WAY: usize = 3 * 1024 * 1024;

/// A message could not be queued.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// SQS refused messages again and again.
    #[error("{refused} messages were refused in each of {attempts} attempts")]
    Refused {
        /// Messages refused in the last attempt.
        refused: usize,
        /// Attempts made.
        attempts: u32,
        /// The first refusal of the last attempt.
        #[source]
        source: Refusal,
    },
    /// The request failed.
    #[error("a batch could not be sent in {attempts} attempts")]
    Failed {
        /// Attempts made.
        attempts: u32,
        /// The last failure.
        #[source]
        source: AwsError,
    },
}

/// Messages queued so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sent {
    /// Records on the queue.
    pub(crate) records: u64,
    /// Rejected records on the dead-letter side.
    pub(crate) rejects: u64,
}

/// Sends messages in batches. At most so many batches are under way as it was made for, and of large messages as few
/// as memory asks for; a further one waits, which holds up reading.
pub(crate) struct Sender<Q> {
    queue: Arc<Q>,
    clock: Arc<dyn Clock>,
    batches_in_flight: usize,
    records: Batch,
    rejects: Batch,
    under_way: JoinSet<Result<Delivery, SendError>>,
    bytes_under_way: usize,
    sent: Sent,
}

/// A batch whose messages are all queued.
struct Delivery {
    destination: Destination,
    messages: usize,
    bytes: usize,
}

impl<Q: Queue> Sender<Q> {
    pub(crate) fn new(queue: Arc<Q>, clock: Arc<dyn Clock>, batches_in_flight: usize) -> Self {
        Self {
            queue,
            clock,
            batches_in_flight,
            records: Batch::default(),
            rejects: Batch::default(),
            under_way: JoinSet::new(),
            bytes_under_way: 0,
            sent: Sent::default(),
        }
    }

    /// Takes a message; sends the batch before it when that is full.
    pub(crate) async fn push(&mut self, outgoing: Outgoing) -> Result<(), SendError> {
        let Outgoing { destination, message } = outgoing;
        let full = match destination {
            Destination::Records => self.records.push(message),
            Destination::Rejects => self.rejects.push(message),
        };
        match full {
            Some(messages) => self.start(destination, messages).await,
            None => Ok(()),
        }
    }

    /// Sends what is left and waits for all batches.
    pub(crate) async fn finish(mut self) -> Result<Sent, SendError> {
        let rest = [(Destination::Records, self.records.take()), (Destination::Rejects, self.rejects.take())];
        for (destination, messages) in rest {
            if let Some(messages) = messages {
                self.start(destination, messages).await?;
            }
        }
        while !self.under_way.is_empty() {
            self.settle_one().await?;
        }
        Ok(self.sent)
    }

    async fn start(&mut self, destination: Destination, messages: Vec<Message>) -> Result<(), SendError> {
        let bytes = messages.iter().map(Message::size).sum();
        while !self.has_room(bytes) {
            self.settle_one().await?;
        }
        self.bytes_under_way += bytes;
        let (queue, clock) = (Arc::clone(&self.queue), Arc::clone(&self.clock));
        self.under_way.spawn(async move {
            let delivery = Delivery { destination, messages: messages.len(), bytes };
            send(&*queue, &*clock, destination, messages).await.map(|()| delivery)
        });
        Ok(())
    }

    /// Whether a batch of `bytes` may start; always when none is under way.
    fn has_room(&self, bytes: usize) -> bool {
        let is_small = self.bytes_under_way + bytes <= MAX_BYTES_UNDER_WAY;
        self.under_way.is_empty() || (is_small && self.under_way.len() < self.batches_in_flight)
    }

    async fn settle_one(&mut self) -> Result<(), SendError> {
        match self.under_way.join_next().await {
            Some(Ok(delivery)) => {
                let Delivery { destination, messages, bytes } = delivery?;
                self.bytes_under_way -= bytes;
                match destination {
                    Destination::Records => self.sent.records += messages as u64,
                    Destination::Rejects => self.sent.rejects += messages as u64,
                }
            }
            // The runtime reports a panic of the handler as a failed invocation, so this one goes on to it.
            Some(Err(panic)) => std::panic::resume_unwind(panic.into_panic()),
            None => {}
        }
        Ok(())
    }
}

/// Sends one batch until none of its messages is refused.
async fn send<Q: Queue>(
    queue: &Q,
    clock: &dyn Clock,
    destination: Destination,
    mut messages: Vec<Message>,
) -> Result<(), SendError> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        let is_last = attempts == MAX_ATTEMPTS;
        match queue.send_batch(destination, &messages).await {
            Ok(refusals) => match refusals.first() {
                None => return Ok(()),
                Some(first) if is_last => {
                    let (refused, source) = (refusals.len(), first.clone());
                    return Err(SendError::Refused { refused, attempts, source });
                }
                Some(_) => messages = only_refused(messages, &refusals),
            },
            Err(source) if is_last || source.retry == Retry::Useless => {
                return Err(SendError::Failed { attempts, source });
            }
            Err(_) => {}
        }
        clock.pause(pause_after(attempts, &messages[0].deduplication_id)).await;
    }
}

fn only_refused(messages: Vec<Message>, refusals: &[Refusal]) -> Vec<Message> {
    let is_refused = |index: usize| refusals.iter().any(|refusal| refusal.index == index);
    messages
        .into_iter()
        .enumerate()
        .filter(|(index, _)| is_refused(*index))
        .map(|(_, message)| message)
        .collect()
}
