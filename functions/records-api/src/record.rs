//! Records as clients see them.

use pipectl_messages::Document;
use serde::Serialize;

/// A record; also its JSON representation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredRecord {
    /// Its id.
    pub id: String,
    /// `s3://<bucket>/<key>` of the object it came from, or `api`.
    pub source: String,
    /// Line or element number in that object, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    /// The record itself.
    pub body: Document,
    /// Count of changes, from 1.
    pub revision: u64,
    /// When it was made, RFC 3339, UTC.
    pub created_at: String,
    /// When it was last changed, RFC 3339, UTC.
    pub updated_at: String,
}

impl StoredRecord {
    /// Value of `ETag`, which names the revision.
    #[must_use]
    pub fn entity_tag(&self) -> String {
        format!("\"{}\"", self.revision)
    }

    /// The representation.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a record has text keys and valid numbers only")
    }
}

/// Some of the records, and how to get on; also its JSON representation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordPage {
    /// The records, in no order that could be relied on.
    pub items: Vec<StoredRecord>,
    /// Cursor of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}
