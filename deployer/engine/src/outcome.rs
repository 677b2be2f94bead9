//! How an operation ended.

use std::collections::BTreeMap;

use crate::recover::Action;
use crate::status::StackStatus;

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
    /// The stack was led to a state that a deployment can start from, or was in one.
    Recovered(Recovery),
    /// What would be done to lead the stack out of its state; nothing was done.
    RecoveryPlanned {
        /// Status of the stack; `None` when there is none.
        status: Option<StackStatus>,
        /// The next action.
        action: Action,
    },
    /// The running operation was stopped.
    Cancelled {
        /// Status in which the stack settled; `None` when it is gone.
        status: Option<StackStatus>,
    },
}

/// How a stack was led out of a failed state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// Status it was in; `None` when there was no stack.
    pub from: Option<StackStatus>,
    /// Status it is in; `None` when there is no stack.
    pub to: Option<StackStatus>,
    /// Names of the actions taken, in order.
    pub actions: Vec<&'static str>,
    /// Logical IDs of the resources that no longer match the template.
    pub skipped: Vec<String>,
    /// What the next deployment does: `Proceed`, or `ProceedExpress` where AWS takes no other.
    pub next: Action,
}

/// What a deletion left behind and took away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// True when there was no stack.
    pub was_absent: bool,
    /// Number of resources that were deleted.
    pub deleted: usize,
    /// The resources that were deleted, in AWS's order.
    pub resources: Vec<Deleted>,
    /// Objects deleted from buckets, by bucket name.
    pub emptied: BTreeMap<String, u64>,
    /// Resources that stay in the account, in no stack.
    pub retained: Vec<Retained>,
    /// Log groups that functions without a log group of their own made for themselves. Lambda makes one at
    /// the first invocation, so that it may not be there.
    pub log_groups: Vec<String>,
    /// Objects of the artifact bucket. They stay: other stacks may have been deployed from the same code.
    pub artifacts: Vec<Artifact>,
}

/// A deleted resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deleted {
    /// Logical ID it had.
    pub logical_id: String,
    /// Resource type.
    pub resource_type: String,
    /// Physical ID it had.
    pub physical_id: String,
}

/// An object that a stack was deployed from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Artifact {
    /// Bucket name.
    pub bucket: String,
    /// Object key.
    pub key: String,
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
    /// Why it stays.
    pub why: Why,
}

/// Why a resource stays when its stack goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Its `DeletionPolicy` keeps it.
    DeletionPolicy,
    /// AWS could not delete it, and the user agreed to leave it; with AWS's reason.
    CouldNotBeDeleted(String),
}
