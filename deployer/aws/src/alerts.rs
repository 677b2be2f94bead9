//! The engine's `Alerting` port on CloudWatch and SNS.

use aws_sdk_cloudwatch::types::{
    AlarmHistoryItem, AlarmType, CompositeAlarm, DimensionFilter, HistoryItemType, MetricAlarm, StateValue,
};
use aws_smithy_types::DateTime;
use pipectl_engine::alerts::fact::{
    ActionTaken, Alarm, AlarmState, Metric, SandboxNumber, Subscription, SubscriptionState, Topic,
};
use pipectl_engine::alerts::port::Alerting;
use pipectl_engine::aws_error::{AwsError, AwsErrorCode};
use serde_json::Value;

use crate::sdk_error::Call;

/// Names that one `DescribeAlarms` takes.
/// Source: CloudWatch API reference, DescribeAlarms.
const NAMES_AT_ONCE: usize = 100;

/// CloudWatch and SNS by the AWS SDK. Made by [`Session::alerting`](crate::Session::alerting).
#[derive(Debug, Clone)]
pub struct SdkAlerting {
    cloudwatch: aws_sdk_cloudwatch::Client,
    sns: aws_sdk_sns::Client,
}

impl SdkAlerting {
    pub(crate) fn new(cloudwatch: aws_sdk_cloudwatch::Client, sns: aws_sdk_sns::Client) -> Self {
        Self { cloudwatch, sns }
    }
}

impl Alerting for SdkAlerting {
    async fn alarms(&self, names: &[String]) -> Result<Vec<Alarm>, AwsError> {
        let call = Call::cloudwatch("DescribeAlarms");
        let mut alarms = Vec::new();
        for names in names.chunks(NAMES_AT_ONCE) {
            let request = self
                .cloudwatch
                .describe_alarms()
                .set_alarm_names(Some(names.to_vec()))
                .set_alarm_types(Some(vec![AlarmType::MetricAlarm, AlarmType::CompositeAlarm]));
            let mut pages = request.into_paginator().send();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|error| call.failed(error))?;
                alarms.extend(page.metric_alarms.into_iter().flatten().map(of_metric));
                alarms.extend(page.composite_alarms.into_iter().flatten().map(of_composite));
            }
        }
        Ok(alarms)
    }

    async fn has_data(&self, metric: &Metric) -> Result<bool, AwsError> {
        let call = Call::cloudwatch("ListMetrics");
        let filters = metric
            .dimensions
            .iter()
            .map(|(name, value)| DimensionFilter::builder().name(name).value(value).build());
        let request = self
            .cloudwatch
            .list_metrics()
            .namespace(&metric.namespace)
            .metric_name(&metric.name)
            .set_dimensions(Some(filters.collect()));
        let mut pages = request.into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| call.failed(error))?;
            // A filter also finds metrics with more dimensions, which the alarm does not measure.
            let is_it = |found: &aws_sdk_cloudwatch::types::Metric| {
                found.dimensions().len() == metric.dimensions.len()
            };
            if page.metrics().iter().any(is_it) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn topic(&self, arn: &str) -> Result<Option<Topic>, AwsError> {
        let call = Call::sns("GetTopicAttributes");
        let answer = match self.sns.get_topic_attributes().topic_arn(arn).send().await {
            Ok(answer) => answer,
            Err(error) => return none_if_missing(call.failed(error)),
        };
        let mut attributes = answer.attributes.unwrap_or_default();
        let policy = attributes.remove("Policy").filter(|policy| !policy.is_empty());
        let policy = policy.map_or(Ok(Value::Null), |policy| serde_json::from_str(&policy));
        let policy = policy.map_err(|_| call.error(AwsErrorCode::ServiceFault, "the policy is not JSON"))?;
        Ok(Some(Topic {
            arn: arn.to_owned(),
            policy,
            key: attributes.remove("KmsMasterKeyId").filter(|key| !key.is_empty()),
            is_fifo: attributes.get("FifoTopic").is_some_and(|flag| flag == "true"),
        }))
    }

    async fn subscriptions(&self, topic_arn: &str) -> Result<Vec<Subscription>, AwsError> {
        let call = Call::sns("ListSubscriptionsByTopic");
        let mut found = Vec::new();
        let mut pages = self.sns.list_subscriptions_by_topic().topic_arn(topic_arn).into_paginator().send();
        while let Some(page) = pages.next().await {
            match page.map_err(|error| call.failed(error)) {
                Ok(page) => found.extend(page.subscriptions.into_iter().flatten().map(subscription)),
                Err(error) if error.code == AwsErrorCode::NotFound => return Ok(Vec::new()),
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    async fn is_in_sms_sandbox(&self) -> Result<bool, AwsError> {
        let call = Call::sns("GetSMSSandboxAccountStatus");
        let answer = self.sns.get_sms_sandbox_account_status().send().await;
        Ok(answer.map_err(|error| call.failed(error))?.is_in_sandbox)
    }

    async fn sandbox_numbers(&self) -> Result<Vec<SandboxNumber>, AwsError> {
        let call = Call::sns("ListSMSSandboxPhoneNumbers");
        let mut numbers = Vec::new();
        let mut pages = self.sns.list_sms_sandbox_phone_numbers().into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| call.failed(error))?;
            numbers.extend(page.phone_numbers.into_iter().map(|it| SandboxNumber {
                number: it.phone_number.unwrap_or_default(),
                is_verified: it.status.is_some_and(|status| status.as_str() == "Verified"),
            }));
        }
        Ok(numbers)
    }

    async fn monthly_sms_spend_limit(&self) -> Result<Option<u32>, AwsError> {
        let call = Call::sns("GetSMSAttributes");
        let answer = self.sns.get_sms_attributes().attributes("MonthlySpendLimit").send().await;
        let attributes = answer.map_err(|error| call.failed(error))?.attributes.unwrap_or_default();
        Ok(attributes.get("MonthlySpendLimit").and_then(|limit| limit.parse().ok()))
    }

    async fn raise(&self, alarm: &str, reason: &str) -> Result<(), AwsError> {
        let call = Call::cloudwatch("SetAlarmState");
        let request = self.cloudwatch.set_alarm_state().alarm_name(alarm).state_value(StateValue::Alarm);
        request.state_reason(reason).send().await.map_err(|error| call.failed(error))?;
        Ok(())
    }

    async fn actions_taken(&self, alarm: &str, since_ms: i64) -> Result<Vec<ActionTaken>, AwsError> {
        let call = Call::cloudwatch("DescribeAlarmHistory");
        let request = self
            .cloudwatch
            .describe_alarm_history()
            .alarm_name(alarm)
            .set_alarm_types(Some(vec![AlarmType::MetricAlarm, AlarmType::CompositeAlarm]))
            .history_item_type(HistoryItemType::Action)
            .start_date(DateTime::from_millis(since_ms));
        let mut taken = Vec::new();
        let mut pages = request.into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| call.failed(error))?;
            taken.extend(page.alarm_history_items.into_iter().flatten().filter_map(action));
        }
        Ok(taken)
    }
}

fn none_if_missing<T>(error: AwsError) -> Result<Option<T>, AwsError> {
    if error.code == AwsErrorCode::NotFound { Ok(None) } else { Err(error) }
}

fn of_metric(alarm: MetricAlarm) -> Alarm {
    let dimensions = alarm.dimensions.into_iter().flatten();
    let dimensions = dimensions.filter_map(|it| Some((it.name?, it.value?))).collect();
    let names = alarm.namespace.zip(alarm.metric_name);
    Alarm {
        name: alarm.alarm_name.unwrap_or_default(),
        arn: alarm.alarm_arn.unwrap_or_default(),
        state: state(alarm.state_value.as_ref()),
        actions_enabled: alarm.actions_enabled.unwrap_or(true),
        alarm_actions: alarm.alarm_actions.unwrap_or_default(),
        metric: names.map(|(namespace, name)| Metric { namespace, name, dimensions }),
    }
}

fn of_composite(alarm: CompositeAlarm) -> Alarm {
    Alarm {
        name: alarm.alarm_name.unwrap_or_default(),
        arn: alarm.alarm_arn.unwrap_or_default(),
        state: state(alarm.state_value.as_ref()),
        actions_enabled: alarm.actions_enabled.unwrap_or(true),
        alarm_actions: alarm.alarm_actions.unwrap_or_default(),
        metric: None,
    }
}

fn state(state: Option<&StateValue>) -> AlarmState {
    match state {
        Some(StateValue::Ok) => AlarmState::Ok,
        Some(StateValue::Alarm) => AlarmState::Alarm,
        _ => AlarmState::InsufficientData,
    }
}

/// A subscription without an ARN says why in the ARN's place.
/// Source: SNS API reference, ListSubscriptionsByTopic; SNS developer guide, "Confirm the
/// subscription".
fn subscription(found: aws_sdk_sns::types::Subscription) -> Subscription {
    let state = match found.subscription_arn.as_deref() {
        Some("PendingConfirmation") => SubscriptionState::Pending,
        Some("Deleted") => SubscriptionState::Deleted,
        _ => SubscriptionState::Confirmed,
    };
    Subscription {
        protocol: found.protocol.unwrap_or_default(),
        endpoint: found.endpoint.unwrap_or_default(),
        state,
    }
}

/// The history's data is a JSON text; an item without it says nothing that could be used.
fn action(item: AlarmHistoryItem) -> Option<ActionTaken> {
    let data: Value = serde_json::from_str(&item.history_data?).ok()?;
    let target = data.get("notificationResource")?.as_str()?.to_owned();
    let succeeded = data.get("actionState").and_then(Value::as_str) == Some("Succeeded");
    let error = || data.get("error").and_then(Value::as_str).unwrap_or("no reason was given").to_owned();
    Some(ActionTaken { target, error: (!succeeded).then(error) })
}
