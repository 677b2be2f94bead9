//! The two endpoints, and the verbs that clauses are written in.

use std::path::PathBuf;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudformation::types::{ChangeSetType, OnStackFailure};
use pipectl_local::{EngineHome, LocalEvent, StartOptions, start, stop};
use pipectl_testkit::{FakeAccount, FakeAws, FakeClock};

/// An endpoint with clients for it.
pub(crate) struct Endpoint {
    pub(crate) cloudformation: aws_sdk_cloudformation::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    clock: Option<FakeClock>,
    _kept: Kept,
}

/// What the endpoint ends with.
enum Kept {
    Double { _aws: FakeAws },
    Engine { home: EngineHome, _folder: tempfile::TempDir },
}

impl Drop for Kept {
    fn drop(&mut self) {
        let Self::Engine { home, .. } = self else { return };
        let home = home.clone();
        let stopper = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(stop(&home, &|_: LocalEvent| ())).unwrap();
        });
        stopper.join().unwrap();
    }
}

impl Endpoint {
    pub(crate) fn double() -> Self {
        let account = FakeAccount::new();
        let aws = FakeAws::serve(&account).unwrap();
        let (url, clock) = (aws.endpoint_url(), account.clock.clone());
        Self::at(&url, ("test", "test"), Some(clock), Kept::Double { _aws: aws })
    }

    pub(crate) async fn engine() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cache = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cache");
        let home = EngineHome::new(cache, folder.path().join(".pipectl/local"));
        let engine = start(&home, &StartOptions::default(), &|_: LocalEvent| ()).await.unwrap();
        let keys = &engine.credentials;
        let keys = (keys.access_key_id.as_str(), keys.secret_access_key.as_str());
        Self::at(&engine.endpoint, keys, None, Kept::Engine { home, _folder: folder })
    }

    fn at(url: &str, (key, secret): (&str, &str), clock: Option<FakeClock>, kept: Kept) -> Self {
        let credentials = Credentials::new(key, secret, None, None, "contract");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .region(Region::new("us-east-1"))
            .endpoint_url(url)
            .build();
        let s3 = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
        Self {
            cloudformation: aws_sdk_cloudformation::Client::new(&config),
            s3: aws_sdk_s3::Client::from_conf(s3),
            clock,
            _kept: kept,
        }
    }

    /// Asks for a change set and waits until it is made; its ID, or AWS's refusal.
    pub(crate) async fn ask(
        &self,
        stack: &str,
        name: &str,
        kind: ChangeSetType,
        template: &str,
    ) -> Result<String, String> {
        let create = self.cloudformation.create_change_set().stack_name(stack).change_set_name(name);
        let create = create.template_body(template);
        let create = match &kind {
            ChangeSetType::Create => create.on_stack_failure(OnStackFailure::Rollback),
            _ => create,
        };
        let answer = create.change_set_type(kind).set_disable_validation(Some(true)).send().await;
        let id = answer.map_err(refusal)?.id.unwrap();
        self.wait();
        Ok(id)
    }

    pub(crate) async fn execute(&self, stack: &str, name: &str) -> Result<(), String> {
        let execute = self.cloudformation.execute_change_set().stack_name(stack).change_set_name(name);
        execute.client_request_token(name).send().await.map_err(refusal)?;
        self.wait();
        Ok(())
    }

    /// Creates a stack of a template and returns its ID.
    pub(crate) async fn deploy(&self, stack: &str, template: &str) -> String {
        self.ask(stack, "create", ChangeSetType::Create, template).await.unwrap();
        self.execute(stack, "create").await.unwrap();
        let found = self.cloudformation.describe_stacks().stack_name(stack).send().await.unwrap();
        found.stacks.unwrap().remove(0).stack_id.unwrap()
    }

    pub(crate) async fn delete(&self, stack: &str) -> Result<(), String> {
        self.cloudformation.delete_stack().stack_name(stack).send().await.map_err(refusal)?;
        self.wait();
        Ok(())
    }

    /// The stack's status, or the refusal.
    pub(crate) async fn status(&self, stack: &str) -> String {
        match self.cloudformation.describe_stacks().stack_name(stack).send().await {
            Ok(found) => found.stacks.unwrap().remove(0).stack_status.unwrap().as_str().to_owned(),
            Err(error) => refusal(error),
        }
    }

    /// Lets operations end. The engine has ended them within the call.
    fn wait(&self) {
        if let Some(clock) = &self.clock {
            clock.advance(Duration::from_secs(60));
        }
    }
}

/// AWS's code of a refusal.
pub(crate) fn refusal<E: ProvideErrorMetadata, R>(error: SdkError<E, R>) -> String {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    code.unwrap_or("no answer of AWS").to_owned()
}
