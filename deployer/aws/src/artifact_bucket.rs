//! The bucket that packages and large templates are put into, made when it is missing.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, BucketLocationConstraint,
    BucketVersioningStatus, CreateBucketConfiguration, ExpirationStatus, LifecycleRule, LifecycleRuleFilter,
    NoncurrentVersionExpiration, ObjectOwnership, OwnershipControls, OwnershipControlsRule,
    PublicAccessBlockConfiguration, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule, VersioningConfiguration,
};
use aws_smithy_types::error::operation::BuildError;
use pipectl_engine::aws_error::{AwsError, AwsErrorCode};
use serde_json::{Value, json};

use crate::sdk_error::Call;

/// Days for which an overwritten or deleted object can be brought back.
const NONCURRENT_DAYS: i32 = 30;
/// Days after which the parts of an upload that never ended are removed.
const ABANDONED_UPLOAD_DAYS: i32 = 7;
/// Statement ID of the TLS-only statement. It is set last, so its presence says that the bucket is
/// complete.
const TLS_ONLY: &str = "PipectlTlsOnly";

/// One artifact bucket and what is needed to make it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ArtifactBucket<'a> {
    pub(crate) client: &'a Client,
    pub(crate) name: &'a str,
    /// Account ID that must own the bucket.
    pub(crate) owner: &'a str,
    pub(crate) region: &'a str,
}

impl ArtifactBucket<'_> {
    /// Makes or completes the bucket; returns whether it was made. One call when all is well.
    pub(crate) async fn ensure(self) -> Result<bool, AwsError> {
        match self.policy().await {
            Ok(policy) if policy.as_ref().is_some_and(is_tls_only) => Ok(false),
            Ok(policy) => self.complete(policy).await.map(|()| false),
            Err(error) if error.code == AwsErrorCode::NotFound => {
                let made = self.create().await?;
                self.complete(None).await.map(|()| made)
            }
            Err(error) if error.code == AwsErrorCode::AccessDenied => Err(self.whose(error).await),
            Err(error) => Err(error),
        }
    }

    /// Reads the bucket policy; `None` when the bucket has none.
    async fn policy(self) -> Result<Option<Value>, AwsError> {
        let call = Call::s3("GetBucketPolicy");
        let answer =
            self.client.get_bucket_policy().bucket(self.name).expected_bucket_owner(self.owner).send().await;
        match answer.map_err(|error| call.failed(error)) {
            Ok(answer) => Ok(answer.policy.and_then(|text| serde_json::from_str(&text).ok())),
            Err(error) if error.code == AwsErrorCode::Other("NoSuchBucketPolicy".to_owned()) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Tells a bucket of another account from one of ours that the credentials may not read.
    ///
    /// S3 answers 403 to both. Creating the bucket again tells them apart and changes nothing.
    async fn whose(self, denied: AwsError) -> AwsError {
        match self.create().await {
            Err(error) if error.code == AwsErrorCode::ForeignBucket => error,
            _ => denied,
        }
    }

    /// Creates the bucket; false when it was there already and is ours.
    async fn create(self) -> Result<bool, AwsError> {
        let call = Call::s3("CreateBucket");
        let request = self
            .client
            .create_bucket()
            .bucket(self.name)
            .object_ownership(ObjectOwnership::BucketOwnerEnforced)
            .set_create_bucket_configuration(location(self.region));
        match request.send().await.map_err(|error| call.failed(error)) {
            Ok(_) => Ok(true),
            Err(error) if error.code == AwsErrorCode::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Sets every setting; each may be set again. The policy is last, see [`TLS_ONLY`].
    async fn complete(self, policy: Option<Value>) -> Result<(), AwsError> {
        self.block_public_access().await?;
        self.own_objects().await?;
        self.encrypt().await?;
        self.keep_versions().await?;
        self.expire_old_versions().await?;
        self.refuse_plain_http(policy).await
    }

    async fn block_public_access(self) -> Result<(), AwsError> {
        let call = Call::s3("PutPublicAccessBlock");
        let block = PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .block_public_policy(true)
            .ignore_public_acls(true)
            .restrict_public_buckets(true)
            .build();
        let request =
            self.client.put_public_access_block().bucket(self.name).expected_bucket_owner(self.owner);
        let sent = request.public_access_block_configuration(block).send().await;
        sent.map(|_| ()).map_err(|error| call.failed(error))
    }

    async fn own_objects(self) -> Result<(), AwsError> {
        let call = Call::s3("PutBucketOwnershipControls");
        let controls = ownership().map_err(|error| call.error(AwsErrorCode::Invalid, error.to_string()))?;
        let request =
            self.client.put_bucket_ownership_controls().bucket(self.name).expected_bucket_owner(self.owner);
        let sent = request.ownership_controls(controls).send().await;
        sent.map(|_| ()).map_err(|error| call.failed(error))
    }

    async fn encrypt(self) -> Result<(), AwsError> {
        let call = Call::s3("PutBucketEncryption");
        let encryption =
            encryption().map_err(|error| call.error(AwsErrorCode::Invalid, error.to_string()))?;
        let request = self.client.put_bucket_encryption().bucket(self.name).expected_bucket_owner(self.owner);
        let sent = request.server_side_encryption_configuration(encryption).send().await;
        sent.map(|_| ()).map_err(|error| call.failed(error))
    }

    async fn keep_versions(self) -> Result<(), AwsError> {
        let call = Call::s3("PutBucketVersioning");
        let versioning = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
        let request = self.client.put_bucket_versioning().bucket(self.name).expected_bucket_owner(self.owner);
        let sent = request.versioning_configuration(versioning).send().await;
        sent.map(|_| ()).map_err(|error| call.failed(error))
    }

    async fn expire_old_versions(self) -> Result<(), AwsError> {
        let call = Call::s3("PutBucketLifecycleConfiguration");
        let lifecycle = lifecycle().map_err(|error| call.error(AwsErrorCode::Invalid, error.to_string()))?;
        let request = self
            .client
            .put_bucket_lifecycle_configuration()
            .bucket(self.name)
            .expected_bucket_owner(self.owner);
        let sent = request.lifecycle_configuration(lifecycle).send().await;
        sent.map(|_| ()).map_err(|error| call.failed(error))
    }

    async fn refuse_plain_http(self, policy: Option<Value>) -> Result<(), AwsError> {
        let call = Call::s3("PutBucketPolicy");
        let policy = with_tls_only(policy, self.name, partition(self.region));
        let request = self.client.put_bucket_policy().bucket(self.name).expected_bucket_owner(self.owner);
        let sent = request.policy(policy.to_string()).send().await;
        sent.map(|_| ()).map_err(|error| call.failed(error))
    }
}

/// us-east-1 is the one region that must not be named. Source: S3 API reference, CreateBucket,
/// `LocationConstraint` (read 2026-11-23).
fn location(region: &str) -> Option<CreateBucketConfiguration> {
    let constraint = || BucketLocationConstraint::from(region);
    (region != "us-east-1")
        .then(|| CreateBucketConfiguration::builder().location_constraint(constraint()).build())
}

/// The partition of an ARN in a region.
fn partition(region: &str) -> &'static str {
    match region {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

fn ownership() -> Result<OwnershipControls, BuildError> {
    let rule =
        OwnershipControlsRule::builder().object_ownership(ObjectOwnership::BucketOwnerEnforced).build()?;
    OwnershipControls::builder().rules(rule).build()
}

fn encryption() -> Result<ServerSideEncryptionConfiguration, BuildError> {
    let default =
        ServerSideEncryptionByDefault::builder().sse_algorithm(ServerSideEncryption::Aes256).build()?;
    let rule = ServerSideEncryptionRule::builder().apply_server_side_encryption_by_default(default).build();
    ServerSideEncryptionConfiguration::builder().rules(rule).build()
}

fn lifecycle() -> Result<BucketLifecycleConfiguration, BuildError> {
    let noncurrent = NoncurrentVersionExpiration::builder().noncurrent_days(NONCURRENT_DAYS).build();
    let abandoned =
        AbortIncompleteMultipartUpload::builder().days_after_initiation(ABANDONED_UPLOAD_DAYS).build();
    let rule = LifecycleRule::builder()
        .id("pipectl-noncurrent")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("").build())
        .noncurrent_version_expiration(noncurrent)
        .abort_incomplete_multipart_upload(abandoned)
        .build()?;
    BucketLifecycleConfiguration::builder().rules(rule).build()
}

fn is_tls_only(policy: &Value) -> bool {
    statements(policy).iter().any(|statement| statement["Sid"] == TLS_ONLY)
}

/// Adds the TLS-only statement to a policy, keeping whatever statements the account has put there.
fn with_tls_only(policy: Option<Value>, bucket: &str, partition: &str) -> Value {
    let mut kept = policy.as_ref().map(statements).unwrap_or_default();
    kept.retain(|statement| statement["Sid"] != TLS_ONLY);
    let arn = format!("arn:{partition}:s3:::{bucket}");
    kept.push(json!({
        "Sid": TLS_ONLY,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, format!("{arn}/*")],
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    }));
    json!({ "Version": "2012-10-17", "Statement": kept })
}

/// A policy's statements; IAM's grammar allows a single one without a list.
fn statements(policy: &Value) -> Vec<Value> {
    match &policy["Statement"] {
        Value::Array(statements) => statements.clone(),
        Value::Null => Vec::new(),
        single => vec![single.clone()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_us_east_1_goes_without_a_location() {
        assert_eq!(location("us-east-1"), None);
        let elsewhere = location("eu-west-1").unwrap();
        assert_eq!(elsewhere.location_constraint, Some(BucketLocationConstraint::EuWest1));
    }

    #[test]
    fn statements_of_the_account_survive_the_tls_only_statement() {
        let theirs = json!({ "Statement": { "Sid": "Audit", "Effect": "Allow" } });
        let merged = with_tls_only(Some(theirs), "bucket", "aws");
        let sids: Vec<_> = statements(&merged).iter().map(|statement| statement["Sid"].clone()).collect();
        assert_eq!(sids, ["Audit", TLS_ONLY]);
    }

    #[test]
    fn tls_only_statement_names_bucket_and_objects_in_the_region_s_partition() {
        let policy = with_tls_only(None, "bucket", partition("cn-north-1"));
        assert_eq!(
            policy["Statement"][0]["Resource"],
            json!(["arn:aws-cn:s3:::bucket", "arn:aws-cn:s3:::bucket/*"])
        );
        assert!(is_tls_only(&policy));
    }
}
