//! Specified test doubles of the engine's ports.
//!
//! [`FakeAccount`] is the way in: an account with a clock that only moves when somebody sleeps, a
//! CloudFormation whose operations take time, and a store of buckets. What they do, and what they
//! leave out, is written in [`behaviour`]; the crate's own tests hold them to that page.
//!
//! Invariant: nothing here waits, reads a file, opens a connection or knows the time.
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
mod shared;
mod stacks;
#[cfg(feature = "http")]
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
pub use stacks::Verb;
#[cfg(feature = "http")]
pub use wire::{FakeAws, Gate, WireFault};

/// The account that the doubles stand for.
pub const ACCOUNT_ID: &str = "111122223333";

/// The Region that the doubles stand for.
pub const REGION: &str = "eu-central-1";
