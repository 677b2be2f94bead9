//! The ports on Lambda against prepared answers: what a function runs, and giving it other code.

use pipectl_engine::aws_error::AwsErrorCode;
use pipectl_engine::code_only::port::{CodeUpdate, FunctionCode as _, RunningCode};
use pipectl_engine::port::Functions as _;
use pipectl_engine::ready::port::Standing;
use serde_json::{Value, json};

use crate::support::{Answer, CannedAws, ok, status};

/// SHA-256 of nothing, as Lambda writes it.
const SHA256_OF_NOTHING: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

const HEXADECIMAL: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

const UPDATE: CodeUpdate<'_> = CodeUpdate {
    function: "reader",
    bucket: "artifacts",
    key: "packages/reader/1.zip",
    revision: Some("r1"),
};

fn configuration(last_update: &str) -> Answer {
    let body = json!({
        "FunctionName": "reader",
        "CodeSha256": SHA256_OF_NOTHING,
        "RevisionId": "r1",
        "State": "Active",
        "LastUpdateStatus": last_update,
    });
    ok(body.to_string())
}

fn refused(http_status: u16, code: &'static str) -> Answer {
    let headers: &'static [(&str, &str)] = vec![("x-amzn-errortype", code)].leak();
    status(http_status, json!({"Type": "User", "message": code}).to_string()).with(headers)
}

#[tokio::test]
async fn digest_revision_and_standing_of_the_running_code_are_read() {
    let aws = CannedAws::answering([configuration("Successful"), configuration("InProgress")]);
    let functions = aws.session().await.function_code();
    let running = functions.running("reader").await.unwrap().unwrap();
    let expected = RunningCode {
        sha256: HEXADECIMAL.to_owned(),
        revision: Some("r1".to_owned()),
        standing: Standing::Ready,
    };
    assert_eq!(running, expected);
    let running = functions.running("reader").await.unwrap().unwrap();
    assert_eq!(running.standing, Standing::NotYet("LastUpdateStatus InProgress".to_owned()));
    assert_eq!(aws.requests()[0].target, "/2015-03-31/functions/reader/configuration");
}

#[tokio::test]
async fn function_that_is_not_there_runs_nothing() {
    let aws = CannedAws::answering([refused(404, "ResourceNotFoundException")]);
    assert_eq!(aws.session().await.function_code().running("reader").await, Ok(None));
}

#[tokio::test]
async fn update_names_the_package_and_the_revision_that_was_read() {
    let aws = CannedAws::answering([configuration("InProgress")]);
    let running = aws.session().await.function_code().update_code(&UPDATE).await.unwrap();
    assert_eq!(running.standing, Standing::NotYet("LastUpdateStatus InProgress".to_owned()));
    let request = &aws.requests()[0];
    assert_eq!(
        (request.method.as_str(), request.target.as_str()),
        ("PUT", "/2015-03-31/functions/reader/code")
    );
    let body: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(body, json!({"S3Bucket": "artifacts", "S3Key": "packages/reader/1.zip", "RevisionId": "r1"}));
}

#[tokio::test]
async fn running_update_and_moved_revision_are_an_operation_in_progress() {
    let answers = [refused(409, "ResourceConflictException"), refused(412, "PreconditionFailedException")];
    let aws = CannedAws::answering(answers);
    let functions = aws.session().await.function_code();
    for _ in 0..2 {
        let refused = functions.update_code(&UPDATE).await.unwrap_err();
        assert_eq!(refused.code, AwsErrorCode::OperationInProgress);
    }
}

#[tokio::test]
async fn throttling_is_told_as_such() {
    let aws = CannedAws::answering([refused(429, "TooManyRequestsException")]);
    let refused = aws.session().await.function_code().update_code(&UPDATE).await.unwrap_err();
    assert_eq!(refused.code, AwsErrorCode::Throttled);
}

/// The SDK repeats the call, and Lambda has moved on with the first: the engine then looks what runs.
#[tokio::test]
async fn repeated_update_whose_first_answer_was_lost_meets_its_own_revision() {
    let answers =
        [status(500, "{}"), refused(412, "PreconditionFailedException"), configuration("Successful")];
    let aws = CannedAws::answering(answers);
    let functions = aws.patient_session().await.function_code();
    let refused = functions.update_code(&UPDATE).await.unwrap_err();
    assert_eq!(refused.code, AwsErrorCode::OperationInProgress);
    assert_eq!(functions.running("reader").await.unwrap().unwrap().sha256, HEXADECIMAL);
}
