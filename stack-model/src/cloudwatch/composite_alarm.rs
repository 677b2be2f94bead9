//! `AWS::CloudWatch::CompositeAlarm`.

use serde::Serialize;

use super::ActionConfiguration;
use crate::resource::{
    Property, Resource, Tag,
    UpdateBehavior::{NoInterruption, Replacement},
};
use crate::unit::Seconds;
use crate::value::Value;

/// An alarm on the states of other alarms.
///
/// `Ref` gives its name. Source: AWS::CloudWatch::CompositeAlarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CompositeAlarm {
    /// What notifications carry.
    ///
    /// Update: no interruption. Source: AWS::CloudWatch::CompositeAlarm, ActionConfiguration.
    pub action_configuration: Option<ActionConfiguration>,
    /// Whether the alarm acts when its state changes.
    ///
    /// AWS default when absent: true. Update: no interruption.
    /// Source: AWS::CloudWatch::CompositeAlarm, ActionsEnabled.
    pub actions_enabled: Option<Value<bool>>,
    /// Alarm that keeps this one from acting while it is in `ALARM`.
    ///
    /// Shape: name or ARN, `1..=1_600` characters. Update: no interruption.
    /// Source: AWS::CloudWatch::CompositeAlarm, ActionsSuppressor.
    pub actions_suppressor: Option<Value<String>>,
    /// Time to hold back after the suppressor leaves `ALARM`; required with `ActionsSuppressor`.
    ///
    /// Shape: seconds from 0. Update: no interruption.
    /// Source: AWS::CloudWatch::CompositeAlarm, ActionsSuppressorExtensionPeriod.
    pub actions_suppressor_extension_period: Option<Value<Seconds>>,
    /// Time to wait for the suppressor to go into `ALARM`; required with `ActionsSuppressor`.
    ///
    /// Shape: seconds from 0. Update: no interruption.
    /// Source: AWS::CloudWatch::CompositeAlarm, ActionsSuppressorWaitPeriod.
    pub actions_suppressor_wait_period: Option<Value<Seconds>>,
    /// What happens on the way into `ALARM`.
    ///
    /// Shape: ARNs, 5 at most. Update: no interruption.
    /// Source: AWS::CloudWatch::CompositeAlarm, AlarmActions.
    pub alarm_actions: Option<Vec<Value<String>>>,
    /// What the alarm means, for those it wakes.
    ///
    /// Shape: at most 1,024 characters. Update: no interruption.
    /// Source: AWS::CloudWatch::CompositeAlarm, AlarmDescription.
    pub alarm_description: Option<Value<String>>,
    /// Physical name.
    ///
    /// Shape: `1..=255` characters. AWS default when absent: made by CloudFormation. Update: replacement.
    /// Source: AWS::CloudWatch::CompositeAlarm, AlarmName.
    pub alarm_name: Option<Value<String>>,
    /// When the alarm is raised.
    ///
    /// Shape: `1..=10_240` characters of `ALARM(name)`, `OK(name)`, `INSUFFICIENT_DATA(name)`, `TRUE`, `FALSE` with
    /// `AND`, `OR`, `NOT` and parentheses; 100 alarms at most. Update: no interruption.
    /// Source: AWS::CloudWatch::CompositeAlarm, AlarmRule.
    pub alarm_rule: Value<String>,
    /// What happens on the way into `INSUFFICIENT_DATA`.
    ///
    /// Shape: ARNs, 5 at most. Update: no interruption.
    /// Source: AWS::CloudWatch::CompositeAlarm, InsufficientDataActions.
    pub insufficient_data_actions: Option<Vec<Value<String>>>,
    /// What happens on the way into `OK`.
    ///
    /// Shape: ARNs, 5 at most. Update: no interruption.
    /// Source: AWS::CloudWatch::CompositeAlarm, OKActions.
    #[serde(rename = "OKActions")]
    pub ok_actions: Option<Vec<Value<String>>>,
    /// Tags of the alarm, 50 at most.
    ///
    /// Update: no interruption. Source: AWS::CloudWatch::CompositeAlarm, Tags.
    pub tags: Option<Vec<Tag>>,
}

impl CompositeAlarm {
    /// An alarm with a rule, and everything else absent.
    pub fn new(alarm_rule: impl Into<Value<String>>) -> Self {
        Self {
            action_configuration: None,
            actions_enabled: None,
            actions_suppressor: None,
            actions_suppressor_extension_period: None,
            actions_suppressor_wait_period: None,
            alarm_actions: None,
            alarm_description: None,
            alarm_name: None,
            alarm_rule: alarm_rule.into(),
            insufficient_data_actions: None,
            ok_actions: None,
            tags: None,
        }
    }
}

impl Resource for CompositeAlarm {
    const TYPE: &'static str = "AWS::CloudWatch::CompositeAlarm";
    const ATTRIBUTES: &'static [&'static str] = &["Arn"];
    const PROPERTIES: &'static [Property] = &[
        Property::optional("ActionConfiguration", NoInterruption),
        Property::optional("ActionsEnabled", NoInterruption),
        Property::optional("ActionsSuppressor", NoInterruption),
        Property::optional("ActionsSuppressorExtensionPeriod", NoInterruption),
        Property::optional("ActionsSuppressorWaitPeriod", NoInterruption),
        Property::optional("AlarmActions", NoInterruption),
        Property::optional("AlarmDescription", NoInterruption),
        Property::optional("AlarmName", Replacement),
        Property::required("AlarmRule", NoInterruption),
        Property::optional("InsufficientDataActions", NoInterruption),
        Property::optional("OKActions", NoInterruption),
        Property::optional("Tags", NoInterruption),
    ];
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::AlarmTagsPropagation;
    use super::*;
    use crate::resource::{assert_properties_match, properties};

    fn full_alarm() -> CompositeAlarm {
        CompositeAlarm {
            action_configuration: Some(ActionConfiguration {
                alarm_tags_propagation: Some(AlarmTagsPropagation {
                    enabled: true.into(),
                    excluded_tag_keys: Some(vec!["cost-centre".into()]),
                    included_tag_keys: None,
                }),
            }),
            actions_enabled: Some(true.into()),
            actions_suppressor: Some("maintenance".into()),
            actions_suppressor_extension_period: Some(Seconds(180).into()),
            actions_suppressor_wait_period: Some(Seconds(120).into()),
            alarm_actions: Some(vec!["topic-arn".into()]),
            alarm_description: Some("Ingest is ill.".into()),
            alarm_name: Some("ingest".into()),
            insufficient_data_actions: Some(vec!["topic-arn".into()]),
            ok_actions: Some(vec!["topic-arn".into()]),
            tags: Some(vec![Tag { key: "k".to_owned(), value: "v".into() }]),
            ..CompositeAlarm::new("ALARM(dlq) OR ALARM(errors)")
        }
    }

    #[test]
    fn properties_list_matches_the_fields() {
        assert_properties_match(&full_alarm());
    }

    #[test]
    fn full_alarm_renders_aws_names() {
        let expected = json!({
            "ActionConfiguration": {
                "AlarmTagsPropagation": {"Enabled": true, "ExcludedTagKeys": ["cost-centre"]},
            },
            "ActionsEnabled": true,
            "ActionsSuppressor": "maintenance",
            "ActionsSuppressorExtensionPeriod": 180,
            "ActionsSuppressorWaitPeriod": 120,
            "AlarmActions": ["topic-arn"],
            "AlarmDescription": "Ingest is ill.",
            "AlarmName": "ingest",
            "AlarmRule": "ALARM(dlq) OR ALARM(errors)",
            "InsufficientDataActions": ["topic-arn"],
            "OKActions": ["topic-arn"],
            "Tags": [{"Key": "k", "Value": "v"}],
        });
        assert_eq!(properties(&full_alarm()), expected);
    }
}
