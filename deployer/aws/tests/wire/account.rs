//! An account served over HTTP, and a deployment into it by the SDK and the engine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use pipectl_aws::{Patience, SdkCloudFormation, SdkObjectStore, Session, SessionOptions, StaticCredentials};
use pipectl_engine::deployed::DeploymentMode;
use pipectl_engine::event::{Event, EventKind, EventSink};
use pipectl_engine::execute::{DownError, Inputs, Ports, UpError, down, up};
use pipectl_engine::outcome::Outcome;
use pipectl_engine::package::{FunctionCrate, Package};
use pipectl_engine::plan::Wanted;
use pipectl_engine::port::{Answer, CloudFormation as _, Packager};
use pipectl_engine::status::StackStatus;
use pipectl_testkit::{
    Answering, FakeAccount, FakeAws, FakeClock, FakeObjectStore, REGION, Recorder, finish,
};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) const STACK: &str = "ingest";

pub(crate) fn template() -> Value {
    json!({
        "Parameters": {"ArtifactBucket": {"Type": "String"}, "ReaderCodeKey": {"Type": "String"}},
        "Resources": {
            "Messages": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 0}},
            "Reader": {"Type": "AWS::Lambda::Function", "Properties": {
                "Code": {"S3Bucket": {"Ref": "ArtifactBucket"}, "S3Key": {"Ref": "ReaderCodeKey"}},
                "Environment": {"Variables": {"QUEUE_URL": {"Ref": "Messages"}}}}},
            "Records": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "records"}},
        },
        "Outputs": {"TableName": {"Value": {"Ref": "Records"}}},
    })
}

/// Packs a file that is really there.
pub(crate) struct OneFile(PathBuf);

impl Packager for OneFile {
    type Error = std::io::Error;

    async fn package(&self, crates: &[FunctionCrate]) -> Result<Vec<Package>, std::io::Error> {
        // Other content has another digest; which one is nobody's business.
        let digit = std::fs::read(&self.0)?[0] % 10;
        let package = |it: &FunctionCrate| Package {
            function: it.function.clone(),
            crate_name: it.crate_name.clone(),
            path: self.0.clone(),
            sha256: digit.to_string().repeat(64),
            bytes: 300_000,
        };
        Ok(crates.iter().map(package).collect())
    }
}

/// Does something at a first event of a kind, and remembers all.
pub(crate) struct At<'a, F> {
    recorder: &'a Recorder,
    happens: F,
}

impl<F: Fn(&EventKind)> EventSink for At<'_, F> {
    fn emit(&self, event: Event) {
        (self.happens)(&event.kind);
        self.recorder.emit(event);
    }
}

/// An account on the wire, a caller with keys in a file, and what is deployed.
pub(crate) struct Wire {
    pub(crate) account: FakeAccount,
    pub(crate) aws: FakeAws,
    pub(crate) dir: TempDir,
    pub(crate) inputs: Inputs,
}

impl Wire {
    pub(crate) fn new() -> Self {
        let account = FakeAccount::new();
        let aws = FakeAws::serve(&account).unwrap();
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("reader.zip"), vec![7; 300_000]).unwrap();
        let reader = FunctionCrate {
            function: "reader".to_owned(),
            crate_name: "reader".to_owned(),
            ..FunctionCrate::default()
        };
        let wanted = Wanted {
            stack: STACK.to_owned(),
            template: template(),
            given: BTreeMap::new(),
            tags: BTreeMap::new(),
            mode: DeploymentMode::Standard,
        };
        let inputs = Inputs { wanted, functions: [("Reader".to_owned(), reader)].into() };
        Self { account, aws, dir, inputs }
    }

    pub(crate) fn options(&self) -> SessionOptions {
        SessionOptions {
            region: Some(REGION.to_owned()),
            endpoint_url: Some(self.aws.endpoint_url()),
            // As often as by default, and without the waits.
            patience: Patience { longest_backoff: Duration::ZERO, ..Patience::default() },
            ..SessionOptions::default()
        }
    }

    pub(crate) async fn session(&self) -> Session {
        let keys =
            StaticCredentials { access_key_id: "test".to_owned(), secret_access_key: "test".to_owned() };
        Session::load(SessionOptions { static_credentials: Some(keys), ..self.options() }).await.unwrap()
    }

    pub(crate) async fn up(&self) -> Result<Outcome, UpError> {
        self.up_by(&self.session().await, |_| {}).await
    }

    pub(crate) async fn up_by(
        &self,
        session: &Session,
        happens: impl Fn(&EventKind),
    ) -> Result<Outcome, UpError> {
        let events = At { recorder: &self.account.recorder, happens };
        let adapters = Adapters::of(session);
        let ports = adapters.ports(self, &events);
        up(&ports, &self.packager(), &Answering::with(Answer::Approved), &self.inputs).await
    }

    pub(crate) async fn down(&self) -> Outcome {
        self.down_as(false).await.unwrap()
    }

    pub(crate) async fn down_as(&self, force: bool) -> Result<Outcome, DownError> {
        let adapters = Adapters::of(&self.session().await);
        let ports = adapters.ports(self, &self.account.recorder);
        down(&ports, &Answering::with(Answer::Approved), STACK, force).await
    }

    pub(crate) fn packager(&self) -> OneFile {
        OneFile(self.dir.path().join("reader.zip"))
    }

    pub(crate) fn status(&self) -> Option<StackStatus> {
        let stack = finish(self.account.cloudformation.describe_stack(STACK)).unwrap();
        stack.map(|stack| stack.status)
    }

    /// Deploys through the planned faults: the stack is made once, by one change set and one upload.
    pub(crate) async fn is_created(&self) {
        let outcome = self.up().await.unwrap();
        assert!(
            matches!(&outcome, Outcome::Created { outputs } if outputs["TableName"] == "records"),
            "{outcome:?}"
        );
        self.is_made_once();
    }

    pub(crate) fn is_made_once(&self) {
        assert_eq!(self.status(), Some(StackStatus::CreateComplete));
        let change_sets = finish(self.account.cloudformation.change_sets(STACK)).unwrap();
        assert_eq!(change_sets.len(), 1);
        assert_eq!(self.account.store.versions(&FakeObjectStore::artifact_bucket_name()), 1);
        let events = self.account.recorder.stack_events();
        let ids: std::collections::BTreeSet<&str> = events.iter().map(|event| event.id.as_str()).collect();
        assert_eq!((ids.len(), events.len()), (11, 11), "each event once");
    }

    pub(crate) fn keys_file(&self) -> PathBuf {
        self.dir.path().join("credentials")
    }
}

/// The ports of one session.
pub(crate) struct Adapters {
    cloudformation: SdkCloudFormation,
    store: SdkObjectStore,
}

impl Adapters {
    pub(crate) fn of(session: &Session) -> Self {
        Self { cloudformation: session.cloudformation(), store: session.object_store() }
    }

    pub(crate) fn ports<'a>(
        &'a self,
        wire: &'a Wire,
        events: &'a dyn EventSink,
    ) -> Ports<'a, SdkCloudFormation, SdkObjectStore, FakeClock> {
        Ports {
            cloudformation: &self.cloudformation,
            store: &self.store,
            clock: &wire.account.clock,
            pace: &wire.account.pace,
            events,
        }
    }
}

pub(crate) fn write_keys(file: &Path, id: &str) {
    let text = format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = secret\n");
    std::fs::write(file, text).unwrap();
}
