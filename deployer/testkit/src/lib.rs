//! Test doubles of CloudFormation and S3 that behave, for programs that deploy.
//!
//! [`FakeAccount`] is the way in: an account with a clock that only moves when somebody sleeps, a
//! CloudFormation whose operations take time and fail as AWS's do, and a store of buckets. What they do,
//! and what they leave out, is written in [`behaviour`]; the crate's own tests hold them to that page.
//!
//! There are two ways to it. The engine's ports are implemented on the doubles, so that a whole
//! deployment runs within one thread and no time at all:
//!
//! ```
//! use pipectl_engine::port::CloudFormation as _;
//! use pipectl_testkit::{FakeAccount, finish};
//!
//! let account = FakeAccount::new();
//! let found = finish(account.cloudformation.describe_stack("ingest"));
//! assert_eq!(found, Ok(None));
//! assert_eq!(account.journal.calls(), ["DescribeStacks"]);
//! ```
//!
//! And [`FakeAws`] serves the account over HTTP, so that a deployer of any kind is tested with the SDK, or
//! the CLI, that it uses in earnest, down to its retries. Point `AWS_ENDPOINT_URL` to it, with any
//! credentials and the Region [`REGION`]:
//!
//! ```
//! use std::time::Duration;
//!
//! use pipectl_testkit::{FakeAccount, FakeAws, WireFault};
//!
//! let account = FakeAccount::new();
//! let aws = FakeAws::serve(&account)?;
//! // The first change set is made, and its answer never arrives.
//! aws.spoil("CreateChangeSet", 1, WireFault::AnswerLost);
//! // A deployer that waits by its own clock sees ten seconds pass with each look.
//! aws.pass_with_each_call(Duration::from_secs(10));
//!
//! // Here goes your deployer, with `aws.endpoint_url()`.
//! assert!(aws.endpoint_url().starts_with("http://127.0.0.1:"));
//! assert_eq!(account.journal.count("CreateChangeSet"), 0);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Invariant: nothing here knows the time or reads a file; only [`FakeAws`] opens a port, on loopback.

mod account;
mod alerting;
mod answering;
pub mod behaviour;
mod clock;
mod cloudformation;
mod drift;
mod faults;
mod finish;
mod function_code;
mod functions;
mod identity;
mod journal;
mod object_store;
mod packager;
mod readiness;
mod recorder;
mod refusal;
mod script;
mod shared;
mod stacks;
mod tuning;
mod wire;

pub use account::FakeAccount;
pub use alerting::FakeAlerting;
pub use answering::Answering;
pub use clock::FakeClock;
pub use cloudformation::FakeCloudFormation;
pub use finish::{finish, interrupt};
pub use function_code::FakeFunctionCode;
pub use functions::FakeFunctions;
pub use identity::FakeIdentity;
pub use journal::{Fault, Journal};
pub use object_store::FakeObjectStore;
pub use packager::{FakePackager, PackagingRefused};
pub use readiness::FakeReadiness;
pub use recorder::Recorder;
pub use stacks::{Deployment, Verb};
pub use tuning::FakeTuning;
pub use wire::{FakeAws, Gate, WireFault};

/// The account that the doubles stand for.
pub const ACCOUNT_ID: &str = "111122223333";

/// The Region that the doubles stand for.
pub const REGION: &str = "eu-central-1";
