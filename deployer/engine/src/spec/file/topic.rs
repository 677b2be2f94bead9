//! SNS topics and who is told.

use schemars::JsonSchema;
use serde::Deserialize;

use super::template::ParameterValue;

/// An SNS topic: TLS-only.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Whether the topic is FIFO. Default: false.
    #[serde(default)]
    pub fifo: bool,
    /// Sender name of e-mail and SMS, at most 100 characters.
    #[schemars(length(max = 100))]
    pub display_name: Option<String>,
    /// Encryption at rest: `own` makes a customer managed key for the topic, which this account's alarms may use and
    /// for which KMS charges by the month; or the ARN of a key. Default: none, because alarms may not use the key that
    /// AWS manages.
    #[schemars(regex(pattern = "^(own|arn:.+)$"))]
    pub kms_key: Option<String>,
    /// Who is told.
    #[serde(default)]
    pub subscriptions: Vec<Subscription>,
}

/// A subscription of a topic.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// How it is delivered.
    pub protocol: SubscriptionProtocol,
    /// Where to: an address or phone number (`+` and digits), or a parameter.
    pub endpoint: SubscriptionEndpoint,
}

/// `Protocol` of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SubscriptionProtocol {
    /// E-mail.
    Email,
    /// E-mail, the message as JSON.
    EmailJson,
    /// Text message to a phone.
    Sms,
    /// HTTPS POST.
    Https,
}

/// Where a subscription delivers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum SubscriptionEndpoint {
    /// The address itself.
    Address(String),
    /// The value of a template parameter.
    Parameter(ParameterValue),
}
