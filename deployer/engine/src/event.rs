//! What the engine says while it works. Events are its only voice: no text, no colour, no width.

use crate::deployed::StackEvent;
use crate::outcome::Outcome;
use crate::status::StackStatus;

/// Something that happened, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Milliseconds since the Unix epoch, by the engine's clock.
    pub at_ms: i64,
    /// What happened.
    pub kind: EventKind,
}

/// What happened to which thing.
///
/// Guarantees: the first event of an operation is `Started`, the last is `Finished`, and exactly
/// one of each is emitted unless the operation fails with an error, which then takes the place of
/// `Finished`. Resource events come in AWS's order and never before `OperationStarted`.
#[derive(Debug, Clone, PartialEq)]
pub enum EventKind {
    /// An operation on a stack begins. Emitted once, first.
    Started {
        /// What is being done.
        operation: Operation,
        /// Stack name.
        stack: String,
    },
    /// The stack was read. May come again after a wait or a recovery.
    StackRead {
        /// Its status; `None` when there is no such stack.
        status: Option<StackStatus>,
    },
    /// Another operation runs on the stack; the engine waits for its end.
    WaitingForOperation {
        /// Status of the stack.
        status: StackStatus,
    },
    /// Building and packing begins.
    PackagingStarted {
        /// Functions of the spec.
        functions: Vec<String>,
    },
    /// One function's deployment package is ready.
    Packaged {
        /// Function of the spec.
        function: String,
        /// Size of the zip in bytes.
        bytes: u64,
        /// SHA-256 of the zip, hexadecimal.
        sha256: String,
        /// True when the stack runs this very package already.
        deployed: bool,
    },
    /// The plan is made; nothing has changed yet.
    Planned {
        /// Its steps, in order.
        steps: Vec<&'static str>,
    },
    /// The remains of a failed first deployment were deleted.
    RemainsDeleted {
        /// The status that called for it.
        status: StackStatus,
    },
    /// The account's artifact bucket was made.
    ArtifactBucketCreated {
        /// Its name.
        bucket: String,
    },
    /// An artifact was uploaded.
    Uploaded {
        /// Object key.
        key: String,
        /// Size in bytes.
        bytes: u64,
    },
    /// An artifact was in the bucket already.
    UploadSkipped {
        /// Object key.
        key: String,
    },
    /// A change set was asked for.
    ChangeSetCreated {
        /// Its name.
        change_set: String,
    },
    /// AWS has described the change set.
    ChangeSetReady {
        /// Number of resources that it changes.
        changes: usize,
    },
    /// The change set was started, or the deletion.
    OperationStarted {
        /// Number of resources that will change, when known.
        resources: Option<usize>,
    },
    /// A resource, or the stack itself, took a step.
    ResourceChanged(StackEvent),
    /// A bucket was emptied before its deletion.
    BucketEmptied {
        /// Bucket name.
        bucket: String,
        /// Objects, versions and delete markers deleted.
        objects: u64,
    },
    /// What was asked for cannot be done; the slower way is taken. Emitted by a deployment that was to be
    /// fast, at most once.
    FellBack {
        /// The way that was asked for: `express` or `code_only`.
        from: &'static str,
        /// What keeps from it.
        because: Vec<String>,
    },
    /// A function runs other code, which it was given directly, past CloudFormation.
    CodeUpdated {
        /// Logical ID of the function.
        logical_id: String,
        /// Its name.
        function: String,
        /// SHA-256 of the code's package, hexadecimal.
        sha256: String,
        /// True when this is the code that the stack was deployed with, brought back.
        restored: bool,
    },
    /// CloudFormation has configured everything in express mode; now it becomes ready.
    Configured {
        /// Resources that are looked at until they are ready.
        needs: usize,
    },
    /// A resource is ready. Comes after `Configured`.
    ResourceReady {
        /// Its logical ID.
        logical_id: String,
    },
    /// Everything that the pipeline needs is ready. Comes after `Configured`.
    Ready {
        /// Resources that could not be looked at, each with the reason.
        unseen: Vec<String>,
    },
    /// The operation is over. Emitted once, last.
    Finished {
        /// How it ended.
        outcome: Outcome,
    },
}

/// What is being done to a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Create or update.
    Up,
    /// Delete.
    Down,
}

/// Takes events, in order, as they happen. Never blocks the engine for long.
pub trait EventSink {
    /// Takes one event.
    fn emit(&self, event: Event);
}
