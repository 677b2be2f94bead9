//! The engine's ports on the AWS SDK.
//!
//! Read [`session`] first: a [`Session`] finds region, credentials and endpoint once and hands
//! out [`SdkCloudFormation`] and [`SdkObjectStore`]. Every SDK error is translated on the spot into
//! the engine's `AwsError`.
//!
//! Invariant: this is the only crate that names an AWS SDK type, and none of them is in its public
//! interface.
//!
//! ```no_run
//! use pipectl_aws::{Session, SessionOptions};
//! use pipectl_engine::port::CloudFormation as _;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let options = SessionOptions { region: Some("eu-west-1".to_owned()), ..SessionOptions::default() };
//! let session = Session::load(options).await?;
//! let stack = session.cloudformation().describe_stack("ingest-dev").await?;
//! println!("{:?}", stack.map(|stack| stack.status));
//! # Ok(())
//! # }
//! ```

mod account;
mod alerts;
mod artifact_bucket;
mod change_set;
mod clock;
mod cloudformation;
mod credentials;
mod drift;
mod function_code;
mod identity;
mod known_text;
mod object_store;
mod reach;
mod readiness;
mod sdk_error;
pub mod session;
mod stack;
mod tune;

pub use alerts::SdkAlerting;
pub use clock::SystemClock;
pub use cloudformation::SdkCloudFormation;
pub use function_code::SdkFunctionCode;
pub use identity::SdkIdentity;
pub use object_store::SdkObjectStore;
pub use readiness::{ApiAddress, SdkReadiness};
pub use session::{Patience, Session, SessionOptions, StaticCredentials};
pub use tune::SdkTuning;
