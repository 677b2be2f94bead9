//! A record that could not become a message.

use pipectl_contract::Payload;
use serde::{Deserialize, Serialize};

use crate::record::in_queue_characters;
use crate::{PayloadError, Position, payload};

/// A record that was left out, with its place and the reason; version 1 of the payload on the dead-letter side.
///
/// It holds nothing of the record's content: source and position are enough to find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRecord {
    /// `s3://<bucket>/<key>`, the key decoded.
    pub source: String,
    /// Where in the object the record starts.
    pub position: Position,
    /// Why it was left out.
    pub reason: Reason,
    /// Size of the record in the object, in bytes; of an unfinished record what there is of it.
    pub size: u64,
}

/// Why a record was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable code for programs.
    pub code: RejectCode,
    /// One sentence for people.
    pub message: String,
}

/// Stable codes of [`Reason`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RejectCode {
    /// Not UTF-8.
    NotUtf8,
    /// Not JSON.
    NotJson,
    /// Longer than the function accepts, or than a message or an item can hold.
    TooLarge,
    /// Nested deeper than an item can hold.
    TooDeep,
    /// A number that an item cannot hold.
    NumberOutOfRange,
    /// An object member with an empty name.
    EmptyName,
    /// The id field holds something that cannot be an id.
    UnusableId,
    /// A CSV header that is empty, repeats a name or cannot be read; the object has no records then.
    UnusableHeader,
    /// A CSV row with more or fewer fields than the header.
    WrongFieldCount,
    /// A CSV field with text after its closing quote.
    MisplacedQuote,
    /// The object ended within this record.
    Unfinished,
    /// The object was to be a JSON array and is none.
    NotAnArray,
    /// Content after the end of the JSON array.
    TrailingContent,
    /// The compressed stream is damaged from here on.
    DamagedCompression,
    /// The object as a whole holds no records: it is binary, or of a type that is none of the formats.
    UnsupportedContent,
}

impl RejectedRecord {
    /// Version written, and the only one read.
    pub const VERSION: u64 = 1;

    /// Value of the payload's `kind`, which tells it from a redriven [`Record`](crate::Record).
    pub const KIND: &str = "rejected_record";

    /// The payload in contracts.
    pub const PAYLOAD: Payload = Payload { name: "pipectl.rejected-record", version: Self::VERSION };

    /// Reads a payload.
    ///
    /// # Errors
    /// [`PayloadError`] when `text` is no payload, of an unknown version, or breaks its version.
    pub fn from_json(text: &str) -> Result<Self, PayloadError> {
        payload::from_json::<RejectedRecordV1>(text, Self::VERSION).map(|wire| Self {
            source: wire.source,
            position: wire.position,
            reason: wire.reason,
            size: wire.size,
        })
    }

    /// The payload as JSON in characters that SQS accepts.
    #[must_use]
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string(&RejectedRecordV1Ref {
            version: Self::VERSION,
            kind: Self::KIND,
            source: &self.source,
            position: self.position,
            reason: &self.reason,
            size: self.size,
        })
        .expect("text keys and integers always serialise");
        in_queue_characters(text)
    }
}

#[derive(Deserialize)]
struct RejectedRecordV1 {
    #[serde(rename = "kind")]
    _kind: Kind,
    source: String,
    position: Position,
    reason: Reason,
    size: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    RejectedRecord,
}

#[derive(Serialize)]
struct RejectedRecordV1Ref<'record> {
    version: u64,
    kind: &'static str,
    source: &'record str,
    position: Position,
    reason: &'record Reason,
    size: u64,
}
