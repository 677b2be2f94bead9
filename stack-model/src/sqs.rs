//! `AWS::SQS::*`: queues and queue policies.
//!
//! Source: CloudFormation template reference, AWS::SQS.

use serde::Serialize;

use crate::iam::PolicyDocument;
use crate::resource::{
    Property, Resource, ResourceType, Tag, UpdateBehavior::NoInterruption, UpdateBehavior::Replacement,
};
use crate::unit::{Bytes, Count, Seconds, ranged};
use crate::value::Value;

pub(crate) const TYPES: &[ResourceType] = &[ResourceType::of::<Queue>(), ResourceType::of::<QueuePolicy>()];

ranged!(
    /// Time every message waits before it can be received.
    ///
    /// Source: AWS::SQS::Queue, DelaySeconds.
    DelaySeconds(Seconds, "DelaySeconds", 0..=900)
);
ranged!(
    /// Time SQS uses a data key before it asks KMS again.
    ///
    /// Source: AWS::SQS::Queue, KmsDataKeyReusePeriodSeconds.
    KmsDataKeyReusePeriod(Seconds, "KmsDataKeyReusePeriodSeconds", 60..=86_400)
);
ranged!(
    /// Largest message body and attributes together. The upper end was 262,144 before 2025.
    ///
    /// Source: AWS::SQS::Queue, MaximumMessageSize.
    MaximumMessageSize(Bytes, "MaximumMessageSize", 1_024..=1_048_576)
);
ranged!(
    /// Time SQS keeps a message that nobody deletes: 1 minute to 14 days.
    ///
    /// Source: AWS::SQS::Queue, MessageRetentionPeriod.
    MessageRetentionPeriod(Seconds, "MessageRetentionPeriod", 60..=1_209_600)
);
ranged!(
    /// Time a receive call waits for a message (long polling); 0 is short polling.
    ///
    /// Source: AWS::SQS::Queue, ReceiveMessageWaitTimeSeconds.
    ReceiveMessageWaitTime(Seconds, "ReceiveMessageWaitTimeSeconds", 0..=20)
);
ranged!(
    /// Time a received message stays hidden from other consumers: up to 12 hours.
    ///
    /// Source: AWS::SQS::Queue, VisibilityTimeout.
    VisibilityTimeout(Seconds, "VisibilityTimeout", 0..=43_200)
);
ranged!(
    /// Receives after which a message moves to the dead-letter queue.
    ///
    /// Source: SQS API, SetQueueAttributes, RedrivePolicy.
    MaxReceiveCount(Count, "maxReceiveCount", 1..=1_000)
);

/// Where SQS looks for duplicates in a FIFO queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum DeduplicationScope {
    /// Within a message group: needed for high throughput.
    #[serde(rename = "messageGroup")]
    MessageGroup,
    /// In the whole queue.
    #[serde(rename = "queue")]
    Queue,
}

/// What the throughput quota of a FIFO queue counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum FifoThroughputLimit {
    /// Each message group by itself: needed for high throughput, with [`DeduplicationScope::MessageGroup`].
    #[serde(rename = "perMessageGroupId")]
    PerMessageGroupId,
    /// The whole queue.
    #[serde(rename = "perQueue")]
    PerQueue,
}

/// Where messages go that are received too often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RedrivePolicy {
    /// ARN of the dead-letter queue: same kind (FIFO or standard), account and Region.
    pub dead_letter_target_arn: Value<String>,
    /// Receives after which a message moves.
    pub max_receive_count: Value<MaxReceiveCount>,
}

/// Which queues may use this one as their dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "redrivePermission", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum RedriveAllowPolicy {
    /// Every queue of the account and Region: AWS's default.
    #[serde(rename = "allowAll")]
    AllowAll,
    /// None.
    #[serde(rename = "denyAll")]
    DenyAll,
    /// Those listed, ten at most.
    #[serde(rename = "byQueue")]
    ByQueue {
        /// ARNs of the source queues.
        source_queue_arns: Vec<Value<String>>,
    },
}

/// A queue, standard or FIFO.
///
/// `Ref` gives its URL. Source: AWS::SQS::Queue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Queue {
    /// Whether SQS makes the deduplication ID from the body (SHA-256) when the sender gives none.
    ///
    /// FIFO queues only. AWS default when absent: false. Update: no interruption.
    /// Source: AWS::SQS::Queue, ContentBasedDeduplication.
    pub content_based_deduplication: Option<Value<bool>>,
    /// Where SQS looks for duplicates.
    ///
    /// FIFO queues only. AWS default when absent: `queue`. Update: no interruption.
    /// Source: AWS::SQS::Queue, DeduplicationScope.
    pub deduplication_scope: Option<Value<DeduplicationScope>>,
    /// Time every message waits before it can be received.
    ///
    /// Shape: whole seconds, `0..=900`. AWS default when absent: 0. Update: no interruption.
    /// Source: AWS::SQS::Queue, DelaySeconds.
    pub delay_seconds: Option<Value<DelaySeconds>>,
    /// Whether the queue is FIFO: ordered in each message group, each message once in 5 minutes.
    ///
    /// AWS default when absent: false; AWS takes `true` or nothing. Update: replacement. Laws: E3002, E3003, E3021.
    /// Source: AWS::SQS::Queue, FifoQueue.
    pub fifo_queue: Option<Value<bool>>,
    /// What the throughput quota counts.
    ///
    /// FIFO queues only. AWS default when absent: `perQueue`. Update: no interruption.
    /// Source: AWS::SQS::Queue, FifoThroughputLimit.
    pub fifo_throughput_limit: Option<Value<FifoThroughputLimit>>,
    /// Time SQS uses a data key before it asks KMS again.
    ///
    /// Shape: whole seconds, `60..=86_400`. AWS default when absent: 300. Update: no interruption.
    /// Source: AWS::SQS::Queue, KmsDataKeyReusePeriodSeconds.
    pub kms_data_key_reuse_period_seconds: Option<Value<KmsDataKeyReusePeriod>>,
    /// KMS key for encryption at rest; excludes `SqsManagedSseEnabled: true`.
    ///
    /// Shape: key ID, key ARN, alias name or alias ARN. Update: no interruption.
    /// Source: AWS::SQS::Queue, KmsMasterKeyId.
    pub kms_master_key_id: Option<Value<String>>,
    /// Largest message.
    ///
    /// Shape: bytes, `1_024..=1_048_576`. AWS default when absent: 1,048,576. Update: no interruption.
    /// Source: AWS::SQS::Queue, MaximumMessageSize.
    pub maximum_message_size: Option<Value<MaximumMessageSize>>,
    /// Time SQS keeps a message that nobody deletes.
    ///
    /// Shape: whole seconds, `60..=1_209_600`. AWS default when absent: 345,600 (4 days).
    /// Update: no interruption. Laws: E3007, W3050.
    /// Source: AWS::SQS::Queue, MessageRetentionPeriod.
    pub message_retention_period: Option<Value<MessageRetentionPeriod>>,
    /// Physical name; ends with `.fifo` for a FIFO queue.
    ///
    /// Shape: `1..=80` of letters, digits, `-` and `_`. AWS default when absent: made by CloudFormation.
    /// Update: replacement. Source: AWS::SQS::Queue, QueueName.
    pub queue_name: Option<Value<String>>,
    /// Time a receive call waits for a message.
    ///
    /// Shape: whole seconds, `0..=20`. AWS default when absent: 0. Lambda's pollers use long polling anyway.
    /// Update: no interruption. Source: AWS::SQS::Queue, ReceiveMessageWaitTimeSeconds.
    pub receive_message_wait_time_seconds: Option<Value<ReceiveMessageWaitTime>>,
    /// Which queues may use this one as their dead-letter queue.
    ///
    /// AWS default when absent: `allowAll`. Update: no interruption.
    /// Source: AWS::SQS::Queue, RedriveAllowPolicy.
    pub redrive_allow_policy: Option<RedriveAllowPolicy>,
    /// Where messages go that are received too often.
    ///
    /// AWS default when absent: they stay until the retention period ends. Update: no interruption.
    /// Laws: E3002, W3008, W3020. Source: AWS::SQS::Queue, RedrivePolicy.
    pub redrive_policy: Option<RedrivePolicy>,
    /// Whether messages are encrypted at rest with keys owned by SQS.
    ///
    /// AWS default when absent: true. Update: no interruption.
    /// Source: AWS::SQS::Queue, SqsManagedSseEnabled.
    pub sqs_managed_sse_enabled: Option<Value<bool>>,
    /// Tags of the queue, 50 at most.
    ///
    /// Update: no interruption. Source: AWS::SQS::Queue, Tags.
    pub tags: Option<Vec<Tag>>,
    /// Time a received message stays hidden from other consumers.
    ///
    /// Shape: whole seconds, `0..=43_200` (12 hours). AWS default when absent: 30. Update: no interruption.
    /// Laws: E3004, W3005 (against the consumer's timeout).
    /// Source: AWS::SQS::Queue, VisibilityTimeout.
    pub visibility_timeout: Option<Value<VisibilityTimeout>>,
}

impl Resource for Queue {
    const TYPE: &'static str = "AWS::SQS::Queue";
    const STATEFUL: bool = true;
    const ATTRIBUTES: &'static [&'static str] = &["Arn", "QueueName", "QueueUrl"];
    const PROPERTIES: &'static [Property] = &[
        Property::optional("ContentBasedDeduplication", NoInterruption),
        Property::optional("DeduplicationScope", NoInterruption),
        Property::optional("DelaySeconds", NoInterruption),
        Property::optional("FifoQueue", Replacement),
        Property::optional("FifoThroughputLimit", NoInterruption),
        Property::optional("KmsDataKeyReusePeriodSeconds", NoInterruption),
        Property::optional("KmsMasterKeyId", NoInterruption),
        Property::optional("MaximumMessageSize", NoInterruption),
        Property::optional("MessageRetentionPeriod", NoInterruption),
        Property::optional("QueueName", Replacement),
        Property::optional("ReceiveMessageWaitTimeSeconds", NoInterruption),
        Property::optional("RedriveAllowPolicy", NoInterruption),
        Property::optional("RedrivePolicy", NoInterruption),
        Property::optional("SqsManagedSseEnabled", NoInterruption),
        Property::optional("Tags", NoInterruption),
        Property::optional("VisibilityTimeout", NoInterruption),
    ];
}

/// Who else may use queues, and how.
///
/// Source: AWS::SQS::QueuePolicy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct QueuePolicy {
    /// The policy; replaces any other of the queue.
    ///
    /// Update: no interruption. Source: AWS::SQS::QueuePolicy, PolicyDocument.
    pub policy_document: PolicyDocument,
    /// URLs of the queues it is put on (their `Ref`).
    ///
    /// Update: no interruption. Source: AWS::SQS::QueuePolicy, Queues.
    pub queues: Vec<Value<String>>,
}

impl Resource for QueuePolicy {
    const TYPE: &'static str = "AWS::SQS::QueuePolicy";
    const ATTRIBUTES: &'static [&'static str] = &["Id"];
    const PROPERTIES: &'static [Property] =
        &[Property::required("PolicyDocument", NoInterruption), Property::required("Queues", NoInterruption)];
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::{assert_properties_match, properties};

    #[test]
    fn properties_list_matches_the_fields() {
        assert_properties_match(&Queue::default());
        assert_properties_match(&QueuePolicy {
            policy_document: PolicyDocument::new(vec![]),
            queues: vec![],
        });
    }

    #[test]
    fn full_queue_renders_aws_names() {
        let queue = Queue {
            content_based_deduplication: Some(false.into()),
            deduplication_scope: Some(DeduplicationScope::MessageGroup.into()),
            delay_seconds: Some(DelaySeconds::new(Seconds(5)).unwrap().into()),
            fifo_queue: Some(true.into()),
            fifo_throughput_limit: Some(FifoThroughputLimit::PerMessageGroupId.into()),
            kms_data_key_reuse_period_seconds: Some(KmsDataKeyReusePeriod::new(Seconds(60)).unwrap().into()),
            kms_master_key_id: Some("alias/k".into()),
            maximum_message_size: Some(MaximumMessageSize::new(Bytes(262_144)).unwrap().into()),
            message_retention_period: Some(MessageRetentionPeriod::new(Seconds(60)).unwrap().into()),
            queue_name: Some("q.fifo".into()),
            receive_message_wait_time_seconds: Some(ReceiveMessageWaitTime::new(Seconds(20)).unwrap().into()),
            redrive_allow_policy: Some(RedriveAllowPolicy::ByQueue { source_queue_arns: vec!["a".into()] }),
            redrive_policy: Some(RedrivePolicy {
                dead_letter_target_arn: "d".into(),
                max_receive_count: MaxReceiveCount::new(Count(5)).unwrap().into(),
            }),
            sqs_managed_sse_enabled: Some(false.into()),
            tags: Some(vec![Tag { key: "k".to_owned(), value: "v".into() }]),
            visibility_timeout: Some(VisibilityTimeout::new(Seconds(30)).unwrap().into()),
        };
        let expected = json!({
            "ContentBasedDeduplication": false, "DeduplicationScope": "messageGroup", "DelaySeconds": 5,
            "FifoQueue": true, "FifoThroughputLimit": "perMessageGroupId", "KmsDataKeyReusePeriodSeconds": 60,
            "KmsMasterKeyId": "alias/k", "MaximumMessageSize": 262_144, "MessageRetentionPeriod": 60,
            "QueueName": "q.fifo", "ReceiveMessageWaitTimeSeconds": 20,
            "RedriveAllowPolicy": {"redrivePermission": "byQueue", "sourceQueueArns": ["a"]},
            "RedrivePolicy": {"deadLetterTargetArn": "d", "maxReceiveCount": 5},
            "SqsManagedSseEnabled": false, "Tags": [{"Key": "k", "Value": "v"}], "VisibilityTimeout": 30,
        });
        assert_eq!(properties(&queue), expected);
    }

    #[test]
    fn retention_period_ends_at_14_days() {
        assert!(MessageRetentionPeriod::new(Seconds(1_209_600)).is_ok());
        assert!(MessageRetentionPeriod::new(Seconds(1_209_601)).is_err());
        assert!(MessageRetentionPeriod::new(Seconds(59)).is_err());
    }

    #[test]
    fn message_size_ends_at_one_mebibyte() {
        assert!(MaximumMessageSize::new(Bytes(1_048_576)).is_ok());
        assert!(MaximumMessageSize::new(Bytes(1_048_577)).is_err());
        assert!(MaximumMessageSize::new(Bytes(1_023)).is_err());
    }

    #[test]
    fn visibility_timeout_ends_at_12_hours() {
        assert!(VisibilityTimeout::new(Seconds(0)).is_ok());
        assert!(VisibilityTimeout::new(Seconds(43_200)).is_ok());
        assert!(VisibilityTimeout::new(Seconds(43_201)).is_err());
    }

    #[test]
    fn receive_count_starts_at_one() {
        assert!(MaxReceiveCount::new(Count(0)).is_err());
        assert!(MaxReceiveCount::new(Count(1_000)).is_ok());
        assert!(MaxReceiveCount::new(Count(1_001)).is_err());
    }
}
