//! Items of the records table, which one function writes and another serves.
//!
//! An item is a record, or the tombstone of a deleted one:
//!
//! | attribute | type | meaning |
//! |---|---|---|
//! | `id` | S | partition key |
//! | `source` | S | `s3://<bucket>/<key>`, or `api`; partition key of the index by source |
//! | `position` | N | line or element number; absent for records made through the API |
//! | `body` | any | the record, as DynamoDB's own types; absent from tombstones |
//! | `ordering` | S | of the newest message seen; later ones compare greater as text |
//! | `deduplication_id` | S | of the message that the body came from |
//! | `revision` | N | from 1, one more with each change, never reset while the item lives |
//! | `created_at`, `updated_at` | S | RFC 3339, UTC |
//! | `deleted` | BOOL | `true` on tombstones, else absent |
//! | `expires_at` | N | seconds since the epoch; on tombstones only, time to live |
//!
//! A tombstone keeps `ordering` and `deduplication_id`, so that a message delivered again cannot undo a
//! deletion.

pub mod attribute;
mod value;

pub use value::{document, value};
