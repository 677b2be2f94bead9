//! CloudWatch alarms.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar::{Name, TimeSpan};

/// A CloudWatch alarm on a metric of one resource.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alarm {
    /// What it watches.
    pub on: AlarmSubject,
    /// Metric name as AWS writes it, for example `ApproximateAgeOfOldestMessage`.
    pub metric: String,
    /// How the values of a period become one. Default: `Sum`.
    pub statistic: Option<AlarmStatistic>,
    /// How the value is compared. Default: `GreaterThanThreshold`.
    pub comparison: Option<AlarmComparison>,
    /// What it is compared with.
    pub threshold: f64,
    /// Length of a period: 10 s, 30 s or a multiple of 60 s. Default: 60 s.
    pub period: Option<TimeSpan>,
    /// Periods that must breach. Default: 1.
    #[schemars(range(min = 1))]
    pub evaluation_periods: Option<u32>,
    /// Topics to notify beside those of `observability.notify`.
    #[serde(default)]
    pub notify: Vec<Name>,
    /// What to do when it rings.
    pub description: Option<String>,
}

/// What an alarm watches: exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlarmSubject {
    /// A queue.
    Queue(Name),
    /// A function.
    Function(Name),
    /// A table.
    Table(Name),
    /// An API.
    Api(Name),
}

/// `Statistic` of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum AlarmStatistic {
    /// Mean.
    Average,
    /// Largest.
    Maximum,
    /// Smallest.
    Minimum,
    /// Number of samples.
    SampleCount,
    /// Total.
    Sum,
}

/// `ComparisonOperator` of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum AlarmComparison {
    /// At least.
    GreaterThanOrEqualToThreshold,
    /// More than.
    GreaterThanThreshold,
    /// At most.
    LessThanOrEqualToThreshold,
    /// Less than.
    LessThanThreshold,
}
