//! What surrounds one invocation of a shipped function.
//!
//! Settings from the environment ([`environment`]), the clock ([`clock`]) with the invocation's deadline
//! ([`invocation`]), pace of retries ([`backoff`]), structured log lines ([`log`]), metrics in CloudWatch's
//! embedded metric format ([`metrics`]), the settings of AWS clients ([`client`]) and their failures
//! ([`aws_error`]), all of it wired for `main` ([`process`]); for functions behind an HTTP API its event and response ([`http`]), what can go wrong there
//! ([`problem`]) and why a request was not served ([`refusal`]).
//!
//! Invariant: nothing here knows a payload, a queue or a table.

pub mod aws_error;
pub mod backoff;
pub mod client;
pub mod clock;
pub mod environment;
pub mod http;
pub mod invocation;
pub mod log;
pub mod metrics;
pub mod output;
pub mod problem;
pub mod process;
pub mod refusal;
#[cfg(feature = "testing")]
pub mod testing;
mod trust;
