//! What fails other deployers on the wire, over real HTTP: the SDK, the engine and an account that breaks
//! connections, throttles and forgets who we are.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use pipectl_aws::{Patience, Session, SessionOptions, StaticCredentials};
use pipectl_engine::aws_error::AwsErrorCode;
use pipectl_engine::deployed::DeploymentMode;
use pipectl_engine::event::{Event, EventKind, EventSink};
use pipectl_engine::execute::{Inputs, Ports, UpError, down, up};
use pipectl_engine::outcome::Outcome;
use pipectl_engine::package::{FunctionCrate, Package};
use pipectl_engine::plan::Wanted;
use pipectl_engine::port::{Answer, CloudFormation as _, Packager};
use pipectl_engine::status::StackStatus;
use pipectl_testkit::{
    Answering, FakeAccount, FakeAws, FakeObjectStore, REGION, Recorder, WireFault, finish,
};
use serde_json::{Value, json};
use tempfile::TempDir;

const STACK: &str = "ingest";

fn template() -> Value {
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
struct OneFile(PathBuf);

impl Packager for OneFile {
    type Error = std::io::Error;

    async fn package(&self, crates: &[FunctionCrate]) -> Result<Vec<Package>, std::io::Error> {
        let package = |it: &FunctionCrate| Package {
            function: it.function.clone(),
            crate_name: it.crate_name.clone(),
            path: self.0.clone(),
            sha256: "5".repeat(64),
            bytes: 300_000,
        };
        Ok(crates.iter().map(package).collect())
    }
}

/// Does something at a first event of a kind, and remembers all.
struct At<'a, F> {
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
struct Wire {
    account: FakeAccount,
    aws: FakeAws,
    dir: TempDir,
    inputs: Inputs,
}

impl Wire {
    fn new() -> Self {
        let account = FakeAccount::new();
        let aws = FakeAws::serve(&account).unwrap();
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("reader.zip"), vec![7; 300_000]).unwrap();
        let reader = FunctionCrate {
            function: "reader".to_owned(),
            crate_name: "reader".to_owned(),
            architecture: None,
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

    fn options(&self) -> SessionOptions {
        SessionOptions {
            region: Some(REGION.to_owned()),
            endpoint_url: Some(self.aws.endpoint_url()),
            // As often as by default, and without the waits.
            patience: Patience { longest_backoff: Duration::ZERO, ..Patience::default() },
            ..SessionOptions::default()
        }
    }

    async fn session(&self) -> Session {
        let keys =
            StaticCredentials { access_key_id: "test".to_owned(), secret_access_key: "test".to_owned() };
        Session::load(SessionOptions { static_credentials: Some(keys), ..self.options() }).await.unwrap()
    }

    async fn up(&self) -> Result<Outcome, UpError> {
        self.up_by(&self.session().await, |_| {}).await
    }

    async fn up_by(&self, session: &Session, happens: impl Fn(&EventKind)) -> Result<Outcome, UpError> {
        let events = At { recorder: &self.account.recorder, happens };
        let ports = Ports {
            cloudformation: &session.cloudformation(),
            store: &session.object_store(),
            clock: &self.account.clock,
            pace: &self.account.pace,
            events: &events,
        };
        let packager = OneFile(self.dir.path().join("reader.zip"));
        up(&ports, &packager, &Answering::with(Answer::Approved), &self.inputs).await
    }

    async fn down(&self) -> Outcome {
        let session = self.session().await;
        let ports = Ports {
            cloudformation: &session.cloudformation(),
            store: &session.object_store(),
            clock: &self.account.clock,
            pace: &self.account.pace,
            events: &self.account.recorder,
        };
        down(&ports, &Answering::with(Answer::Approved), STACK, false).await.unwrap()
    }

    fn status(&self) -> Option<StackStatus> {
        let stack = finish(self.account.cloudformation.describe_stack(STACK)).unwrap();
        stack.map(|stack| stack.status)
    }

    /// Deploys through the planned faults: the stack is made once, by one change set and one upload.
    async fn is_created(&self) {
        let outcome = self.up().await.unwrap();
        assert!(
            matches!(&outcome, Outcome::Created { outputs } if outputs["TableName"] == "records"),
            "{outcome:?}"
        );
        self.is_made_once();
    }

    fn is_made_once(&self) {
        assert_eq!(self.status(), Some(StackStatus::CreateComplete));
        let change_sets = finish(self.account.cloudformation.change_sets(STACK)).unwrap();
        assert_eq!(change_sets.len(), 1);
        assert_eq!(self.account.store.versions(&FakeObjectStore::artifact_bucket_name()), 1);
        let events = self.account.recorder.stack_events();
        let ids: std::collections::BTreeSet<&str> = events.iter().map(|event| event.id.as_str()).collect();
        assert_eq!((ids.len(), events.len()), (11, 11), "each event once");
    }

    fn keys_file(&self) -> PathBuf {
        self.dir.path().join("credentials")
    }
}

fn write_keys(file: &Path, id: &str) {
    let text = format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = secret\n");
    std::fs::write(file, text).unwrap();
}

/// Calls so far, a row of the same as one: how often one looks at what takes its time, time decides.
fn calls(wire: &Wire) -> Vec<&'static str> {
    let mut calls = wire.account.journal.calls();
    calls.dedup();
    calls
}

#[tokio::test]
async fn deployment_without_faults_asks_no_more_than_it_needs() {
    let mut wire = Wire::new();
    wire.is_created().await;
    wire.account.journal.clear();
    assert!(matches!(wire.up().await, Ok(Outcome::Unchanged { .. })));
    assert_eq!(calls(&wire), ["DescribeStacks", "GetTemplate"]);
    wire.account.journal.clear();
    wire.inputs.wanted.template["Resources"]["Messages"]["Properties"]["DelaySeconds"] = json!(5);
    assert!(matches!(wire.up().await, Ok(Outcome::Updated { .. })));
    let expected = [
        "DescribeStacks",
        "GetTemplate",
        "CreateChangeSet",
        "DescribeChangeSet",
        "ExecuteChangeSet",
        "DescribeStackEvents",
        "DescribeStacks",
    ];
    assert_eq!(calls(&wire), expected);
}

#[tokio::test]
async fn lost_acknowledgement_of_create_change_set_ends_in_create_complete() {
    let wire = Wire::new();
    wire.aws.spoil("CreateChangeSet", 1, WireFault::AnswerLost);
    wire.is_created().await;
}

#[tokio::test]
async fn every_acknowledgement_of_create_change_set_lost_ends_in_create_complete() {
    let wire = Wire::new();
    wire.aws.spoil_next("CreateChangeSet", 2, &WireFault::AnswerCut);
    wire.is_created().await;
}

#[tokio::test]
async fn lost_acknowledgement_of_execute_change_set_ends_in_create_complete() {
    for fault in [WireFault::AnswerLost, WireFault::AnswerCut] {
        let wire = Wire::new();
        wire.aws.spoil("ExecuteChangeSet", 1, fault);
        wire.is_created().await;
    }
}

#[tokio::test]
async fn lost_acknowledgement_of_an_upload_ends_in_create_complete() {
    let wire = Wire::new();
    wire.aws.spoil("PutObject", 1, WireFault::AnswerLost);
    wire.is_created().await;
}

#[tokio::test]
async fn lost_acknowledgement_of_a_deletion_is_joined() {
    let wire = Wire::new();
    wire.is_created().await;
    wire.aws.spoil("DeleteStack", 1, WireFault::AnswerLost);
    let Outcome::Deleted(receipt) = wire.down().await else { panic!("not deleted") };
    assert_eq!((receipt.deleted, wire.status()), (3, None));
}

#[tokio::test]
async fn twenty_throttled_polls_end_in_create_complete() {
    let wire = Wire::new();
    wire.aws.spoil_next("DescribeStackEvents", 20, &WireFault::throttled());
    wire.is_created().await;
}

#[tokio::test]
async fn twenty_throttled_polls_of_each_kind_end_in_create_complete() {
    let wire = Wire::new();
    for operation in ["DescribeChangeSet", "DescribeStackEvents"] {
        wire.aws.spoil_next(operation, 20, &WireFault::throttled());
    }
    wire.aws.limit("DescribeStackEvents", 1, 1);
    wire.is_created().await;
}

#[tokio::test]
async fn connections_reset_in_uploads_and_events_end_in_create_complete() {
    let wire = Wire::new();
    wire.aws.spoil_next("PutObject", 2, &WireFault::UploadReset);
    wire.aws.spoil_next("DescribeStackEvents", 5, &WireFault::Unreached);
    wire.aws.spoil("DescribeStackEvents", 7, WireFault::AnswerCut);
    wire.is_created().await;
}

#[tokio::test]
async fn server_faults_on_change_sets_end_in_create_complete() {
    let wire = Wire::new();
    wire.aws.spoil_next("CreateChangeSet", 3, &WireFault::internal_failure());
    wire.aws.spoil_next("DescribeChangeSet", 9, &WireFault::unavailable());
    wire.aws.spoil_next("ExecuteChangeSet", 3, &WireFault::internal_failure());
    wire.is_created().await;
}

#[tokio::test]
async fn credentials_that_expire_in_mid_wait_are_read_anew_once_somebody_has_logged_in() {
    let wire = Wire::new();
    let file = wire.keys_file();
    write_keys(&file, "OLD");
    let options = SessionOptions { credentials_file: Some(file.clone()), ..wire.options() };
    let session = Session::load(options).await.unwrap();
    let disturbed = Cell::new(0);
    let outcome = wire
        .up_by(&session, |kind| match kind {
            EventKind::OperationStarted { .. } => wire.aws.expire("OLD"),
            EventKind::WatchDisturbed { error } => {
                assert_eq!(error.code, AwsErrorCode::CredentialsExpired);
                disturbed.set(disturbed.get() + 1);
                write_keys(&file, "NEW");
            }
            _ => {}
        })
        .await
        .unwrap();
    assert!(matches!(outcome, Outcome::Created { .. }), "{outcome:?}");
    assert_eq!(disturbed.get(), 1);
    wire.is_made_once();
}

#[tokio::test]
async fn credentials_that_stay_expired_detach_and_the_stack_is_made_all_the_same() {
    let wire = Wire::new();
    let file = wire.keys_file();
    write_keys(&file, "OLD");
    let options = SessionOptions { credentials_file: Some(file), ..wire.options() };
    let session = Session::load(options).await.unwrap();
    let expire = |kind: &EventKind| {
        if matches!(kind, EventKind::OperationStarted { .. }) {
            wire.aws.expire("OLD");
        }
    };
    let failed = wire.up_by(&session, expire).await.unwrap_err();
    let UpError::Aws { source, during, .. } = failed else { panic!("{failed:?}") };
    assert_eq!(source.code, AwsErrorCode::CredentialsExpired);
    assert_eq!(during, "watching the operation, which goes on");
    assert_eq!(wire.status(), Some(StackStatus::CreateComplete));
    assert!(matches!(wire.up().await, Ok(Outcome::Unchanged { .. })));
}

#[tokio::test]
async fn credentials_that_were_renewed_meanwhile_are_taken_without_a_word() {
    let wire = Wire::new();
    let file = wire.keys_file();
    write_keys(&file, "OLD");
    let options = SessionOptions { credentials_file: Some(file.clone()), ..wire.options() };
    let session = Session::load(options).await.unwrap();
    write_keys(&file, "NEW");
    wire.aws.expire("OLD");
    let outcome = wire.up_by(&session, |_| {}).await.unwrap();
    assert!(matches!(outcome, Outcome::Created { .. }), "{outcome:?}");
    wire.is_made_once();
}

#[tokio::test]
async fn clock_of_this_machine_that_is_an_hour_behind_is_corrected() {
    let wire = Wire::new();
    wire.aws.set_clock_ahead(Duration::from_secs(3_600));
    wire.is_created().await;
}

#[tokio::test]
async fn pages_of_one_entry_lose_nothing() {
    let wire = Wire::new();
    wire.aws.set_page_size(1);
    wire.is_created().await;
    let Outcome::Deleted(receipt) = wire.down().await else { panic!("not deleted") };
    assert_eq!(receipt.deleted, 3);
}

/// aws/aws-cdk-cli#1780 and #2036: described with property values, whole resources are missing, and only
/// the first page of the changes was read.
#[tokio::test]
async fn resource_that_the_description_with_values_drops_is_reviewed_all_the_same() {
    let wire = Wire::new();
    wire.aws.drop_from_property_values("Messages");
    wire.aws.set_page_size(1);
    let session = wire.session().await;
    let approver = Answering::with(Answer::Approved);
    let ports = Ports {
        cloudformation: &session.cloudformation(),
        store: &session.object_store(),
        clock: &wire.account.clock,
        pace: &wire.account.pace,
        events: &wire.account.recorder,
    };
    let packager = OneFile(wire.dir.path().join("reader.zip"));
    up(&ports, &packager, &approver, &wire.inputs).await.unwrap();
    let review = approver.reviews().remove(0);
    let mut ids: Vec<&str> = review.change_set.changes.iter().map(|it| it.logical_id.as_str()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["Messages", "Reader", "Records"]);
}
