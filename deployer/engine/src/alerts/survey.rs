//! Reads everything that stands between a stack's alarms and the people.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::alerts::fact::{Alarm, MetricFact, SmsFact, Subscription, Survey, TopicFact};
use crate::alerts::key::key_policy;
use crate::alerts::port::Alerting;
use crate::aws_error::AwsError;
use crate::deployed::StackResource;
use crate::port::CloudFormation;
use crate::template_file::as_sent;

/// Types of the alarms that CloudFormation makes.
const ALARM_TYPES: [&str; 2] = ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"];

/// Reads the alerts of a deployed stack, named by name or ID.
///
/// What cannot be read is an error in its place in the survey; the rest is read all the same.
///
/// # Effects
/// `cloudformation:ListStackResources`, `cloudwatch:DescribeAlarms` and `ListMetrics`,
/// `sns:GetTopicAttributes` and `ListSubscriptionsByTopic`; where people are told by SMS also
/// `sns:GetSMSSandboxAccountStatus`, `ListSMSSandboxPhoneNumbers` and `GetSMSAttributes`; where a
/// topic is encrypted also `cloudformation:GetTemplate`. Changes nothing.
///
/// # Errors
/// When the stack's resources cannot be listed: nothing is known then.
pub async fn survey<C: CloudFormation, A: Alerting>(
    cloudformation: &C,
    alerting: &A,
    stack: &str,
) -> Result<Survey, AwsError> {
    let resources = cloudformation.resources(stack).await?;
    let alarm_names = physical_ids(&resources, |kind| ALARM_TYPES.contains(&kind));
    let alarms = alerting.alarms(&alarm_names).await;
    let known: &[Alarm] = alarms.as_deref().unwrap_or_default();
    let metrics = metrics(alerting, known).await;
    let topics = topics(alerting, known, &resources).await;
    let topics = with_keys(cloudformation, stack, &resources, topics).await;
    let sms = if topics.iter().any(tells_by_sms) { Some(sms(alerting).await) } else { None };
    Ok(Survey { alarm_names, alarms, metrics, topics, sms })
}

fn physical_ids(resources: &[StackResource], is_wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let wanted = resources.iter().filter(|it| is_wanted(&it.resource_type));
    wanted.filter_map(|it| it.physical_id.clone()).collect()
}

async fn metrics<A: Alerting>(alerting: &A, alarms: &[Alarm]) -> Vec<MetricFact> {
    let mut facts = Vec::new();
    for alarm in alarms {
        if let Some(metric) = &alarm.metric {
            let exists = alerting.has_data(metric).await;
            facts.push(MetricFact { alarm: alarm.name.clone(), metric: metric.clone(), exists });
        }
    }
    facts
}

/// Reads the topics that alarms tell; of the stack's other topics those that people subscribe to.
async fn topics<A: Alerting>(alerting: &A, alarms: &[Alarm], resources: &[StackResource]) -> Vec<TopicFact> {
    let told: BTreeSet<&str> = alarms.iter().flat_map(topics_of).collect();
    let owned = physical_ids(resources, |kind| kind == "AWS::SNS::Topic");
    let all: BTreeSet<&str> = told.iter().copied().chain(owned.iter().map(String::as_str)).collect();
    let mut facts = Vec::new();
    for arn in all {
        let topic = alerting.topic(arn).await;
        let subscriptions = alerting.subscriptions(arn).await;
        let for_people = subscriptions.iter().flatten().any(Subscription::is_personal);
        if told.contains(arn) || for_people || subscriptions.is_err() {
            facts.push(TopicFact { arn: arn.to_owned(), topic, subscriptions, key_policy: None });
        }
    }
    facts
}

/// Returns the topics that an alarm tells when it goes off.
pub(crate) fn topics_of(alarm: &Alarm) -> impl Iterator<Item = &str> {
    alarm.alarm_actions.iter().map(String::as_str).filter(|arn| is_topic(arn))
}

/// Says whether an ARN is that of a topic.
pub(crate) fn is_topic(arn: &str) -> bool {
    arn.split(':').nth(2) == Some("sns")
}

fn key(fact: &TopicFact) -> Option<&str> {
    fact.topic.as_ref().ok()?.as_ref()?.key.as_deref()
}

async fn with_keys<C: CloudFormation>(
    cloudformation: &C,
    stack: &str,
    resources: &[StackResource],
    mut topics: Vec<TopicFact>,
) -> Vec<TopicFact> {
    if topics.iter().all(|topic| key(topic).is_none()) {
        return topics;
    }
    let template = cloudformation.template(stack).await.map_or(Value::Null, as_sent);
    for topic in &mut topics {
        topic.key_policy = key(topic).and_then(|key| key_policy(key, resources, &template, &topic.arn));
    }
    topics
}

fn tells_by_sms(topic: &TopicFact) -> bool {
    topic.subscriptions.iter().flatten().any(|it| it.protocol == "sms")
}

async fn sms<A: Alerting>(alerting: &A) -> SmsFact {
    let in_sandbox = alerting.is_in_sms_sandbox().await;
    let sandbox_numbers =
        if in_sandbox == Ok(true) { alerting.sandbox_numbers().await } else { Ok(Vec::new()) };
    SmsFact { in_sandbox, sandbox_numbers, monthly_spend_limit: alerting.monthly_sms_spend_limit().await }
}
