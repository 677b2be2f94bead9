//! SDK errors in the engine's words.

use std::error::Error as StdError;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;
use pipectl_engine::aws_error::{AwsError, AwsErrorCode};

use crate::known_text;

/// The call that failed, in AWS's spelling.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    pub(crate) service: &'static str,
    pub(crate) operation: &'static str,
}

impl Call {
    pub(crate) const fn cloudformation(operation: &'static str) -> Self {
        Self { service: "CloudFormation", operation }
    }

    pub(crate) const fn cloudwatch(operation: &'static str) -> Self {
        Self { service: "CloudWatch", operation }
    }

    pub(crate) const fn dynamodb(operation: &'static str) -> Self {
        Self { service: "DynamoDB", operation }
    }

    pub(crate) const fn lambda(operation: &'static str) -> Self {
        Self { service: "Lambda", operation }
    }

    pub(crate) const fn iam(operation: &'static str) -> Self {
        Self { service: "IAM", operation }
    }

    pub(crate) const fn s3(operation: &'static str) -> Self {
        Self { service: "S3", operation }
    }

    pub(crate) const fn sns(operation: &'static str) -> Self {
        Self { service: "SNS", operation }
    }

    pub(crate) const fn sts(operation: &'static str) -> Self {
        Self { service: "STS", operation }
    }

    /// Translates what the SDK returned; for use in `map_err`.
    pub(crate) fn failed<E>(self, error: SdkError<E, HttpResponse>) -> AwsError
    where
        E: StdError + ProvideErrorMetadata + Send + Sync + 'static,
        SdkError<E, HttpResponse>: RequestId,
    {
        let request_id = error.request_id().map(str::to_owned);
        let status = error.raw_response().map(|response| response.status().as_u16());
        let aws_code = error.code().map(str::to_owned);
        let aws_message = error.message().map(str::to_owned);
        let is_transport = matches!(error, SdkError::DispatchFailure(_) | SdkError::TimeoutError(_));
        let chain = chain_text(&error);
        let message = aws_message.unwrap_or(chain);
        let header =
            |response: &HttpResponse| response.headers().get("x-amz-bucket-region").map(str::to_owned);
        let bucket_region = error.raw_response().and_then(header);

        let code = match (find_credentials_error(&error), aws_code) {
            (Some(credentials), _) => code_of_credentials(credentials),
            (None, Some(code)) => match code_of_refusal(&code, &message) {
                AwsErrorCode::WrongRegion(region) => AwsErrorCode::WrongRegion(region.or(bucket_region)),
                code => code,
            },
            (None, None) if status == Some(301) => AwsErrorCode::WrongRegion(bucket_region),
            (None, None) if is_transport => AwsErrorCode::Unreachable,
            (None, None) => self.code_of_status(status),
        };
        AwsError { service: self.service, operation: self.operation, code, message, request_id }
    }

    /// What an answer without an error code means.
    ///
    /// Only HEAD requests have no body by design, so only there is 404 a missing thing. Elsewhere a
    /// proxy, a load balancer or a server that is not AWS has spoken.
    fn code_of_status(self, status: Option<u16>) -> AwsErrorCode {
        let is_head = self.operation.starts_with("Head");
        match status {
            Some(403) if is_head => AwsErrorCode::AccessDenied,
            Some(404) if is_head => AwsErrorCode::NotFound,
            Some(429 | 503) => AwsErrorCode::Throttled,
            Some(500..=599) => AwsErrorCode::ServiceFault,
            Some(other) => AwsErrorCode::Other(format!("HTTP {other}")),
            None => AwsErrorCode::Invalid,
        }
    }

    /// An error that has no answer of AWS behind it.
    pub(crate) fn error(self, code: AwsErrorCode, message: impl Into<String>) -> AwsError {
        AwsError {
            service: self.service,
            operation: self.operation,
            code,
            message: message.into(),
            request_id: None,
        }
    }

    /// AWS answered without a field that it always sends.
    pub(crate) fn lacks(self, field: &str) -> AwsError {
        self.error(AwsErrorCode::ServiceFault, format!("the answer lacks `{field}`"))
    }
}

/// What a failure to get credentials means.
pub(crate) fn code_of_credentials(error: &CredentialsError) -> AwsErrorCode {
    if known_text::says_login_has_expired(&chain_text(error)) {
        return AwsErrorCode::CredentialsExpired;
    }
    match error {
        CredentialsError::ProviderTimedOut(_) => AwsErrorCode::Unreachable,
        _ => AwsErrorCode::CredentialsMissing,
    }
}

/// Joins an error and its causes to one line, leaving out what a cause repeats.
pub(crate) fn chain_text(error: &(dyn StdError + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(current) = next {
        let text = current.to_string();
        if parts.last().is_none_or(|last| !last.contains(&text)) {
            parts.push(text);
        }
        next = current.source();
    }
    parts.join(": ")
}

/// What an error code of AWS means to the engine.
///
/// Sources: "Common errors" of the CloudFormation and STS API references, "Error responses" of the S3
/// API reference, the operations' own error lists (read 2026-11-23).
pub(crate) fn code_of_refusal(code: &str, message: &str) -> AwsErrorCode {
    match code {
        "ChangeSetNotFound"
        | "ChangeSetNotFoundException"
        | "StackNotFoundException"
        | "NoSuchBucket"
        | "NoSuchEntity"
        | "NoSuchKey"
        | "NotFound"
        | "ResourceNotFoundException"
        | "ResourceNotFound" => AwsErrorCode::NotFound,
        "AlreadyExistsException" | "BucketAlreadyOwnedByYou" => AwsErrorCode::AlreadyExists,
        "BucketAlreadyExists" => AwsErrorCode::ForeignBucket,
        "Throttling"
        | "ThrottlingException"
        | "RequestLimitExceeded"
        | "TooManyRequestsException"
        | "SlowDown" => AwsErrorCode::Throttled,
        "AccessDenied"
        | "AccessDeniedException"
        | "AllAccessDisabled"
        | "AuthorizationError"
        | "Forbidden"
        | "NotAuthorized"
        | "UnauthorizedOperation" => AwsErrorCode::AccessDenied,
        "RequestTimeTooSkewed" => AwsErrorCode::ClockSkewed,
        "InvalidSignatureException" | "RequestExpired" | "SignatureDoesNotMatch"
            if known_text::says_clock_is_wrong(message) =>
        {
            AwsErrorCode::ClockSkewed
        }
        "PermanentRedirect" | "TemporaryRedirect" => AwsErrorCode::WrongRegion(None),
        "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException" => {
            AwsErrorCode::WrongRegion(known_text::expected_region(message))
        }
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => AwsErrorCode::CredentialsExpired,
        "AuthFailure"
        | "IncompleteSignature"
        | "InvalidAccessKeyId"
        | "InvalidClientTokenId"
        | "InvalidToken"
        | "MissingAuthenticationToken"
        | "SignatureDoesNotMatch"
        | "UnrecognizedClientException" => AwsErrorCode::CredentialsMissing,
        "InsufficientCapabilitiesException" => AwsErrorCode::InsufficientCapabilities,
        "OperationAborted" | "OperationInProgressException" => AwsErrorCode::OperationInProgress,
        "ValidationError" | "ValidationException" if known_text::says_stack_is_missing(message) => {
            AwsErrorCode::NotFound
        }
        "InvalidChangeSetStatus"
        | "InvalidChangeSetStatusException"
        | "ValidationError"
        | "ValidationException"
            if known_text::says_operation_is_running(message) =>
        {
            AwsErrorCode::OperationInProgress
        }
        "InvalidAction"
        | "InvalidArgument"
        | "InvalidBucketName"
        | "InvalidChangeSetStatus"
        | "InvalidChangeSetStatusException"
        | "InvalidParameterValue"
        | "InvalidRequest"
        | "MalformedPolicy"
        | "MalformedXML"
        | "ValidationError"
        | "ValidationException" => AwsErrorCode::Invalid,
        "InternalError" | "InternalFailure" | "ServiceUnavailable" => AwsErrorCode::ServiceFault,
        other => AwsErrorCode::Other(other.to_owned()),
    }
}

fn find_credentials_error<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a CredentialsError> {
    let mut next = Some(error);
    while let Some(current) = next {
        if let Some(found) = current.downcast_ref::<CredentialsError>() {
            return Some(found);
        }
        next = current.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn validation_error_about_a_missing_stack_is_not_found() {
        assert_eq!(
            code_of_refusal("ValidationError", "Stack with id a does not exist"),
            AwsErrorCode::NotFound
        );
    }

    #[test]
    fn validation_error_about_anything_else_is_invalid() {
        assert_eq!(code_of_refusal("ValidationError", "Template format error"), AwsErrorCode::Invalid);
    }

    #[test]
    fn obsolete_change_set_is_invalid_and_a_busy_one_is_in_progress() {
        let code = |message| code_of_refusal("InvalidChangeSetStatus", message);
        assert_eq!(
            code("ChangeSet [a] cannot be executed in its current execution status of [OBSOLETE]"),
            AwsErrorCode::Invalid
        );
        assert_eq!(
            code("An operation on this ChangeSet is currently in progress."),
            AwsErrorCode::OperationInProgress
        );
    }

    #[test]
    fn wrong_clock_is_told_from_a_wrong_key() {
        let signature = |message| code_of_refusal("SignatureDoesNotMatch", message);
        let old = "Signature expired: 20261201T040000Z is now earlier than 20261201T041000Z (20261201T042500Z - 15 min.)";
        let early = "Signature not yet current: 20261201T060000Z is still later than 20261201T041000Z";
        assert_eq!([old, early].map(signature), [AwsErrorCode::ClockSkewed, AwsErrorCode::ClockSkewed]);
        let wrong = "The request signature we calculated does not match the signature you provided.";
        assert_eq!(signature(wrong), AwsErrorCode::CredentialsMissing);
        let skewed = "The difference between the request time and the current time is too large.";
        assert_eq!(code_of_refusal("RequestTimeTooSkewed", skewed), AwsErrorCode::ClockSkewed);
    }

    #[test]
    fn region_of_a_bucket_elsewhere_is_read_where_aws_names_it() {
        let malformed =
            "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'";
        let named = AwsErrorCode::WrongRegion(Some("eu-west-1".to_owned()));
        assert_eq!(code_of_refusal("AuthorizationHeaderMalformed", malformed), named);
        let moved = "The bucket you are attempting to access must be addressed using the specified endpoint.";
        assert_eq!(code_of_refusal("PermanentRedirect", moved), AwsErrorCode::WrongRegion(None));
    }

    #[test]
    fn unknown_code_is_kept_as_aws_wrote_it() {
        assert_eq!(code_of_refusal("Brandnew", ""), AwsErrorCode::Other("Brandnew".to_owned()));
    }

    #[test]
    fn status_without_a_code_is_a_missing_thing_only_for_a_head_request() {
        assert_eq!(Call::s3("HeadObject").code_of_status(Some(404)), AwsErrorCode::NotFound);
        let proxy = Call::cloudformation("DescribeStacks").code_of_status(Some(404));
        assert_eq!(proxy, AwsErrorCode::Other("HTTP 404".to_owned()));
    }

    #[test]
    fn server_errors_without_a_code_are_faults_or_throttling() {
        let codes = [502, 503].map(|status| Call::s3("PutObject").code_of_status(Some(status)));
        assert_eq!(codes, [AwsErrorCode::ServiceFault, AwsErrorCode::Throttled]);
    }

    #[test]
    fn expired_login_is_told_from_missing_credentials() {
        let expired = CredentialsError::provider_error("the SSO token has expired and cannot be refreshed");
        assert_eq!(code_of_credentials(&expired), AwsErrorCode::CredentialsExpired);
        let none = CredentialsError::not_loaded("no providers in chain provided credentials");
        assert_eq!(code_of_credentials(&none), AwsErrorCode::CredentialsMissing);
    }
}
