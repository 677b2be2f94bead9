//! What the function needs of the world.

use std::future::Future;
use std::time::SystemTime;

use pipectl_invocation::aws_error::AwsError;
use pipectl_messages::Record;

/// The table, as far as the writer knows it.
pub trait Table: Send + Sync + 'static {
    /// Writes `record` as of `now`, if the item is absent, or older (by `ordering`) and of other content (by
    /// `deduplication_id`). The revision goes up by one; a tombstone comes back to life.
    ///
    /// Condition and write are one step: two writers cannot both win. Repeating it is safe.
    ///
    /// # Errors
    /// [`AwsError`] when the call failed; the record may be written then.
    fn put_newer(
        &self,
        record: &Record,
        now: SystemTime,
    ) -> impl Future<Output = Result<Put, AwsError>> + Send;

    /// Raises `ordering` of the item to that of `record`, if it is older and of the same content; false when it
    /// is not. Nothing else of the item changes.
    ///
    /// # Errors
    /// [`AwsError`] when the call failed; the ordering may be raised then.
    fn raise_ordering(&self, record: &Record) -> impl Future<Output = Result<bool, AwsError>> + Send;
}

/// What became of a conditional write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// The record is written.
    Written,
    /// The item stands in the way.
    Refused(Existing),
}

/// The item that stood in the way; a missing attribute is given as empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Existing {
    /// Its `ordering`.
    pub ordering: String,
    /// Its `deduplication_id`.
    pub deduplication_id: String,
}
