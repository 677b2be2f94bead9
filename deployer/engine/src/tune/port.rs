//! What the engine asks about a function that is being tuned.
#![expect(async_fn_in_trait, reason = "one thread drives the engine, so no future needs to be Send")]

use crate::aws_error::AwsError;
use crate::package::Architecture;

/// Lambda, by the verbs that tuning needs.
pub trait Tuning {
    /// Reads how a function is configured (`GetFunctionConfiguration`).
    ///
    /// Fails with `NotFound` when there is no such function.
    async fn configuration(&self, function: &str) -> Result<Configuration, AwsError>;

    /// Starts to give a function another memory size, in MB. It is in force when
    /// [`Configuration::update`] is [`Update::Settled`]. Repeating it is safe.
    ///
    /// Fails with `OperationInProgress` while another update of the function runs.
    async fn set_memory_size(&self, function: &str, megabytes: u32) -> Result<(), AwsError>;

    /// Invokes a function with an event and waits for its end. Never tried again: the function may have
    /// done its work. Fails when Lambda refused; a function that fails is no error of the call.
    async fn invoke(&self, function: &str, event: &[u8]) -> Result<Invocation, AwsError>;
}

/// How a function is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// `MemorySize`, MB.
    pub megabytes: u32,
    /// `Architectures`.
    pub architecture: Architecture,
    /// What became of the last update.
    pub update: Update,
}

/// `LastUpdateStatus` of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Update {
    /// It is in force.
    Settled,
    /// It is being carried out; invocations meet the old configuration.
    Running,
    /// It failed, and why.
    Failed(String),
}

/// What came of an invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// What the function failed of, if it did: its own sentence, or Lambda's.
    pub error: Option<String>,
    /// The last 4 KiB of its log, which end with the `REPORT` line.
    pub log: String,
}
