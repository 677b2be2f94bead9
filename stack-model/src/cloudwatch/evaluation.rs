//! How an alarm judges what it watches.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::unit::{Count, Minutes, Seconds, ranged};
use crate::value::Value;

ranged!(
    /// Periods that an alarm looks back (N of "M out of N").
    ///
    /// AWS names no upper end; this one follows from its rule that periods below an hour add up to a day at most,
    /// with the shortest period of 10 seconds.
    /// Source: CloudWatch API, PutMetricAlarm, EvaluationPeriods.
    EvaluationPeriods(Count, "EvaluationPeriods", 1..=8_640)
);
ranged!(
    /// Breaching periods that raise an alarm (M of "M out of N"); not more than [`EvaluationPeriods`].
    ///
    /// Source: CloudWatch API, PutMetricAlarm, DatapointsToAlarm.
    DatapointsToAlarm(Count, "DatapointsToAlarm", 1..=8_640)
);
ranged!(
    /// Time after a create or update in which an alarm stays in `INSUFFICIENT_DATA` and does nothing.
    ///
    /// Source: AWS::CloudWatch::Alarm, WarmUpConfiguration.
    WarmUpPeriodDurationInMinutes(Minutes, "WarmUpPeriodDurationInMinutes", 1..=2_880)
);

/// How the statistic is compared with the threshold; the statistic stands first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum ComparisonOperator {
    /// At least the threshold.
    GreaterThanOrEqualToThreshold,
    /// More than the threshold.
    GreaterThanThreshold,
    /// Above the band of an anomaly detection model.
    GreaterThanUpperThreshold,
    /// Outside the band of an anomaly detection model.
    LessThanLowerOrGreaterThanUpperThreshold,
    /// Below the band of an anomaly detection model.
    LessThanLowerThreshold,
    /// At most the threshold.
    LessThanOrEqualToThreshold,
    /// Less than the threshold.
    LessThanThreshold,
}

/// What a period without data counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum TreatMissingData {
    /// Over the threshold.
    Breaching,
    /// Nothing: the alarm stays as it is.
    Ignore,
    /// Missing: the alarm goes to `INSUFFICIENT_DATA` when every period is.
    Missing,
    /// Within the threshold.
    NotBreaching,
}

/// What an alarm on a percentile does with too few samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum EvaluateLowSampleCountPercentile {
    /// Judges all the same.
    Evaluate,
    /// Stays as it is.
    Ignore,
}

/// A number that is infinite or none at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotFiniteError;

impl fmt::Display for NotFiniteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Threshold takes finite numbers only")
    }
}

impl std::error::Error for NotFiniteError {}

/// The number a statistic is compared with, in the metric's own unit; always finite.
///
/// Source: AWS::CloudWatch::Alarm, Threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold(f64);

/// Numbers for which equality holds with themselves: all that are not NaN.
impl Eq for Threshold {}

impl Threshold {
    /// Takes a finite number.
    ///
    /// # Errors
    /// [`NotFiniteError`] for infinities and NaN, which JSON cannot hold.
    pub fn new(number: f64) -> Result<Self, NotFiniteError> {
        if number.is_finite() { Ok(Self(number)) } else { Err(NotFiniteError) }
    }

    /// The bare number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl From<i32> for Threshold {
    fn from(number: i32) -> Self {
        Self(f64::from(number))
    }
}

impl Serialize for Threshold {
    /// Whole numbers stand without `.0`, as people write them and as AWS gives them back.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[expect(clippy::cast_possible_truncation, reason = "the comparison finds what the cast changes")]
        let whole = self.0 as i64;
        #[expect(clippy::cast_precision_loss, reason = "numbers beyond 2^53 are left to the other branch")]
        let is_whole = self.0.abs() < EXACT_BELOW && whole as f64 == self.0;
        if is_whole { serializer.serialize_i64(whole) } else { serializer.serialize_f64(self.0) }
    }
}

/// 2^53: below it every whole number has an `f64` of its own.
const EXACT_BELOW: f64 = 9_007_199_254_740_992.0;

/// Range of time that one evaluation looks at.
///
/// Source: AWS::CloudWatch::Alarm, EvaluationWindow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum EvaluationWindow {
    /// The last periods before the evaluation: AWS's default.
    #[serde(rename = "SlidingWindow")]
    Sliding {},
    /// Whole hours, days or weeks by the clock, after the period.
    #[serde(rename = "WallClockWindow", rename_all = "PascalCase")]
    WallClock {
        /// IANA name or offset, as `Europe/Berlin` or `+05:30`; UTC when absent.
        timezone: Option<Value<String>>,
    },
}

/// How long a new or changed alarm waits.
///
/// Source: AWS::CloudWatch::Alarm, WarmUpConfiguration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct WarmUpConfiguration {
    /// Whether it waits the whole time, though data come earlier. False when absent.
    pub only_start_evaluating_after_warm_up_period_ends: Option<Value<bool>>,
    /// The time: `1..=2_880` minutes (2 days).
    pub warm_up_period_duration_in_minutes: Option<Value<WarmUpPeriodDurationInMinutes>>,
}

/// A query that gives one series for each thing in alarm, and how long each must breach.
///
/// Source: AWS::CloudWatch::Alarm, AlarmPromQLCriteria.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PromQlCriteria {
    /// Time a series must breach before it is in alarm.
    pub pending_period: Option<Value<Seconds>>,
    /// PromQL query of vector type.
    pub query: Option<Value<String>>,
    /// Time a series must not breach before it is out of alarm.
    pub recovery_period: Option<Value<Seconds>>,
}

/// Evaluation by a query instead of metrics and a threshold.
///
/// Source: AWS::CloudWatch::Alarm, EvaluationCriteria.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct EvaluationCriteria {
    /// The query.
    #[serde(rename = "PromQLCriteria")]
    pub prom_ql_criteria: Option<PromQlCriteria>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::value::to_json;

    #[test]
    fn evaluation_periods_are_1_to_8640() {
        assert!(EvaluationPeriods::new(Count(0)).is_err());
        assert!(EvaluationPeriods::new(Count(1)).is_ok());
        assert!(EvaluationPeriods::new(Count(8_640)).is_ok());
        assert!(EvaluationPeriods::new(Count(8_641)).is_err());
    }

    #[test]
    fn datapoints_to_alarm_are_1_to_8640() {
        assert!(DatapointsToAlarm::new(Count(0)).is_err());
        assert!(DatapointsToAlarm::new(Count(1)).is_ok());
        assert!(DatapointsToAlarm::new(Count(8_640)).is_ok());
        assert!(DatapointsToAlarm::new(Count(8_641)).is_err());
    }

    #[test]
    fn warm_up_ends_at_two_days() {
        assert!(WarmUpPeriodDurationInMinutes::new(Minutes(0)).is_err());
        assert!(WarmUpPeriodDurationInMinutes::new(Minutes(1)).is_ok());
        assert!(WarmUpPeriodDurationInMinutes::new(Minutes(2_880)).is_ok());
        assert!(WarmUpPeriodDurationInMinutes::new(Minutes(2_881)).is_err());
    }

    #[test]
    fn whole_threshold_renders_without_a_fraction() {
        assert_eq!(serde_json::to_string(&Threshold::from(0)).unwrap(), "0");
        assert_eq!(serde_json::to_string(&Threshold::new(-3.0).unwrap()).unwrap(), "-3");
    }

    #[test]
    fn fractional_or_huge_threshold_renders_as_it_is() {
        assert_eq!(serde_json::to_string(&Threshold::new(0.5).unwrap()).unwrap(), "0.5");
        assert_eq!(serde_json::to_string(&Threshold::new(1e300).unwrap()).unwrap(), "1e+300");
    }

    #[test]
    fn threshold_outside_json_is_refused() {
        assert_eq!(Threshold::new(f64::NAN), Err(NotFiniteError));
        assert_eq!(Threshold::new(f64::INFINITY), Err(NotFiniteError));
    }

    #[test]
    fn sliding_window_is_an_empty_object() {
        assert_eq!(to_json(&EvaluationWindow::Sliding {}), json!({"SlidingWindow": {}}));
    }

    #[test]
    fn missing_data_renders_in_camel_case() {
        assert_eq!(to_json(&TreatMissingData::NotBreaching), json!("notBreaching"));
    }
}
