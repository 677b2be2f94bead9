//! What the doubles do: the contract that tests may rely on.
//!
//! Written from the CloudFormation API reference (API), the user guide (UG) and, where these are silent,
//! from what users have seen (the issue is named); all read 2026-11-23. Sentences without a source are
//! marked *assumed*, or fix what AWS leaves open: an order, a duration, an ID. `tests/behaviour` holds the
//! crate to this page, over the ports and over HTTP.
//!
//! # Time
//! - Nothing happens by itself. [`FakeClock`](crate::FakeClock) moves when somebody sleeps on it or calls
//!   `advance`; each call to CloudFormation first lets everything happen that is due by then.
//! - An operation takes one step a second: a wave of resources begins, or one resource ends. Events carry
//!   the time of their step, not the time of the call that came to see them.
//! - A change set is `CREATE_PENDING` for half a second, then `CREATE_IN_PROGRESS` for a second, then
//!   `CREATE_COMPLETE` or `FAILED`. Its changes and findings show when it is made.
//!
//! # Change sets
//! - `CREATE` on a name that has no stack makes a stack in `REVIEW_IN_PROGRESS` without template and
//!   resources (API CreateChangeSet), with an event of that status that belongs to no operation. On a
//!   stack in `REVIEW_IN_PROGRESS` it is added; on any other it is refused.
//! - `UPDATE` needs a stack on which nothing runs and whose status allows an update, which
//!   `ROLLBACK_COMPLETE` does not.
//! - A name that is taken on the stack is refused with `AlreadyExistsException` (API CreateChangeSet).
//! - Refused at once: a body over 51,200 bytes, an object that is not there, text that is not JSON, a
//!   reference to nothing, a circle of references, values for parameters that the template does not have,
//!   parameters without a value.
//! - `UsePreviousTemplate`, `UsePreviousValue` and tags that are not given take what the stack has (API).
//! - IAM resources need `CAPABILITY_IAM`, those with a name `CAPABILITY_NAMED_IAM`; otherwise
//!   `InsufficientCapabilitiesException` (API CreateChangeSet, Capabilities).
//! - Compared are what the resources were last made from, with parameters, conditions and pseudo
//!   parameters put in, the outputs and the stack's tags. When none differs the change set is `FAILED` with
//!   AWS's sentence (aws-cloudformation/rain#94). A change of outputs alone is complete, with no resource
//!   changes. So is one that exchanges one empty object for another: it is not told of, and carried out all
//!   the same (aws-cdk-cli#1951).
//! - A property that AWS documents as "Update requires: Replacement" makes the replacement `Always`. A
//!   resource that refers to a replaced one is modified too: `Conditional` when the reference stands in
//!   such a property, otherwise `Never`. A changed type is `Always`.
//! - Described with property values it has paths, values before and after and the contexts; without, the
//!   names. A test can make resources miss from the description with values, as AWS does (aws-cdk-cli#1780).
//! - Executing one deletes the others that wait for their execution (API ExecuteChangeSet). The executed one
//!   stays, keeps its name taken, and is not executable again. One that is not complete cannot be executed.
//! - CreateStack and UpdateStack do the same without a change set to look at; an update that changes nothing
//!   is refused with "No updates are to be performed."
//!
//! # Validation
//! - A name in the template that a resource of this account has already is a finding in `FAIL` mode, and
//!   the change set `FAILED` with AWS's sentence (UG Validate stack deployments; aws-cdk-cli#1000). A bucket
//!   that is full and would be deleted is one in `WARN` mode, and the change set is made. Names that other
//!   accounts hold are not seen. `DisableValidation` leaves all of it out.
//! - More findings are planned with
//!   [`find_in_validation`](crate::FakeCloudFormation::find_in_validation); `DescribeEvents` of the change
//!   set lists all of them, with path, name, reason and mode. The names of the validations are *assumed*.
//!
//! # Create and update
//! - Resources are made in waves: those that depend on nothing, then those that depend on these, in order of
//!   logical ID within a wave. All of a wave are `_IN_PROGRESS` before the first ends.
//! - A created resource has two `CREATE_IN_PROGRESS` events, the second with "Resource creation Initiated"
//!   and the physical ID.
//! - After an update the stack is in `UPDATE_COMPLETE_CLEANUP_IN_PROGRESS` while replaced and removed
//!   resources are deleted, last made first. One that cannot be deleted has a `DELETE_FAILED` event and stays
//!   in the account, outside the stack; the update succeeds all the same.
//! - Named buckets, tables, queues, topics, functions, roles, log groups, alarms and dashboards exist once:
//!   making one whose name is taken fails, also by what a deletion policy has left. Replacing one under the
//!   same name fails: "CloudFormation cannot update a stack when a custom-named resource requires replacing."
//! - A stack policy denies what no statement allows and what any denies, by `Update:Modify`, `Replace` and
//!   `Delete`; the resource fails with "Action denied by stack policy" (UG Prevent updates to stack
//!   resources; the exact sentence is *assumed*).
//!
//! # Express mode
//! - `DeploymentConfig` is echoed by DescribeStacks and DescribeChangeSet. `EXPRESS` disables rollback
//!   unless `DisableRollback` is `false` (aws-cdk-cli#1931).
//! - Resources are complete with the reason of aws-cdk-cli#1689 once they are configured, and
//!   [`is_ready`](crate::FakeCloudFormation::is_ready) some time later.
//! - A failed operation leaves `CREATE_FAILED` or `UPDATE_FAILED`. From there a change set must be express
//!   too, and RollbackStack is refused, with AWS's sentences (aws-cdk-cli#1739).
//!
//! # Failure
//! - The failed resource's event has the reason; others of its wave that have begun fail with "Resource
//!   creation cancelled" or "Resource update cancelled".
//! - A create does as `OnStackFailure` says (API CreateChangeSet). `ROLLBACK`, the default: what was made is
//!   deleted, but for what a `Retain` policy keeps, and the stack is `ROLLBACK_COMPLETE`, or
//!   `ROLLBACK_FAILED` when something cannot be deleted. `DO_NOTHING`: the stack is `CREATE_FAILED` and lists
//!   what was made and what failed. `DELETE`: the stack goes to `DELETE_IN_PROGRESS`, what was made is
//!   deleted whatever its policy, and the stack is `DELETE_COMPLETE`, found by ID only.
//! - `RetainExceptOnCreate` of the execution deletes what was made new whatever its policy (API). What was
//!   imported stays.
//! - An update goes to `UPDATE_ROLLBACK_IN_PROGRESS`, what was touched goes back, last touched first, what
//!   was made is deleted in `UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS`, and the stack is
//!   `UPDATE_ROLLBACK_COMPLETE` with the template, parameters and tags of before. Resources that cannot go
//!   back are left in `UPDATE_FAILED` after the others, and the stack is `UPDATE_ROLLBACK_FAILED`.
//! - With rollback disabled the stack is left in `CREATE_FAILED` or `UPDATE_FAILED`. An update goes on from
//!   there, with what has failed and what was not begun; it must disable rollback too (the sentence of
//!   aws-cdk-cli#1973). When nothing differs the change set is empty all the same (aws-cdk-cli#1972), and
//!   UpdateStack takes it and makes the stack sound (aws-cdk-cli#1970). A replacement fails while rollback is disabled (aws-cdk-cli#1931; sentence *assumed*).
//!
//! # Ways out
//! - RollbackStack takes `CREATE_FAILED` and `UPDATE_FAILED` back to the last stable state (API). A stack
//!   that has none is left in `ROLLBACK_COMPLETE` (*assumed*: API says it is deleted).
//! - ContinueUpdateRollback takes `UPDATE_ROLLBACK_FAILED` to `UPDATE_ROLLBACK_COMPLETE`. Only resources
//!   that are in `UPDATE_FAILED` can be skipped; a skipped one is `UPDATE_COMPLETE` and stays as it is in the
//!   account, so that it drifts. `ForceRollback` skips all of them, and excludes `ResourcesToSkip` (API).
//! - CancelUpdateStack needs `UPDATE_IN_PROGRESS`, and rolls the update back (API).
//!
//! # Deletion
//! - Resources are deleted last made first. `Retain` and `RetainExceptOnCreate` give one `DELETE_SKIPPED`
//!   event, and the resource stays in the account.
//! - A bucket that holds any version or delete marker fails with `DELETE_FAILED`. What it needs stays too;
//!   the others are deleted all the same. The stack is `DELETE_FAILED` with what is left, and can be deleted
//!   again.
//! - `RetainResources` and `FORCE_DELETE_STACK` are for a stack in `DELETE_FAILED` (API DeleteStack): what is
//!   named, or what cannot be deleted, stays in the account and the stack goes.
//! - A stack with termination protection refuses. A stack that is not there counts as deleted. A running
//!   create may be interrupted by a deletion; a running update may not.
//!
//! # Import and drift
//! - `ImportExistingResources` takes in what exists under the name that the template gives it, belongs to no
//!   stack, and has a deletion policy that keeps it (UG Import resources automatically). `IMPORT` takes in
//!   what is named, which needs a deletion policy, and makes nothing new; the stack is `IMPORT_COMPLETE`.
//! - A detection takes two seconds and finds what was there when it began: `MODIFIED` where a property that
//!   the template sets is another in the account, `DELETED` where the resource is gone (UG Detect drift).
//!   Another one on the same stack is refused meanwhile (the sentence is *assumed*).
//! - A resource that a test makes fail at [`Verb::DetectDrift`](crate::Verb) is `NOT_CHECKED`; the detection
//!   ends in `DETECTION_FAILED` with the reason, and what could be checked is listed all the same (API
//!   DescribeStackDriftDetectionStatus).
//! - A change set compares with the template of before and sees no drift, unless `REVERT_DRIFT` asks for the
//!   three values (API CreateChangeSet). A resource that was deleted by hand is not made anew by it
//!   (*assumed*); its next update fails.
//!
//! # Operations, tokens and events
//! - Each operation has an ID; an automatic rollback is one of its own (API DescribeEvents). `LastOperations`
//!   of DescribeStacks has the last of each type (*assumed*).
//! - All events of an operation carry the token of the call that started it, those of its rollback too (API
//!   ExecuteChangeSet). The same token again joins the operation, running or over.
//! - DescribeStackEvents and DescribeEvents list newest first. The latter is asked by change set, operation
//!   or stack, and refused without any; `FailedEvents` leaves failed resources and findings. Which event is
//!   of which `EventType` is *assumed*.
//! - Every list comes in pages, of AWS's size or of the one that was set. A page of events begins where the
//!   last one ended, whatever has happened since.
//!
//! # The store
//! - Every bucket keeps versions: putting a key twice makes two. Deleting without a version puts a delete
//!   marker. Emptying deletes all of them.
//! - A bucket taken by another account is foreign (`AccessDenied`, and `BucketAlreadyExists` to a create); a
//!   missing one is `NoSuchBucket`. `x-amz-expected-bucket-owner`, `If-None-Match: *` and
//!   `x-amz-checksum-sha256` are honoured (S3 API reference, PutObject).
//! - The same buckets are those of the stacks: CloudFormation makes and deletes them there.
//!
//! # Faults
//! - [`Journal`](crate::Journal) writes down every call by AWS's name of the operation and can spoil the
//!   n-th next one: refused before anything is done, done but without an answer, or done, unanswered and
//!   repeated by the SDK. After `die_after` nothing is answered any more, as to a killed process.
//! - [`FakeAws`](crate::FakeAws) writes down every call that arrives, and can break a connection before the
//!   work, in the middle of an upload, before the answer or in it, answer any refusal, hold a call at a gate,
//!   throttle an operation, let an access key expire, and be ahead of the caller's clock.
//! - [`FakeCloudFormation::fail`](crate::FakeCloudFormation::fail) makes a resource fail until it is healed.
//!
//! # Left out
//! Nested stacks, hooks, transforms, macros, mappings, service roles, rollback triggers, notification topics,
//! templates in YAML, exports, `Fn::GetStackOutput`, quotas other than the template's size, property schemas:
//! any property of any type is taken. `Ref` gives the physical ID and `Fn::GetAtt` the physical ID with the
//! attribute behind a dot, whatever AWS's return value is. An imported resource is not updated after its
//! import. Signatures are not verified.
