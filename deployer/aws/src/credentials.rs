//! Where credentials come from, and that they are there before the first long work.

use std::sync::{Mutex, PoisonError};

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};

/// Hands out credentials that were got ahead once, then asks the real provider.
///
/// Getting them ahead tells a missing login before a build of minutes; handing the same ones out
/// saves the second round of role assumptions that the SDK's first call would make.
#[derive(Debug)]
pub(crate) struct Primed {
    ahead: Mutex<Option<Credentials>>,
    provider: SharedCredentialsProvider,
}

impl Primed {
    pub(crate) fn new(ahead: Credentials, provider: SharedCredentialsProvider) -> Self {
        Self { ahead: Mutex::new(Some(ahead)), provider }
    }
}

impl ProvideCredentials for Primed {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner).take();
        match ahead {
            Some(credentials) => future::ProvideCredentials::ready(Ok(credentials)),
            None => self.provider.provide_credentials(),
        }
    }
}

/// The credentials of a named profile and no others.
///
/// The SDK's default chain reads `AWS_ACCESS_KEY_ID` before the profile, even a profile that was
/// asked for by name. Like the AWS CLI, a profile given on the command line wins.
pub(crate) fn of_profile(profile: &str, provider_config: &ProviderConfig) -> ProfileFileCredentialsProvider {
    ProfileFileCredentialsProvider::builder().configure(provider_config).profile_name(profile).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(id: &str) -> Credentials {
        Credentials::new(id, "secret", None, None, "test")
    }

    #[tokio::test]
    async fn credentials_got_ahead_are_used_once_then_the_provider_is_asked() {
        let primed =
            Primed::new(credentials("ahead"), SharedCredentialsProvider::new(credentials("provider")));
        let first = primed.provide_credentials().await.unwrap();
        let second = primed.provide_credentials().await.unwrap();
        assert_eq!([first.access_key_id(), second.access_key_id()], ["ahead", "provider"]);
    }
}
