//! Region, credentials and endpoint, found once; the clients that share them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use pipectl_engine::aws_error::{AwsError, AwsErrorCode};

use crate::account::Account;
use crate::alerts::SdkAlerting;
use crate::cloudformation::SdkCloudFormation;
use crate::credentials::{Expiry, Reread, Source};
use crate::function_code::SdkFunctionCode;
use crate::identity::SdkIdentity;
use crate::object_store::SdkObjectStore;
use crate::reach::Reach;
use crate::readiness::{ApiAddress, SdkReadiness};
use crate::sdk_error::{Call, chain_text, code_of_credentials};
use crate::tune::SdkTuning;

/// How a session finds its way to AWS. The default is the SDK's own chain throughout.
#[derive(Debug, Clone, Default)]
pub struct SessionOptions {
    /// Profile of the shared AWS files. Default: `AWS_PROFILE`, else `default`. When given, its
    /// credentials win over `AWS_ACCESS_KEY_ID`, as in the AWS CLI.
    pub profile: Option<String>,
    /// Region. Default: `AWS_REGION`, the profile, then the instance's metadata.
    pub region: Option<String>,
    /// File of shared credentials. Default: `AWS_SHARED_CREDENTIALS_FILE`, else `~/.aws/credentials`. When
    /// given, its profile wins over `AWS_ACCESS_KEY_ID`.
    pub credentials_file: Option<PathBuf>,
    /// Endpoint of every service, for example `http://127.0.0.1:4566`. Default: `AWS_ENDPOINT_URL` and
    /// its relatives, the profile, then AWS itself.
    pub endpoint_url: Option<String>,
    /// Credentials to use instead of any that could be found. With them nothing is read from the
    /// environment or from files, so `region` must be given; made for the local engine.
    pub static_credentials: Option<StaticCredentials>,
    /// ARN of the role that CloudFormation takes on to work on resources. Default: the one that the
    /// stack was given before, otherwise the caller's own permissions.
    pub execution_role: Option<String>,
    /// How long to wait and how often to try.
    pub patience: Patience,
}

/// An access key that is known beforehand.
#[derive(Clone)]
pub struct StaticCredentials {
    /// Access key ID.
    pub access_key_id: String,
    /// Secret access key.
    pub secret_access_key: String,
}

impl std::fmt::Debug for StaticCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StaticCredentials")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// How long a call may take and how often it is tried.
///
/// Retries follow the SDK's standard mode: exponential backoff with full jitter. An endpoint that is
/// out of reach three times in a row is given up, whatever `attempts` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Time to establish a connection. Default: 3 s.
    pub connect: Duration,
    /// Time from a request to the first byte of its answer. Default: 60 s, because an emulator
    /// carries a whole stack operation out before it answers. Uploads have 5 minutes.
    pub answer: Duration,
    /// Attempts of one call, the first included. Default: 8, about 30 s of throttling.
    pub attempts: u32,
    /// Longest wait between two attempts. Default: 8 s.
    pub longest_backoff: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            answer: Duration::from_secs(60),
            attempts: 8,
            longest_backoff: Duration::from_secs(8),
        }
    }
}

impl Patience {
    fn timeouts(&self) -> TimeoutConfig {
        TimeoutConfig::builder().connect_timeout(self.connect).read_timeout(self.answer).build()
    }

    fn retries(&self) -> RetryConfig {
        RetryConfig::standard().with_max_attempts(self.attempts).with_max_backoff(self.longest_backoff)
    }
}

/// Region, credentials, endpoint and one client per service.
#[derive(Debug, Clone)]
pub struct Session {
    /// For the clients that few commands need; they are made when they are asked for.
    config: SdkConfig,
    reach: Reach,
    cloudformation: aws_sdk_cloudformation::Client,
    s3: aws_sdk_s3::Client,
    account: Arc<Account>,
    region: String,
    endpoint_url: Option<String>,
    execution_role: Option<String>,
}

impl Session {
    /// Finds region and credentials, so that a missing one is told before any long work.
    ///
    /// # Effects
    /// Reads the environment and the shared AWS files. Depending on the profile it calls
    /// `sts:AssumeRole` or single sign-on, starts the profile's `credential_process`, or asks the
    /// metadata service of the container or instance. None of this with static credentials.
    ///
    /// # Errors
    /// `RegionMissing`, `CredentialsMissing`, `CredentialsExpired` (a login that has run out), or
    /// `Unreachable` when the source of the credentials did not answer. Keys that AWS does not accept
    /// show at the first call only.
    pub async fn load(options: SessionOptions) -> Result<Self, AwsError> {
        let (config, account, expiry) = match &options.static_credentials {
            Some(keys) => (fixed_config(&options, keys), None, Expiry::default()),
            None => chain_config(&options).await?,
        };
        let region = config.region().map(ToString::to_string).ok_or_else(region_missing)?;
        let session = Self::of_config(&config, region, account, Reach::telling(expiry));
        Ok(Self { execution_role: options.execution_role, ..session })
    }

    fn of_config(config: &SdkConfig, region: String, account: Option<String>, reach: Reach) -> Self {
        let cloudformation =
            aws_sdk_cloudformation::config::Builder::from(config).retry_classifier(reach.clone()).build();
        let sts = aws_sdk_sts::config::Builder::from(config).retry_classifier(reach.clone()).build();
        let s3 = aws_sdk_s3::config::Builder::from(config)
            // An endpoint of one's own rarely has a host name for each bucket.
            .force_path_style(config.endpoint_url().is_some())
            .retry_classifier(reach.clone())
            .build();
        Self {
            config: config.clone(),
            reach,
            cloudformation: aws_sdk_cloudformation::Client::from_conf(cloudformation),
            s3: aws_sdk_s3::Client::from_conf(s3),
            account: Arc::new(Account::new(aws_sdk_sts::Client::from_conf(sts), account)),
            region,
            endpoint_url: config.endpoint_url().map(str::to_owned),
            execution_role: None,
        }
    }

    /// ARN of the role that CloudFormation takes on, if one was asked for.
    #[must_use]
    pub fn execution_role(&self) -> Option<&str> {
        self.execution_role.as_deref()
    }

    /// Returns the region, for example `eu-west-1`.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Returns the endpoint that stands for AWS in all services, if one is set.
    #[must_use]
    pub fn endpoint_url(&self) -> Option<&str> {
        self.endpoint_url.as_deref()
    }

    /// Returns the account ID, 12 digits. Asked for at most once per session.
    ///
    /// # Effects
    /// `sts:GetCallerIdentity`, unless the credentials came with the ID.
    ///
    /// # Errors
    /// As for any call; `CredentialsMissing` when AWS does not accept the keys.
    pub async fn account_id(&self) -> Result<&str, AwsError> {
        self.account.id().await
    }

    /// Returns the CloudFormation port.
    #[must_use]
    pub fn cloudformation(&self) -> SdkCloudFormation {
        SdkCloudFormation::new(
            self.cloudformation.clone(),
            self.region.clone(),
            self.endpoint_url.clone(),
            Arc::clone(&self.account),
        )
        .acting_as(self.execution_role.clone())
    }

    /// Returns the port of alarms and topics.
    #[must_use]
    pub fn alerting(&self) -> SdkAlerting {
        let reach = self.reach.clone();
        let cloudwatch =
            aws_sdk_cloudwatch::config::Builder::from(&self.config).retry_classifier(reach.clone()).build();
        let sns = aws_sdk_sns::config::Builder::from(&self.config).retry_classifier(reach).build();
        SdkAlerting::new(
            aws_sdk_cloudwatch::Client::from_conf(cloudwatch),
            aws_sdk_sns::Client::from_conf(sns),
        )
    }

    /// Returns the ports that read the code of functions and update it directly.
    #[must_use]
    pub fn function_code(&self) -> SdkFunctionCode {
        SdkFunctionCode::new(self.lambda())
    }

    /// Returns the port that looks whether resources are ready; `api_address` says where an API is
    /// reached from here.
    #[must_use]
    pub fn readiness(&self, api_address: ApiAddress) -> SdkReadiness {
        let reach = self.reach.clone();
        let dynamodb = aws_sdk_dynamodb::config::Builder::from(&self.config).retry_classifier(reach).build();
        SdkReadiness::new(self.lambda(), aws_sdk_dynamodb::Client::from_conf(dynamodb), api_address)
    }

    fn lambda(&self) -> aws_sdk_lambda::Client {
        let reach = self.reach.clone();
        let lambda = aws_sdk_lambda::config::Builder::from(&self.config).retry_classifier(reach).build();
        aws_sdk_lambda::Client::from_conf(lambda)
    }

    /// Returns the port of identities and their permissions.
    #[must_use]
    pub fn identity(&self) -> SdkIdentity {
        let reach = self.reach.clone();
        let iam = aws_sdk_iam::config::Builder::from(&self.config).retry_classifier(reach.clone()).build();
        let sts = aws_sdk_sts::config::Builder::from(&self.config).retry_classifier(reach).build();
        SdkIdentity::new(aws_sdk_iam::Client::from_conf(iam), aws_sdk_sts::Client::from_conf(sts))
    }

    /// Returns the Lambda port of tuning.
    #[must_use]
    pub fn tuning(&self) -> SdkTuning {
        let reach = Reach::default();
        let lambda = aws_sdk_lambda::config::Builder::from(&self.config).retry_classifier(reach).build();
        SdkTuning::new(aws_sdk_lambda::Client::from_conf(lambda))
    }

    /// Returns the S3 port.
    #[must_use]
    pub fn object_store(&self) -> SdkObjectStore {
        SdkObjectStore::new(self.s3.clone(), Arc::clone(&self.account), self.region.clone())
    }
}

/// The configuration for known keys: nothing is read from anywhere.
fn fixed_config(options: &SessionOptions, keys: &StaticCredentials) -> SdkConfig {
    let credentials = Credentials::new(&keys.access_key_id, &keys.secret_access_key, None, None, "pipectl");
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http_client(options.endpoint_url.as_deref()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .timeout_config(options.patience.timeouts())
        .retry_config(options.patience.retries());
    config.set_region(options.region.clone().map(Region::new));
    config.set_endpoint_url(options.endpoint_url.clone());
    config.build()
}

/// The configuration by the SDK's own chain, and the account ID if the credentials carry it.
async fn chain_config(options: &SessionOptions) -> Result<(SdkConfig, Option<String>, Expiry), AwsError> {
    // The credentials may come from an HTTPS address whatever the services' endpoint is.
    let http_client = http_client(None);
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client.clone())
        .timeout_config(options.patience.timeouts())
        .retry_config(options.patience.retries());
    if let Some(region) = &options.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(endpoint_url) = &options.endpoint_url {
        loader = loader.endpoint_url(endpoint_url);
    }
    if let Some(profile) = &options.profile {
        loader = loader.profile_name(profile);
    }
    let config = loader.load().await;
    let region = config.region().cloned().ok_or_else(region_missing)?;
    let source = Source {
        profile: options.profile.clone(),
        file: options.credentials_file.clone(),
        region: Some(region),
        http_client,
    };
    let expiry = Expiry::default();
    let provider = Reread::new(source, expiry.clone());
    let account = account_of(&provider).await?;
    let config = config
        .into_builder()
        .credentials_provider(SharedCredentialsProvider::new(provider))
        // The provider keeps them itself; the SDK's cache would not let go of refused ones.
        .identity_cache(IdentityCache::no_cache())
        .build();
    Ok((config, account, expiry))
}

/// Gets the credentials ahead, so that a missing login is told before a build of minutes.
async fn account_of(provider: &Reread) -> Result<Option<String>, AwsError> {
    let call = Call::sts("GetCallerIdentity");
    let credentials = provider.credentials().await;
    let credentials =
        credentials.map_err(|error| call.error(code_of_credentials(&error), chain_text(&error)))?;
    Ok(credentials.account_id().map(|id| id.as_str().to_owned()))
}

/// Makes the one HTTP client of a session. Reading the system's certificates takes longer than a
/// local call, so a plain `http` endpoint goes without.
pub(crate) fn http_client(only_endpoint: Option<&str>) -> SharedHttpClient {
    let builder = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring));
    let without_certificates = TlsContext::builder().with_trust_store(TrustStore::empty()).build();
    match (only_endpoint, without_certificates) {
        (Some(endpoint), Ok(context)) if endpoint.starts_with("http://") => {
            builder.tls_context(context).build_https()
        }
        _ => builder.build_https(),
    }
}

fn region_missing() -> AwsError {
    Call::sts("GetCallerIdentity").error(AwsErrorCode::RegionMissing, "no region is set")
}
