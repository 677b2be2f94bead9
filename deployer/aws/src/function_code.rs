//! The engine's `Functions` and `FunctionCode` ports on Lambda.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::{LastUpdateStatus, State};
use aws_smithy_types::base64;
use pipectl_engine::aws_error::{AwsError, AwsErrorCode};
use pipectl_engine::code_only::port::{CodeUpdate, FunctionCode, RunningCode};
use pipectl_engine::port::Functions;
use pipectl_engine::ready::port::Standing;

use crate::sdk_error::Call;

const SHA256_BYTES: usize = 32;

/// Lambda by the AWS SDK, as far as code is read and updated directly. Made by
/// [`Session::function_code`](crate::Session::function_code).
#[derive(Debug, Clone)]
pub struct SdkFunctionCode {
    client: Client,
}

/// What Lambda says of a function, wherever it says it.
pub(crate) struct Configuration {
    pub(crate) state: Option<State>,
    pub(crate) state_reason: Option<String>,
    pub(crate) last_update: Option<LastUpdateStatus>,
    pub(crate) last_update_reason: Option<String>,
}

impl SdkFunctionCode {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }
}

impl Functions for SdkFunctionCode {
    async fn running(&self, function: &str) -> Result<Option<RunningCode>, AwsError> {
        let call = Call::lambda("GetFunctionConfiguration");
        let answer = self.client.get_function_configuration().function_name(function).send().await;
        match answer.map_err(|error| call.failed(error)) {
            Ok(found) => Ok(Some(RunningCode {
                sha256: hexadecimal(found.code_sha256.as_deref()),
                revision: found.revision_id,
                standing: standing(Configuration {
                    state: found.state,
                    state_reason: found.state_reason,
                    last_update: found.last_update_status,
                    last_update_reason: found.last_update_status_reason,
                }),
            })),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl FunctionCode for SdkFunctionCode {
    async fn update_code(&self, update: &CodeUpdate<'_>) -> Result<RunningCode, AwsError> {
        let call = Call::lambda("UpdateFunctionCode");
        let answer = self
            .client
            .update_function_code()
            .function_name(update.function)
            .s3_bucket(update.bucket)
            .s3_key(update.key)
            .set_revision_id(update.revision.map(str::to_owned))
            .send()
            .await
            .map_err(|error| busy(call.failed(error)))?;
        Ok(RunningCode {
            sha256: hexadecimal(answer.code_sha256.as_deref()),
            revision: answer.revision_id,
            standing: standing(Configuration {
                state: answer.state,
                state_reason: answer.state_reason,
                last_update: answer.last_update_status,
                last_update_reason: answer.last_update_status_reason,
            }),
        })
    }
}

/// Source: Lambda API reference, GetFunctionConfiguration, Errors (read 2026-11-23).
pub(crate) fn is_missing(error: &AwsError) -> bool {
    error.code == AwsErrorCode::NotFound || is_other(error, "ResourceNotFoundException")
}

/// Source: Lambda API reference, UpdateFunctionCode, Errors (read 2026-11-23).
fn busy(error: AwsError) -> AwsError {
    let is_busy = ["ResourceConflictException", "PreconditionFailedException"]
        .iter()
        .any(|code| is_other(&error, code));
    if is_busy { AwsError { code: AwsErrorCode::OperationInProgress, ..error } } else { error }
}

fn is_other(error: &AwsError, code: &str) -> bool {
    matches!(&error.code, AwsErrorCode::Other(other) if other == code)
}

/// A function takes invocations when it is active and its last update is done. One that Lambda has put
/// to rest (`Inactive`) wakes up with the next invocation. Source: Lambda developer guide, "Lambda
/// function states" (read 2026-11-23).
pub(crate) fn standing(found: Configuration) -> Standing {
    let Configuration { state, state_reason, last_update, last_update_reason } = found;
    match (state, last_update) {
        (Some(State::Failed), _) => Standing::Failed(reason(state_reason, "State Failed")),
        (Some(State::Pending), _) => Standing::NotYet("State Pending".to_owned()),
        (_, Some(LastUpdateStatus::Failed)) => {
            Standing::Failed(reason(last_update_reason, "LastUpdateStatus Failed"))
        }
        (_, Some(LastUpdateStatus::InProgress)) => Standing::NotYet("LastUpdateStatus InProgress".to_owned()),
        _ => Standing::Ready,
    }
}

fn reason(given: Option<String>, word: &str) -> String {
    given.filter(|text| !text.is_empty()).unwrap_or_else(|| word.to_owned())
}

/// `CodeSha256` of a package is Base64; that of a container image is not, and says nothing of a package.
fn hexadecimal(code_sha256: Option<&str>) -> String {
    let bytes = code_sha256.and_then(|text| base64::decode(text).ok()).unwrap_or_default();
    if bytes.len() != SHA256_BYTES {
        return String::new();
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(state: State, last_update: Option<LastUpdateStatus>) -> Standing {
        let (state_reason, last_update_reason) = (None, Some("out of memory".to_owned()));
        standing(Configuration { state: Some(state), state_reason, last_update, last_update_reason })
    }

    #[test]
    fn active_function_with_a_finished_update_is_ready() {
        assert_eq!(of(State::Active, Some(LastUpdateStatus::Successful)), Standing::Ready);
        assert_eq!(of(State::Inactive, None), Standing::Ready);
    }

    #[test]
    fn function_in_an_update_is_not_ready_yet() {
        let standing = of(State::Active, Some(LastUpdateStatus::InProgress));
        assert_eq!(standing, Standing::NotYet("LastUpdateStatus InProgress".to_owned()));
    }

    #[test]
    fn failed_update_says_why() {
        let standing = of(State::Active, Some(LastUpdateStatus::Failed));
        assert_eq!(standing, Standing::Failed("out of memory".to_owned()));
    }

    #[test]
    fn digest_is_read_from_base64_and_that_of_an_image_is_none() {
        let package = format!("{}8=", "A".repeat(42));
        assert_eq!(hexadecimal(Some(&package)), format!("{}0f", "0".repeat(62)));
        assert_eq!(hexadecimal(Some(&"0f".repeat(32))), "");
        assert_eq!(hexadecimal(None), "");
    }

    #[test]
    fn conflict_and_old_revision_mean_that_an_update_runs() {
        for code in ["ResourceConflictException", "PreconditionFailedException"] {
            let error =
                Call::lambda("UpdateFunctionCode").error(AwsErrorCode::Other(code.to_owned()), "busy");
            assert_eq!(busy(error).code, AwsErrorCode::OperationInProgress);
        }
    }
}
