//! What the engine asks about identities.
#![expect(async_fn_in_trait, reason = "one thread drives the engine, so no future needs to be Send")]

use crate::aws_error::AwsError;
use crate::permission::simulation::{Denied, Question};

/// IAM and STS, by the verbs that a check of permissions needs. They only read.
pub trait Identity {
    /// Returns the caller's ARN: of a user, of the account's root, or of an assumed role's session.
    async fn caller(&self) -> Result<String, AwsError>;

    /// Returns the ARN of a role of the account, path included; `None` when there is none.
    async fn role_arn(&self, name: &str) -> Result<Option<String>, AwsError>;

    /// Simulates a principal's policies, permissions boundaries included, and returns what would be
    /// denied. All pages are read.
    async fn denied(&self, principal: &str, question: &Question) -> Result<Vec<Denied>, AwsError>;
}
