//! A test alert: an alarm goes off, and what it does is followed.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::alerts::fact::{ActionTaken, Alarm, AlarmState, Read, Survey};
use crate::alerts::port::Alerting;
use crate::alerts::survey::{is_topic, topics_of};
use crate::aws_error::AwsError;
use crate::port::Clock;

/// Time between two looks at an alarm's history, and the number of looks.
const PACE: Duration = Duration::from_secs(3);
const LOOKS: u32 = 10;

/// How a topic is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// This alarm goes off; it tells these topics.
    Raise {
        /// Name of the alarm.
        alarm: String,
        /// ARNs of its topics.
        topics: Vec<String>,
    },
    /// No alarm of this topic may go off.
    Leave {
        /// ARN of the topic.
        topic: String,
        /// Why.
        reason: Obstacle,
    },
}

/// Why no alarm of a topic may go off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// No alarm tells it.
    NoAlarm,
    /// The actions of each are disabled.
    ActionsDisabled,
    /// Each is in state `ALARM` already, so that nothing would happen.
    InAlarm,
    /// Each does something else too, such as invoke a function; name one to have it done.
    OtherActions,
}

/// Chooses an alarm for each topic of a survey, as few as possible by their order.
///
/// An alarm that does more than tell topics is chosen only when it is the one that is asked for by
/// name with `only`; nothing else is chosen then.
#[must_use]
pub fn choose(survey: &Survey, only: Option<&str>) -> Vec<Choice> {
    let alarms = survey.alarms.as_deref().unwrap_or_default();
    let mut told = BTreeSet::new();
    let mut choices = Vec::new();
    for topic in &survey.topics {
        if told.contains(topic.arn.as_str()) {
            continue;
        }
        let publishers = alarms.iter().filter(|alarm| topics_of(alarm).any(|arn| arn == topic.arn));
        let publishers: Vec<&Alarm> =
            publishers.filter(|alarm| only.is_none_or(|only| only == alarm.name)).collect();
        match suitable(&publishers, only.is_some()) {
            Ok(alarm) => {
                let topics: Vec<String> = topics_of(alarm).map(str::to_owned).collect();
                told.extend(topics_of(alarm));
                choices.push(Choice::Raise { alarm: alarm.name.clone(), topics });
            }
            Err(Obstacle::NoAlarm) if only.is_some() => {}
            Err(reason) => choices.push(Choice::Leave { topic: topic.arn.clone(), reason }),
        }
    }
    choices
}

fn suitable<'a>(alarms: &[&'a Alarm], is_asked_for: bool) -> Result<&'a Alarm, Obstacle> {
    let keep = |alarms: &[&'a Alarm], fits: fn(&Alarm) -> bool, obstacle| {
        let kept: Vec<&Alarm> = alarms.iter().copied().filter(|alarm| fits(alarm)).collect();
        if kept.is_empty() { Err(obstacle) } else { Ok(kept) }
    };
    let alarms = keep(alarms, |_| true, Obstacle::NoAlarm)?;
    let alarms = keep(&alarms, |alarm| alarm.actions_enabled, Obstacle::ActionsDisabled)?;
    let alarms = keep(&alarms, |alarm| alarm.state != AlarmState::Alarm, Obstacle::InAlarm)?;
    let only_tells = |alarm: &Alarm| alarm.alarm_actions.iter().all(|arn| is_topic(arn));
    if is_asked_for {
        return alarms.first().copied().ok_or(Obstacle::NoAlarm);
    }
    alarms.into_iter().find(|alarm| only_tells(alarm)).ok_or(Obstacle::OtherActions)
}

/// An alarm that went off on purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    /// Name of the alarm.
    pub alarm: String,
    /// ARNs of the topics that it tells.
    pub topics: Vec<String>,
    /// What its messages say, and no others.
    pub marker: String,
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: i64,
}

/// Lets an alarm go off with a marked reason. Repeating it sends another message, once the alarm is
/// back in its state.
///
/// # Effects
/// `cloudwatch:SetAlarmState`; everybody whom the alarm tells is told, and told again when CloudWatch
/// sets the state right, which it does at the next evaluation.
///
/// # Errors
/// As [`Alerting::raise`].
pub async fn raise<A: Alerting, T: Clock>(
    alerting: &A,
    clock: &T,
    alarm: &str,
    topics: &[String],
) -> Result<Raised, AwsError> {
    let at_ms = clock.now_ms();
    let marker = format!("pipectl-test-{at_ms}");
    let reason =
        format!("This is a test of the alerts ({marker}). Nothing is wrong, there is nothing to do.");
    alerting.raise(alarm, &reason).await?;
    Ok(Raised { alarm: alarm.to_owned(), topics: topics.to_vec(), marker, at_ms })
}

/// Follows an alarm that went off until each of its topics took the message or refused it, for at
/// most 30 seconds. Returns what is known then: a topic that is not in it has not answered.
///
/// # Effects
/// `cloudwatch:DescribeAlarmHistory`.
///
/// # Errors
/// When the history cannot be read.
pub async fn follow<A: Alerting, T: Clock>(
    alerting: &A,
    clock: &T,
    raised: &Raised,
) -> Read<Vec<ActionTaken>> {
    let mut looks = 0;
    loop {
        // CloudWatch's clock may be a little behind ours.
        let taken = alerting.actions_taken(&raised.alarm, raised.at_ms - 5_000).await?;
        let of_topics: Vec<ActionTaken> =
            taken.into_iter().filter(|it| raised.topics.contains(&it.target)).collect();
        looks += 1;
        let is_known = |topic: &String| of_topics.iter().any(|it| it.target == *topic);
        if raised.topics.iter().all(is_known) || looks == LOOKS {
            return Ok(of_topics);
        }
        clock.sleep(PACE).await;
    }
}
