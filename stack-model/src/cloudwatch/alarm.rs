//! `AWS::CloudWatch::Alarm`.

use serde::Serialize;

use super::{
    ActionConfiguration, ComparisonOperator, DatapointsToAlarm, Dimension, EvaluateLowSampleCountPercentile,
    EvaluationCriteria, EvaluationInterval, EvaluationPeriods, EvaluationWindow, MetricDataQuery, Period,
    StandardUnit, Statistic, Threshold, TreatMissingData, WarmUpConfiguration,
};
use crate::resource::{
    Property, Resource, Tag,
    UpdateBehavior::{NoInterruption, Replacement},
};
use crate::value::Value;

/// An alarm on one metric (`MetricName`), on metric math (`Metrics`) or on a query (`EvaluationCriteria`).
///
/// Exactly one of the three is there. `Ref` gives its name.
/// Source: AWS::CloudWatch::Alarm.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Alarm {
    /// What notifications carry.
    ///
    /// Update: no interruption. Source: AWS::CloudWatch::Alarm, ActionConfiguration.
    pub action_configuration: Option<ActionConfiguration>,
    /// Whether the alarm acts when its state changes.
    ///
    /// AWS default when absent: true. Update: no interruption.
    /// Source: AWS::CloudWatch::Alarm, ActionsEnabled.
    pub actions_enabled: Option<Value<bool>>,
    /// What happens on the way into `ALARM`.
    ///
    /// Shape: ARNs, 5 at most, as of a topic or function. Update: no interruption.
    /// Source: AWS::CloudWatch::Alarm, AlarmActions.
    pub alarm_actions: Option<Vec<Value<String>>>,
    /// What the alarm means, for those it wakes.
    ///
    /// Shape: at most 1,024 characters. Update: no interruption.
    /// Source: AWS::CloudWatch::Alarm, AlarmDescription.
    pub alarm_description: Option<Value<String>>,
    /// Physical name.
    ///
    /// Shape: `1..=255` characters. AWS default when absent: made by CloudFormation. Update: replacement.
    /// Source: AWS::CloudWatch::Alarm, AlarmName.
    pub alarm_name: Option<Value<String>>,
    /// How the statistic is compared with the threshold; required but for a query.
    ///
    /// Update: no interruption. Source: AWS::CloudWatch::Alarm, ComparisonOperator.
    pub comparison_operator: Option<Value<ComparisonOperator>>,
    /// Breaching periods that raise the alarm.
    ///
    /// Shape: `1..=` evaluation periods. AWS default when absent: all of them. Update: no interruption.
    /// Source: AWS::CloudWatch::Alarm, DatapointsToAlarm.
    pub datapoints_to_alarm: Option<Value<DatapointsToAlarm>>,
    /// Dimensions of the metric, 30 at most; not beside `Metrics`.
    ///
    /// Update: no interruption. Source: AWS::CloudWatch::Alarm, Dimensions.
    pub dimensions: Option<Vec<Dimension>>,
    /// What an alarm on a percentile does with too few samples.
    ///
    /// AWS default when absent: `evaluate`. Update: no interruption.
    /// Source: AWS::CloudWatch::Alarm, EvaluateLowSampleCountPercentile.
    pub evaluate_low_sample_count_percentile: Option<Value<EvaluateLowSampleCountPercentile>>,
    /// Evaluation by a query.
    ///
    /// Update: no interruption. Source: AWS::CloudWatch::Alarm, EvaluationCriteria.
    pub evaluation_criteria: Option<EvaluationCriteria>,
    /// Time from one evaluation to the next; required for a query, and refused otherwise.
    ///
    /// Shape: 10, 20, 30 or a multiple of 60 seconds up to 3,600. Update: no interruption.
    /// Source: AWS::CloudWatch::Alarm, EvaluationInterval.
    pub evaluation_interval: Option<Value<EvaluationInterval>>,
    /// Periods that the alarm looks back; required but for a query.
    ///
    /// Shape: `1..=8_640`; times the period at most 604,800 seconds, and 86,400 for periods below an hour.
    /// Update: no interruption. Source: AWS::CloudWatch::Alarm, EvaluationPeriods.
    pub evaluation_periods: Option<Value<EvaluationPeriods>>,
    /// Range of time that one evaluation looks at.
    ///
    /// AWS default when absent: a sliding window. Update: no interruption.
    /// Source: AWS::CloudWatch::Alarm, EvaluationWindow.
    pub evaluation_window: Option<EvaluationWindow>,
    /// Percentile or trimmed statistic of the metric, as `p99`; beside neither `Statistic` nor `Metrics`.
    ///
    /// Update: no interruption. Source: AWS::CloudWatch::Alarm, ExtendedStatistic.
    pub extended_statistic: Option<Value<String>>,
    /// What happens on the way into `INSUFFICIENT_DATA`.
    ///
    /// Shape: ARNs, 5 at most. Update: no interruption.
    /// Source: AWS::CloudWatch::Alarm, InsufficientDataActions.
    pub insufficient_data_actions: Option<Vec<Value<String>>>,
    /// Name of the metric.
    ///
    /// Shape: `1..=255` characters. Update: no interruption.
    /// Source: AWS::CloudWatch::Alarm, MetricName.
    pub metric_name: Option<Value<String>>,
    /// Metrics and expressions of metric math.
    ///
    /// Shape: 10 metrics at most; exactly one entry returns data. Update: no interruption.
    /// Source: AWS::CloudWatch::Alarm, Metrics.
    pub metrics: Option<Vec<MetricDataQuery>>,
    /// Namespace of the metric, as `AWS/SQS`; not beside `Metrics`.
    ///
    /// Shape: `1..=255` characters, no `:` in front. Update: no interruption.
    /// Source: AWS::CloudWatch::Alarm, Namespace.
    pub namespace: Option<Value<String>>,
    /// What happens on the way into `OK`.
    ///
    /// Shape: ARNs, 5 at most. Update: no interruption.
    /// Source: AWS::CloudWatch::Alarm, OKActions.
    #[serde(rename = "OKActions")]
    pub ok_actions: Option<Vec<Value<String>>>,
    /// Span over which the statistic is taken; required for one metric, not beside `Metrics`.
    ///
    /// Shape: 10, 20, 30 or a multiple of 60 seconds up to 604,800. Update: no interruption.
    /// Source: AWS::CloudWatch::Alarm, Period.
    pub period: Option<Value<Period>>,
    /// Statistic of the metric; beside neither `ExtendedStatistic` nor `Metrics`.
    ///
    /// Update: no interruption. Source: AWS::CloudWatch::Alarm, Statistic.
    pub statistic: Option<Value<Statistic>>,
    /// Tags of the alarm, 50 at most.
    ///
    /// Update: no interruption. Source: AWS::CloudWatch::Alarm, Tags.
    pub tags: Option<Vec<Tag>>,
    /// The number a statistic is compared with; not beside `ThresholdMetricId`.
    ///
    /// Shape: a number in the metric's unit. Update: no interruption.
    /// Source: AWS::CloudWatch::Alarm, Threshold.
    pub threshold: Option<Value<Threshold>>,
    /// `Id` of the `ANOMALY_DETECTION_BAND` expression that is the threshold.
    ///
    /// Update: no interruption. Source: AWS::CloudWatch::Alarm, ThresholdMetricId.
    pub threshold_metric_id: Option<Value<String>>,
    /// What a period without data counts as; alarms on `AWS/DynamoDB` always ignore it.
    ///
    /// AWS default when absent: `missing`. Update: no interruption.
    /// Source: AWS::CloudWatch::Alarm, TreatMissingData.
    pub treat_missing_data: Option<Value<TreatMissingData>>,
    /// Unit of the metric's values; not beside `Metrics`.
    ///
    /// AWS default when absent: all units. Update: no interruption.
    /// Source: AWS::CloudWatch::Alarm, Unit.
    pub unit: Option<Value<StandardUnit>>,
    /// How long the alarm waits after a create or update.
    ///
    /// AWS default when absent: not at all. Update: no interruption.
    /// Source: AWS::CloudWatch::Alarm, WarmUpConfiguration.
    pub warm_up_configuration: Option<WarmUpConfiguration>,
}

impl Resource for Alarm {
    const TYPE: &'static str = "AWS::CloudWatch::Alarm";
    const ATTRIBUTES: &'static [&'static str] = &["Arn"];
    const PROPERTIES: &'static [Property] = &[
        Property::optional("ActionConfiguration", NoInterruption),
        Property::optional("ActionsEnabled", NoInterruption),
        Property::optional("AlarmActions", NoInterruption),
        Property::optional("AlarmDescription", NoInterruption),
        Property::optional("AlarmName", Replacement),
        Property::optional("ComparisonOperator", NoInterruption),
        Property::optional("DatapointsToAlarm", NoInterruption),
        Property::optional("Dimensions", NoInterruption),
        Property::optional("EvaluateLowSampleCountPercentile", NoInterruption),
        Property::optional("EvaluationCriteria", NoInterruption),
        Property::optional("EvaluationInterval", NoInterruption),
        Property::optional("EvaluationPeriods", NoInterruption),
        Property::optional("EvaluationWindow", NoInterruption),
        Property::optional("ExtendedStatistic", NoInterruption),
        Property::optional("InsufficientDataActions", NoInterruption),
        Property::optional("MetricName", NoInterruption),
        Property::optional("Metrics", NoInterruption),
        Property::optional("Namespace", NoInterruption),
        Property::optional("OKActions", NoInterruption),
        Property::optional("Period", NoInterruption),
        Property::optional("Statistic", NoInterruption),
        Property::optional("Tags", NoInterruption),
        Property::optional("Threshold", NoInterruption),
        Property::optional("ThresholdMetricId", NoInterruption),
        Property::optional("TreatMissingData", NoInterruption),
        Property::optional("Unit", NoInterruption),
        Property::optional("WarmUpConfiguration", NoInterruption),
    ];
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{
        AlarmTagsPropagation, Metric, MetricPeriod, MetricStat, PromQlCriteria, WarmUpPeriodDurationInMinutes,
    };
    use super::*;
    use crate::resource::{assert_properties_match, properties};
    use crate::unit::{Count, Minutes, Seconds};

    fn depth_of_queue() -> Alarm {
        Alarm {
            action_configuration: Some(ActionConfiguration {
                alarm_tags_propagation: Some(AlarmTagsPropagation {
                    enabled: true.into(),
                    excluded_tag_keys: None,
                    included_tag_keys: Some(vec!["team".into()]),
                }),
            }),
            actions_enabled: Some(true.into()),
            alarm_actions: Some(vec!["topic-arn".into()]),
            alarm_description: Some("Records were rejected.".into()),
            alarm_name: Some("dlq".into()),
            comparison_operator: Some(ComparisonOperator::GreaterThanThreshold.into()),
            datapoints_to_alarm: Some(DatapointsToAlarm::new(Count(1)).unwrap().into()),
            dimensions: Some(vec![Dimension::new("QueueName", "messages-dlq")]),
            evaluate_low_sample_count_percentile: Some(EvaluateLowSampleCountPercentile::Ignore.into()),
            evaluation_periods: Some(EvaluationPeriods::new(Count(3)).unwrap().into()),
            evaluation_window: Some(EvaluationWindow::WallClock { timezone: Some("UTC".into()) }),
            extended_statistic: Some("p99".into()),
            insufficient_data_actions: Some(vec!["topic-arn".into()]),
            metric_name: Some("ApproximateNumberOfMessagesVisible".into()),
            namespace: Some("AWS/SQS".into()),
            ok_actions: Some(vec!["topic-arn".into()]),
            period: Some(Period::new(Seconds(60)).unwrap().into()),
            statistic: Some(Statistic::Maximum.into()),
            tags: Some(vec![Tag { key: "k".to_owned(), value: "v".into() }]),
            threshold: Some(Threshold::from(0).into()),
            treat_missing_data: Some(TreatMissingData::NotBreaching.into()),
            unit: Some(StandardUnit::Count.into()),
            warm_up_configuration: Some(WarmUpConfiguration {
                only_start_evaluating_after_warm_up_period_ends: Some(true.into()),
                warm_up_period_duration_in_minutes: Some(
                    WarmUpPeriodDurationInMinutes::new(Minutes(5)).unwrap().into(),
                ),
            }),
            ..Alarm::default()
        }
    }

    #[test]
    fn properties_list_matches_the_fields() {
        assert_properties_match(&Alarm::default());
    }

    #[test]
    fn alarm_on_one_metric_renders_aws_names() {
        let expected = json!({
            "ActionConfiguration": {"AlarmTagsPropagation": {"Enabled": true, "IncludedTagKeys": ["team"]}},
            "ActionsEnabled": true,
            "AlarmActions": ["topic-arn"],
            "AlarmDescription": "Records were rejected.",
            "AlarmName": "dlq",
            "ComparisonOperator": "GreaterThanThreshold",
            "DatapointsToAlarm": 1,
            "Dimensions": [{"Name": "QueueName", "Value": "messages-dlq"}],
            "EvaluateLowSampleCountPercentile": "ignore",
            "EvaluationPeriods": 3,
            "EvaluationWindow": {"WallClockWindow": {"Timezone": "UTC"}},
            "ExtendedStatistic": "p99",
            "InsufficientDataActions": ["topic-arn"],
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Namespace": "AWS/SQS",
            "OKActions": ["topic-arn"],
            "Period": 60,
            "Statistic": "Maximum",
            "Tags": [{"Key": "k", "Value": "v"}],
            "Threshold": 0,
            "TreatMissingData": "notBreaching",
            "Unit": "Count",
            "WarmUpConfiguration": {
                "OnlyStartEvaluatingAfterWarmUpPeriodEnds": true, "WarmUpPeriodDurationInMinutes": 5,
            },
        });
        assert_eq!(properties(&depth_of_queue()), expected);
    }

    #[test]
    fn alarm_on_metric_math_renders_aws_names() {
        let errors = MetricStat {
            metric: Metric {
                dimensions: Some(vec![Dimension::new("FunctionName", "f")]),
                metric_name: Some("Errors".into()),
                namespace: Some("AWS/Lambda".into()),
            },
            period: MetricPeriod::new(Seconds(300)).unwrap().into(),
            stat: "Sum".into(),
            unit: Some(StandardUnit::Count.into()),
        };
        let alarm = Alarm {
            metrics: Some(vec![
                MetricDataQuery {
                    account_id: Some("111122223333".into()),
                    metric_stat: Some(errors),
                    return_data: Some(false.into()),
                    ..MetricDataQuery::new("errors")
                },
                MetricDataQuery {
                    expression: Some("ANOMALY_DETECTION_BAND(errors, 2)".into()),
                    label: Some("Band".into()),
                    period: Some(MetricPeriod::new(Seconds(300)).unwrap().into()),
                    ..MetricDataQuery::new("band")
                },
            ]),
            threshold_metric_id: Some("band".into()),
            ..Alarm::default()
        };
        let expected = json!({
            "Metrics": [
                {
                    "AccountId": "111122223333",
                    "Id": "errors",
                    "MetricStat": {
                        "Metric": {
                            "Dimensions": [{"Name": "FunctionName", "Value": "f"}],
                            "MetricName": "Errors",
                            "Namespace": "AWS/Lambda",
                        },
                        "Period": 300, "Stat": "Sum", "Unit": "Count",
                    },
                    "ReturnData": false,
                },
                {
                    "Expression": "ANOMALY_DETECTION_BAND(errors, 2)", "Id": "band", "Label": "Band",
                    "Period": 300,
                },
            ],
            "ThresholdMetricId": "band",
        });
        assert_eq!(properties(&alarm), expected);
    }

    #[test]
    fn alarm_on_a_query_renders_aws_names() {
        let criteria = PromQlCriteria {
            pending_period: Some(Seconds(60).into()),
            query: Some("up == 0".into()),
            recovery_period: Some(Seconds(120).into()),
        };
        let alarm = Alarm {
            evaluation_criteria: Some(EvaluationCriteria { prom_ql_criteria: Some(criteria) }),
            evaluation_interval: Some(EvaluationInterval::new(Seconds(30)).unwrap().into()),
            ..Alarm::default()
        };
        let expected = json!({
            "EvaluationCriteria": {
                "PromQLCriteria": {"PendingPeriod": 60, "Query": "up == 0", "RecoveryPeriod": 120},
            },
            "EvaluationInterval": 30,
        });
        assert_eq!(properties(&alarm), expected);
    }
}
