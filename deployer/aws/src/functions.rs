//! The engine's `Functions` port on Lambda.

use aws_sdk_lambda::Client;
use pipectl_engine::aws_error::{AwsError, AwsErrorCode};
use pipectl_engine::port::Functions;

use crate::function_code::hexadecimal;
use crate::sdk_error::Call;

/// Lambda by the AWS SDK. Made by [`Session::functions`](crate::Session::functions).
#[derive(Debug, Clone)]
pub struct SdkFunctions {
    client: Client,
}

impl SdkFunctions {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }
}

impl Functions for SdkFunctions {
    /// Of a container image `CodeSha256` is the image's digest, already in hexadecimal.
    async fn code_sha256(&self, function: &str) -> Result<Option<String>, AwsError> {
        let call = Call::lambda("GetFunctionConfiguration");
        let answer = self.client.get_function_configuration().function_name(function).send().await;
        let digest = match answer.map_err(|error| call.failed(error)) {
            Ok(configuration) => configuration.code_sha256,
            Err(error) if error.code == AwsErrorCode::NotFound => None,
            Err(error) => return Err(error),
        };
        Ok(Some(hexadecimal(digest.as_deref())).filter(|digest| digest.len() == 64))
    }
}
