//! The event of a CloudWatch alarm's Lambda action, as far as it is used here.
//!
//! Source: CloudWatch user guide, invoke a Lambda function from an alarm (read 2026-11-23).

use serde::Deserialize;

/// An alarm changed its state.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlarmEvent {
    /// Region of the alarm, and so of the queue whose metric it watches.
    pub region: String,
    /// The alarm.
    pub alarm_data: AlarmData,
}

/// An alarm and its state.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlarmData {
    /// Name of the alarm.
    pub alarm_name: String,
    /// The new state.
    pub state: AlarmState,
    /// How the alarm is configured.
    #[serde(default)]
    pub configuration: AlarmConfiguration,
}

/// State of an alarm.
#[derive(Debug, Clone, Deserialize)]
pub struct AlarmState {
    /// `ALARM`, `OK` or `INSUFFICIENT_DATA`.
    pub value: String,
}

/// Configuration of an alarm.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct AlarmConfiguration {
    /// The alarm's description.
    pub description: Option<String>,
}

impl AlarmEvent {
    /// True when the alarm went off, rather than calmed down.
    #[must_use]
    pub fn is_alarm(&self) -> bool {
        self.alarm_data.state.value == "ALARM"
    }
}
