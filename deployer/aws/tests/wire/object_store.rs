//! The S3 port against prepared answers.

use crate::support::{ACCOUNT, Answer, CannedAws, identity, ok, status};
use pipectl_engine::aws_error::AwsErrorCode;
use pipectl_engine::port::{Content, ObjectStore as _};

/// SHA-256 of `hello`, in Base64.
const HELLO: &str = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";

fn refusal(http_status: u16, code: &str) -> Answer {
    status(http_status, format!("<Error><Code>{code}</Code><Message>sentence</Message></Error>"))
}

fn hello() -> Content {
    Content::Bytes(b"hello".to_vec())
}

fn versions_page(keys: &[&str], truncated: &str) -> Answer {
    let versions: String = keys
        .iter()
        .map(|key| format!("<Version><Key>{key}</Key><VersionId>v-{key}</VersionId></Version>"))
        .collect();
    ok(format!(
        "<ListVersionsResult>{versions}<DeleteMarker><Key>gone</Key><VersionId>m</VersionId></DeleteMarker>\
         {truncated}</ListVersionsResult>"
    ))
}

const MORE: &str = "<IsTruncated>true</IsTruncated><NextKeyMarker>b</NextKeyMarker>\
                    <NextVersionIdMarker>v-b</NextVersionIdMarker>";

#[tokio::test]
async fn keys_are_read_from_all_pages_of_a_bucket_of_ours() {
    let page = |key: &str, end: &str| {
        ok(format!("<ListBucketResult><Contents><Key>{key}</Key></Contents>{end}</ListBucketResult>"))
    };
    let more = "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>";
    let aws = CannedAws::answering([identity(), page("packages/b", more), page("packages/a", "")]);
    let keys = aws.session().await.object_store().keys("artifacts", "packages/").await.unwrap();
    assert_eq!(Vec::from_iter(keys), ["packages/a", "packages/b"]);
    let last = aws.requests().pop().unwrap();
    assert!(last.target.contains("continuation-token=t") && last.target.contains("prefix=packages%2F"));
    assert_eq!(last.header("x-amz-expected-bucket-owner"), Some(ACCOUNT));
}

#[tokio::test]
async fn object_is_put_with_its_checksum_its_owner_and_only_if_absent() {
    let aws = CannedAws::answering([identity(), ok("")]);
    aws.session().await.object_store().put("artifacts", "key", hello()).await.unwrap();
    let sent = aws.requests().pop().unwrap();
    assert_eq!(sent.header("x-amz-checksum-sha256"), Some(HELLO));
    assert_eq!(sent.header("x-amz-expected-bucket-owner"), Some(ACCOUNT));
    assert_eq!(sent.header("if-none-match"), Some("*"));
    assert_eq!(sent.body, "hello");
}

#[tokio::test]
async fn file_is_put_like_bytes() {
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("file_is_put_like_bytes.zip");
    std::fs::write(&file, "hello").unwrap();
    let aws = CannedAws::answering([identity(), ok("")]);
    aws.session().await.object_store().put("artifacts", "key", Content::File(file)).await.unwrap();
    let sent = aws.requests().pop().unwrap();
    assert_eq!((sent.header("x-amz-checksum-sha256"), sent.body.as_str()), (Some(HELLO), "hello"));
}

#[tokio::test]
async fn object_that_is_there_with_the_same_content_is_left_alone() {
    let head = ok("").with(&[("x-amz-checksum-sha256", HELLO)]);
    let aws = CannedAws::answering([identity(), refusal(412, "PreconditionFailed"), head]);
    aws.session().await.object_store().put("artifacts", "key", hello()).await.unwrap();
    assert_eq!(aws.targets(), ["PUT /artifacts/key?x-id=PutObject", "HEAD /artifacts/key"]);
}

#[tokio::test]
async fn object_that_is_there_with_other_content_is_replaced() {
    let head = ok("").with(&[("x-amz-checksum-sha256", "b3RoZXI=")]);
    let aws = CannedAws::answering([identity(), refusal(412, "PreconditionFailed"), head, ok("")]);
    aws.session().await.object_store().put("artifacts", "key", hello()).await.unwrap();
    let last = aws.requests().pop().unwrap();
    assert_eq!((last.method.as_str(), last.header("if-none-match")), ("PUT", None));
}

#[tokio::test]
async fn bucket_is_emptied_page_by_page_with_versions_and_markers() {
    let aws = CannedAws::answering([
        identity(),
        versions_page(&["a", "b"], MORE),
        ok("<DeleteResult/>"),
        versions_page(&["c"], ""),
        ok("<DeleteResult/>"),
    ]);
    assert_eq!(aws.session().await.object_store().empty_bucket("uploads").await, Ok(5));
    let requests = aws.requests();
    assert!(requests[2].body.contains("<Key>a</Key><VersionId>v-a</VersionId>"), "{}", requests[2].body);
    assert!(requests[3].target.contains("key-marker=b"), "{}", requests[3].target);
}

#[tokio::test]
async fn missing_bucket_is_empty() {
    let aws = CannedAws::answering([identity(), refusal(404, "NoSuchBucket")]);
    assert_eq!(aws.session().await.object_store().empty_bucket("uploads").await, Ok(0));
}

#[tokio::test]
async fn object_that_s3_kept_inside_a_200_answer_is_an_error() {
    let kept = "<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code><Message>locked</Message></Error>\
                </DeleteResult>";
    let aws = CannedAws::answering([identity(), versions_page(&["a"], ""), ok(kept)]);
    let error = aws.session().await.object_store().empty_bucket("uploads").await.unwrap_err();
    assert_eq!((error.operation, error.code), ("DeleteObjects", AwsErrorCode::AccessDenied));
}

#[tokio::test]
async fn complete_artifact_bucket_costs_one_call() {
    let policy = r#"{"Statement":[{"Sid":"PipectlTlsOnly"}]}"#;
    let aws = CannedAws::answering([identity(), ok(policy)]);
    assert_eq!(aws.session().await.object_store().ensure_artifact_bucket("artifacts").await, Ok(false));
    assert_eq!(aws.targets(), ["GET /artifacts/?policy"]);
}

#[tokio::test]
async fn missing_artifact_bucket_is_made_in_the_region_and_its_policy_is_set_last() {
    let missing = refusal(404, "NoSuchBucket");
    let aws = CannedAws::answering([identity(), missing].into_iter().chain((0..7).map(|_| ok(""))));
    assert_eq!(aws.session().await.object_store().ensure_artifact_bucket("artifacts").await, Ok(true));
    assert_eq!(
        aws.targets(),
        [
            "GET /artifacts/?policy",
            "PUT /artifacts/",
            "PUT /artifacts/?publicAccessBlock",
            "PUT /artifacts/?ownershipControls",
            "PUT /artifacts/?encryption",
            "PUT /artifacts/?versioning",
            "PUT /artifacts/?lifecycle",
            "PUT /artifacts/?policy",
        ]
    );
    let requests = aws.requests();
    assert!(requests[2].body.contains("<LocationConstraint>eu-west-1</LocationConstraint>"));
    assert_eq!(requests[2].header("x-amz-object-ownership"), Some("BucketOwnerEnforced"));
    assert!(requests[3..].iter().all(|sent| sent.header("x-amz-expected-bucket-owner") == Some(ACCOUNT)));
}

#[tokio::test]
async fn half_made_artifact_bucket_is_completed_and_does_not_count_as_made() {
    let unfinished = refusal(404, "NoSuchBucketPolicy");
    let aws = CannedAws::answering([identity(), unfinished].into_iter().chain((0..6).map(|_| ok(""))));
    assert_eq!(aws.session().await.object_store().ensure_artifact_bucket("artifacts").await, Ok(false));
    assert_eq!(aws.targets().last().unwrap(), "PUT /artifacts/?policy");
}

#[tokio::test]
async fn bucket_of_another_account_is_foreign_and_a_forbidden_one_of_ours_is_denied() {
    for (answer, code) in [
        (refusal(409, "BucketAlreadyExists"), AwsErrorCode::ForeignBucket),
        (refusal(409, "BucketAlreadyOwnedByYou"), AwsErrorCode::AccessDenied),
    ] {
        let aws = CannedAws::answering([identity(), refusal(403, "AccessDenied"), answer]);
        let ensured = aws.session().await.object_store().ensure_artifact_bucket("artifacts").await;
        assert_eq!(ensured.unwrap_err().code, code);
    }
}
