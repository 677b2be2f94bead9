//! What the engine asks to learn whether a resource works.
#![expect(async_fn_in_trait, reason = "one thread drives the engine, so no future needs to be Send")]

use super::Subject;
use crate::aws_error::AwsError;

/// Looks at resources as their users would find them. Every method only reads.
pub trait Readiness {
    /// Looks once. A resource that does not exist (yet) is `NotYet`.
    ///
    /// # Errors
    /// When the look itself was refused or failed; it says nothing about the resource.
    async fn look(&self, subject: &Subject) -> Result<Standing, AwsError>;
}

/// How a resource stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It does its work.
    Ready,
    /// Not yet, in AWS's word for its state.
    NotYet(String),
    /// It failed and will not come by itself, for this reason.
    Failed(String),
    /// It cannot be seen from here, for this reason.
    Unseen(String),
}
