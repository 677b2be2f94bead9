//! The event of an SQS event source mapping and the partial batch response, as far as they are used here.
//!
//! Source: AWS Lambda developer guide, using Lambda with Amazon SQS (read 2026-11-23).

use serde::{Deserialize, Serialize};

/// A batch of messages of one queue.
#[derive(Debug, Clone, Deserialize)]
pub struct SqsEvent {
    /// The messages; of a FIFO queue in the order of the queue.
    #[serde(rename = "Records")]
    pub records: Vec<SqsMessage>,
}

/// One message.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SqsMessage {
    /// Identity by which a failure is reported.
    pub message_id: String,
    /// The payload.
    pub body: String,
    /// System attributes.
    #[serde(default)]
    pub attributes: SystemAttributes,
}

/// System attributes of a message.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SystemAttributes {
    /// Set on messages of FIFO queues, and of fair queues, where it orders nothing.
    pub message_group_id: Option<String>,
    /// Set on messages of FIFO queues only.
    pub sequence_number: Option<String>,
    /// X-Ray trace of the sender.
    #[serde(rename = "AWSTraceHeader")]
    pub trace_header: Option<String>,
}

impl SqsMessage {
    /// The group whose order must be kept; `None` for a message of a standard queue.
    #[must_use]
    pub fn ordered_group(&self) -> Option<&str> {
        self.attributes.sequence_number.as_ref()?;
        self.attributes.message_group_id.as_deref()
    }
}

/// The messages that SQS shall deliver again; all others are deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PartialBatchResponse {
    /// One entry a message.
    pub batch_item_failures: Vec<BatchItemFailure>,
}

/// A message to be delivered again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchItemFailure {
    /// `messageId` of the message.
    pub item_identifier: String,
}
