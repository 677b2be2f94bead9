//! What the doubles do: the contract that tests may rely on.
//!
//! Written from the CloudFormation API reference and user guide (read 2026-11-23) before the code.
//! Where AWS does more, "Left out" says so; where AWS's order is not defined, a fixed one is.
//!
//! # Time
//! - Nothing happens by itself. [`FakeClock`](crate::FakeClock) moves when somebody sleeps on it or
//!   calls `advance`; each call to CloudFormation first lets everything happen that is due by then.
//! - An operation takes one step a second: a wave of resources begins, or one resource ends. Events
//!   carry the time of their step, not the time of the call that came to see them.
//! - A change set is `CREATE_PENDING` for half a second, then `CREATE_IN_PROGRESS` for a second, then
//!   `CREATE_COMPLETE` or `FAILED`. Its changes show when it is complete.
//!
//! # Change sets
//! - `CREATE` on a name that has no stack makes a stack in `REVIEW_IN_PROGRESS`, with an event of
//!   that status and no token. On a stack in `REVIEW_IN_PROGRESS` it is added; on any other it is
//!   refused as `Invalid`.
//! - `UPDATE` needs a stack (`NotFound`) on which nothing runs (`OperationInProgress`) and whose
//!   status allows an update (`Invalid`, for example in `ROLLBACK_COMPLETE`).
//! - A name that is taken on the stack is refused with `AlreadyExists`.
//! - Refused as `Invalid` at once: a body over 51,200 bytes, an object that is not there, text that is
//!   not JSON, a reference to nothing, a circle of references, values for parameters that the template
//!   does not have, parameters without a value.
//! - Compared are the resources with parameters, conditions and pseudo parameters put in, the outputs
//!   and the stack's tags. When none differs the change set is `FAILED` with AWS's sentence. A change
//!   of outputs alone is complete, with no resource changes.
//! - A property that AWS documents as "Update requires: Replacement" makes the replacement `Always`. A
//!   resource that refers to a replaced one is modified too: `Conditional` when the reference stands in
//!   such a property, otherwise `Never`. A changed type is `Always`.
//! - Executing one deletes the others that wait for their execution. The executed one stays, keeps its
//!   name taken, and is not executable again. One that is not complete cannot be executed.
//!
//! # Create and update
//! - Resources are made in waves: those that depend on nothing, then those that depend on these, in
//!   order of logical ID within a wave. All of a wave are `_IN_PROGRESS` before the first ends.
//! - A created resource has two `CREATE_IN_PROGRESS` events, the second with "Resource creation
//!   Initiated" and the physical ID.
//! - After an update the stack is in `UPDATE_COMPLETE_CLEANUP_IN_PROGRESS` while replaced and removed
//!   resources are deleted, last made first. One that cannot be deleted has a `DELETE_FAILED` event and
//!   stays in the account, outside the stack; the update succeeds all the same.
//! - A bucket cannot be made when its name is taken.
//!
//! # Failure
//! - The failed resource's event has the reason; others of its wave that have begun fail with
//!   "Resource creation cancelled" or "Resource update cancelled".
//! - A create is asked for with `OnStackFailure: DELETE`: the stack goes to `DELETE_IN_PROGRESS`, what
//!   was made is deleted whatever its policy (`RetainExceptOnCreate` of the execution), and the stack is
//!   `DELETE_COMPLETE`. It is found by ID only.
//! - An update goes to `UPDATE_ROLLBACK_IN_PROGRESS`, what was touched goes back, last touched first,
//!   what was made is deleted in `UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS`, and the stack is
//!   `UPDATE_ROLLBACK_COMPLETE` with the template, parameters and tags of before. A resource that
//!   cannot go back leaves `UPDATE_ROLLBACK_FAILED`.
//!
//! # Deletion
//! - Resources are deleted last made first. `Retain` and `RetainExceptOnCreate` give one
//!   `DELETE_SKIPPED` event, and the resource stays in the account.
//! - A bucket that holds any version or delete marker fails with `DELETE_FAILED`. The others are deleted
//!   all the same; the stack is `DELETE_FAILED` with those that failed, and can be deleted again.
//! - A stack with termination protection refuses with `Invalid`. A stack that is not there counts as
//!   deleted. A running create may be interrupted by a deletion; a running update may not.
//!
//! # Tokens and events
//! - All events of an operation carry the token of the call that started it, those of its rollback
//!   too. The same token again joins the operation, running or over.
//! - `events` lists the events of one token, oldest first, after a given one.
//!
//! # The store
//! - Every bucket keeps versions: putting a key twice makes two. Emptying deletes all of them.
//! - A bucket taken by another account is `ForeignBucket`; a missing one is `NotFound`.
//! - The same buckets are those of the stacks: CloudFormation makes and deletes them there.
//!
//! # Faults
//! - [`Journal`](crate::Journal) writes down every call by AWS's name of the operation and can spoil
//!   the n-th next one: refused before anything is done, done but without an answer, or done,
//!   unanswered and repeated by the SDK.
//! - [`FakeCloudFormation::fail`](crate::FakeCloudFormation::fail) makes a resource fail until
//!   `heal` is called.
//!
//! # Left out
//! Nested stacks, imports, drift, stack policies, hooks, transforms, macros, mappings, service roles,
//! notification topics, quotas other than the template's size, `ROLLBACK_COMPLETE` by a create (see
//! [`FakeCloudFormation::put_stack`](crate::FakeCloudFormation::put_stack)), paging (inside the port),
//! property schemas: any property of any type is taken. `Ref` gives the physical ID and `Fn::GetAtt`
//! the physical ID with the attribute behind a dot, whatever AWS's return value is. A resource is
//! deleted even when one that depends on it could not be.
