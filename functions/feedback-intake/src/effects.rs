//! What the function needs of the world.

use std::future::Future;

use pipectl_invocation::aws_error::AwsError;

/// A message to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The payload.
    pub body: String,
    /// `MessageGroupId`, used by FIFO queues.
    pub group_id: String,
    /// `MessageDeduplicationId`, used by FIFO queues.
    pub deduplication_id: String,
    /// `AWSTraceHeader`.
    pub trace_id: Option<String>,
}

/// Sends messages.
pub trait Queue: Send + Sync {
    /// Queues a message. Sending it again is safe: consumers skip what they have.
    ///
    /// # Errors
    /// [`AwsError`] when the call failed; unless repeating it is useless, the message may be queued all the same.
    fn send(&self, message: &Message) -> impl Future<Output = Result<(), AwsError>> + Send;
}
