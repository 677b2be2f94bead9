//! A record on its way from an object to the table.

use pipectl_contract::Payload;
use serde::{Deserialize, Serialize};

use crate::{Document, PayloadError, RecordId, payload};

/// Where in an object a record starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// Line number (JSON Lines, CSV, text) or element number (JSON array), from 1.
    pub number: u64,
    /// Byte offset from 0; in a compressed object, of its decompressed content.
    pub offset: u64,
}

/// One record of an object; version 1 of the queue's payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Partition key of the item. Equal for the same record of the same object, however often it is put.
    pub id: RecordId,
    /// `s3://<bucket>/<key>`, the key decoded.
    pub source: String,
    /// Where in the object the record starts.
    pub position: Position,
    /// Compares as text: of two records with the same id the greater one is newer. Made of the object's event
    /// sequencer, padded to equal width, and the position.
    pub ordering: String,
    /// 64 hexadecimal digits; equal exactly for the same content at the same place of the same object. Holds
    /// no sequencer, version id or time.
    pub deduplication_id: String,
    /// The record itself.
    pub body: Document,
}

impl Record {
    /// Version written, and the only one read.
    pub const VERSION: u64 = 1;

    /// The payload in contracts.
    pub const PAYLOAD: Payload = Payload { name: "pipectl.record", version: Self::VERSION };

    /// Reads a payload.
    ///
    /// # Errors
    /// [`PayloadError`] when `text` is no payload, of an unknown version, or breaks its version.
    pub fn from_json(text: &str) -> Result<Self, PayloadError> {
        payload::from_json::<RecordV1>(text, Self::VERSION).map(|wire| Self {
            id: wire.id,
            source: wire.source,
            position: wire.position,
            ordering: wire.ordering,
            deduplication_id: wire.deduplication_id,
            body: wire.body,
        })
    }

    /// The payload as JSON in characters that SQS accepts.
    #[must_use]
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string(&RecordV1Ref {
            version: Self::VERSION,
            id: &self.id,
            source: &self.source,
            position: self.position,
            ordering: &self.ordering,
            deduplication_id: &self.deduplication_id,
            body: &self.body,
        })
        .expect("a record has text keys and valid numbers only");
        in_queue_characters(text)
    }
}

/// SQS refuses U+FFFE and U+FFFF; within JSON they occur in strings only, where an escape means the same.
/// Source: SQS API reference, SendMessage, MessageBody (read 2026-11-23).
pub(crate) fn in_queue_characters(text: String) -> String {
    if text.contains(['\u{fffe}', '\u{ffff}']) {
        text.replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff")
    } else {
        text
    }
}

#[derive(Deserialize)]
struct RecordV1 {
    id: RecordId,
    source: String,
    position: Position,
    ordering: String,
    deduplication_id: String,
    body: Document,
}

#[derive(Serialize)]
struct RecordV1Ref<'record> {
    version: u64,
    id: &'record RecordId,
    source: &'record str,
    position: Position,
    ordering: &'record str,
    deduplication_id: &'record str,
    body: &'record Document,
}
