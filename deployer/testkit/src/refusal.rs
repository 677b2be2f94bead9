//! Why a double refuses, before it is known on whose behalf.

use pipectl_engine::aws_error::AwsErrorCode;

/// A refusal: what it means, and how AWS writes it.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) code: AwsErrorCode,
    /// AWS's error code, for example `ValidationError`.
    pub(crate) aws_code: &'static str,
    pub(crate) message: String,
}

impl Refusal {
    /// CloudFormation answers most refusals with a `ValidationError`.
    pub(crate) fn new(code: AwsErrorCode, message: impl Into<String>) -> Self {
        let aws_code = match code {
            AwsErrorCode::AlreadyExists => "AlreadyExistsException",
            AwsErrorCode::Throttled => "Throttling",
            AwsErrorCode::AccessDenied => "AccessDenied",
            AwsErrorCode::InsufficientCapabilities => "InsufficientCapabilitiesException",
            AwsErrorCode::ServiceFault => "InternalFailure",
            _ => "ValidationError",
        };
        Self { code, aws_code, message: message.into() }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(AwsErrorCode::Invalid, message)
    }

    pub(crate) fn written_as(self, aws_code: &'static str) -> Self {
        Self { aws_code, ..self }
    }
}
