//! `AWS::SNS::Topic`.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use super::Protocol;
use crate::resource::{
    Property, Resource, Tag,
    UpdateBehavior::{NoInterruption, Replacement},
};
use crate::unit::{Bytes, Days, Unit, ranged};
use crate::value::Value;

/// A share in hundredths, which SNS takes as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(
    /// The bare number.
    pub u32,
);

impl Unit for Percent {
    const NAME: &'static str = "percent";

    fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, Self::NAME)
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

ranged!(
    /// Time a FIFO topic keeps its messages for replay.
    ///
    /// Source: AWS::SNS::Topic, ArchivePolicy.
    MessageRetentionPeriod(Days, "MessageRetentionPeriod", 1..=365)
);
ranged!(
    /// Largest message that can be published. Above 262,144 only SQS, Firehose and Lambda may subscribe.
    ///
    /// Source: AWS::SNS::Topic, MaximumMessageSize.
    MaximumMessageSize(Bytes, "MaximumMessageSize", 1_024..=1_048_576)
);
ranged!(
    /// Share of the successful deliveries that is logged.
    ///
    /// Source: AWS::SNS::Topic, LoggingConfig, SuccessFeedbackSampleRate.
    SuccessFeedbackSampleRate(Percent, "SuccessFeedbackSampleRate", 0..=100)
);

/// How long a FIFO topic keeps its messages for replay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ArchivePolicy {
    /// The time: `1..=365` days.
    pub message_retention_period: Value<MessageRetentionPeriod>,
}

/// What the throughput quota and the deduplication of a FIFO topic look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum FifoThroughputScope {
    /// Each message group by itself: needed for high throughput.
    MessageGroup,
    /// The whole topic.
    Topic,
}

/// Hash of the signature on notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum SignatureVersion {
    /// SHA-1.
    #[serde(rename = "1")]
    One,
    /// SHA-256.
    #[serde(rename = "2")]
    Two,
}

/// What a topic adds to a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum TracingConfig {
    /// A segment of its own, when the publisher's trace is sampled; standard topics only.
    Active,
    /// Nothing; the publisher's trace header goes on to the subscribers.
    PassThrough,
}

/// Protocol whose deliveries are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum DeliveryProtocol {
    /// Push notification.
    #[serde(rename = "application")]
    Application,
    /// Amazon Data Firehose.
    #[serde(rename = "firehose")]
    Firehose,
    /// HTTP and HTTPS.
    #[serde(rename = "http/s")]
    Http,
    /// Lambda.
    #[serde(rename = "lambda")]
    Lambda,
    /// SQS.
    #[serde(rename = "sqs")]
    Sqs,
}

/// Which deliveries of one protocol are logged in CloudWatch Logs.
///
/// Source: AWS::SNS::Topic, LoggingConfig.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct LoggingConfig {
    /// ARN of the role that writes failed deliveries; they are not logged when absent.
    pub failure_feedback_role_arn: Option<Value<String>>,
    /// The protocol.
    pub protocol: Value<DeliveryProtocol>,
    /// ARN of the role that writes successful deliveries; they are not logged when absent.
    pub success_feedback_role_arn: Option<Value<String>>,
    /// Share of the successful deliveries: `0..=100` percent.
    pub success_feedback_sample_rate: Option<Value<SuccessFeedbackSampleRate>>,
}

/// A receiver named on the topic itself. [`super::Subscription`] can do more, and goes away with the stack.
///
/// Source: AWS::SNS::Topic, Subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TopicSubscription {
    /// Who receives: what [`Protocol`] says.
    pub endpoint: Value<String>,
    /// How messages reach the endpoint.
    pub protocol: Value<Protocol>,
}

/// A topic, standard or FIFO.
///
/// `Ref` gives its ARN. Source: AWS::SNS::Topic.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Topic {
    /// How long messages are kept for replay; a topic with it cannot be deleted.
    ///
    /// FIFO topics only. AWS default when absent: they are not kept. Update: no interruption.
    /// Source: AWS::SNS::Topic, ArchivePolicy.
    pub archive_policy: Option<ArchivePolicy>,
    /// Whether SNS makes the deduplication ID from the body (SHA-256) when the publisher gives none.
    ///
    /// FIFO topics only. AWS default when absent: false. Update: no interruption.
    /// Source: AWS::SNS::Topic, ContentBasedDeduplication.
    pub content_based_deduplication: Option<Value<bool>>,
    /// Which sensitive data is found in messages, and what is done about it.
    ///
    /// Shape: a data protection policy of at most 30,720 characters. Standard topics only.
    /// Update: no interruption. Source: AWS::SNS::Topic, DataProtectionPolicy.
    pub data_protection_policy: Option<Json>,
    /// Which deliveries are logged, by protocol.
    ///
    /// AWS default when absent: none. Update: no interruption.
    /// Source: AWS::SNS::Topic, DeliveryStatusLogging.
    pub delivery_status_logging: Option<Vec<LoggingConfig>>,
    /// Name shown to receivers of mails and text messages.
    ///
    /// Shape: at most 100 characters. Update: no interruption.
    /// Source: AWS::SNS::Topic, DisplayName.
    pub display_name: Option<Value<String>>,
    /// What the throughput quota and the deduplication look at.
    ///
    /// FIFO topics only. Update: no interruption.
    /// Source: AWS::SNS::Topic, FifoThroughputScope.
    pub fifo_throughput_scope: Option<Value<FifoThroughputScope>>,
    /// Whether the topic is FIFO: ordered in each message group, each message once in 5 minutes.
    ///
    /// AWS default when absent: false. Update: replacement.
    /// Source: AWS::SNS::Topic, FifoTopic.
    pub fifo_topic: Option<Value<bool>>,
    /// KMS key for encryption at rest. With `alias/aws/sns` no AWS service can publish, alarms included.
    ///
    /// Shape: key ID, key ARN, alias name or alias ARN. AWS default when absent: not encrypted by KMS.
    /// Update: no interruption. Source: AWS::SNS::Topic, KmsMasterKeyId.
    pub kms_master_key_id: Option<Value<String>>,
    /// Largest message that can be published.
    ///
    /// Shape: bytes, `1_024..=1_048_576`. AWS default when absent: 262,144. Update: no interruption.
    /// Source: AWS::SNS::Topic, MaximumMessageSize.
    pub maximum_message_size: Option<Value<MaximumMessageSize>>,
    /// Hash of the signature on notifications.
    ///
    /// AWS default when absent: `1`. Update: no interruption.
    /// Source: AWS::SNS::Topic, SignatureVersion.
    pub signature_version: Option<Value<SignatureVersion>>,
    /// Receivers; they stay when the topic is deleted.
    ///
    /// Update: no interruption. Source: AWS::SNS::Topic, Subscription.
    pub subscription: Option<Vec<TopicSubscription>>,
    /// Tags of the topic, 50 at most.
    ///
    /// Update: no interruption. Source: AWS::SNS::Topic, Tags.
    pub tags: Option<Vec<Tag>>,
    /// Physical name; ends with `.fifo` for a FIFO topic.
    ///
    /// Shape: `1..=256` of letters, digits, `-` and `_`. AWS default when absent: made by CloudFormation.
    /// Update: replacement. Source: AWS::SNS::Topic, TopicName.
    pub topic_name: Option<Value<String>>,
    /// What the topic adds to a trace.
    ///
    /// AWS default when absent: `PassThrough`. Update: no interruption.
    /// Source: AWS::SNS::Topic, TracingConfig.
    pub tracing_config: Option<Value<TracingConfig>>,
}

impl Resource for Topic {
    const TYPE: &'static str = "AWS::SNS::Topic";
    const ATTRIBUTES: &'static [&'static str] = &["TopicArn", "TopicName"];
    const PROPERTIES: &'static [Property] = &[
        Property::optional("ArchivePolicy", NoInterruption),
        Property::optional("ContentBasedDeduplication", NoInterruption),
        Property::optional("DataProtectionPolicy", NoInterruption),
        Property::optional("DeliveryStatusLogging", NoInterruption),
        Property::optional("DisplayName", NoInterruption),
        Property::optional("FifoThroughputScope", NoInterruption),
        Property::optional("FifoTopic", Replacement),
        Property::optional("KmsMasterKeyId", NoInterruption),
        Property::optional("MaximumMessageSize", NoInterruption),
        Property::optional("SignatureVersion", NoInterruption),
        Property::optional("Subscription", NoInterruption),
        Property::optional("Tags", NoInterruption),
        Property::optional("TopicName", Replacement),
        Property::optional("TracingConfig", NoInterruption),
    ];
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::{assert_properties_match, properties};

    fn full_topic() -> Topic {
        Topic {
            archive_policy: Some(ArchivePolicy {
                message_retention_period: MessageRetentionPeriod::new(Days(30)).unwrap().into(),
            }),
            content_based_deduplication: Some(true.into()),
            data_protection_policy: Some(json!({"Name": "p", "Version": "2021-06-01", "Statement": []})),
            delivery_status_logging: Some(vec![LoggingConfig {
                failure_feedback_role_arn: Some("failure".into()),
                protocol: DeliveryProtocol::Http.into(),
                success_feedback_role_arn: Some("success".into()),
                success_feedback_sample_rate: Some(
                    SuccessFeedbackSampleRate::new(Percent(10)).unwrap().into(),
                ),
            }]),
            display_name: Some("Alerts".into()),
            fifo_throughput_scope: Some(FifoThroughputScope::MessageGroup.into()),
            fifo_topic: Some(true.into()),
            kms_master_key_id: Some("alias/k".into()),
            maximum_message_size: Some(MaximumMessageSize::new(Bytes(262_144)).unwrap().into()),
            signature_version: Some(SignatureVersion::Two.into()),
            subscription: Some(vec![TopicSubscription {
                endpoint: "queue-arn".into(),
                protocol: Protocol::Sqs.into(),
            }]),
            tags: Some(vec![Tag { key: "k".to_owned(), value: "v".into() }]),
            topic_name: Some("alerts.fifo".into()),
            tracing_config: Some(TracingConfig::Active.into()),
        }
    }

    #[test]
    fn properties_list_matches_the_fields() {
        assert_properties_match(&full_topic());
    }

    #[test]
    fn full_topic_renders_aws_names() {
        let expected = json!({
            "ArchivePolicy": {"MessageRetentionPeriod": 30},
            "ContentBasedDeduplication": true,
            "DataProtectionPolicy": {"Name": "p", "Version": "2021-06-01", "Statement": []},
            "DeliveryStatusLogging": [{
                "FailureFeedbackRoleArn": "failure", "Protocol": "http/s",
                "SuccessFeedbackRoleArn": "success", "SuccessFeedbackSampleRate": "10",
            }],
            "DisplayName": "Alerts",
            "FifoThroughputScope": "MessageGroup",
            "FifoTopic": true,
            "KmsMasterKeyId": "alias/k",
            "MaximumMessageSize": 262_144,
            "SignatureVersion": "2",
            "Subscription": [{"Endpoint": "queue-arn", "Protocol": "sqs"}],
            "Tags": [{"Key": "k", "Value": "v"}],
            "TopicName": "alerts.fifo",
            "TracingConfig": "Active",
        });
        assert_eq!(properties(&full_topic()), expected);
    }

    #[test]
    fn archive_keeps_messages_for_1_to_365_days() {
        assert!(MessageRetentionPeriod::new(Days(0)).is_err());
        assert!(MessageRetentionPeriod::new(Days(1)).is_ok());
        assert!(MessageRetentionPeriod::new(Days(365)).is_ok());
        assert!(MessageRetentionPeriod::new(Days(366)).is_err());
    }

    #[test]
    fn message_size_ends_at_one_mebibyte() {
        assert!(MaximumMessageSize::new(Bytes(1_023)).is_err());
        assert!(MaximumMessageSize::new(Bytes(1_024)).is_ok());
        assert!(MaximumMessageSize::new(Bytes(1_048_576)).is_ok());
        assert!(MaximumMessageSize::new(Bytes(1_048_577)).is_err());
    }

    #[test]
    fn sample_rate_ends_at_100_percent() {
        assert!(SuccessFeedbackSampleRate::new(Percent(0)).is_ok());
        assert!(SuccessFeedbackSampleRate::new(Percent(100)).is_ok());
        let error = SuccessFeedbackSampleRate::new(Percent(101)).unwrap_err();
        assert_eq!(error.to_string(), "SuccessFeedbackSampleRate is `101` percent, but takes 0 to 100");
    }
}
