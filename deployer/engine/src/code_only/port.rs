//! What the engine asks of Lambda to update code directly.
#![expect(async_fn_in_trait, reason = "one thread drives the engine, so no future needs to be Send")]

use crate::aws_error::AwsError;
use crate::port::Functions;
use crate::ready::port::Standing;

/// The code of deployed functions.
pub trait FunctionCode: Functions {
    /// Gives the unpublished version of a function other code. It takes effect in the background: read
    /// it until it stands ready. Giving it the code it runs changes nothing.
    ///
    /// Fails with `OperationInProgress` while another update of the function runs, or when it has
    /// changed since `revision` was read.
    async fn update_code(&self, update: &CodeUpdate<'_>) -> Result<RunningCode, AwsError>;
}

/// What a function runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningCode {
    /// SHA-256 of its deployment package in lower-case hexadecimal (`CodeSha256`); empty when that is not
    /// known, as for a container image, so that it differs from any package's.
    pub sha256: String,
    /// Changes with every update of the function (`RevisionId`).
    pub revision: Option<String>,
    /// Whether it takes invocations with this code.
    pub standing: Standing,
}

/// What a function is to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeUpdate<'a> {
    /// Name of the function.
    pub function: &'a str,
    /// Bucket of the package.
    pub bucket: &'a str,
    /// Object key of the package.
    pub key: &'a str,
    /// The update is refused when the function is at another revision by now.
    pub revision: Option<&'a str>,
}
