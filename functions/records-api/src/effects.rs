//! What the function needs of the world.

use std::future::Future;
use std::time::SystemTime;

use pipectl_invocation::aws_error::AwsError;
use pipectl_messages::{Document, RecordId};

use crate::precondition::Precondition;
use crate::record::StoredRecord;

/// The table, as far as the API knows it. Tombstones, and items that are no records, count as absent.
///
/// Every change is one step together with its condition. Where an answer is lost and the call is repeated, the
/// repetition finds its own change and reports that instead of a refusal.
pub trait Records: Send + Sync {
    /// Makes a record with source `api`, as of `now`, unless one with the id exists. In place of a tombstone
    /// the count of revisions goes on.
    fn create(
        &self,
        id: &RecordId,
        body: &Document,
        now: SystemTime,
    ) -> impl Future<Output = Result<Created, AwsError>> + Send;

    /// The record as of the last change.
    fn get(&self, id: &RecordId) -> impl Future<Output = Result<Option<StoredRecord>, AwsError>> + Send;

    /// Up to `limit` of the records after `request.after`, in the order of the table or the index. May hold
    /// fewer although there are more.
    fn page(&self, request: &PageRequest) -> impl Future<Output = Result<Page, AwsError>> + Send;

    /// Replaces the body, as of `now`, if the record exists and meets the precondition.
    fn replace(
        &self,
        id: &RecordId,
        body: &Document,
        precondition: &Precondition,
        now: SystemTime,
    ) -> impl Future<Output = Result<Changed<StoredRecord>, AwsError>> + Send;

    /// Puts a tombstone, as of `now`, in place of the record if it exists and meets the precondition. The
    /// tombstone expires at `expires_at`.
    fn delete(
        &self,
        id: &RecordId,
        precondition: &Precondition,
        now: SystemTime,
        expires_at: SystemTime,
    ) -> impl Future<Output = Result<Changed<()>, AwsError>> + Send;
}

/// What became of a creation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// The new record.
    Created(StoredRecord),
    /// A record with the id exists.
    Exists,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed<Outcome> {
    /// It is done.
    Done(Outcome),
    /// There is no such record.
    Missing,
    /// The record does not meet the precondition.
    PreconditionFailed,
}

/// Which records to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Only those of this source.
    pub source: Option<String>,
    /// Id of the item after which to go on.
    pub after: Option<String>,
    /// Most items to look at.
    pub limit: usize,
}

/// Records of one look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The records.
    pub records: Vec<StoredRecord>,
    /// Id of the item after which to go on; `None` at the end.
    pub next: Option<String>,
}
