//! What the function needs of the world.

use std::future::Future;
use std::time::SystemTime;

use pipectl_invocation::aws_error::AwsError;

use crate::notice::Notice;

/// A dead-letter queue, to be looked at only.
pub trait DeadLetterQueue: Send + Sync {
    /// What the queue says of itself; its counts are approximate.
    fn describe(&self) -> impl Future<Output = Result<QueueDescription, AwsError>> + Send;

    /// Up to 10 of the messages, which stay in the queue and visible: any call may show any of them again, one of a
    /// FIFO queue always shows the first ones. May show none although there are some.
    fn peek(&self) -> impl Future<Output = Result<Vec<DeadLetter>, AwsError>> + Send;
}

/// What a queue says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueDescription {
    /// ARN of the queue.
    pub arn: String,
    /// Messages that can be received.
    pub visible: u64,
    /// Messages that somebody received and neither deleted nor gave back yet.
    pub in_flight: u64,
}

impl QueueDescription {
    /// Name of the queue: last part of its ARN.
    #[must_use]
    pub fn name(&self) -> &str {
        self.arn.rsplit(':').next().unwrap_or_default()
    }
}

/// A message of a dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// `MessageId`.
    pub message_id: String,
    /// `SentTimestamp`: when it was sent to its source queue, or to a FIFO dead-letter queue when it was moved there.
    pub sent: SystemTime,
    /// The payload.
    pub body: String,
}

/// Where notices are published.
pub trait Topic: Send + Sync {
    /// Publishes a notice. Repeating it repeats the notice.
    fn publish(&self, notice: &Notice) -> impl Future<Output = Result<(), AwsError>> + Send;
}
