//! S3 buckets.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar::DeletionPolicy;

/// An S3 bucket: private, encrypted, TLS-only, versioned.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// Name of the bucket, 3 to 63 lower-case letters, digits, `.` and `-`, which no other bucket of the partition has;
    /// it may hold `${AWS::AccountId}` and `${AWS::Region}`. Default: `<stack>-<bucket>-<account>-<region>-an`.
    pub bucket_name: Option<String>,
    /// Whether old versions of objects are kept. Default: true.
    pub versioning: Option<bool>,
    /// Days after which an old version is deleted. Default: 30.
    pub noncurrent_version_expiration_days: Option<u32>,
    /// Days after which an object is deleted. Default: never.
    pub expiration_days: Option<u32>,
    /// What becomes of the bucket when it leaves the stack. Default: `Retain`.
    pub deletion_policy: Option<DeletionPolicy>,
}
