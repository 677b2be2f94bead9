//! Spans of time that CloudWatch takes in steps: a few short ones, then whole minutes.

use std::fmt;

use crate::unit::Seconds;

/// A span that is neither one of the short ones nor a whole number of minutes inside the range.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PeriodError {
    /// CloudFormation's name of the property.
    pub property: &'static str,
    /// Accepted spans shorter than a minute.
    pub below_a_minute: &'static [u32],
    /// Longest accepted span.
    pub max: Seconds,
    /// The refused span.
    pub actual: Seconds,
}

impl fmt::Display for PeriodError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { property, below_a_minute, max, actual } = self;
        let short: Vec<String> = below_a_minute.iter().map(u32::to_string).collect();
        write!(
            f,
            "{property} is `{}` seconds, but takes {} or a multiple of 60 up to {}",
            actual.0,
            short.join(", "),
            max.0
        )
    }
}

impl std::error::Error for PeriodError {}

/// Makes the type of one property: accepted spans below a minute, and the longest span.
macro_rules! period {
    ($(#[$documentation:meta])* $name:ident($property:literal, [$($short:literal),+], $max:literal)) => {
        $(#[$documentation])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(Seconds);

        impl $name {
            /// Accepted spans shorter than a minute, in seconds.
            pub const BELOW_A_MINUTE: &'static [u32] = &[$($short),+];
            /// Longest accepted span.
            pub const MAX: Seconds = Seconds($max);

            /// Takes a span of [`Self::BELOW_A_MINUTE`], or whole minutes up to [`Self::MAX`].
            ///
            /// # Errors
            /// [`PeriodError`] for any other span.
            pub fn new(actual: Seconds) -> Result<Self, PeriodError> {
                let (below_a_minute, max) = (Self::BELOW_A_MINUTE, Self::MAX);
                if below_a_minute.contains(&actual.0) || is_whole_minutes(actual, max) {
                    Ok(Self(actual))
                } else {
                    Err(PeriodError { property: $property, below_a_minute, max, actual })
                }
            }

            /// The span with its unit.
            #[must_use]
            pub fn get(self) -> Seconds {
                self.0
            }
        }
    };
}

period!(
    /// Span over which an alarm's statistic is taken.
    ///
    /// With less than 60 the metric must be stored at high resolution, and the alarm costs more. The longest span
    /// follows from AWS's rule that period times evaluation periods is at most 604,800 seconds (86,400 for periods
    /// below an hour). Source: CloudWatch API, PutMetricAlarm, Period.
    Period("Period", [10, 20, 30], 604_800)
);
period!(
    /// Span over which the statistic of one metric of a metric math alarm is taken.
    ///
    /// Source: AWS::CloudWatch::Alarm, MetricStat, Period.
    MetricPeriod("Period", [1, 5, 10, 20, 30], 604_800)
);
period!(
    /// Time from one evaluation of a PromQL alarm to the next.
    ///
    /// Source: CloudWatch API, PutMetricAlarm, EvaluationInterval.
    EvaluationInterval("EvaluationInterval", [10, 20, 30], 3_600)
);

fn is_whole_minutes(span: Seconds, max: Seconds) -> bool {
    span.0 > 0 && span.0.is_multiple_of(60) && span <= max
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_spans_and_whole_minutes_are_accepted() {
        for accepted in [10, 20, 30, 60, 120, 86_400, 604_800] {
            assert_eq!(Period::new(Seconds(accepted)).unwrap().get(), Seconds(accepted));
        }
    }

    #[test]
    fn other_spans_are_refused() {
        for refused in [0, 1, 5, 45, 61, 604_860] {
            assert!(Period::new(Seconds(refused)).is_err(), "{refused}");
        }
    }

    #[test]
    fn refusal_names_what_is_accepted() {
        let error = Period::new(Seconds(45)).unwrap_err();
        let expected = "Period is `45` seconds, but takes 10, 20, 30 or a multiple of 60 up to 604800";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn metric_of_metric_math_takes_1_and_5_seconds_too() {
        assert!(MetricPeriod::new(Seconds(1)).is_ok());
        assert!(MetricPeriod::new(Seconds(5)).is_ok());
        assert!(MetricPeriod::new(Seconds(2)).is_err());
    }

    #[test]
    fn evaluation_interval_ends_at_an_hour() {
        assert!(EvaluationInterval::new(Seconds(10)).is_ok());
        assert!(EvaluationInterval::new(Seconds(3_600)).is_ok());
        assert!(EvaluationInterval::new(Seconds(3_660)).is_err());
    }
}
