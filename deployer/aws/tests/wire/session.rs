//! What a session finds and refuses.

use std::net::TcpListener;

use crate::support::{ACCOUNT, CannedAws, identity, status};
use pipectl_aws::{Patience, Session, SessionOptions, StaticCredentials};
use pipectl_engine::aws_error::AwsErrorCode;
use pipectl_engine::port::{CloudFormation as _, ObjectStore as _};

fn keys() -> StaticCredentials {
    StaticCredentials { access_key_id: "test".to_owned(), secret_access_key: "hidden".to_owned() }
}

#[tokio::test]
async fn missing_region_is_told_before_any_call() {
    let options = SessionOptions { static_credentials: Some(keys()), ..SessionOptions::default() };
    assert_eq!(Session::load(options).await.unwrap_err().code, AwsErrorCode::RegionMissing);
}

#[tokio::test]
async fn account_is_asked_for_once_and_names_the_artifact_bucket() {
    let aws = CannedAws::answering([identity()]);
    let session = aws.session().await;
    assert_eq!(session.account_id().await, Ok(ACCOUNT));
    let bucket = session.object_store().artifact_bucket().await.unwrap();
    assert_eq!(bucket, format!("pipectl-artifacts-{ACCOUNT}-eu-west-1"));
    assert_eq!(aws.requests().len(), 1);
}

#[tokio::test]
async fn keys_that_aws_does_not_accept_are_missing_credentials_and_expired_ones_expired() {
    for (code, expected) in [
        ("InvalidClientTokenId", AwsErrorCode::CredentialsMissing),
        ("ExpiredToken", AwsErrorCode::CredentialsExpired),
    ] {
        let body = format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>");
        let aws = CannedAws::answering([status(403, body)]);
        assert_eq!(aws.session().await.account_id().await.unwrap_err().code, expected);
    }
}

#[tokio::test]
async fn endpoint_that_nobody_listens_on_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let session = Session::load(SessionOptions {
        region: Some("eu-west-1".to_owned()),
        endpoint_url: Some(endpoint_url),
        static_credentials: Some(keys()),
        patience: Patience { attempts: 1, ..Patience::default() },
        ..SessionOptions::default()
    })
    .await
    .unwrap();
    let error = session.cloudformation().describe_stack("ingest").await.unwrap_err();
    assert_eq!(error.code, AwsErrorCode::Unreachable);
}

#[test]
fn secret_key_is_not_printed() {
    assert!(!format!("{:?}", keys()).contains("hidden"));
}
