//! SQS queues.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar::{DeletionPolicy, Name, TimeSpan};

/// An SQS queue: encrypted, TLS-only.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// Whether the queue is FIFO. Default: false.
    #[serde(default)]
    pub fifo: bool,
    /// Whether SQS takes the SHA-256 of the body as deduplication ID; FIFO only. Default: false.
    pub content_based_deduplication: Option<bool>,
    /// Time a received message stays hidden, 0 s to 12 h. Default: six times the timeout of the
    /// function it invokes, at least 30 s.
    pub visibility_timeout: Option<TimeSpan>,
    /// How long a message is kept, 60 s to 14 d. Default: 4 d, for a dead-letter queue 14 d.
    pub message_retention_period: Option<TimeSpan>,
    /// Time a new message stays hidden, 0 s to 15 min. Default: 0.
    pub delay: Option<TimeSpan>,
    /// Largest message in bytes, 1,024 to 1,048,576. Default: 1,048,576.
    pub maximum_message_size: Option<u32>,
    /// Where messages go that could not be processed.
    pub redrive: Option<Redrive>,
    /// What becomes of the queue when it leaves the stack. Default: `Delete`.
    pub deletion_policy: Option<DeletionPolicy>,
}

/// A redrive policy.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Redrive {
    /// Name of the dead-letter queue; FIFO if and only if this queue is.
    pub dead_letter_queue: Name,
    /// How often a message is received before it goes there, 1 to 1,000. Default: 5.
    #[schemars(range(min = 1, max = 1000))]
    pub max_receive_count: Option<u32>,
}
