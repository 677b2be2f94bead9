//! `pipectl alerts verify`: whether the alerts of the deployed stack reach anybody.

use std::time::Duration;

use pipectl_aws::{SdkAlerting, SystemClock};
use pipectl_engine::alerts::fact::{Subscription, SubscriptionState, Survey};
use pipectl_engine::alerts::judge::{Severity, judge};
use pipectl_engine::alerts::survey::survey;
use pipectl_engine::alerts::trial::{Choice, Obstacle, Raised, choose, follow, raise};
use pipectl_engine::port::{Clock as _, CloudFormation as _};
use pipectl_local::{Delivery, EngineHome, inbox};

use crate::args::{AlertsCommand, AlertsVerifyArgs};
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::invocation::Next;
use crate::project::Project;
use crate::reach::{self, Reach};
use crate::report::alerts as report;
use crate::report::alerts::{Arrival, Arrived};
use crate::report::console::Console;

/// Time between two looks at the local engine's inbox, and the number of looks.
const PACE: Duration = Duration::from_millis(250);
const LOOKS: u32 = 40;

/// Runs one of the verbs about alerts.
pub(crate) async fn run(command: &AlertsCommand, console: &Console) -> Result<Exit, Failure> {
    match command {
        AlertsCommand::Verify(args) => verify(args, console).await,
    }
}

async fn verify(args: &AlertsVerifyArgs, console: &Console) -> Result<Exit, Failure> {
    let project = Project::open(&args.target, console)?;
    let reach = Reach::find_running(&args.place, project.spec.folder()).await?;
    let (cloudformation, alerting) = (reach.session.cloudformation(), reach.session.alerting());
    let stack = cloudformation.describe_stack(&project.stack).await?;
    let Some(stack) = stack.filter(|stack| !stack.status.is_absent()) else {
        let what = format!("there is no stack `{}` on {}", project.stack, reach.name());
        return Err(Failure::text(Exit::Usage, what).next("deploy it first", Next::Up));
    };
    let survey = survey(&cloudformation, &alerting, &stack.id).await?;
    report::survey(console, &survey);
    let findings = judge(&survey);
    for finding in &findings {
        report::finding(console, finding);
    }
    let mut worst = findings.iter().map(|finding| finding.kind.severity()).min();
    if args.send {
        let sender = Sender {
            alerting,
            survey: &survey,
            home: reach.engine.as_ref().map(|_| reach::home(project.spec.folder())).transpose()?,
        };
        if !sender.send(args.alarm.as_deref(), console).await? {
            worst = Some(Severity::Broken);
        }
    }
    report::outcome(console, &findings, worst, args.send);
    Ok(match worst {
        Some(Severity::Broken) => Exit::Found,
        Some(Severity::Unread) => Exit::Access,
        _ => Exit::Done,
    })
}

/// Sends test alerts and sees what becomes of them.
struct Sender<'a> {
    alerting: SdkAlerting,
    survey: &'a Survey,
    /// The local engine, when it is one: it shows what people would have got.
    home: Option<EngineHome>,
}

impl Sender<'_> {
    /// Lets an alarm of each topic go off; says whether each was tried and arrived.
    async fn send(&self, only: Option<&str>, console: &Console) -> Result<bool, Failure> {
        let choices = choose(self.survey, only);
        if let (Some(alarm), true) = (only, choices.is_empty()) {
            let what = format!("the stack has no alarm `{alarm}` that tells a topic");
            return Err(Failure::text(Exit::Usage, what).next("see its alarms", Next::AlertsVerify));
        }
        let mut arrived = true;
        for choice in &choices {
            match choice {
                Choice::Leave { topic, reason } => {
                    report::left_out(console, topic, *reason);
                    // People may subscribe to what no alarm tells: a function publishes there.
                    arrived &= *reason == Obstacle::NoAlarm;
                }
                Choice::Raise { alarm, topics } => {
                    let before = self.deliveries()?.len();
                    let raised = raise(&self.alerting, &SystemClock, alarm, topics).await?;
                    report::raised(console, &raised, self.home.is_some());
                    let arrivals = match self.home {
                        Some(_) => self.local_arrivals(&raised, before).await?,
                        None => self.history(&raised).await?,
                    };
                    arrived &= arrivals.iter().all(|arrival| matches!(arrival.arrived, Arrived::Yes));
                    for arrival in &arrivals {
                        report::arrival(console, arrival);
                    }
                }
            }
        }
        Ok(arrived)
    }

    /// What CloudWatch says that the alarm did, topic by topic.
    async fn history(&self, raised: &Raised) -> Result<Vec<Arrival>, Failure> {
        let taken = follow(&self.alerting, &SystemClock, raised).await?;
        let of_topic = |topic: &String| Arrival {
            at: topic.clone(),
            topic: topic.clone(),
            arrived: match taken.iter().find(|it| it.target == *topic) {
                None => Arrived::Unknown,
                Some(action) => action.error.clone().map_or(Arrived::Yes, Arrived::Refused),
            },
        };
        Ok(raised.topics.iter().map(of_topic).collect())
    }

    /// What came into the local engine's inbox, person by person.
    async fn local_arrivals(&self, raised: &Raised, before: usize) -> Result<Vec<Arrival>, Failure> {
        let mut arrivals = self.look(raised, before)?;
        for _ in 1..LOOKS {
            if arrivals.iter().all(|arrival| matches!(arrival.arrived, Arrived::Yes)) {
                break;
            }
            SystemClock.sleep(PACE).await;
            arrivals = self.look(raised, before)?;
        }
        Ok(arrivals)
    }

    fn look(&self, raised: &Raised, before: usize) -> Result<Vec<Arrival>, Failure> {
        let deliveries = self.deliveries()?;
        let new = deliveries.get(before..).unwrap_or_default();
        let arrivals = self.people(raised).map(|(topic, person)| {
            let is_it = |it: &&Delivery| speaks_of(it, raised) && went_to(it, topic, person);
            let arrived = if new.iter().any(|it| is_it(&it)) { Arrived::Yes } else { Arrived::Unknown };
            Arrival {
                at: format!("{} {}", person.protocol, person.endpoint),
                topic: topic.to_owned(),
                arrived,
            }
        });
        Ok(arrivals.collect())
    }

    /// Returns the people whom an alarm's topics tell.
    fn people(&self, raised: &Raised) -> impl Iterator<Item = (&str, &Subscription)> {
        let topics = self.survey.topics.iter().filter(|topic| raised.topics.contains(&topic.arn));
        let all = topics.flat_map(|topic| {
            topic.subscriptions.iter().flatten().map(move |person| (topic.arn.as_str(), person))
        });
        all.filter(|(_, it)| it.is_personal() && it.state == SubscriptionState::Confirmed)
    }

    fn deliveries(&self) -> Result<Vec<Delivery>, Failure> {
        let Some(home) = &self.home else { return Ok(Vec::new()) };
        inbox(home).map_err(|error| Failure::new(Exit::Access, &error))
    }
}

/// An e-mail quotes the reason; an SMS has the subject only, which names the alarm.
fn speaks_of(delivery: &Delivery, raised: &Raised) -> bool {
    delivery.message.contains(&raised.marker)
        || (delivery.protocol == pipectl_local::Protocol::Sms
            && delivery.message.contains("ALARM")
            && delivery.message.contains(&raised.alarm))
}

fn went_to(delivery: &Delivery, topic: &str, person: &Subscription) -> bool {
    delivery.topic_arn.as_deref() == Some(topic)
        && delivery.protocol.as_str() == person.protocol
        && delivery.endpoint == person.endpoint
}
