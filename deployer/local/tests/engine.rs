//! The real engine, provisioned from the package index and started on 127.0.0.1.
//!
//! The installation is shared by all tests and kept in the target folder: only the first run needs
//! the index. Each test has an engine of its own and ends it, also when it fails.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::cell::RefCell;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use pipectl_local::{
    ACCESS_KEY_ID, ENGINE_VERSION, EngineHome, EngineStatus, LocalEvent, RunningEngine, StartError,
    StartOptions, reset, start, status, stop,
};
use serde_json::json;

/// A project with an engine that ends with it.
struct Project {
    home: EngineHome,
    events: RefCell<Vec<LocalEvent>>,
    _folder: tempfile::TempDir,
}

impl Project {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cache = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cache");
        let home = EngineHome::new(cache, folder.path().join(".pipectl/local"));
        Self { home, events: RefCell::default(), _folder: folder }
    }

    async fn start(&self) -> Result<RunningEngine, StartError> {
        self.start_with(StartOptions::default()).await
    }

    async fn start_with(&self, options: StartOptions) -> Result<RunningEngine, StartError> {
        start(&self.home, &options, &|event| self.events.borrow_mut().push(event)).await
    }

    async fn stop(&self) {
        stop(&self.home, &|event| self.events.borrow_mut().push(event)).await.unwrap();
    }

    fn heard(&self, wanted: &LocalEvent) -> bool {
        self.events.borrow().contains(wanted)
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let home = self.home.clone();
        let stopper = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(stop(&home, &|_: LocalEvent| ())).unwrap();
        });
        stopper.join().unwrap();
    }
}

/// Kills the process as a crash would, and waits until its port is closed.
async fn crash(engine: &RunningEngine) {
    kill("-KILL", engine.pid);
    until(|| TcpStream::connect(("127.0.0.1", engine.port)).is_err()).await;
}

/// Waits for something that takes a moment; fails when it takes a minute.
async fn until(done: impl Fn() -> bool) {
    let wait = async {
        while !done() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.unwrap();
}

fn kill(signal: &str, pid: u32) {
    let status = Command::new("kill").args([signal, &pid.to_string()]).status().unwrap();
    assert!(status.success());
}

/// Sends one request to the engine and returns the answer's status and body.
fn send(engine: &RunningEngine, method: &str, path: &str, headers: &str, body: &str) -> (u16, String) {
    use std::io::{Read as _, Write as _};
    let mut stream = TcpStream::connect(("127.0.0.1", engine.port)).unwrap();
    let length = body.len();
    let head = format!("{method} {path} HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n");
    stream.write_all(format!("{head}{headers}\r\n\r\n{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// Sends one request of the S3 API without a body and returns the answer's status.
fn s3(engine: &RunningEngine, method: &str, path: &str) -> u16 {
    send(engine, method, path, &authorization("s3"), "").0
}

/// The header of a request that the engine's owner signed; the engine does not check the signature.
fn authorization(service: &str) -> String {
    let credential = format!("Credential={ACCESS_KEY_ID}/20261123/us-east-1/{service}/aws4_request");
    format!("Authorization: AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0")
}

/// Calls one action of the SQS API and returns the answer of a call that is allowed.
fn sqs(engine: &RunningEngine, action: &str, request: &serde_json::Value) -> serde_json::Value {
    let (status, answer) = call(engine, action, request);
    assert_eq!(status, 200, "{answer}");
    serde_json::from_str(&answer).unwrap()
}

/// Calls one action of the SQS API and returns the answer's status and body.
fn call(engine: &RunningEngine, action: &str, request: &serde_json::Value) -> (u16, String) {
    let target = format!("Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AmazonSQS.{action}");
    let headers = format!("{target}\r\n{}", authorization("sqs"));
    send(engine, "POST", "/", &headers, &request.to_string())
}

/// Waits until the running engine has saved something about the bucket.
async fn saved(project: &Project, bucket: &str) {
    let path = project.home.state_dir().join("services/s3.json");
    until(|| std::fs::read_to_string(&path).is_ok_and(|state| state.contains(bucket))).await;
}

#[tokio::test]
async fn engine_that_never_ran_is_stopped() {
    let project = Project::new();
    assert_eq!(status(&project.home).await.unwrap(), EngineStatus::Stopped);
    project.stop().await;
    assert!(project.heard(&LocalEvent::NotRunning));
}

#[tokio::test]
async fn started_engine_answers_and_second_start_finds_it() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    assert_eq!(engine.version, ENGINE_VERSION);
    assert_eq!(status(&project.home).await.unwrap(), EngineStatus::Running(engine.clone()));
    assert_eq!(project.start().await.unwrap(), engine);
    assert!(project.heard(&LocalEvent::AlreadyRunning { endpoint: engine.endpoint }));
}

#[tokio::test]
async fn two_starts_at_once_give_one_engine() {
    let project = Project::new();
    let (first, second) = tokio::join!(project.start(), project.start());
    assert_eq!(first.unwrap(), second.unwrap());
}

#[tokio::test]
async fn two_projects_have_an_engine_each() {
    let (one, other) = (Project::new(), Project::new());
    let (first, second) = tokio::join!(one.start(), other.start());
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_ne!(first.port, second.port);
    assert_eq!(s3(&first, "PUT", "/only-in-one"), 200);
    assert_eq!(s3(&second, "HEAD", "/only-in-one"), 404);
}

#[tokio::test]
async fn stopped_engine_keeps_its_port_and_its_buckets() {
    let project = Project::new();
    let before = project.start().await.unwrap();
    assert_eq!(s3(&before, "PUT", "/kept"), 200);
    project.stop().await;
    assert_eq!(status(&project.home).await.unwrap(), EngineStatus::Stopped);
    let after = project.start().await.unwrap();
    assert_eq!(after.port, before.port);
    assert_eq!(s3(&after, "HEAD", "/kept"), 200);
}

#[tokio::test]
async fn engine_started_without_persistence_forgets() {
    let project = Project::new();
    let options = StartOptions { persist: Some(false), ..StartOptions::default() };
    let engine = project.start_with(options.clone()).await.unwrap();
    assert_eq!(s3(&engine, "PUT", "/forgotten"), 200);
    project.stop().await;
    let engine = project.start_with(options).await.unwrap();
    assert_eq!(s3(&engine, "HEAD", "/forgotten"), 404);
}

#[tokio::test]
async fn reset_engine_runs_on_and_is_empty() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    assert_eq!(s3(&engine, "PUT", "/gone"), 200);
    reset(&project.home, &|_: LocalEvent| ()).await.unwrap();
    assert_eq!(s3(&engine, "HEAD", "/gone"), 404);
}

#[tokio::test]
async fn reset_of_a_stopped_engine_empties_what_it_kept() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    assert_eq!(s3(&engine, "PUT", "/gone"), 200);
    project.stop().await;
    reset(&project.home, &|_: LocalEvent| ()).await.unwrap();
    let engine = project.start().await.unwrap();
    assert_eq!(s3(&engine, "HEAD", "/gone"), 404);
}

#[tokio::test]
async fn killed_engine_is_stale_and_starts_again_on_its_port() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    crash(&engine).await;
    assert_eq!(status(&project.home).await.unwrap(), EngineStatus::Stale { pid: engine.pid });
    let again = project.start().await.unwrap();
    assert_eq!(again.port, engine.port);
    assert!(project.heard(&LocalEvent::StaleStateRemoved { pid: engine.pid }));
}

#[tokio::test]
async fn engine_with_a_corrupt_record_is_recognised() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    std::fs::write(project.home.state_dir().join("engine.json"), "{").unwrap();
    assert_eq!(project.start().await.unwrap(), engine);
    assert!(project.heard(&LocalEvent::Adopted { pid: engine.pid }));
}

#[tokio::test]
async fn engine_whose_starter_died_before_it_wrote_the_record_can_be_stopped() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    std::fs::remove_file(project.home.state_dir().join("engine.json")).unwrap();
    project.stop().await;
    assert!(project.heard(&LocalEvent::Stopped { pid: engine.pid }));
}

#[tokio::test]
async fn port_taken_since_the_last_run_is_left_to_its_owner() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    project.stop().await;
    let _owner = TcpListener::bind(("127.0.0.1", engine.port)).unwrap();
    let port = project.start().await.unwrap().port;
    assert!(project.heard(&LocalEvent::PortChanged { wanted: engine.port, port }));
}

#[tokio::test]
async fn wanted_port_in_use_is_named_in_the_error() {
    let project = Project::new();
    let owner = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = owner.local_addr().unwrap().port();
    let options = StartOptions { port: Some(port), ..StartOptions::default() };
    let error = project.start_with(options).await.unwrap_err();
    assert!(matches!(error, StartError::PortTaken { port: taken } if taken == port));
}

#[tokio::test]
async fn engine_that_cannot_start_says_why() {
    let project = Project::new();
    std::fs::create_dir_all(project.home.state_dir().join("engine.log")).unwrap();
    let error = project.start().await.unwrap_err();
    assert!(matches!(error, StartError::Exited { said, .. } if said.contains("engine.log")));
    assert_eq!(status(&project.home).await.unwrap(), EngineStatus::Stopped);
}

#[tokio::test]
async fn hanging_engine_is_unresponsive_and_stop_ends_it() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    kill("-STOP", engine.pid);
    let hanging = EngineStatus::Unresponsive { pid: engine.pid, port: engine.port };
    assert_eq!(status(&project.home).await.unwrap(), hanging);
    kill("-CONT", engine.pid);
    project.stop().await;
    assert!(project.heard(&LocalEvent::Stopped { pid: engine.pid }));
}

#[tokio::test]
async fn engine_listens_on_loopback_only_and_in_a_process_group_of_its_own() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let listing = Command::new("ps")
        .args(["-o", "pgid=", "-p", &engine.pid.to_string()])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(listing.stdout).unwrap().trim(), engine.pid.to_string());
    let elsewhere = TcpStream::connect(("127.0.0.2", engine.port));
    assert!(elsewhere.is_err());
}

#[tokio::test]
async fn killed_engine_has_what_it_had_saved_and_nothing_half() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    assert_eq!(s3(&engine, "PUT", "/saved"), 200);
    saved(&project, "saved").await;
    crash(&engine).await;
    let unsaved = project.home.state_dir().join("objects/000000000000/unsaved");
    std::fs::create_dir_all(&unsaved).unwrap();
    std::fs::write(unsaved.join("object"), "written before the crash").unwrap();
    let again = project.start().await.unwrap();
    assert_eq!(s3(&again, "HEAD", "/saved"), 200);
    assert_eq!(s3(&again, "HEAD", "/unsaved"), 404);
}

#[tokio::test]
async fn trace_of_each_message_of_a_batch_is_kept() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let queue = sqs(&engine, "CreateQueue", &json!({"QueueName": "traced"}))["QueueUrl"].clone();
    let trace = |value: &str| json!({"AWSTraceHeader": {"DataType": "String", "StringValue": value}});
    let entry = |id: &str| json!({"Id": id, "MessageBody": id, "MessageSystemAttributes": trace(id)});
    let batch = json!({"QueueUrl": queue, "Entries": [entry("one"), entry("two")]});
    sqs(&engine, "SendMessageBatch", &batch);
    let wanted = json!({
        "QueueUrl": queue, "MaxNumberOfMessages": 10, "MessageSystemAttributeNames": ["AWSTraceHeader"]
    });
    let received = sqs(&engine, "ReceiveMessage", &wanted);
    for message in received["Messages"].as_array().unwrap() {
        assert_eq!(message["Attributes"]["AWSTraceHeader"], message["Body"]);
    }
    assert_eq!(received["Messages"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn enforced_policy_that_demands_tls_is_met_on_loopback_and_another_one_denies() {
    let project = Project::new();
    let options = StartOptions { enforce_iam: Some(true), ..StartOptions::default() };
    let engine = project.start_with(options).await.unwrap();
    assert!(engine.enforce_iam);
    let deny = |action: &str, condition: serde_json::Value| {
        json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*", "Condition": condition}
        ]})
    };
    let tls_only = deny("sqs:*", json!({"Bool": {"aws:SecureTransport": "false"}})).to_string();
    let create = json!({"QueueName": "tls-only", "Attributes": {"Policy": tls_only}});
    let queue = sqs(&engine, "CreateQueue", &create)["QueueUrl"].clone();
    sqs(&engine, "SendMessage", &json!({"QueueUrl": queue, "MessageBody": "passes"}));

    let closed = deny("sqs:SendMessage", json!({"Bool": {"aws:SecureTransport": "true"}})).to_string();
    let create = json!({"QueueName": "closed", "Attributes": {"Policy": closed}});
    let queue = sqs(&engine, "CreateQueue", &create)["QueueUrl"].clone();
    let (status, _) = call(&engine, "SendMessage", &json!({"QueueUrl": queue, "MessageBody": "denied"}));
    assert_eq!(status, 403);
}
