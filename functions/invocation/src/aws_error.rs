//! A failed AWS call, apart from the SDK's types.

use std::error::Error;
use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId as _;

/// What repeating the call can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The service asks for a slower pace.
    Throttled,
    /// The network or the service failed; the call may or may not have taken effect.
    Transient,
    /// The same call will fail again.
    Useless,
}

/// A failed AWS call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsError {
    /// Service and operation as IAM spells them, such as `sqs:SendMessage`.
    pub operation: &'static str,
    /// AWS's error code; none when there was no answer.
    pub code: Option<String>,
    /// AWS's or the client's message. For logs only.
    pub message: String,
    /// AWS's request id.
    pub request_id: Option<String>,
    /// What repeating can do.
    pub retry: Retry,
}

/// Codes by which services ask for a slower pace.
/// Source: AWS SDKs and tools reference guide, retry behavior (read 2026-11-23).
const THROTTLING_CODES: [&str; 9] = [
    "KmsThrottled",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
];

impl AwsError {
    /// Translates the SDK's error of `operation`.
    pub fn new<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let metadata = error.as_service_error().map(ProvideErrorMetadata::meta);
        let code = metadata.and_then(|metadata| metadata.code()).map(ToOwned::to_owned);
        let message = match metadata.and_then(|metadata| metadata.message()) {
            Some(message) => message.to_owned(),
            None => crate::log::chain(error),
        };
        let status = error.raw_response().map(|response| response.status().as_u16());
        Self {
            operation,
            retry: retry(code.as_deref(), status),
            code,
            message,
            request_id: error.request_id().map(ToOwned::to_owned),
        }
    }
}

/// No status means that no answer came: a timeout or a broken connection.
fn retry(code: Option<&str>, status: Option<u16>) -> Retry {
    match (code, status) {
        (Some(code), _) if THROTTLING_CODES.contains(&code) => Retry::Throttled,
        (_, Some(429 | 503)) => Retry::Throttled,
        (_, None | Some(500..)) => Retry::Transient,
        (_, Some(_)) => Retry::Useless,
    }
}

impl fmt::Display for AwsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code.as_deref().unwrap_or("no answer");
        write!(formatter, "{} failed with `{code}`: {}", self.operation, self.message)?;
        match &self.request_id {
            Some(request_id) => write!(formatter, " (request {request_id})"),
            None => Ok(()),
        }
    }
}

impl Error for AwsError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throttling_is_told_from_faults_and_refusals() {
        assert_eq!(retry(Some("ThrottlingException"), Some(400)), Retry::Throttled);
        assert_eq!(retry(Some("InternalError"), Some(500)), Retry::Transient);
        assert_eq!(retry(None, None), Retry::Transient);
        assert_eq!(retry(Some("AccessDenied"), Some(403)), Retry::Useless);
    }
}
