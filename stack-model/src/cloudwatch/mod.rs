//! `AWS::CloudWatch::*`: alarms, composite alarms and dashboards.
//!
//! Source: CloudFormation template reference, AWS::CloudWatch.

mod alarm;
mod alarm_action;
mod composite_alarm;
mod dashboard;
mod evaluation;
mod metric;
mod period;

pub use alarm::Alarm;
pub use alarm_action::{ActionConfiguration, AlarmTagsPropagation};
pub use composite_alarm::CompositeAlarm;
pub use dashboard::Dashboard;
pub use evaluation::{
    ComparisonOperator, DatapointsToAlarm, EvaluateLowSampleCountPercentile, EvaluationCriteria,
    EvaluationPeriods, EvaluationWindow, NotFiniteError, PromQlCriteria, Threshold, TreatMissingData,
    WarmUpConfiguration, WarmUpPeriodDurationInMinutes,
};
pub use metric::{Dimension, Metric, MetricDataQuery, MetricStat, StandardUnit, Statistic};
pub use period::{EvaluationInterval, MetricPeriod, Period, PeriodError};

use crate::resource::ResourceType;

pub(crate) const TYPES: &[ResourceType] =
    &[ResourceType::of::<Alarm>(), ResourceType::of::<CompositeAlarm>(), ResourceType::of::<Dashboard>()];
