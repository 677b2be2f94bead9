//! What invokes a function.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar::{Name, TimeSpan};

/// What invokes a function.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum EventSource {
    /// Objects of a bucket; grants reading them.
    Bucket(ObjectEvents),
    /// Messages of a queue; grants consuming them.
    Queue(MessageEvents),
    /// An alarm that goes off.
    Alarm(AlarmEvents),
}

/// Objects of a bucket that invoke a function.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectEvents {
    /// Name of the bucket.
    pub bucket: Name,
    /// S3 event types. Default: `s3:ObjectCreated:*`.
    #[serde(default)]
    pub events: Vec<String>,
    /// Only keys that start so.
    pub prefix: Option<String>,
    /// Only keys that end so.
    pub suffix: Option<String>,
}

/// Messages of a queue that invoke a function; failed ones are reported one by one.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageEvents {
    /// Name of the queue.
    pub queue: Name,
    /// Most messages in one invocation: 1 to 10,000, for FIFO to 10. Default: 10.
    #[schemars(range(min = 1, max = 10000))]
    pub batch_size: Option<u32>,
    /// How long to wait for a full batch, 0 s to 5 min. Default: 0; above 10 messages it must be
    /// at least 1 s.
    pub batching_window: Option<TimeSpan>,
    /// Most concurrent invocations by this queue, 2 to 1,000. Default: no limit of its own.
    #[schemars(range(min = 2, max = 1000))]
    pub maximum_concurrency: Option<u32>,
    /// Whether messages are taken. Default: true.
    pub enabled: Option<bool>,
}

/// An alarm that invokes a function when it goes off.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlarmEvents {
    /// Name of the alarm.
    pub alarm: Name,
}
