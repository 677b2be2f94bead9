//! What the engine says while it works. Events are its only voice: no text, no colour, no width.

use crate::aws_error::AwsError;
use crate::build_record::Cause;
use crate::change_set::ValidationFinding;
use crate::deployed::StackEvent;
use crate::outcome::Outcome;
use crate::recover::Action;
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
/// `Finished`. Resource events come in AWS's order and never before the `OperationStarted`, or the
/// `WaitingForOperation`, of the operation that they belong to.
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
    /// Another operation runs on the stack; the engine watches it to its end. Its resource events follow.
    WaitingForOperation {
        /// Status of the stack.
        status: StackStatus,
        /// Token of the call that started it, which tells who is at work; `None` when none was given.
        token: Option<String>,
        /// When it began, in milliseconds since the Unix epoch by AWS's clock, as far as was seen.
        since_ms: Option<i64>,
    },
    /// Looking at the operation fails for a reason that passes: it goes on, and so does the watch. Emitted
    /// once until a look succeeds.
    WatchDisturbed {
        /// The failed call.
        error: AwsError,
        /// How long such failures are borne before the watch ends, in milliseconds.
        patience_ms: i64,
    },
    /// The stack is in a state that it must be led out of; this is done next.
    RecoveryChosen {
        /// Status of the stack.
        status: StackStatus,
        /// What is done.
        action: Action,
    },
    /// Resources were left out of a rollback: what they are is no longer what the template says.
    ResourcesSkipped {
        /// Their logical IDs.
        resources: Vec<String>,
    },
    /// A validation found something in the change set. Failures stop the deployment, warnings do not; they
    /// come before the approval.
    ValidationFound(ValidationFinding),
    /// The caller may not read what a validation found; less exact reasons are given instead.
    DetailsDenied {
        /// The refused call.
        error: AwsError,
    },
    /// What the deletion would touch is known; nothing was touched yet.
    Inventoried {
        /// Number of resources that are deleted.
        deletes: usize,
        /// Number of resources that are kept.
        retains: usize,
        /// Names of the buckets that are emptied.
        empties: Vec<String>,
    },
    /// The termination protection of the stack was lifted.
    ProtectionLifted,
    /// Change sets that somebody else made on a stack without resources were deleted with it.
    ChangeSetsDiscarded {
        /// Their names.
        names: Vec<String>,
    },
    /// The running operation was asked to stop.
    CancellationStarted {
        /// Status of the stack before.
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
        /// Why it is another than the deployed one; empty when there is none, or when it is not known
        /// what that was built from.
        causes: Vec<Cause>,
    },
    /// The plan is made; nothing has changed yet.
    Planned {
        /// Its steps, in order.
        steps: Vec<&'static str>,
        /// Logical IDs of the resources that the template changes, in order of name. CloudFormation may
        /// change more, and an emulator may name others.
        changes: Vec<String>,
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
    /// A change set is about to be asked for: from here on there may be one.
    ChangeSetRequested {
        /// Its name.
        change_set: String,
        /// True when a stack without resources comes with it.
        creates: bool,
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
    /// The change or the deletion is about to be asked for: from here on it may have begun. Comes before
    /// `OperationStarted`.
    OperationRequested {
        /// Token of the operation, by which it can be found.
        token: String,
    },
    /// The change set was started, or the deletion.
    OperationStarted {
        /// Number of resources that will change, when known.
        resources: Option<usize>,
        /// Token of the operation, by which it can be found again.
        token: String,
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
    /// Resources are to be replaced, which the stack does not take in the state that it is in: first it is made
    /// sound without that, by a change of its own; the replacement follows. Emitted once for each try.
    PutOff {
        /// Their logical IDs.
        resources: Vec<String>,
    },
    /// The template changes properties of resources that the change set does not tell of. It takes one empty
    /// object for another (aws/aws-cdk-cli#1922), and changes the resource all the same (#1951 there).
    Untold {
        /// Their logical IDs.
        resources: Vec<String>,
    },
    /// The fast way cannot be taken; the slower one is.
    FellBack {
        /// The fast way: `express`, `code_only` or `update_stack`.
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
    /// Lead out of a failed state.
    Recover,
    /// Watch, whoever started it.
    Attach,
    /// Stop what runs.
    Cancel,
}

/// Takes events, in order, as they happen. Never blocks the engine for long.
pub trait EventSink {
    /// Takes one event.
    fn emit(&self, event: Event);
}
