//! What a table does besides storing items: expiry, recovery, encryption, streams, insights, access.

use serde::Serialize;

use crate::iam::PolicyDocument;
use crate::resource::Tag;
use crate::unit::{Days, ranged};
use crate::value::Value;

ranged!(
    /// Days back to which the table can be restored.
    ///
    /// Source: AWS::DynamoDB::Table, PointInTimeRecoverySpecification.
    RecoveryPeriodInDays(Days, "RecoveryPeriodInDays", 1..=35)
);

/// Continuous backups, from which the table is restored to any second of the recovery period.
///
/// Source: AWS::DynamoDB::Table, PointInTimeRecoverySpecification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PointInTimeRecoverySpecification {
    /// Whether they are taken.
    pub point_in_time_recovery_enabled: Value<bool>,
    /// How far back they reach: `1..=35` days, 35 when absent.
    pub recovery_period_in_days: Option<Value<RecoveryPeriodInDays>>,
}

/// Deletion of items some time after the moment that an attribute names (epoch seconds, type N).
///
/// The attribute is changed in two updates: off, then on with the new name.
/// Source: AWS::DynamoDB::Table, TimeToLiveSpecification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TimeToLiveSpecification {
    /// The attribute; required to turn expiry on, and while it is on.
    pub attribute_name: Option<Value<String>>,
    /// Whether items expire.
    pub enabled: Value<bool>,
}

/// The one kind of server-side encryption that can be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum SseType {
    /// With a key in KMS; KMS charges apply.
    #[serde(rename = "KMS")]
    Kms,
}

/// Which key encrypts the table at rest. Every table is encrypted; absent, with a key that AWS owns.
///
/// Source: AWS::DynamoDB::Table, SSESpecification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SseSpecification {
    /// KMS key, when it is not `alias/aws/dynamodb`: key ID, key ARN, alias name or alias ARN. Needs `sse_type`.
    #[serde(rename = "KMSMasterKeyId")]
    pub kms_master_key_id: Option<Value<String>>,
    /// Whether the key is in the account's KMS (true) or owned by AWS (false).
    #[serde(rename = "SSEEnabled")]
    pub sse_enabled: Value<bool>,
    /// KMS.
    #[serde(rename = "SSEType")]
    pub sse_type: Option<Value<SseType>>,
}

/// What a stream record tells about a changed item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum StreamViewType {
    /// Its keys.
    KeysOnly,
    /// The item before and after.
    NewAndOldImages,
    /// The item after.
    NewImage,
    /// The item before.
    OldImage,
}

/// A stream of the table's changes, kept for 24 hours.
///
/// Source: AWS::DynamoDB::Table, StreamSpecification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StreamSpecification {
    /// Who may use the stream; the owner's account by IAM when absent.
    pub resource_policy: Option<ResourcePolicy>,
    /// What a record tells.
    pub stream_view_type: Value<StreamViewType>,
    /// Tags of the stream; it does not take the table's.
    pub tags: Option<Vec<Tag>>,
}

/// Precision of the creation time in Kinesis records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum TimestampPrecision {
    /// Millionths of a second.
    Microsecond,
    /// Thousandths of a second.
    Millisecond,
}

/// A Kinesis data stream that gets the table's changes.
///
/// Source: AWS::DynamoDB::Table, KinesisStreamSpecification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct KinesisStreamSpecification {
    /// Precision of the records' creation time.
    pub approximate_creation_date_time_precision: Option<Value<TimestampPrecision>>,
    /// ARN of the data stream, `37..=1_024` characters.
    pub stream_arn: Value<String>,
}

/// Which events contributor insights count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum ContributorInsightsMode {
    /// Accesses and throttled requests.
    AccessedAndThrottledKeys,
    /// Throttled requests.
    ThrottledKeys,
}

/// CloudWatch's count of the most used keys; charged by event.
///
/// Source: AWS::DynamoDB::Table, ContributorInsightsSpecification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ContributorInsightsSpecification {
    /// Whether keys are counted.
    pub enabled: Value<bool>,
    /// Which events.
    pub mode: Option<Value<ContributorInsightsMode>>,
}

/// Who else may use a table or a stream, and how.
///
/// Source: AWS::DynamoDB::Table, ResourcePolicy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResourcePolicy {
    /// The policy: at most 20 KB, spaces counted.
    pub policy_document: PolicyDocument,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recovery_period_is_1_to_35_days() {
        assert!(RecoveryPeriodInDays::new(Days(0)).is_err());
        assert!(RecoveryPeriodInDays::new(Days(1)).is_ok());
        assert!(RecoveryPeriodInDays::new(Days(35)).is_ok());
        assert!(RecoveryPeriodInDays::new(Days(36)).is_err());
    }
}
