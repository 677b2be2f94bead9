//! One refused or failed AWS call, in the words the engine decides by.

use std::fmt;

/// A failed AWS call, translated once at the edge.
///
/// The engine matches on [`AwsErrorCode`], never on the message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{service} {operation} failed: {message}{}", RequestId(.request_id))]
pub struct AwsError {
    /// Service as AWS writes it, for example `CloudFormation`.
    pub service: &'static str,
    /// Operation as AWS writes it, for example `CreateChangeSet`.
    pub operation: &'static str,
    /// What kind of refusal or failure it was.
    pub code: AwsErrorCode,
    /// AWS's sentence, or the transport's.
    pub message: String,
    /// AWS's request id, absent when no answer came.
    pub request_id: Option<String>,
}

struct RequestId<'a>(&'a Option<String>);

impl fmt::Display for RequestId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |id| write!(f, " (request {id})"))
    }
}

/// What a failed call means for the next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AwsErrorCode {
    /// The named thing does not exist.
    NotFound,
    /// A thing of that name exists already.
    AlreadyExists,
    /// The account or the service asks to slow down; retried by the SDK before it came here.
    Throttled,
    /// The credentials are valid but may not do this.
    AccessDenied,
    /// The credentials have expired.
    CredentialsExpired,
    /// No credentials were found, or they are not valid.
    CredentialsMissing,
    /// No region was found.
    RegionMissing,
    /// No connection, a broken connection or no answer in time.
    Unreachable,
    /// The template needs a capability that was not acknowledged.
    InsufficientCapabilities,
    /// Another operation holds the stack or the change set.
    OperationInProgress,
    /// The bucket of that name belongs to another account.
    ForeignBucket,
    /// The bucket lies in another Region, which AWS has named or not.
    WrongRegion(Option<String>),
    /// The clock of this machine is not AWS's: a request that was signed with its time is refused.
    ClockSkewed,
    /// AWS found the request or the template wrong.
    Invalid,
    /// AWS failed on its own side.
    ServiceFault,
    /// Any other code, as AWS wrote it.
    Other(String),
}
