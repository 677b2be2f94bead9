//! What the notifications of an alarm carry.

use serde::Serialize;

use crate::value::Value;

/// Which of an alarm's tags its notifications and events carry: those included or all but those excluded, not both.
///
/// Source: AWS::CloudWatch::Alarm, AlarmTagsPropagation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AlarmTagsPropagation {
    /// Whether they carry any.
    pub enabled: Value<bool>,
    /// Keys to leave out, `1..=50`.
    pub excluded_tag_keys: Option<Vec<Value<String>>>,
    /// The only keys to include, `1..=50`.
    pub included_tag_keys: Option<Vec<Value<String>>>,
}

/// What the notifications of an alarm carry.
///
/// Source: AWS::CloudWatch::Alarm, ActionConfiguration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ActionConfiguration {
    /// The alarm's tags.
    pub alarm_tags_propagation: Option<AlarmTagsPropagation>,
}
