//! The tuning port against prepared answers.

use aws_smithy_types::base64;
use pipectl_engine::aws_error::AwsErrorCode;
use pipectl_engine::package::Architecture;
use pipectl_engine::tune::port::{Configuration, Tuning as _, Update};
use serde_json::json;

use crate::support::{CannedAws, ok, status};

const REPORT: &str = "END RequestId: 1\nREPORT RequestId: 1\tDuration: 3.10 ms\n";

#[tokio::test]
async fn configuration_tells_size_architecture_and_update() {
    let running =
        json!({"MemorySize": 256, "Architectures": ["arm64"], "LastUpdateStatus": "InProgress"}).to_string();
    let failed = json!({
        "MemorySize": 512, "LastUpdateStatus": "Failed", "LastUpdateStatusReason": "InternalError",
    });
    let aws = CannedAws::answering([ok(running), ok(failed.to_string())]);
    let tuning = aws.session().await.tuning();
    let found = tuning.configuration("writer").await;
    let expected =
        Configuration { megabytes: 256, architecture: Architecture::Arm64, update: Update::Running };
    assert_eq!(found, Ok(expected));
    let found = tuning.configuration("writer").await.unwrap();
    let update = Update::Failed("InternalError".to_owned());
    assert_eq!((found.architecture, found.update), (Architecture::X86_64, update));
}

#[tokio::test]
async fn update_names_nothing_but_the_memory_size() {
    let aws = CannedAws::answering([ok("{}")]);
    aws.session().await.tuning().set_memory_size("writer", 1769).await.unwrap();
    let request = &aws.requests()[0];
    assert_eq!(request.target, "/2015-03-31/functions/writer/configuration");
    assert_eq!(request.body, r#"{"MemorySize":1769}"#);
}

#[tokio::test]
async fn running_update_is_told_by_its_code() {
    let conflict = status(409, r#"{"Type":"User","message":"An update is in progress"}"#)
        .with(&[("x-amzn-errortype", "ResourceConflictException")]);
    let aws = CannedAws::answering([conflict]);
    let refused = aws.session().await.tuning().set_memory_size("writer", 128).await.unwrap_err();
    assert_eq!(refused.code, AwsErrorCode::OperationInProgress);
}

#[tokio::test]
async fn invocation_asks_for_the_tail_of_the_log() {
    // The header's value lives as long as the test.
    let log: &'static str = base64::encode(REPORT).leak();
    let headers: &'static [(&str, &str)] = vec![("x-amz-log-result", log)].leak();
    let aws = CannedAws::answering([ok(r#"{"stored":1}"#).with(headers)]);
    let tuning = aws.session().await.tuning();
    let answer = tuning.invoke("writer", br#"{"Records":[]}"#).await.unwrap();
    assert_eq!((answer.error, answer.log.as_str()), (None, REPORT));
    let request = &aws.requests()[0];
    assert_eq!(request.target, "/2015-03-31/functions/writer/invocations");
    assert_eq!(request.header("x-amz-log-type"), Some("Tail"));
    assert_eq!(request.body, r#"{"Records":[]}"#);
}

#[tokio::test]
async fn failure_of_the_function_is_no_failure_of_the_call() {
    let killed = ok(r#"{"errorType":"Runtime.ExitError","errorMessage":"signal: killed"}"#)
        .with(&[("x-amz-function-error", "Unhandled")]);
    let aws = CannedAws::answering([killed]);
    let answer = aws.session().await.tuning().invoke("writer", b"{}").await.unwrap();
    assert_eq!(answer.error.as_deref(), Some("signal: killed"));
}

#[tokio::test]
async fn invocation_is_never_repeated() {
    let aws = CannedAws::answering([status(500, "{}"), ok("{}")]);
    assert!(aws.session().await.tuning().invoke("writer", b"{}").await.is_err());
    assert_eq!(aws.requests().len(), 1);
}
