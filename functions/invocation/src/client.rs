//! Settings that every AWS client of a function shares.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::tls::{Provider, TlsContext, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use pipectl_contract::{Environment, EnvironmentError, Presence, ValueKind, Variable};

use crate::trust;

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Longest wait for the first byte of an answer.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// Calls of one operation, the first included; more is the caller's decision, who knows the deadline.
const MAX_ATTEMPTS: u32 = 3;

/// Variables that Lambda sets for every function, and `AWS_ENDPOINT_URL`, which a local engine sets.
const LAMBDA: [Variable; 5] = [
    lambda("AWS_REGION", Presence::Required, ValueKind::Text, "Region of the function."),
    lambda("AWS_ACCESS_KEY_ID", Presence::Required, ValueKind::Text, "Access key of the role."),
    lambda("AWS_SECRET_ACCESS_KEY", Presence::Required, ValueKind::Secret, "Secret of the role."),
    lambda("AWS_SESSION_TOKEN", Presence::Optional, ValueKind::Secret, "Session of the role."),
    lambda("AWS_ENDPOINT_URL", Presence::Optional, ValueKind::Text, "Endpoint instead of AWS's."),
];

const fn lambda(
    name: &'static str,
    presence: Presence,
    value: ValueKind,
    documentation: &'static str,
) -> Variable {
    Variable { name, presence, value, documentation }
}

/// Reads region, credentials and endpoint, and makes the settings for all clients of the process.
///
/// The credentials are the static ones of the environment, not a chain: Lambda replaces the process before they
/// expire, and the chain's other sources (profiles, IMDS, SSO) would only cost start time and size.
///
/// # Errors
/// [`EnvironmentError`] when region or credentials are missing.
pub fn settings(lookup: impl Fn(&str) -> Option<String>) -> Result<SdkConfig, EnvironmentError> {
    let mut environment = Environment::read(&LAMBDA, &lookup);
    let [region, access_key_id, secret, session, endpoint] = &LAMBDA;
    let credentials = Credentials::new(
        environment.text(access_key_id),
        environment.text(secret),
        environment.optional_text(session),
        None,
        "Environment",
    );
    let mut settings = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(environment.text(region)))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http_client(&lookup))
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .retry_config(RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS))
        .timeout_config(
            TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(READ_TIMEOUT).build(),
        );
    settings.set_endpoint_url(environment.optional_text(endpoint));
    environment.finish(settings.build())
}

/// One client for all, and so one set of connections.
fn http_client(lookup: impl Fn(&str) -> Option<String>) -> SharedHttpClient {
    let context = TlsContext::builder().with_trust_store(trust::roots(lookup)).build();
    aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(context.expect("a trust store is a legal context"))
        .build_https()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_region_and_credentials_are_reported_together() {
        let error = settings(|_| None).expect_err("nothing is set");
        assert_eq!(error.faults.len(), 3);
    }

    #[test]
    fn endpoint_is_taken_from_the_environment() {
        let settings = settings(|name| Some(format!("http://{name}"))).expect("all is set");
        assert_eq!(settings.endpoint_url(), Some("http://AWS_ENDPOINT_URL"));
    }
}
