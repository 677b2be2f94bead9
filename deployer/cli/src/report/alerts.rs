//! Alarms, topics and what was found about them, as text and as JSON lines.

use pipectl_engine::alerts::fact::{Alarm, AlarmState, Subscription, SubscriptionState, Survey, TopicFact};
use pipectl_engine::alerts::judge::{Finding, FindingKind, Severity, is_unknown_call};
use pipectl_engine::alerts::policy::Verdict;
use pipectl_engine::alerts::trial::{Obstacle, Raised};
use serde_json::{Value, json};

use super::console::Console;
use super::style::{Style, count};
use crate::invocation::Next;

/// What became of a test alert at one place.
#[derive(Debug)]
pub(crate) struct Arrival {
    /// Whom it should reach: a person's protocol and endpoint, or the ARN of the topic.
    pub(crate) at: String,
    /// ARN of the topic.
    pub(crate) topic: String,
    /// Whether it did.
    pub(crate) arrived: Arrived,
}

/// Whether a test alert arrived.
#[derive(Debug)]
pub(crate) enum Arrived {
    /// It did.
    Yes,
    /// It was refused, and why.
    Refused(String),
    /// Nothing was heard of it in time.
    Unknown,
}

/// Shows the alarms, and the topics with whom they tell.
pub(crate) fn survey(console: &Console, survey: &Survey) {
    let alarms = survey.alarms.as_deref().unwrap_or_default();
    if console.is_json() {
        alarms.iter().for_each(|alarm| console.json(&alarm_json(alarm)));
        survey.topics.iter().for_each(|topic| console.json(&topic_json(topic, alarms)));
        return;
    }
    let style = console.result_style;
    if !alarms.is_empty() {
        console.result(&style.bold("Alarms"));
    }
    let width = alarms.iter().map(|alarm| alarm.name.len()).max().unwrap_or(0);
    for alarm in alarms {
        let off = if alarm.actions_enabled { "" } else { "  actions disabled" };
        console.result(&format!("  {:<width$}  {}{off}", alarm.name, state(alarm.state)));
    }
    for topic in &survey.topics {
        console.result(&topic_text(topic, alarms, style));
    }
}

fn topic_text(fact: &TopicFact, alarms: &[Alarm], style: Style) -> String {
    let told = count(publishers(fact, alarms).len(), "alarm", "alarms");
    let mut lines = vec![format!("{}  told by {told}", style.bold(&format!("Topic {}", name(&fact.arn))))];
    let subscriptions = fact.subscriptions.as_deref().unwrap_or_default();
    for it in subscriptions {
        lines.push(format!("  {} {}  {}", it.protocol, it.endpoint, subscription_state(it.state)));
    }
    if !subscriptions.is_empty() {
        let [confirmed, pending, deleted] = counts(subscriptions);
        lines.push(style.dim(&format!("  {confirmed} confirmed, {pending} pending, {deleted} deleted")));
    }
    lines.join("\n")
}

fn counts(subscriptions: &[Subscription]) -> [usize; 3] {
    [SubscriptionState::Confirmed, SubscriptionState::Pending, SubscriptionState::Deleted]
        .map(|state| subscriptions.iter().filter(|it| it.state == state).count())
}

fn publishers<'a>(fact: &TopicFact, alarms: &'a [Alarm]) -> Vec<&'a str> {
    let tells = |alarm: &&Alarm| alarm.alarm_actions.contains(&fact.arn);
    alarms.iter().filter(tells).map(|alarm| alarm.name.as_str()).collect()
}

fn alarm_json(alarm: &Alarm) -> Value {
    json!({
        "type": "alarm", "name": alarm.name, "arn": alarm.arn, "state": state(alarm.state),
        "actions_enabled": alarm.actions_enabled, "alarm_actions": alarm.alarm_actions,
    })
}

fn topic_json(fact: &TopicFact, alarms: &[Alarm]) -> Value {
    let subscriptions = fact.subscriptions.as_deref().unwrap_or_default();
    let [confirmed, pending, deleted] = counts(subscriptions);
    let all: Vec<Value> = subscriptions
        .iter()
        .map(|it| {
            json!({"protocol": it.protocol, "endpoint": it.endpoint, "state": subscription_state(it.state)})
        })
        .collect();
    json!({
        "type": "topic", "arn": fact.arn, "alarms": publishers(fact, alarms), "subscriptions": all,
        "confirmed": confirmed, "pending": pending, "deleted": deleted,
    })
}

fn state(state: AlarmState) -> &'static str {
    match state {
        AlarmState::Ok => "OK",
        AlarmState::Alarm => "ALARM",
        AlarmState::InsufficientData => "INSUFFICIENT_DATA",
    }
}

fn subscription_state(state: SubscriptionState) -> &'static str {
    match state {
        SubscriptionState::Confirmed => "confirmed",
        SubscriptionState::Pending => "pending",
        SubscriptionState::Deleted => "deleted",
    }
}

/// Shows one finding.
pub(crate) fn finding(console: &Console, finding: &Finding) {
    let (what, hint) = (sentence(finding), hint(finding, console));
    if console.is_json() {
        console.json(&json!({
            "type": "alert_finding", "severity": severity(finding.kind.severity()),
            "finding": finding.kind.name(), "about": finding.about, "message": what, "hint": hint,
        }));
        return;
    }
    let style = console.result_style;
    let word = severity(finding.kind.severity());
    let word = match finding.kind.severity() {
        Severity::Broken => style.red(word),
        Severity::Unread | Severity::Doubtful => style.yellow(word),
        Severity::Note => style.dim(word),
    };
    console.result(&format!("{word}: {what}"));
    if let Some(hint) = hint {
        console.result(&format!("  {hint}"));
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Broken => "broken",
        Severity::Unread => "unread",
        Severity::Doubtful => "doubtful",
        Severity::Note => "note",
    }
}

fn sentence(finding: &Finding) -> String {
    let about = name(&finding.about);
    match &finding.kind {
        FindingKind::NoAlarms => "the stack has no alarms".to_owned(),
        FindingKind::AlarmMissing => format!("alarm `{about}` of the stack is not there"),
        FindingKind::ActionsDisabled => format!("the actions of alarm `{about}` are disabled"),
        FindingKind::NoAction => format!("alarm `{about}` tells nobody when it goes off"),
        FindingKind::InsufficientData { metric, exists } => {
            let never = if *exists { "" } else { ", which had no data in two weeks" };
            format!("alarm `{about}` has too little data of {metric}{never}")
        }
        FindingKind::NoDataYet { metric } => {
            format!("alarm `{about}`: {metric} had no data in two weeks, which the alarm counts as good")
        }
        FindingKind::TopicMissing => format!("topic `{about}` is not there"),
        FindingKind::PublishDenied { alarm, verdict } => {
            format!("{} alarm `{alarm}` publish to topic `{about}`{}", lets(verdict), because(verdict))
        }
        FindingKind::AwsManagedKey => {
            format!("topic `{about}` is encrypted with alias/aws/sns, which no alarm can use")
        }
        FindingKind::KeyDenied { key, action, verdict } => {
            format!(
                "{} alarms do {action} with key `{key}` of topic `{about}`{}",
                lets(verdict),
                because(verdict)
            )
        }
        FindingKind::KeyNotLookedAt { key } => {
            format!("key `{key}` of topic `{about}` is not of this stack: its policy was not looked at")
        }
        FindingKind::NoSubscription => format!("nobody subscribes to topic `{about}`"),
        FindingKind::Unconfirmed { protocol, endpoint } => {
            format!(
                "{protocol} {endpoint} gets nothing of topic `{about}`: the subscription is not confirmed"
            )
        }
        FindingKind::Ended { protocol, endpoint } => {
            format!("{protocol} {endpoint} has ended the subscription to topic `{about}`")
        }
        FindingKind::FifoTopic { protocol, endpoint } => {
            format!("{protocol} {endpoint} gets nothing: FIFO topic `{about}` delivers to queues only")
        }
        FindingKind::NumberNotVerified { number } => {
            format!(
                "{number} gets nothing: the account is in the SMS sandbox, where the number is not verified"
            )
        }
        FindingKind::SmsSandbox => {
            "the account is in the SMS sandbox; the numbers of this stack are verified there".to_owned()
        }
        FindingKind::SmsSpendLimit { dollars } => {
            format!("the account may spend {dollars} USD on SMS a month; beyond it none is sent")
        }
        FindingKind::NotRead(error) if is_unknown_call(error) => {
            format!(
                "this endpoint does not know {} {}: nothing is known of it",
                error.service, error.operation
            )
        }
        FindingKind::NotRead(error) => error.to_string(),
    }
}

fn lets(verdict: &Verdict) -> &'static str {
    if matches!(verdict, Verdict::Unclear(_)) {
        "it cannot be told whether the policy lets"
    } else {
        "the policy does not let"
    }
}

fn because(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Unclear(what) => format!(": it depends on {what}"),
        Verdict::DeniedBy(Some(sid)) => format!(": statement `{sid}` denies it"),
        Verdict::DeniedBy(None) => ": a statement denies it".to_owned(),
        Verdict::NotAllowed | Verdict::Allowed => String::new(),
    }
}

fn hint(finding: &Finding, console: &Console) -> Option<String> {
    let topic = &finding.about;
    let aws = |words: &[&str]| console.command(&Next::Aws(words.iter().map(ToString::to_string).collect()));
    let subscribe = |protocol: &str, endpoint: &str| {
        let words = ["sns", "subscribe", "--topic-arn", topic, "--protocol", protocol];
        aws(&[&words[..], &["--notification-endpoint", endpoint]].concat())
    };
    Some(match &finding.kind {
        FindingKind::Unconfirmed { protocol, endpoint } => format!(
            "{} must open the link of SNS's message; send it again: {}",
            if protocol.starts_with("email") {
                "the reader of this mailbox"
            } else {
                "the owner of the endpoint"
            },
            subscribe(protocol, endpoint),
        ),
        FindingKind::Ended { protocol, endpoint } => {
            format!("subscribe again: {}", subscribe(protocol, endpoint))
        }
        FindingKind::NoSubscription => "add one to the topic's `subscriptions` in the spec".to_owned(),
        FindingKind::NumberNotVerified { number } => format!(
            "ask AWS Support to move the account out of the SMS sandbox, or verify the number: {}",
            aws(&["sns", "create-sms-sandbox-phone-number", "--phone-number", number])
        ),
        FindingKind::ActionsDisabled => {
            format!("enable them: {}", aws(&["cloudwatch", "enable-alarm-actions", "--alarm-names", topic]))
        }
        FindingKind::AwsManagedKey => {
            "encrypt it with a key of your own that lets cloudwatch.amazonaws.com use it".to_owned()
        }
        FindingKind::PublishDenied { .. } => {
            "allow cloudwatch.amazonaws.com sns:Publish in the topic's policy, for alarms of this account"
                .to_owned()
        }
        FindingKind::KeyDenied { .. } => {
            "allow cloudwatch.amazonaws.com kms:Decrypt and kms:GenerateDataKey* in the key's policy"
                .to_owned()
        }
        FindingKind::AlarmMissing | FindingKind::TopicMissing => {
            format!("deploy the stack again: {}", console.command(&Next::Up))
        }
        _ => return None,
    })
}

/// Returns the last part of an ARN, or the name itself.
fn name(arn: &str) -> &str {
    if arn.starts_with("arn:") { arn.rsplit(':').next().unwrap_or(arn) } else { arn }
}

/// Says that a topic is not tried, and why.
pub(crate) fn left_out(console: &Console, topic: &str, obstacle: Obstacle) {
    let (word, why) = match obstacle {
        Obstacle::NoAlarm => ("no_alarm", "no alarm tells it"),
        Obstacle::ActionsDisabled => ("actions_disabled", "the actions of its alarms are disabled"),
        Obstacle::InAlarm => ("in_alarm", "its alarms are in state ALARM already"),
        Obstacle::OtherActions => {
            ("other_actions", "its alarms do more than tell topics; name one with --alarm to have it done")
        }
    };
    if console.is_json() {
        console.json(&json!({"type": "test_alert_left_out", "topic": topic, "reason": word}));
    } else {
        console.result(&format!("no test alert for topic `{}`: {why}", name(topic)));
    }
}

/// Says that an alarm went off, and what to expect where.
pub(crate) fn raised(console: &Console, raised: &Raised, is_local: bool) {
    if console.is_json() {
        console.json(&json!({
            "type": "test_alert", "alarm": raised.alarm, "topics": raised.topics, "marker": raised.marker,
            "at_ms": raised.at_ms,
        }));
        return;
    }
    let place = if is_local {
        format!("see it: {}", console.command(&Next::LocalInbox))
    } else {
        "look for it in the mailbox and on the phone".to_owned()
    };
    console.result(&format!(
        "test alert `{}` sent by alarm `{}`: a second message follows when the alarm is back in its state; {place}",
        raised.marker, raised.alarm
    ));
}

/// Says whether a test alert arrived.
pub(crate) fn arrival(console: &Console, arrival: &Arrival) {
    let (word, why) = match &arrival.arrived {
        Arrived::Yes => ("arrived", None),
        Arrived::Refused(why) => ("refused", Some(why)),
        Arrived::Unknown => ("not_seen", None),
    };
    if console.is_json() {
        console.json(&json!({
            "type": "test_alert_result", "at": arrival.at, "topic": arrival.topic, "result": word, "reason": why,
        }));
        return;
    }
    let style = console.result_style;
    let text = match &arrival.arrived {
        Arrived::Yes => style.green("arrived"),
        Arrived::Refused(why) => format!("{}: {why}", style.red("refused")),
        Arrived::Unknown => style.red("nothing was heard of it in time"),
    };
    console.result(&format!("  {}  {text}", name(&arrival.at)));
}

/// Says how it ended.
pub(crate) fn outcome(console: &Console, findings: &[Finding], worst: Option<Severity>, sent: bool) {
    let (result, text) = match (worst, sent) {
        (Some(Severity::Broken), false) => ("broken", "an alert would not arrive"),
        (Some(Severity::Broken), true) => ("broken", "an alert would not arrive, or could not be tried"),
        (Some(Severity::Unread), _) => ("unread", "not everything could be read"),
        (_, false) => ("verified", "the alerts should arrive; `--send` tries it"),
        (_, true) => ("verified", "the alerts arrive"),
    };
    if console.is_json() {
        let number = |severity| findings.iter().filter(|it| it.kind.severity() == severity).count();
        console.json(&json!({
            "type": "outcome", "result": result, "broken": number(Severity::Broken),
            "unread": number(Severity::Unread), "doubtful": number(Severity::Doubtful),
        }));
    } else {
        console.say(text);
    }
}
