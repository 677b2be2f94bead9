//! What the function needs of the world.

use std::error::Error;
use std::fmt;
use std::future::Future;

use bytes::Bytes;
use pipectl_invocation::aws_error::AwsError;

use crate::event::ObjectCreated;

/// Reads objects.
pub trait ObjectStore: Send + Sync + 'static {
    /// Content of an open object.
    type Body: ObjectBody;

    /// Opens an object at byte `from`. With `entity_tag`, only as long as the content is still that one.
    ///
    /// A store may send more than was asked for, such as the whole object: [`OpenObject::from`] says where the
    /// content starts, and the caller decides whether it can go on from there. Repeating it is safe.
    ///
    /// # Errors
    /// [`OpenError::Gone`] when neither the object nor, if it names one, its version exists.
    fn open(
        &self,
        object: &ObjectCreated,
        from: u64,
        entity_tag: Option<&str>,
    ) -> impl Future<Output = Result<OpenObject<Self::Body>, OpenError>> + Send;
}

/// An open object.
#[derive(Debug)]
pub struct OpenObject<Body> {
    /// Its content from byte [`from`](Self::from).
    pub body: Body,
    /// Offset in the object of the first byte of `body`, as the store says, whatever was asked for.
    pub from: u64,
    /// Size of the whole object in bytes, if the store says.
    pub size: Option<u64>,
    /// Entity tag of the content.
    pub entity_tag: Option<String>,
    /// Content type it was put with.
    pub content_type: Option<String>,
}

/// Content that arrives in parts.
pub trait ObjectBody: Send {
    /// The next part; `None` at the end.
    fn next(&mut self) -> impl Future<Output = Option<Result<Bytes, BodyError>>> + Send;
}

/// The connection to an open object broke.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the object's content broke off: {reason}")]
pub struct BodyError {
    /// What the client says.
    pub reason: String,
}

/// Why an object could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It does not exist (any more).
    #[error("the object is gone")]
    Gone,
    /// The call failed.
    #[error("the object could not be opened")]
    Failed(#[source] AwsError),
    /// The store answered with a part that it does not describe in a known way.
    #[error("the object's part has the unknown content range `{content_range}`")]
    UnknownRange {
        /// `Content-Range` of the answer.
        content_range: String,
    },
}

/// The two queues of the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Destination {
    /// The queue of the records.
    Records,
    /// The dead-letter side.
    Rejects,
}

/// A message ready to be sent.
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

impl Message {
    /// Bytes that count towards the limit of a batch.
    ///
    /// SQS does not count the trace header; it is counted here all the same, as the documentation of that has
    /// changed over time.
    #[must_use]
    pub fn size(&self) -> usize {
        self.body.len() + self.trace_id.as_ref().map_or(0, String::len)
    }
}

/// Sends messages.
pub trait Queue: Send + Sync + 'static {
    /// Sends up to 10 messages of together at most 1 MiB and returns those that were refused; the others are
    /// queued. Sending a message again is safe: consumers skip what they have.
    ///
    /// # Errors
    /// [`AwsError`] when the call as a whole failed; any of the messages may then be queued.
    fn send_batch(
        &self,
        destination: Destination,
        messages: &[Message],
    ) -> impl Future<Output = Result<Vec<Refusal>, AwsError>> + Send;
}

/// One message of a batch that was not queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Index in the batch.
    pub index: usize,
    /// SQS's code.
    pub code: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "entry {} refused with `{}`", self.index, self.code)
    }
}

impl Error for Refusal {}
