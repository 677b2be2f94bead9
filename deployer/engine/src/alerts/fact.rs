//! What AWS says about the way of an alert.

use serde_json::Value;

use crate::aws_error::AwsError;

/// An alarm as `DescribeAlarms` reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Name, unique in account and Region.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// State.
    pub state: AlarmState,
    /// `ActionsEnabled`: whether a change of state does anything.
    pub actions_enabled: bool,
    /// `AlarmActions`: ARNs of what is told when the state becomes `ALARM`.
    pub alarm_actions: Vec<String>,
    /// What it measures; `None` for a composite alarm and for metric math.
    pub metric: Option<Metric>,
}

/// State of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmState {
    /// Within the threshold.
    Ok,
    /// Beyond the threshold.
    Alarm,
    /// Too little is known.
    InsufficientData,
}

/// One metric with all its dimensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// Namespace, for example `AWS/SQS`.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Name and value of each dimension.
    pub dimensions: Vec<(String, String)>,
}

/// A topic as `GetTopicAttributes` reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// ARN.
    pub arn: String,
    /// Its access policy; `Null` when there is none.
    pub policy: Value,
    /// `KmsMasterKeyId` of an encrypted topic: ID, ARN or alias of the key.
    pub key: Option<String>,
    /// Whether it is a FIFO topic.
    pub is_fifo: bool,
}

/// A subscription as `ListSubscriptionsByTopic` reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Protocol with SNS's name: `email`, `email-json`, `sms`, `sqs`, `lambda`, `https`, ...
    pub protocol: String,
    /// Address, phone number, ARN or URL.
    pub endpoint: String,
    /// Whether messages go there.
    pub state: SubscriptionState,
}

impl Subscription {
    /// Says whether a person is at the other end.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        matches!(self.protocol.as_str(), "email" | "email-json" | "sms")
    }
}

/// Whether messages go to a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionState {
    /// They do.
    Confirmed,
    /// They do once the endpoint's owner has confirmed; SNS forgets it after 48 hours.
    Pending,
    /// They do no longer.
    Deleted,
}

/// A phone number of the SMS sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxNumber {
    /// Phone number in E.164 format.
    pub number: String,
    /// Whether its owner has given the one-time password.
    pub is_verified: bool,
}

/// What an alarm did, as `DescribeAlarmHistory` reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionTaken {
    /// ARN of what was told.
    pub target: String,
    /// Why it failed; `None` when the target took it.
    pub error: Option<String>,
}

/// A fact, or why it could not be read.
pub type Read<T> = Result<T, AwsError>;

/// All that is known of a stack's alerts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// Names of the alarms that the stack owns.
    pub alarm_names: Vec<String>,
    /// Those that are there.
    pub alarms: Read<Vec<Alarm>>,
    /// What each alarm measures: whether it had any data in the last two weeks.
    pub metrics: Vec<MetricFact>,
    /// The topics that alarms tell, and those of the stack that people subscribe to.
    pub topics: Vec<TopicFact>,
    /// About SMS; `None` when nobody is told by SMS.
    pub sms: Option<SmsFact>,
}

/// Whether an alarm's metric exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricFact {
    /// The alarm.
    pub alarm: String,
    /// What it measures.
    pub metric: Metric,
    /// Whether there is data.
    pub exists: Read<bool>,
}

/// A topic with what stands around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicFact {
    /// ARN.
    pub arn: String,
    /// The topic; `None` when it is not there.
    pub topic: Read<Option<Topic>>,
    /// Its subscriptions.
    pub subscriptions: Read<Vec<Subscription>>,
    /// Key policy of an encrypted topic, from the deployed template; `None` when the key is not in it.
    pub key_policy: Option<Value>,
}

/// What the account may send by SMS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsFact {
    /// Whether the account is in the SMS sandbox of this Region.
    pub in_sandbox: Read<bool>,
    /// Numbers of the sandbox; empty outside of it.
    pub sandbox_numbers: Read<Vec<SandboxNumber>>,
    /// `MonthlySpendLimit` in US dollars; `None` when none is set, which means 1.
    pub monthly_spend_limit: Read<Option<u32>>,
}
