//! The engine's `Tuning` port on Lambda.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationOutput;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{Architecture as LambdaArchitecture, LastUpdateStatus, LogType};
use aws_smithy_types::base64;
use pipectl_engine::aws_error::{AwsError, AwsErrorCode};
use pipectl_engine::package::Architecture;
use pipectl_engine::tune::port::{Configuration, Invocation, Tuning, Update};
use serde_json::Value;

use crate::sdk_error::Call;

/// Longest wait for an invocation: 15 minutes is the longest timeout of a function.
const LONGEST_INVOCATION: Duration = Duration::from_secs(15 * 60 + 10);

/// Lambda by the AWS SDK. Made by [`Session::tuning`](crate::Session::tuning).
#[derive(Debug, Clone)]
pub struct SdkTuning {
    client: Client,
}

impl SdkTuning {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }
}

impl Tuning for SdkTuning {
    async fn configuration(&self, function: &str) -> Result<Configuration, AwsError> {
        let call = Call::lambda("GetFunctionConfiguration");
        let answer = self.client.get_function_configuration().function_name(function).send().await;
        configuration(call, answer.map_err(|error| call.failed(error))?)
    }

    async fn set_memory_size(&self, function: &str, megabytes: u32) -> Result<(), AwsError> {
        let call = Call::lambda("UpdateFunctionConfiguration");
        let update = self.client.update_function_configuration().function_name(function);
        let update = update.memory_size(i32::try_from(megabytes).unwrap_or(i32::MAX));
        update.send().await.map(drop).map_err(|error| {
            let error = call.failed(error);
            let is_busy =
                matches!(&error.code, AwsErrorCode::Other(code) if code == "ResourceConflictException");
            if is_busy { AwsError { code: AwsErrorCode::OperationInProgress, ..error } } else { error }
        })
    }

    async fn invoke(&self, function: &str, event: &[u8]) -> Result<Invocation, AwsError> {
        let call = Call::lambda("Invoke");
        let invoke = self.client.invoke().function_name(function).log_type(LogType::Tail);
        let answer = invoke
            .payload(Blob::new(event))
            .customize()
            .config_override(
                aws_sdk_lambda::config::Builder::new()
                    .retry_config(RetryConfig::disabled())
                    .timeout_config(TimeoutConfig::builder().read_timeout(LONGEST_INVOCATION).build()),
            )
            .send()
            .await
            .map_err(|error| call.failed(error))?;
        let log = answer.log_result.and_then(|log| base64::decode(log).ok()).unwrap_or_default();
        let payload = answer.payload.map(Blob::into_inner).unwrap_or_default();
        Ok(Invocation {
            error: answer.function_error.map(|kind| reason(&kind, &payload)),
            log: String::from_utf8_lossy(&log).into_owned(),
        })
    }
}

fn configuration(call: Call, found: GetFunctionConfigurationOutput) -> Result<Configuration, AwsError> {
    let megabytes = found.memory_size.and_then(|megabytes| u32::try_from(megabytes).ok());
    // An absent list means x86_64, as in a template.
    let architecture = match found.architectures.unwrap_or_default().first() {
        Some(LambdaArchitecture::Arm64) => Architecture::Arm64,
        _ => Architecture::X86_64,
    };
    let update = match found.last_update_status {
        Some(LastUpdateStatus::InProgress) => Update::Running,
        Some(LastUpdateStatus::Failed) => {
            Update::Failed(found.last_update_status_reason.unwrap_or_else(|| "unknown".to_owned()))
        }
        _ => Update::Settled,
    };
    Ok(Configuration { megabytes: megabytes.ok_or_else(|| call.lacks("MemorySize"))?, architecture, update })
}

/// Takes the sentence out of a failed invocation's answer.
fn reason(kind: &str, payload: &[u8]) -> String {
    let answer: Value = serde_json::from_slice(payload).unwrap_or_default();
    let message = answer.get("errorMessage").and_then(Value::as_str).map(str::trim);
    message.filter(|message| !message.is_empty()).unwrap_or(kind).to_owned()
}
