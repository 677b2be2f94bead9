//! How an operation ended.

use std::collections::BTreeMap;

/// How an operation ended when it did not fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The stack was created.
    Created {
        /// Output values.
        outputs: BTreeMap<String, String>,
    },
    /// The stack was updated.
    Updated {
        /// Output values.
        outputs: BTreeMap<String, String>,
    },
    /// The stack is as wanted; nothing was changed.
    Unchanged {
        /// Output values.
        outputs: BTreeMap<String, String>,
    },
    /// The stack was deleted, or there was none.
    Deleted(Receipt),
    /// The user said no; what had been prepared was removed.
    Declined,
}

/// What a deletion left behind and took away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// True when there was no stack.
    pub was_absent: bool,
    /// Resources that were deleted.
    pub deleted: usize,
    /// Objects deleted from buckets, by bucket name.
    pub emptied: BTreeMap<String, u64>,
    /// Resources that their deletion policy keeps in the account.
    pub retained: Vec<Retained>,
}

/// A resource that outlives its stack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Retained {
    /// Logical ID it had.
    pub logical_id: String,
    /// Resource type.
    pub resource_type: String,
    /// Physical ID it keeps.
    pub physical_id: String,
}
