//! The rule by which one record meets the table.

use std::time::Duration;

use pipectl_invocation::aws_error::{AwsError, Retry};
use pipectl_invocation::backoff::pause_after;
use pipectl_invocation::clock::Clock;
use pipectl_invocation::invocation::Invocation;
use pipectl_messages::Record;

use crate::effects::{Existing, Put, Table};

/// Time kept before the deadline to report the batch.
const MARGIN: Duration = Duration::from_millis(500);

/// Looks at an item that other writers keep changing before giving the message back to the queue.
const MAX_ROUNDS: u32 = 8;

/// What became of a record. All of these are success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is the item now.
    Written,
    /// The same content, seen before and not newer: nothing changed.
    Duplicate,
    /// The same content, put again later: only the item's `ordering` was raised, so that a delayed message from
    /// between the two cannot win.
    Confirmed,
    /// The item is newer: nothing changed.
    Stale,
}

/// Why a record was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A call failed for good, or until the time was up.
    #[error("the table could not be written in {attempts} attempts")]
    Table {
        /// Attempts made.
        attempts: u32,
        /// The last failure.
        #[source]
        source: AwsError,
    },
    /// Other writers changed the item between each look at it and the write.
    #[error("the item changed under each of {rounds} looks at it")]
    Contended {
        /// Looks taken.
        rounds: u32,
    },
}

/// Writes `record` unless the table holds it or something newer.
///
/// Whatever the order in which the messages of one id arrive, however often, and wherever a call between them
/// is lost, the item ends as the record with the greatest `ordering`. Throttled and broken calls are repeated,
/// more and more slowly, until the deadline is near.
///
/// # Errors
/// [`WriteError`]; the message must be delivered again. Repeating it is safe.
pub async fn write<T: Table>(
    record: &Record,
    table: &T,
    clock: &dyn Clock,
    invocation: &Invocation,
) -> Result<Written, WriteError> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        let source = match write_once(record, table, clock).await {
            Ok(Some(written)) => return Ok(written),
            Ok(None) => return Err(WriteError::Contended { rounds: MAX_ROUNDS }),
            Err(source) => source,
        };
        let pause = pause_after(attempts, record.id.as_str());
        if source.retry == Retry::Useless || invocation.is_ending(clock, MARGIN + pause) {
            return Err(WriteError::Table { attempts, source });
        }
        clock.pause(pause).await;
    }
}

/// `None` when the item kept changing.
async fn write_once<T: Table>(
    record: &Record,
    table: &T,
    clock: &dyn Clock,
) -> Result<Option<Written>, AwsError> {
    for _ in 0..MAX_ROUNDS {
        let existing = match table.put_newer(record, clock.now()).await? {
            Put::Written => return Ok(Some(Written::Written)),
            Put::Refused(existing) => existing,
        };
        match verdict(record, &existing) {
            Verdict::Skip(written) => return Ok(Some(written)),
            Verdict::Raise if table.raise_ordering(record).await? => return Ok(Some(Written::Confirmed)),
            Verdict::Raise | Verdict::LookAgain => {}
        }
    }
    Ok(None)
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Skip(Written),
    Raise,
    /// The item is not the one that refused the write any more.
    LookAgain,
}

fn verdict(record: &Record, existing: &Existing) -> Verdict {
    let is_same = existing.deduplication_id == record.deduplication_id;
    match (existing.ordering < record.ordering, is_same) {
        (false, true) => Verdict::Skip(Written::Duplicate),
        (false, false) => Verdict::Skip(Written::Stale),
        (true, true) => Verdict::Raise,
        (true, false) => Verdict::LookAgain,
    }
}
