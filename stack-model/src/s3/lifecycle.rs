//! What happens to objects as they age.

use serde::Serialize;

use crate::unit::{Count, Days};
use crate::value::Value;

/// Whether a rule is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum LifecycleRuleStatus {
    /// At work.
    Enabled,
    /// Kept, not at work.
    Disabled,
}

/// Where objects move to. Source: AWS::S3::Bucket, Transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum StorageClass {
    /// Read within 12 hours, cheapest.
    DeepArchive,
    /// Read within hours.
    Glacier,
    /// Read at once, dear to read.
    GlacierIr,
    /// Moved by use.
    IntelligentTiering,
    /// In one Availability Zone.
    OnezoneIa,
    /// Seldom read.
    StandardIa,
}

/// Ends uploads in parts that nobody completes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AbortIncompleteMultipartUpload {
    /// Days after the first part.
    pub days_after_initiation: Days,
}

/// Deletes versions that are no longer the current one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct NoncurrentVersionExpiration {
    /// How many are kept whatever their age, `1..=100`.
    pub newer_noncurrent_versions: Option<Count>,
    /// Days since it was the current one, from 1.
    pub noncurrent_days: Days,
}

/// Moves objects to a cheaper storage class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Transition {
    /// Where to.
    pub storage_class: StorageClass,
    /// Days after creation; at least 30 for the infrequent access classes.
    pub transition_in_days: Days,
}

/// One rule; it does at least one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct LifecycleRule {
    /// Ends uploads in parts.
    pub abort_incomplete_multipart_upload: Option<AbortIncompleteMultipartUpload>,
    /// Days after creation until the object expires, from 1.
    pub expiration_in_days: Option<Days>,
    /// Whether delete markers go that hide nothing; excludes an expiration in days.
    pub expired_object_delete_marker: Option<bool>,
    /// Name, unique in the bucket, at most 255 characters.
    pub id: Option<String>,
    /// Deletes old versions.
    pub noncurrent_version_expiration: Option<NoncurrentVersionExpiration>,
    /// Start of the keys it is about; all when absent.
    pub prefix: Option<Value<String>>,
    /// Whether it is at work.
    pub status: LifecycleRuleStatus,
    /// Moves objects.
    pub transitions: Option<Vec<Transition>>,
}

impl LifecycleRule {
    /// A rule at work that does nothing yet.
    #[must_use]
    pub fn named(id: &str) -> Self {
        Self {
            abort_incomplete_multipart_upload: None,
            expiration_in_days: None,
            expired_object_delete_marker: None,
            id: Some(id.to_owned()),
            noncurrent_version_expiration: None,
            prefix: None,
            status: LifecycleRuleStatus::Enabled,
            transitions: None,
        }
    }
}

/// Rules, 1,000 at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct LifecycleConfiguration {
    /// The rules.
    pub rules: Vec<LifecycleRule>,
}
