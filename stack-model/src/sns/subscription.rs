//! `AWS::SNS::Subscription`.

use serde::Serialize;
use serde_json::Value as Json;

use crate::resource::{
    Property, Resource, UpdateBehavior,
    UpdateBehavior::{NoInterruption, Replacement},
};
use crate::value::Value;

/// How messages reach the endpoint, and with that what the endpoint is.
///
/// Source: SNS API, Subscribe, Protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Protocol {
    /// Push notification; the endpoint is an ARN of a mobile app on a device.
    Application,
    /// Mail as text; the endpoint is an address, whose owner must confirm.
    Email,
    /// Mail as JSON; the endpoint is an address, whose owner must confirm.
    EmailJson,
    /// Amazon Data Firehose; the endpoint is the ARN of a delivery stream.
    Firehose,
    /// HTTP POST; the endpoint is a URL, which must confirm.
    Http,
    /// HTTPS POST; the endpoint is a URL, which must confirm.
    Https,
    /// Lambda; the endpoint is the ARN of a function.
    Lambda,
    /// Text message; the endpoint is a telephone number in E.164 form.
    Sms,
    /// SQS; the endpoint is the ARN of a queue.
    Sqs,
}

/// What a filter policy looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum FilterPolicyScope {
    /// The message's attributes.
    MessageAttributes,
    /// The message's body, which must be JSON.
    MessageBody,
}

/// Where messages go that cannot be delivered.
///
/// Source: AWS::SNS::Subscription, RedrivePolicy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RedrivePolicy {
    /// ARN of the dead-letter queue: FIFO for a FIFO topic, in the subscription's account and Region.
    pub dead_letter_target_arn: Value<String>,
}

/// One receiver of a topic's messages.
///
/// `Ref` gives its ARN. Source: AWS::SNS::Subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Subscription {
    /// How often and how fast delivery to an HTTP endpoint is tried.
    ///
    /// Shape: a JSON object, as `{"healthyRetryPolicy": {"numRetries": 5}}`. Update: no interruption.
    /// Source: AWS::SNS::Subscription, DeliveryPolicy.
    pub delivery_policy: Option<Json>,
    /// Who receives: what [`Protocol`] says.
    ///
    /// Update: replacement. Source: AWS::SNS::Subscription, Endpoint.
    pub endpoint: Option<Value<String>>,
    /// Which messages are delivered.
    ///
    /// Shape: a JSON object of at most 256 KB and 5 keys, as `{"kind": ["created"]}`.
    /// AWS default when absent: every message. Update: no interruption; it can take 15 minutes to work everywhere.
    /// Source: AWS::SNS::Subscription, FilterPolicy.
    pub filter_policy: Option<Json>,
    /// What the filter policy looks at.
    ///
    /// AWS default when absent: `MessageAttributes`. Update: no interruption.
    /// Source: AWS::SNS::Subscription, FilterPolicyScope.
    pub filter_policy_scope: Option<Value<FilterPolicyScope>>,
    /// How messages reach the endpoint.
    ///
    /// Update: replacement. Source: AWS::SNS::Subscription, Protocol.
    pub protocol: Value<Protocol>,
    /// Whether the message comes without SNS's JSON envelope.
    ///
    /// SQS, HTTP and Firehose endpoints only. AWS default when absent: false. Update: no interruption.
    /// Source: AWS::SNS::Subscription, RawMessageDelivery.
    pub raw_message_delivery: Option<Value<bool>>,
    /// Where messages go that cannot be delivered.
    ///
    /// AWS default when absent: they are lost after the retries. Update: no interruption.
    /// Source: AWS::SNS::Subscription, RedrivePolicy.
    pub redrive_policy: Option<RedrivePolicy>,
    /// Region of the topic.
    ///
    /// AWS default when absent: the stack's Region. Update: replacement for another Region.
    /// Source: AWS::SNS::Subscription, Region.
    pub region: Option<Value<String>>,
    /// Which archived messages of a FIFO topic are delivered again.
    ///
    /// Shape: a JSON object with `PointType`, `StartingPoint` and perhaps `EndingPoint`.
    /// Update: no interruption. Source: AWS::SNS::Subscription, ReplayPolicy.
    pub replay_policy: Option<Json>,
    /// Role with which SNS writes to a Firehose delivery stream; required for [`Protocol::Firehose`] only.
    ///
    /// Shape: ARN of a role that trusts SNS. Update: no interruption.
    /// Source: AWS::SNS::Subscription, SubscriptionRoleArn.
    pub subscription_role_arn: Option<Value<String>>,
    /// ARN of the topic (its `Ref`).
    ///
    /// Update: replacement. Source: AWS::SNS::Subscription, TopicArn.
    pub topic_arn: Value<String>,
}

impl Subscription {
    /// A receiver of every message of the topic, and everything else absent.
    pub fn new(
        topic_arn: impl Into<Value<String>>,
        protocol: Protocol,
        endpoint: impl Into<Value<String>>,
    ) -> Self {
        Self {
            delivery_policy: None,
            endpoint: Some(endpoint.into()),
            filter_policy: None,
            filter_policy_scope: None,
            protocol: protocol.into(),
            raw_message_delivery: None,
            redrive_policy: None,
            region: None,
            replay_policy: None,
            subscription_role_arn: None,
            topic_arn: topic_arn.into(),
        }
    }
}

const REGION: UpdateBehavior = UpdateBehavior::Conditional {
    rule: "Another Region replaces the subscription; naming the stack's own Region changes nothing.",
};

impl Resource for Subscription {
    const TYPE: &'static str = "AWS::SNS::Subscription";
    const ATTRIBUTES: &'static [&'static str] = &["Arn"];
    const PROPERTIES: &'static [Property] = &[
        Property::optional("DeliveryPolicy", NoInterruption),
        Property::optional("Endpoint", Replacement),
        Property::optional("FilterPolicy", NoInterruption),
        Property::optional("FilterPolicyScope", NoInterruption),
        Property::required("Protocol", Replacement),
        Property::optional("RawMessageDelivery", NoInterruption),
        Property::optional("RedrivePolicy", NoInterruption),
        Property::optional("Region", REGION),
        Property::optional("ReplayPolicy", NoInterruption),
        Property::optional("SubscriptionRoleArn", NoInterruption),
        Property::required("TopicArn", Replacement),
    ];
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::{assert_properties_match, properties};
    use crate::value::to_json;

    fn full_subscription() -> Subscription {
        Subscription {
            delivery_policy: Some(json!({"healthyRetryPolicy": {"numRetries": 5}})),
            filter_policy: Some(json!({"kind": ["created"]})),
            filter_policy_scope: Some(FilterPolicyScope::MessageBody.into()),
            raw_message_delivery: Some(true.into()),
            redrive_policy: Some(RedrivePolicy { dead_letter_target_arn: "dlq-arn".into() }),
            region: Some("eu-west-1".into()),
            replay_policy: Some(json!({"PointType": "Timestamp", "StartingPoint": "2026-11-23T00:00:00Z"})),
            subscription_role_arn: Some("role-arn".into()),
            ..Subscription::new("topic-arn", Protocol::Sqs, "queue-arn")
        }
    }

    #[test]
    fn properties_list_matches_the_fields() {
        assert_properties_match(&full_subscription());
    }

    #[test]
    fn full_subscription_renders_aws_names() {
        let expected = json!({
            "DeliveryPolicy": {"healthyRetryPolicy": {"numRetries": 5}},
            "Endpoint": "queue-arn",
            "FilterPolicy": {"kind": ["created"]},
            "FilterPolicyScope": "MessageBody",
            "Protocol": "sqs",
            "RawMessageDelivery": true,
            "RedrivePolicy": {"deadLetterTargetArn": "dlq-arn"},
            "Region": "eu-west-1",
            "ReplayPolicy": {"PointType": "Timestamp", "StartingPoint": "2026-11-23T00:00:00Z"},
            "SubscriptionRoleArn": "role-arn",
            "TopicArn": "topic-arn",
        });
        assert_eq!(properties(&full_subscription()), expected);
    }

    #[test]
    fn protocols_render_in_lower_case_with_hyphens() {
        let protocols = [Protocol::EmailJson, Protocol::Https, Protocol::Lambda, Protocol::Sms];
        assert_eq!(to_json(&protocols), json!(["email-json", "https", "lambda", "sms"]));
    }
}
