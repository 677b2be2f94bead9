//! `AWS::S3::*`: buckets and bucket policies.
//!
//! Source: CloudFormation template reference, AWS::S3.

mod bucket;
mod lifecycle;
mod notification;

use serde::Serialize;

pub use bucket::{
    Bucket, BucketEncryption, BucketNamespace, LoggingConfiguration, ObjectOwnership, OwnershipControls,
    OwnershipControlsRule, PublicAccessBlockConfiguration, ServerSideEncryptionByDefault,
    ServerSideEncryptionRule, SseAlgorithm, VersioningConfiguration, VersioningStatus,
};
pub use lifecycle::{
    AbortIncompleteMultipartUpload, LifecycleConfiguration, LifecycleRule, LifecycleRuleStatus,
    NoncurrentVersionExpiration, StorageClass, Transition,
};
pub use notification::{
    EventBridgeConfiguration, FilterRule, FilterRuleName, LambdaConfiguration, NotificationConfiguration,
    NotificationFilter, ObjectEvent, QueueConfiguration, S3KeyFilter, TopicConfiguration,
};

use crate::iam::PolicyDocument;
use crate::resource::UpdateBehavior::{NoInterruption, Replacement};
use crate::resource::{Property, Resource, ResourceType};
use crate::value::Value;

pub(crate) const TYPES: &[ResourceType] = &[ResourceType::of::<Bucket>(), ResourceType::of::<BucketPolicy>()];

/// Who may use a bucket, and how.
///
/// Source: AWS::S3::BucketPolicy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct BucketPolicy {
    /// The bucket's name.
    ///
    /// Update: replacement. Source: AWS::S3::BucketPolicy, Bucket.
    pub bucket: Value<String>,
    /// The policy, at most 20 KB.
    ///
    /// Update: no interruption. Source: AWS::S3::BucketPolicy, PolicyDocument.
    pub policy_document: PolicyDocument,
}

impl Resource for BucketPolicy {
    const TYPE: &'static str = "AWS::S3::BucketPolicy";
    const ATTRIBUTES: &'static [&'static str] = &[];
    const PROPERTIES: &'static [Property] =
        &[Property::required("Bucket", Replacement), Property::required("PolicyDocument", NoInterruption)];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::assert_properties_match;

    #[test]
    fn properties_list_matches_the_fields() {
        let policy = BucketPolicy { bucket: "b".into(), policy_document: PolicyDocument::new(Vec::new()) };
        assert_properties_match(&policy);
    }
}
