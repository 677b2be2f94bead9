//! A project of a test, and the requests that tests send to its engine.

use std::cell::RefCell;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use pipectl_local::{EngineHome, LocalEvent, RunningEngine, StartError, StartOptions, Unsigned, start, stop};
use serde_json::{Value, json};

/// A project with an engine that ends with it.
pub(crate) struct Project {
    pub(crate) home: EngineHome,
    events: RefCell<Vec<LocalEvent>>,
    _folder: tempfile::TempDir,
}

impl Project {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cache = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cache");
        let home = EngineHome::new(cache, folder.path().join(".pipectl/local"));
        Self { home, events: RefCell::default(), _folder: folder }
    }

    pub(crate) async fn start(&self) -> Result<RunningEngine, StartError> {
        self.start_with(StartOptions::default()).await
    }

    pub(crate) async fn start_with(&self, options: StartOptions) -> Result<RunningEngine, StartError> {
        start(&self.home, &options, &|event| self.events.borrow_mut().push(event)).await
    }

    pub(crate) async fn stop(&self) {
        stop(&self.home, &|event| self.events.borrow_mut().push(event)).await.unwrap();
    }

    pub(crate) fn heard(&self, wanted: &LocalEvent) -> bool {
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

/// Kills the process as a crash would, and waits until it is gone: its port may be closed before.
pub(crate) async fn crash(engine: &RunningEngine) {
    kill("-KILL", engine.pid);
    until(|| is_gone(engine.pid)).await;
}

/// Says whether a process is there no more, or only its exit code.
fn is_gone(pid: u32) -> bool {
    let listed = Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output().unwrap();
    let state = String::from_utf8(listed.stdout).unwrap();
    state.trim().is_empty() || state.starts_with('Z')
}

/// Waits for something that takes a moment; fails when it takes a minute.
pub(crate) async fn until(done: impl Fn() -> bool) {
    let wait = async {
        while !done() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.unwrap();
}

pub(crate) fn kill(signal: &str, pid: u32) {
    let status = Command::new("kill").args([signal, &pid.to_string()]).status().unwrap();
    assert!(status.success());
}

/// Sends one request to a service as the engine's owner and returns the answer's status and body.
pub(crate) fn call_service(
    engine: &RunningEngine,
    service: &str,
    (method, path): (&str, &str),
    headers: &str,
    body: &str,
) -> (u16, String) {
    let url = format!("http://127.0.0.1{path}");
    let unsigned = Unsigned { service, method, url: &url, headers: &[], body: body.as_bytes() };
    let signature = engine.credentials.sign(&unsigned).unwrap();
    let lines = signature.iter().map(|(name, value)| format!("{name}: {value}"));
    let headers: Vec<String> = lines.chain([headers.to_owned()]).filter(|line| !line.is_empty()).collect();
    send(engine, method, path, &headers.join("\r\n"), body)
}

/// Sends one request to the engine as it is and returns the answer's status and body.
pub(crate) fn send(
    engine: &RunningEngine,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> (u16, String) {
    let (status, answer) = send_as(engine, "127.0.0.1", (method, path), headers, body);
    (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
}

/// Sends one request under a host name and returns the answer's status and the whole answer.
pub(crate) fn send_as(
    engine: &RunningEngine,
    host: &str,
    (method, path): (&str, &str),
    headers: &str,
    body: &str,
) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", engine.port)).unwrap();
    let length = body.len();
    let head = format!("{method} {path} HTTP/1.0\r\nHost: {host}\r\nContent-Length: {length}\r\n");
    let end = if headers.is_empty() { "" } else { "\r\n" };
    stream.write_all(format!("{head}{headers}{end}\r\n{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
}

/// Sends one request of the S3 API without a body and returns the answer's status.
pub(crate) fn s3(engine: &RunningEngine, method: &str, path: &str) -> u16 {
    call_service(engine, "s3", (method, path), "", "").0
}

/// Calls DynamoDB as the engine's owner.
pub(crate) fn dynamodb(engine: &RunningEngine, operation: &str, request: &Value) -> (u16, String) {
    let target =
        format!("Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: DynamoDB_20120810.{operation}");
    call_service(engine, "dynamodb", ("POST", "/"), &target, &request.to_string())
}

/// Creates a table with an index on `group`.
pub(crate) fn create_table(engine: &RunningEngine, name: &str) {
    let key = |name: &str| json!([{"AttributeName": name, "KeyType": "HASH"}]);
    let text = |name: &str| json!({"AttributeName": name, "AttributeType": "S"});
    let index =
        json!({"IndexName": "by-group", "KeySchema": key("group"), "Projection": {"ProjectionType": "ALL"}});
    let table = json!({
        "TableName": name, "KeySchema": key("id"), "AttributeDefinitions": [text("id"), text("group")],
        "GlobalSecondaryIndexes": [index], "BillingMode": "PAY_PER_REQUEST",
    });
    let (status, answer) = dynamodb(engine, "CreateTable", &table);
    assert_eq!(status, 200, "{answer}");
}

/// Calls one action of the SQS API and returns the answer of a call that is allowed.
pub(crate) fn sqs(engine: &RunningEngine, action: &str, request: &Value) -> Value {
    let (status, answer) = call(engine, action, request);
    assert_eq!(status, 200, "{answer}");
    serde_json::from_str(&answer).unwrap()
}

/// Calls one action of the SQS API and returns the answer's status and body.
pub(crate) fn call(engine: &RunningEngine, action: &str, request: &Value) -> (u16, String) {
    let target = format!("Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AmazonSQS.{action}");
    call_service(engine, "sqs", ("POST", "/"), &target, &request.to_string())
}

/// Waits until the running engine has saved something about the bucket.
pub(crate) async fn saved(project: &Project, bucket: &str) {
    let path = project.home.state_dir().join("services/s3.json");
    until(|| std::fs::read_to_string(&path).is_ok_and(|state| state.contains(bucket))).await;
}

/// Gets a path of a service and returns the answer's body.
pub(crate) fn get(engine: &RunningEngine, service: &str, path: &str) -> String {
    let (status, answer) = call_service(engine, service, ("GET", path), "", "");
    assert_eq!(status, 200, "{answer}");
    answer
}

/// Creates a stack and returns its status, which is final when the engine has answered.
pub(crate) fn create_stack(engine: &RunningEngine, name: &str, template: &Value) -> String {
    let body = encode(&template.to_string());
    let capabilities = "Capabilities.member.1=CAPABILITY_NAMED_IAM";
    let create = format!("Action=CreateStack&StackName={name}&{capabilities}&TemplateBody={body}");
    query(engine, "cloudformation", &create);
    let answer = query(engine, "cloudformation", &format!("Action=DescribeStacks&StackName={name}"));
    let (_, after) = answer.split_once("<StackStatus>").unwrap();
    after.split('<').next().unwrap().to_owned()
}

/// Encodes a value of a form.
pub(crate) fn encode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Calls a service with a form and returns the answer of a call that is allowed.
pub(crate) fn query(engine: &RunningEngine, service: &str, form: &str) -> String {
    let content = "Content-Type: application/x-www-form-urlencoded";
    let (status, answer) = call_service(engine, service, ("POST", "/"), content, form);
    assert_eq!(status, 200, "{answer}");
    answer
}
