//! Payload types that cross the queues of the shipped pipelines.
//!
//! Every payload is versioned JSON: readers ignore fields they do not know, and treat a version they do not
//! know as an error of that one payload. A released version never changes; a new version gets a new golden
//! file under `tests/golden/`.
//!
//! Invariant: no IO, no clock, no AWS client. Start with [`Record`].
//!
//! ```
//! use pipectl_messages::{Document, Position, Record, RecordId};
//!
//! let record = Record {
//!     id: RecordId::new("order-1").expect("a legal id"),
//!     source: "s3://uploads/orders.jsonl".to_owned(),
//!     position: Position { number: 1, offset: 0 },
//!     ordering: "0".repeat(32),
//!     deduplication_id: "d".repeat(64),
//!     body: Document::from_json(r#"{"total": 12.50}"#).expect("a storable document"),
//! };
//! assert_eq!(Record::from_json(&record.to_json()), Ok(record));
//! ```

mod document;
mod number;
mod payload;
mod record;
mod record_id;
mod rejected_record;

pub use document::{Document, DocumentError};
pub use payload::PayloadError;
pub use record::{Position, Record};
pub use record_id::{RecordId, RecordIdError};
pub use rejected_record::{Reason, RejectCode, RejectedRecord};
