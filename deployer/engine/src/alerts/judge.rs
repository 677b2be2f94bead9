//! What stands between an alarm and the people. Pure: a survey in, findings out.

use std::collections::BTreeSet;

use crate::alerts::fact::{
    Alarm, AlarmState, SmsFact, Subscription, SubscriptionState, Survey, Topic, TopicFact,
};
use crate::alerts::key::AWS_MANAGED;
use crate::alerts::policy::{ServiceRequest, Verdict, evaluate};
use crate::alerts::survey::topics_of;
use crate::aws_error::{AwsError, AwsErrorCode};

/// Principal by which alarms act.
const CLOUDWATCH: &str = "cloudwatch.amazonaws.com";

/// What a publisher to an encrypted topic must be allowed on the key.
/// Source: SNS developer guide, "Managing encryption keys and costs".
const KEY_ACTIONS: [&str; 2] = ["kms:Decrypt", "kms:GenerateDataKey"];

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// An alert would not arrive.
    Broken,
    /// Something could not be read, so it is not known.
    Unread,
    /// It may be as wanted, or not.
    Doubtful,
    /// Good to know.
    Note,
}

/// Something about an alarm, a topic or the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Name of the alarm, or ARN of the topic; empty for the account.
    pub about: String,
    /// What it is.
    pub kind: FindingKind,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FindingKind {
    /// The stack has no alarm at all.
    NoAlarms,
    /// The alarm is not there; somebody deleted it.
    AlarmMissing,
    /// `ActionsEnabled` is false.
    ActionsDisabled,
    /// The alarm tells nobody when it goes off.
    NoAction,
    /// The alarm knows too little to have a state; whether its metric ever had data in two weeks.
    InsufficientData {
        /// Namespace and name of the metric.
        metric: String,
        /// Whether it had data.
        exists: bool,
    },
    /// The metric had no data in two weeks, but the alarm counts that as good.
    NoDataYet {
        /// Namespace and name of the metric.
        metric: String,
    },
    /// The topic is not there.
    TopicMissing,
    /// The topic's policy does not let the alarm publish.
    PublishDenied {
        /// Name of the alarm.
        alarm: String,
        /// What the policy says.
        verdict: Verdict,
    },
    /// The topic is encrypted by the key that AWS manages, which no alarm can use.
    AwsManagedKey,
    /// The key's policy does not let alarms use it.
    KeyDenied {
        /// The key.
        key: String,
        /// What they may not do.
        action: &'static str,
        /// What the policy says.
        verdict: Verdict,
    },
    /// The key is not in the stack, so its policy was not looked at.
    KeyNotLookedAt {
        /// The key.
        key: String,
    },
    /// Nobody subscribes.
    NoSubscription,
    /// The endpoint's owner has not confirmed yet.
    Unconfirmed {
        /// SNS's name of the protocol.
        protocol: String,
        /// The endpoint.
        endpoint: String,
    },
    /// The subscription was ended by its owner.
    Ended {
        /// SNS's name of the protocol.
        protocol: String,
        /// The endpoint.
        endpoint: String,
    },
    /// A FIFO topic delivers to queues only.
    FifoTopic {
        /// SNS's name of the protocol.
        protocol: String,
        /// The endpoint.
        endpoint: String,
    },
    /// The account is in the SMS sandbox, and the number is not verified there.
    NumberNotVerified {
        /// Phone number.
        number: String,
    },
    /// The account is in the SMS sandbox; the numbers in use are verified.
    SmsSandbox,
    /// The account may spend as much on SMS a month.
    SmsSpendLimit {
        /// US dollars.
        dollars: u32,
    },
    /// Something could not be read.
    NotRead(AwsError),
}

impl FindingKind {
    /// Says how bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::PublishDenied { verdict: Verdict::Unclear(_), .. }
            | Self::KeyDenied { verdict: Verdict::Unclear(_), .. }
            | Self::KeyNotLookedAt { .. }
            | Self::InsufficientData { .. }
            | Self::NoAlarms
            | Self::NoAction => Severity::Doubtful,
            Self::AlarmMissing
            | Self::ActionsDisabled
            | Self::TopicMissing
            | Self::PublishDenied { .. }
            | Self::AwsManagedKey
            | Self::KeyDenied { .. }
            | Self::NoSubscription
            | Self::Unconfirmed { .. }
            | Self::Ended { .. }
            | Self::FifoTopic { .. }
            | Self::NumberNotVerified { .. } => Severity::Broken,
            Self::NotRead(error) if is_unknown_call(error) => Severity::Note,
            Self::NotRead(_) => Severity::Unread,
            Self::NoDataYet { .. } | Self::SmsSandbox | Self::SmsSpendLimit { .. } => Severity::Note,
        }
    }

    /// Names the kind for programs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoAlarms => "no_alarms",
            Self::AlarmMissing => "alarm_missing",
            Self::ActionsDisabled => "actions_disabled",
            Self::NoAction => "no_action",
            Self::InsufficientData { .. } => "insufficient_data",
            Self::NoDataYet { .. } => "no_data_yet",
            Self::TopicMissing => "topic_missing",
            Self::PublishDenied { .. } => "publish_denied",
            Self::AwsManagedKey => "aws_managed_key",
            Self::KeyDenied { .. } => "key_denied",
            Self::KeyNotLookedAt { .. } => "key_not_looked_at",
            Self::NoSubscription => "no_subscription",
            Self::Unconfirmed { .. } => "unconfirmed",
            Self::Ended { .. } => "ended",
            Self::FifoTopic { .. } => "fifo_topic",
            Self::NumberNotVerified { .. } => "number_not_verified",
            Self::SmsSandbox => "sms_sandbox",
            Self::SmsSpendLimit { .. } => "sms_spend_limit",
            Self::NotRead(_) => "not_read",
        }
    }
}

/// Says whether an endpoint does not know a call. No call of the survey can be `Invalid` otherwise:
/// their arguments are AWS's own words. Emulators answer so.
#[must_use]
pub fn is_unknown_call(error: &AwsError) -> bool {
    match &error.code {
        AwsErrorCode::Invalid => true,
        AwsErrorCode::Other(code) => {
            matches!(code.as_str(), "InvalidAction" | "UnknownOperationException" | "NotImplemented")
        }
        _ => false,
    }
}

/// Judges a survey; findings come worst first, then in the survey's order.
#[must_use]
pub fn judge(survey: &Survey) -> Vec<Finding> {
    let mut findings = alarms(survey);
    let known = survey.alarms.as_deref().unwrap_or_default();
    for topic in &survey.topics {
        findings.extend(of_topic(topic, known).into_iter().map(|kind| about(&topic.arn, kind)));
    }
    if let Some(sms) = &survey.sms {
        findings.extend(of_sms(sms, &survey.topics).into_iter().map(|kind| about("", kind)));
    }
    findings.sort_by_key(|finding| finding.kind.severity());
    findings
}

fn about(what: &str, kind: FindingKind) -> Finding {
    Finding { about: what.to_owned(), kind }
}

fn alarms(survey: &Survey) -> Vec<Finding> {
    if survey.alarm_names.is_empty() {
        return vec![about("", FindingKind::NoAlarms)];
    }
    let known = match &survey.alarms {
        Ok(known) => known,
        Err(error) => return vec![about("", FindingKind::NotRead(error.clone()))],
    };
    let is_missing = |name: &&String| !known.iter().any(|alarm| alarm.name == **name);
    let missing = survey.alarm_names.iter().filter(is_missing);
    let mut findings: Vec<Finding> = missing.map(|name| about(name, FindingKind::AlarmMissing)).collect();
    for alarm in known {
        findings.extend(of_alarm(alarm, survey).into_iter().map(|kind| about(&alarm.name, kind)));
    }
    findings
}

fn of_alarm(alarm: &Alarm, survey: &Survey) -> Vec<FindingKind> {
    let mut found = Vec::new();
    if !alarm.actions_enabled {
        found.push(FindingKind::ActionsDisabled);
    }
    if alarm.alarm_actions.is_empty() {
        found.push(FindingKind::NoAction);
    }
    let Some(fact) = survey.metrics.iter().find(|fact| fact.alarm == alarm.name) else { return found };
    let metric = format!("{} {}", fact.metric.namespace, fact.metric.name);
    match (&fact.exists, alarm.state) {
        (Err(error), _) => found.push(FindingKind::NotRead(error.clone())),
        (Ok(exists), AlarmState::InsufficientData) => {
            found.push(FindingKind::InsufficientData { metric, exists: *exists });
        }
        (Ok(false), _) => found.push(FindingKind::NoDataYet { metric }),
        (Ok(true), _) => {}
    }
    found
}

fn of_topic(fact: &TopicFact, alarms: &[Alarm]) -> Vec<FindingKind> {
    let topic = match &fact.topic {
        Ok(Some(topic)) => Some(topic),
        Ok(None) => return vec![FindingKind::TopicMissing],
        Err(_) => None,
    };
    let unread = fact.topic.as_ref().err().into_iter().chain(fact.subscriptions.as_ref().err());
    let mut found: Vec<FindingKind> = unread.map(|error| FindingKind::NotRead(error.clone())).collect();
    let publishers: Vec<&Alarm> =
        alarms.iter().filter(|alarm| topics_of(alarm).any(|arn| arn == fact.arn)).collect();
    if let Some(topic) = topic {
        found.extend(publishers.iter().filter_map(|alarm| publishing(topic, alarm)));
        found.extend(publishers.first().and_then(|alarm| key_use(fact, topic, alarm)));
    }
    if let Ok(subscriptions) = &fact.subscriptions {
        found.extend(of_subscriptions(subscriptions, topic.is_some_and(|topic| topic.is_fifo)));
    }
    found
}

fn request<'a>(alarm: &'a Alarm, action: &'a str, resource: &'a str) -> ServiceRequest<'a> {
    let source_account = alarm.arn.split(':').nth(4).unwrap_or_default();
    ServiceRequest { service: CLOUDWATCH, action, resource, source_arn: &alarm.arn, source_account }
}

fn publishing(topic: &Topic, alarm: &Alarm) -> Option<FindingKind> {
    let verdict = evaluate(&topic.policy, request(alarm, "sns:Publish", &topic.arn));
    let alarm = alarm.name.clone();
    (verdict != Verdict::Allowed).then_some(FindingKind::PublishDenied { alarm, verdict })
}

/// Alarms of one account differ by their ARN only, which key policies do not name: one stands for all.
fn key_use(fact: &TopicFact, topic: &Topic, alarm: &Alarm) -> Option<FindingKind> {
    let key = topic.key.clone()?;
    if key.ends_with(AWS_MANAGED) {
        return Some(FindingKind::AwsManagedKey);
    }
    let Some(policy) = &fact.key_policy else { return Some(FindingKind::KeyNotLookedAt { key }) };
    KEY_ACTIONS.into_iter().find_map(|action| {
        let verdict = evaluate(policy, request(alarm, action, &key));
        (verdict != Verdict::Allowed).then(|| FindingKind::KeyDenied { key: key.clone(), action, verdict })
    })
}

fn of_subscriptions(subscriptions: &[Subscription], is_fifo: bool) -> Vec<FindingKind> {
    if subscriptions.is_empty() {
        return vec![FindingKind::NoSubscription];
    }
    let of = |it: &Subscription| {
        let (protocol, endpoint) = (it.protocol.clone(), it.endpoint.clone());
        match it.state {
            _ if is_fifo && it.protocol != "sqs" => Some(FindingKind::FifoTopic { protocol, endpoint }),
            SubscriptionState::Pending => Some(FindingKind::Unconfirmed { protocol, endpoint }),
            SubscriptionState::Deleted => Some(FindingKind::Ended { protocol, endpoint }),
            SubscriptionState::Confirmed => None,
        }
    };
    subscriptions.iter().filter_map(of).collect()
}

fn of_sms(sms: &SmsFact, topics: &[TopicFact]) -> Vec<FindingKind> {
    let mut found = Vec::new();
    match (&sms.in_sandbox, &sms.sandbox_numbers) {
        (Err(error), _) | (Ok(true), Err(error)) => found.push(FindingKind::NotRead(error.clone())),
        (Ok(true), Ok(numbers)) => {
            let is_verified = |number: &str| numbers.iter().any(|it| it.is_verified && it.number == number);
            let unverified: Vec<FindingKind> = numbers_told(topics)
                .into_iter()
                .filter(|number| !is_verified(number))
                .map(|number| FindingKind::NumberNotVerified { number: number.to_owned() })
                .collect();
            found.extend(if unverified.is_empty() { vec![FindingKind::SmsSandbox] } else { unverified });
        }
        (Ok(false), _) => {}
    }
    found.push(match &sms.monthly_spend_limit {
        Ok(dollars) => FindingKind::SmsSpendLimit { dollars: dollars.unwrap_or(1) },
        Err(error) => FindingKind::NotRead(error.clone()),
    });
    found
}

fn numbers_told(topics: &[TopicFact]) -> BTreeSet<&str> {
    let subscriptions = topics.iter().flat_map(|topic| topic.subscriptions.iter().flatten());
    subscriptions.filter(|it| it.protocol == "sms").map(|it| it.endpoint.as_str()).collect()
}
