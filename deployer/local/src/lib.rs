//! Provisions, starts, watches and stops the local engine: an emulator of AWS, ministack, at a
//! pinned version, on 127.0.0.1.
//!
//! [`start`] is the entry point. It installs the engine into a cache that all projects share
//! ([`provision()`]), runs one process for each project, and finds it again in later runs. What
//! happens is said as [`LocalEvent`]s; nothing is printed. What e-mail and SMS would have delivered
//! is in the [`inbox()`]. What the engine does otherwise than AWS is listed in [`GAPS`].
//!
//! ```no_run
//! # async fn example() -> Result<(), pipectl_local::StartError> {
//! use pipectl_local::{EngineHome, LocalEvent, StartOptions, start};
//!
//! let home = EngineHome::new("/home/me/.cache/pipectl", "/home/me/project/.pipectl/local");
//! let engine = start(&home, &StartOptions::default(), &|_: LocalEvent| ()).await?;
//! assert!(engine.endpoint.starts_with("http://127.0.0.1:"));
//! # Ok(())
//! # }
//! ```
//!
//! # State
//!
//! An engine keeps its state when [`StartOptions::persist`] says so: see [`gaps`] for what that
//! covers. It saves when it is stopped, and while it runs a second after requests pause; after a
//! kill or a crash it has what was saved last.
//!
//! # Who is let in
//!
//! An engine takes requests that are signed with its own random [`Credentials`]; they lie in the state
//! folder, for the user alone, and [`RunningEngine::environment`] hands them out.
//!
//! Invariant: no AWS SDK besides its signer, no terminal. Unix only: the engine's functions are Unix processes.

#[cfg(not(unix))]
compile_error!("the local engine needs Linux or macOS; on Windows, use the Windows Subsystem for Linux");

mod api_url;
mod credentials;
mod engine;
mod event;
pub mod gaps;
mod home;
mod http;
mod inbox;
mod interpreter;
mod launch;
mod lock;
mod pace;
mod port;
mod private;
mod process;
mod provision;
mod python;
mod readdress;
mod record;
mod start;
mod stop;

pub use api_url::local_api_url;
pub use credentials::{Credentials, SignError, Unsigned};
pub use engine::{EngineStatus, RunningEngine, StateError, status};
pub use event::{LocalEvent, LocalEvents};
pub use gaps::{Bridge, GAPS, Gap};
pub use home::EngineHome;
pub use http::RequestError;
pub use inbox::{Delivery, InboxError, Protocol, inbox, take_inbox};
pub use interpreter::interpreter;
pub use provision::{ENGINE_VERSION, ProvisionError, Step, provision};
pub use python::{Fault, Tried};
pub use start::{Setting, StartError, StartOptions, start};
pub use stop::{ResetError, StopError, reset, stop};

/// Account of every resource in the local engine.
pub const ACCOUNT_ID: &str = "000000000000";

/// Region of the local engine.
pub const REGION: &str = "us-east-1";
