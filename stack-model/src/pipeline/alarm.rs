//! Alarms: the user's, and those that every pipeline needs.
//!
//! Without asking there is an alarm on each queue where failures end, on errors of each function and on server
//! errors of each API. They notify the topics named by [`Pipeline::notify_alarms`].
//!
//! They say when something fails, not when it is over: CloudWatch begins each alarm in `INSUFFICIENT_DATA` and acts on
//! its way from there into `OK`, so that an OK action would send a message for each alarm of a new stack.
//! Source: CloudWatch CLI reference, mon-put-metric-alarm: the state is set to `INSUFFICIENT_DATA`, then evaluated, and
//! the actions of the new state are executed (read 2026-12-01).

use super::{Pipeline, account};
use crate::cloudwatch::{
    Alarm, ComparisonOperator, Dashboard, DatapointsToAlarm, Dimension, EvaluationPeriods, Period, Statistic,
    Threshold, TreatMissingData,
};
use crate::handle::{FunctionHandle, Metric, TopicHandle};
use crate::lambda::Permission;
use crate::logical_id::LogicalId;
use crate::template::to_sorted_text;
use crate::unit::{Count, Seconds};
use crate::value::Value;

/// When an alarm goes off, and who is told.
#[derive(Debug, Clone, PartialEq)]
pub struct AlarmOptions {
    /// What it means and what to do; at most 1,024 characters. Default: nothing.
    pub description: Option<String>,
    /// What is watched.
    pub metric: Metric,
    /// How the values of a period become one. Default: sum.
    pub statistic: Statistic,
    /// Length of a period. Default: 60 s.
    pub period: Period,
    /// The bound. Default: 0.
    pub threshold: Threshold,
    /// Which side of it is bad. Default: above.
    pub comparison_operator: ComparisonOperator,
    /// Periods looked at. Default: 1.
    pub evaluation_periods: EvaluationPeriods,
    /// How many of them must be bad. Default: all.
    pub datapoints_to_alarm: Option<DatapointsToAlarm>,
    /// What a period without values counts as. Default: good, since AWS sends no zeros for most metrics.
    pub treat_missing_data: TreatMissingData,
    /// Topics told when it goes off, beside those of [`Pipeline::notify_alarms`]. Default: none.
    pub notify: Vec<TopicHandle>,
    /// Functions invoked when it goes off. Default: none.
    pub invoke: Vec<FunctionHandle>,
}

impl AlarmOptions {
    /// An alarm on any value above 0 within a minute.
    ///
    /// # Panics
    /// Never: the defaults are legal.
    #[must_use]
    pub fn new(metric: Metric) -> Self {
        Self {
            description: None,
            metric,
            statistic: Statistic::Sum,
            period: Period::new(Seconds(60)).expect("a minute is a period"),
            threshold: Threshold::new(0.0).expect("zero is finite"),
            comparison_operator: ComparisonOperator::GreaterThanThreshold,
            evaluation_periods: EvaluationPeriods::constant(Count(1)),
            datapoints_to_alarm: None,
            treat_missing_data: TreatMissingData::NotBreaching,
            notify: Vec::new(),
            invoke: Vec::new(),
        }
    }

    fn described(metric: Metric, description: String) -> Self {
        Self { description: Some(description), ..Self::new(metric) }
    }
}

impl Pipeline {
    /// Adds an alarm.
    pub fn alarm(&mut self, name: &str, options: AlarmOptions) {
        let id = self.declare(name, "alarm", |pipeline, id| pipeline.alarms.contains_key(id));
        self.alarms.insert(id, options);
    }

    /// Tells a topic of every alarm, also of those that come without asking.
    pub fn notify_alarms(&mut self, topic: &TopicHandle) {
        if !self.alarm_topics.contains(topic) {
            self.alarm_topics.push(topic.clone());
        }
    }

    /// Adds the default alarms, before topics are lowered: their policies must let alarms publish.
    pub(super) fn add_alarms(&mut self) {
        if self.options.default_alarms {
            for (id, options) in self.default_alarms() {
                // An alarm of the user's with this logical ID takes the place of the default.
                self.alarms.entry(id).or_insert(options);
            }
        }
        let topics = self.alarms.values().flat_map(|alarm| alarm.notify.iter());
        let topics: Vec<_> = topics.chain(&self.alarm_topics).cloned().collect();
        if !self.alarms.is_empty() {
            topics.iter().for_each(|topic| self.allow_alarms_on(topic));
        }
    }

    /// Source: CloudWatch user guide, invoke a Lambda function from an alarm.
    fn allow_alarm_to_invoke(&mut self, alarm: &LogicalId, function: &FunctionHandle) {
        let id =
            self.logical_id(&[alarm.as_str(), function.id().as_str(), "permission"], function.user_name());
        let permission = Permission {
            action: "lambda:InvokeFunction".into(),
            function_name: function.arn(),
            principal: "lambda.alarms.cloudwatch.amazonaws.com".into(),
            source_account: Some(account()),
            source_arn: Some(Value::attribute(alarm, "Arn")),
        };
        self.stack.add(id, permission);
    }

    fn default_alarms(&mut self) -> Vec<(LogicalId, AlarmOptions)> {
        let queues = self.queues.values().filter(|draft| draft.holds_failures).map(|draft| {
            let name = draft.handle.user_name();
            let text =
                format!("Failures wait in queue `{name}`: find the cause, then redrive or delete them.");
            let options = AlarmOptions::described(draft.handle.metric_visible_messages(), text);
            let options = AlarmOptions { statistic: Statistic::Maximum, ..options };
            (draft.handle.id.clone(), "DepthAlarm", options)
        });
        let functions = self.functions.values().map(|draft| {
            let text =
                format!("Invocations of function `{}` end in errors: see its log group.", draft.handle.name);
            (
                draft.handle.id.clone(),
                "ErrorsAlarm",
                AlarmOptions::described(draft.handle.metric_errors(), text),
            )
        });
        let apis = self.apis.values().map(|draft| {
            let handle = &draft.handle;
            let text = format!("API `{}` answers with server errors: see its access log.", handle.name);
            (
                handle.id.clone(),
                "ServerErrorsAlarm",
                AlarmOptions::described(handle.metric_server_errors(), text),
            )
        });
        let all: Vec<_> = queues.chain(functions).chain(apis).collect();
        all.into_iter()
            .map(|(id, word, options)| (self.logical_id(&[id.as_str(), word], id.as_str()), options))
            .collect()
    }
}

pub(super) fn lower(pipeline: &mut Pipeline) {
    for (id, options) in std::mem::take(&mut pipeline.alarms) {
        for function in &options.invoke {
            pipeline.allow_alarm_to_invoke(&id, function);
        }
        let alarm = resource(&pipeline.alarm_topics, options);
        pipeline.stack.add(id, alarm);
    }
    for (id, (name, body)) in std::mem::take(&mut pipeline.dashboards) {
        let dashboard = Dashboard {
            dashboard_name: Some(Value::sub(format!("${{AWS::StackName}}-{name}"))),
            ..Dashboard::new(Value::sub(to_sorted_text(&body)))
        };
        pipeline.stack.add(id, dashboard);
    }
}

fn resource(alarm_topics: &[TopicHandle], options: AlarmOptions) -> Alarm {
    let mut actions: Vec<Value<String>> = Vec::new();
    for topic in alarm_topics.iter().chain(&options.notify) {
        if !actions.contains(&topic.arn()) {
            actions.push(topic.arn());
        }
    }
    actions.extend(options.invoke.iter().map(FunctionHandle::arn));
    let dimensions: Vec<_> =
        options.metric.dimensions.into_iter().map(|(name, value)| Dimension::new(name, value)).collect();
    Alarm {
        alarm_actions: (!actions.is_empty()).then_some(actions),
        alarm_description: options.description.map(Value::from),
        comparison_operator: Some(options.comparison_operator.into()),
        datapoints_to_alarm: options.datapoints_to_alarm.map(Value::from),
        dimensions: (!dimensions.is_empty()).then_some(dimensions),
        evaluation_periods: Some(options.evaluation_periods.into()),
        metric_name: Some(options.metric.name.into()),
        namespace: Some(options.metric.namespace.into()),
        period: Some(options.period.into()),
        statistic: Some(options.statistic.into()),
        threshold: Some(options.threshold.into()),
        treat_missing_data: Some(options.treat_missing_data.into()),
        ..Alarm::default()
    }
}
