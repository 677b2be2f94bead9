//! Where credentials come from: got ahead of the first long work, kept, and read anew when AWS no longer
//! accepts them.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::region::Region;
use pipectl_engine::port::Clock as _;

use crate::SystemClock;

/// Time before their end at which credentials are read anew.
const MARGIN: Duration = Duration::from_secs(120);

/// Says that AWS has refused the credentials in use because they have expired.
#[derive(Debug, Clone, Default)]
pub(crate) struct Expiry(Arc<Noted>);

#[derive(Debug, Default)]
struct Noted {
    is_refused: AtomicBool,
    rereads: AtomicU32,
}

impl Expiry {
    /// Notes the refusal, so that the next attempt takes others. Noting it twice is as noting it once.
    pub(crate) fn note(&self) {
        self.0.is_refused.store(true, Ordering::Relaxed);
    }

    /// Notes that AWS has accepted the credentials.
    pub(crate) fn forget(&self) {
        self.0.rereads.store(0, Ordering::Relaxed);
    }

    /// True when others were taken after the last refusal, and refused as well.
    pub(crate) fn was_reread(&self) -> bool {
        self.0.rereads.load(Ordering::Relaxed) > 0
    }

    pub(crate) fn take(&self) -> bool {
        let was_refused = self.0.is_refused.swap(false, Ordering::Relaxed);
        if was_refused {
            self.0.rereads.fetch_add(1, Ordering::Relaxed);
        }
        was_refused
    }
}

/// Where credentials are looked for.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// Profile that was asked for by name. The SDK's default chain reads `AWS_ACCESS_KEY_ID` before the
    /// profile, even one that was asked for; like the AWS CLI, a profile on the command line wins.
    pub(crate) profile: Option<String>,
    /// File of shared credentials that was asked for.
    pub(crate) file: Option<PathBuf>,
    pub(crate) region: Option<Region>,
    pub(crate) http_client: SharedHttpClient,
}

impl Source {
    /// Looks, from the beginning: the SDK's own providers read each file once and keep what they read.
    async fn read(&self) -> Result<Credentials, CredentialsError> {
        let config = ProviderConfig::without_region()
            .with_region(self.region.clone())
            .with_http_client(self.http_client.clone());
        if self.profile.is_none() && self.file.is_none() {
            let chain = DefaultCredentialsChain::builder().configure(config).region(self.region.clone());
            return chain.build().await.provide_credentials().await;
        }
        let mut provider = ProfileFileCredentialsProvider::builder().configure(&config);
        if let Some(profile) = &self.profile {
            provider = provider.profile_name(profile);
        }
        if let Some(file) = &self.file {
            let files = EnvConfigFiles::builder().include_default_config_file(true);
            provider = provider.profile_files(files.with_file(EnvConfigFileKind::Credentials, file).build());
        }
        provider.build().provide_credentials().await
    }
}

/// Hands out credentials until they end or AWS says that they have ended, and then looks for others.
///
/// The SDK keeps credentials without a known end for good and never learns from a refusal, so that a
/// login in another terminal would go unnoticed for as long as the program runs.
#[derive(Debug)]
pub(crate) struct Reread {
    source: Source,
    expiry: Expiry,
    held: Mutex<Option<Credentials>>,
}

impl Reread {
    pub(crate) fn new(source: Source, expiry: Expiry) -> Self {
        Self { source, expiry, held: Mutex::new(None) }
    }

    /// Returns the credentials in use, or looks for others.
    pub(crate) async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let was_refused = self.expiry.take();
        if let Some(held) = self.held().filter(|held| !was_refused && !is_ending(held)) {
            return Ok(held);
        }
        let read = self.source.read().await?;
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(read.clone());
        Ok(read)
    }

    fn held(&self) -> Option<Credentials> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn is_ending(credentials: &Credentials) -> bool {
    let Some(end) = credentials.expiry() else { return false };
    let now = Duration::from_millis(u64::try_from(SystemClock.now_ms()).unwrap_or_default());
    end.duration_since(UNIX_EPOCH).is_ok_and(|end| end < now + MARGIN)
}

impl ProvideCredentials for Reread {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(file: &std::path::Path, id: &str) {
        let text = format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = secret\n");
        std::fs::write(file, text).unwrap();
    }

    fn reread(file: &std::path::Path) -> (Reread, Expiry) {
        let expiry = Expiry::default();
        let source = Source {
            profile: None,
            file: Some(file.to_owned()),
            region: Some(Region::from_static("eu-west-1")),
            http_client: crate::session::http_client(Some("http://127.0.0.1:1")),
        };
        (Reread::new(source, expiry.clone()), expiry)
    }

    #[tokio::test]
    async fn credentials_are_kept_until_aws_refuses_them_and_then_read_from_the_file_anew() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("credentials");
        keys(&file, "old");
        let (reread, expiry) = reread(&file);
        assert_eq!(reread.credentials().await.unwrap().access_key_id(), "old");
        keys(&file, "new");
        assert_eq!(reread.credentials().await.unwrap().access_key_id(), "old");
        expiry.note();
        assert_eq!(reread.credentials().await.unwrap().access_key_id(), "new");
    }

    #[test]
    fn credentials_end_shortly_before_they_expire() {
        let ending_in = |seconds: i64| {
            let end = UNIX_EPOCH
                + Duration::from_millis(u64::try_from(SystemClock.now_ms() + seconds * 1000).unwrap());
            is_ending(&Credentials::new("id", "secret", None, Some(end), "test"))
        };
        assert_eq!([ending_in(-60), ending_in(60), ending_in(600)], [true, true, false]);
        assert!(!is_ending(&Credentials::new("id", "secret", None, None, "test")));
    }
}
