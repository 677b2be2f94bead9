//! What an alarm watches: metrics, their statistics and units, and metric math.

use serde::Serialize;

use super::period::MetricPeriod;
use crate::value::Value;

/// How the values of one period become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Statistic {
    /// Their mean.
    Average,
    /// The largest.
    Maximum,
    /// The smallest.
    Minimum,
    /// How many there are.
    SampleCount,
    /// Their sum.
    Sum,
}

/// Unit of a metric's values; values with another unit are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the units")]
#[non_exhaustive]
pub enum StandardUnit {
    Bits,
    #[serde(rename = "Bits/Second")]
    BitsPerSecond,
    Bytes,
    #[serde(rename = "Bytes/Second")]
    BytesPerSecond,
    Count,
    #[serde(rename = "Count/Second")]
    CountPerSecond,
    Gigabits,
    #[serde(rename = "Gigabits/Second")]
    GigabitsPerSecond,
    Gigabytes,
    #[serde(rename = "Gigabytes/Second")]
    GigabytesPerSecond,
    Kilobits,
    #[serde(rename = "Kilobits/Second")]
    KilobitsPerSecond,
    Kilobytes,
    #[serde(rename = "Kilobytes/Second")]
    KilobytesPerSecond,
    Megabits,
    #[serde(rename = "Megabits/Second")]
    MegabitsPerSecond,
    Megabytes,
    #[serde(rename = "Megabytes/Second")]
    MegabytesPerSecond,
    Microseconds,
    Milliseconds,
    None,
    Percent,
    Seconds,
    Terabits,
    #[serde(rename = "Terabits/Second")]
    TerabitsPerSecond,
    Terabytes,
    #[serde(rename = "Terabytes/Second")]
    TerabytesPerSecond,
}

/// A name and value that tell one metric from others of its name.
///
/// Source: AWS::CloudWatch::Alarm, Dimension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Dimension {
    /// The name, `1..=255` characters, as `QueueName`.
    pub name: Value<String>,
    /// The value, `1..=1_024` characters.
    pub value: Value<String>,
}

impl Dimension {
    /// A dimension of a metric.
    pub fn new(name: impl Into<Value<String>>, value: impl Into<Value<String>>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// A metric: all three parts together name it.
///
/// Source: AWS::CloudWatch::Alarm, Metric.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Metric {
    /// Dimensions, 30 at most, and all that the metric was published with.
    pub dimensions: Option<Vec<Dimension>>,
    /// Name, `1..=255` characters. Required.
    pub metric_name: Option<Value<String>>,
    /// Namespace, `1..=255` characters and no `:` in front, as `AWS/SQS`.
    pub namespace: Option<Value<String>>,
}

/// A metric with the statistic to take of it.
///
/// Source: AWS::CloudWatch::Alarm, MetricStat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MetricStat {
    /// The metric.
    pub metric: Metric,
    /// Span over which the statistic is taken: 1, 5, 10, 20, 30 or a multiple of 60 seconds.
    pub period: Value<MetricPeriod>,
    /// The statistic: a [`Statistic`], or an extended one as `p99`.
    pub stat: Value<String>,
    /// Unit of the values; all units when absent.
    pub unit: Option<Value<StandardUnit>>,
}

/// One metric or one expression of a metric math alarm: `expression` or `metric_stat`, never both.
///
/// Source: AWS::CloudWatch::Alarm, MetricDataQuery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MetricDataQuery {
    /// Account of the metric; this account when absent.
    pub account_id: Option<Value<String>>,
    /// Metric math or Metrics Insights query, `1..=2_048` characters, as `errors / invocations`.
    pub expression: Option<Value<String>>,
    /// Name for other expressions: a small letter, then letters, digits and `_`, 255 at most.
    pub id: Value<String>,
    /// Name for people.
    pub label: Option<Value<String>>,
    /// Metric with its statistic.
    pub metric_stat: Option<MetricStat>,
    /// Span between the data points of an expression.
    pub period: Option<Value<MetricPeriod>>,
    /// Whether the alarm watches this one: true for exactly one of an alarm's queries. True when absent.
    pub return_data: Option<Value<bool>>,
}

impl MetricDataQuery {
    /// A query with a name, and everything else absent.
    pub fn new(id: impl Into<Value<String>>) -> Self {
        Self {
            account_id: None,
            expression: None,
            id: id.into(),
            label: None,
            metric_stat: None,
            period: None,
            return_data: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::value::to_json;

    #[test]
    fn rates_render_with_a_slash() {
        let units = [StandardUnit::CountPerSecond, StandardUnit::Count, StandardUnit::None];
        assert_eq!(to_json(&units), json!(["Count/Second", "Count", "None"]));
    }
}
