//! What the engine asks of the world outside.
//!
//! Each method states its contract; the SDK adapter and the test doubles are held to it. Every
//! method may be called again after a failure. Retrying a throttled or broken call is the
//! adapter's work; an error that comes back has been retried already.
#![expect(async_fn_in_trait, reason = "one thread drives the engine, so no future needs to be Send")]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use crate::aws_error::AwsError;
use crate::build_record::BuildRecord;
use crate::change_set::{ChangeSet, ChangeSetRequest, ChangeSetSummary, ValidationFinding};
use crate::code_only::port::RunningCode;
use crate::deployed::{DeployedStack, NewestOperation, StackEvent, StackResource};
use crate::drift::{DriftDetectionStatus, ResourceDrift};
use crate::package::{FunctionCrate, Package};
use crate::review::{Inventory, Proposal, Review};
use crate::stack_update::StackUpdate;

/// CloudFormation, by the verbs a deployment needs.
pub trait CloudFormation {
    /// Reads a stack by name or ID; `None` when there is none. A deleted stack is found by ID only.
    async fn describe_stack(&self, stack: &str) -> Result<Option<DeployedStack>, AwsError>;

    /// Reads the template as it was sent (`TemplateStage: Original`). Template bodies in YAML come
    /// back as a JSON string value.
    async fn template(&self, stack: &str) -> Result<Value, AwsError>;

    /// Asks for a change set and returns its ID. It is made in the background: describe it until
    /// its status is final. Acknowledges `CAPABILITY_IAM` and `CAPABILITY_NAMED_IAM`.
    ///
    /// Fails with `AlreadyExists` when a change set of that name exists on the stack.
    async fn create_change_set(&self, request: &ChangeSetRequest) -> Result<String, AwsError>;

    /// Describes a change set by ID, or by name together with its stack; all pages are read.
    /// Described with and without property values and merged, because with them whole resources
    /// can be missing (aws-cdk-cli#1780).
    ///
    /// Fails with `NotFound` when there is none.
    async fn describe_change_set(&self, stack: &str, change_set: &str) -> Result<ChangeSet, AwsError>;

    /// Starts a change set. A repeated call with the same token joins the running operation.
    async fn execute_change_set(&self, stack: &str, change_set: &str, token: &str) -> Result<(), AwsError>;

    /// Starts an update without a change set: the stack keeps its template, unless there is another one, its
    /// tags and all parameters but those that change. A repeated call with the same token joins the running operation.
    /// Acknowledges the same capabilities as a change set.
    ///
    /// Fails with `Invalid` when nothing would change, unless the stack is left as it failed; when the stack is gone, or when its template does
    /// not have these parameters.
    async fn update_stack(&self, update: &StackUpdate) -> Result<(), AwsError>;

    /// Deletes a change set; one that does not exist counts as deleted.
    async fn delete_change_set(&self, stack: &str, change_set: &str) -> Result<(), AwsError>;

    /// Lists the change sets of a stack, whatever their status; all pages are read. A stack that does
    /// not exist has none.
    async fn change_sets(&self, stack: &str) -> Result<Vec<ChangeSetSummary>, AwsError>;

    /// Lists what validations found while the change set with this ID (an ARN) was made: every failure
    /// and every warning, in AWS's order.
    ///
    /// Fails with `AccessDenied` where `cloudformation:DescribeEvents` is not allowed.
    async fn validation_findings(&self, change_set_id: &str) -> Result<Vec<ValidationFinding>, AwsError>;

    /// Starts the deletion of a stack; one that does not exist counts as deleted. A repeated call with
    /// the same token joins the running deletion.
    ///
    /// Fails with `Invalid` while the stack has termination protection.
    async fn delete_stack(&self, deletion: &Deletion<'_>) -> Result<(), AwsError>;

    /// Starts the way back of a stack in `CREATE_FAILED` or `UPDATE_FAILED` to its last stable state.
    /// What the failed operation made is deleted, whatever its deletion policy.
    ///
    /// Fails with `Invalid` in any other status, and after an operation in express mode.
    async fn rollback_stack(&self, stack: &str, token: &str) -> Result<(), AwsError>;

    /// Goes on with the failed rollback of a stack in `UPDATE_ROLLBACK_FAILED`. The resources in
    /// `skipped` are left as they are and counted as rolled back; only those whose rollback failed may
    /// be named.
    async fn continue_update_rollback(
        &self,
        stack: &str,
        skipped: &[String],
        token: &str,
    ) -> Result<(), AwsError>;

    /// Turns a running update back. Fails with `Invalid` when none runs, or when it is past the point
    /// where it can be cancelled.
    async fn cancel_update(&self, stack: &str, token: &str) -> Result<(), AwsError>;

    /// Sets or lifts the termination protection of a stack.
    async fn set_termination_protection(&self, stack: &str, is_protected: bool) -> Result<(), AwsError>;

    /// Finds the newest operation of a stack by its newest events; `None` when it has no events.
    async fn newest_operation(&self, stack: &str) -> Result<Option<NewestOperation>, AwsError>;

    /// Finds the token of the operation with AWS's ID `operation_id`.
    ///
    /// `None` when there is no such operation, or when none was given to the call that started it.
    async fn token_of_operation(&self, stack: &str, operation_id: &str) -> Result<Option<String>, AwsError>;

    /// Lists the events of the operation that was started with `token`, after the one with ID
    /// `after` (all of them when `None`), oldest first. Reads no page beyond the operation's first
    /// event, however long the stack's history is. Without a token the events are those of the newest
    /// operation, if it was started without one.
    async fn events(
        &self,
        stack: &str,
        token: Option<&str>,
        after: Option<&str>,
    ) -> Result<Vec<StackEvent>, AwsError>;

    /// Lists all resources of a stack.
    async fn resources(&self, stack: &str) -> Result<Vec<StackResource>, AwsError>;
}

/// What is deleted of a stack, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deletion<'a> {
    /// Stack name or ID.
    pub stack: &'a str,
    /// Token of the call.
    pub token: &'a str,
    /// Logical IDs of the resources to leave in the account; AWS takes them in `DELETE_FAILED` only.
    pub retained: &'a [String],
    /// Whether the stack goes even if resources of it cannot be deleted (`FORCE_DELETE_STACK`); they stay in
    /// the account. AWS takes it in `DELETE_FAILED` only.
    pub is_forced: bool,
}

impl<'a> Deletion<'a> {
    /// The deletion of a whole stack, as its deletion policies have it.
    #[must_use]
    pub fn of(stack: &'a str, token: &'a str) -> Self {
        Self { stack, token, retained: &[], is_forced: false }
    }
}

/// S3, by the verbs a deployment needs.
pub trait ObjectStore {
    /// Returns the name of the account's artifact bucket: `pipectl-artifacts-<account>-<region>`.
    async fn artifact_bucket(&self) -> Result<String, AwsError>;

    /// Makes the artifact bucket if it is missing: public access blocked, bucket-owner-enforced,
    /// encrypted, versioned, TLS-only. Returns whether it was made.
    ///
    /// Fails with `ForeignBucket` when the name belongs to another account. A half-made bucket is
    /// completed by the next call that finds its settings lacking.
    async fn ensure_artifact_bucket(&self, bucket: &str) -> Result<bool, AwsError>;

    /// Lists the keys that start with `prefix`; all pages are read.
    async fn keys(&self, bucket: &str, prefix: &str) -> Result<BTreeSet<String>, AwsError>;

    /// Puts an object unless it is there with the same content; returns whether it was sent. The store
    /// verifies the content's SHA-256 and that the bucket is ours.
    async fn put(&self, bucket: &str, key: &str, content: Content) -> Result<bool, AwsError>;

    /// Deletes objects by key; those that do not exist count as deleted. In a bucket with versions the
    /// old ones stay.
    async fn delete(&self, bucket: &str, keys: &[String]) -> Result<(), AwsError>;

    /// Deletes every object, version and delete marker, and returns how many. A bucket that does
    /// not exist is empty.
    async fn empty_bucket(&self, bucket: &str) -> Result<u64, AwsError>;
}

/// What an object is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Bytes in memory.
    Bytes(Vec<u8>),
    /// A file, read when it is sent.
    File(PathBuf),
}

/// Builds and packs function crates.
pub trait Packager {
    /// Why packaging failed; shown to the user with its causes.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Builds all crates in one go and packs each; the answers are in the order of the requests.
    async fn package(&self, crates: &[FunctionCrate]) -> Result<Vec<Package>, Self::Error>;

    /// Returns what the package under an object key was built from; see [`Package::key`]. `None` when
    /// that is not recorded here, for example because the package was built on another machine.
    fn build_record(&self, key: &str) -> Option<BuildRecord> {
        let _ = key;
        None
    }
}

/// Time, so that tests can hold it still.
pub trait Clock {
    /// Milliseconds since the Unix epoch.
    fn now_ms(&self) -> i64;

    /// Waits.
    async fn sleep(&self, duration: Duration);
}

/// Decides what only a person, or a flag of theirs, may decide.
pub trait Approver {
    /// Answers whether the request may go on. Never guesses: with nobody to ask it is `Refused`.
    async fn approve(&self, request: Request<'_>) -> Answer;
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Request<'a> {
    /// A change of the stack, before it is started.
    Change(&'a Review),
    /// The deletion of the stack, before anything is touched.
    Delete(&'a Inventory),
    /// A step out of a failed state that costs something, before it is taken.
    Recover(&'a Proposal),
}

/// An [`Approver`]'s answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Go on.
    Approved,
    /// A person said no.
    Declined,
    /// Consent is needed and nobody could be asked.
    Refused,
}

/// Lambda, as far as it is only asked. What changes functions is
/// [`FunctionCode`](crate::code_only::port::FunctionCode).
pub trait Functions {
    /// Reads what a function runs; `None` when there is no such function.
    async fn running(&self, function: &str) -> Result<Option<RunningCode>, AwsError>;
}

/// CloudFormation's drift detection. Its own port, because only `diff --drift` needs it.
pub trait DriftDetection {
    /// Starts a detection on a stack and returns its ID.
    ///
    /// Fails with `Invalid` while another detection or an operation runs on the stack.
    async fn detect_drift(&self, stack: &str) -> Result<String, AwsError>;

    /// Reads the state of a detection.
    async fn drift_detection(&self, detection: &str) -> Result<DriftDetectionStatus, AwsError>;

    /// Lists the resources that the last detection found modified or deleted, by logical ID; all pages
    /// are read.
    async fn drifted_resources(&self, stack: &str) -> Result<Vec<ResourceDrift>, AwsError>;
}
