//! S3 buckets.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar::DeletionPolicy;

/// An S3 bucket: private, encrypted, TLS-only, versioned.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// Whether old versions of objects are kept. Default: true.
    pub versioning: Option<bool>,
    /// Days after which an old version is deleted. Default: 30.
    pub noncurrent_version_expiration_days: Option<u32>,
    /// Days after which an object is deleted. Default: never.
    pub expiration_days: Option<u32>,
    /// What becomes of the bucket when it leaves the stack. Default: `Retain`.
    pub deletion_policy: Option<DeletionPolicy>,
}
