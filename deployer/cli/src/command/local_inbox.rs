//! `pipectl local inbox`: what the local engine would have sent to people.

use std::time::Duration;

use pipectl_aws::SystemClock;
use pipectl_engine::port::Clock as _;
use pipectl_local::{Delivery, EngineHome, Protocol, inbox, take_inbox};
use serde_json::json;

use crate::args::{InboxProtocol, LocalInboxArgs};
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::invocation::Next;
use crate::reach;
use crate::report::console::Console;
use crate::report::delivery::show;

/// Time between two looks into the inbox with `--follow`.
const LOOK: Duration = Duration::from_millis(500);

/// Prints the deliveries, oldest first, and forgets them if asked to.
pub(crate) async fn run(args: &LocalInboxArgs, console: &Console) -> Result<Exit, Failure> {
    let home = reach::home(&args.project.project)?;
    let all = read(&home, args.clear)?;
    let mut seen = all.len();
    let chosen: Vec<&Delivery> = all.iter().filter(|delivery| is_wanted(delivery, args)).collect();
    let first = args.last.map_or(0, |last| chosen.len().saturating_sub(last));
    for delivery in &chosen[first..] {
        show(console, delivery);
    }
    let mut shown = chosen.len() - first;
    if args.follow {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            failed = follow(args, &home, &mut seen, &mut shown, console) => return failed,
        }
    }
    if console.is_json() {
        console.json(&json!({"type": "outcome", "result": "listed", "deliveries": shown}));
    } else if shown == 0 {
        let such = if all.is_empty() { "nothing" } else { "nothing of this kind" };
        console.say(&format!("{such} was sent by e-mail or SMS"));
    }
    Ok(Exit::Done)
}

fn read(home: &EngineHome, clear: bool) -> Result<Vec<Delivery>, Failure> {
    let read = if clear { take_inbox(home) } else { inbox(home) };
    read.map_err(|error| Failure::new(Exit::Access, &error).next("empty the local engine", Next::LocalReset))
}

/// Prints what arrives, for ever.
async fn follow(
    args: &LocalInboxArgs,
    home: &EngineHome,
    seen: &mut usize,
    shown: &mut usize,
    console: &Console,
) -> Result<Exit, Failure> {
    loop {
        SystemClock.sleep(LOOK).await;
        let all = read(home, false)?;
        // Shorter than before: it was emptied, or the older half was forgotten.
        let from = if all.len() < *seen { 0 } else { *seen };
        for delivery in all[from..].iter().filter(|delivery| is_wanted(delivery, args)) {
            show(console, delivery);
            *shown += 1;
        }
        *seen = all.len();
    }
}

/// Whether a delivery is one that was asked for.
fn is_wanted(delivery: &Delivery, args: &LocalInboxArgs) -> bool {
    let topic = delivery.topic_arn.as_deref().unwrap_or_default();
    let is_topic = |wanted: &str| topic == wanted || topic.rsplit(':').next() == Some(wanted);
    args.to.as_ref().is_none_or(|to| delivery.endpoint.eq_ignore_ascii_case(to))
        && args.topic.as_deref().is_none_or(is_topic)
        && args.protocol.is_none_or(|protocol| delivery.protocol == name(protocol))
}

fn name(protocol: InboxProtocol) -> Protocol {
    match protocol {
        InboxProtocol::Email => Protocol::Email,
        InboxProtocol::EmailJson => Protocol::EmailJson,
        InboxProtocol::Sms => Protocol::Sms,
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Arguments {
        #[command(flatten)]
        inbox: LocalInboxArgs,
    }

    fn delivery(protocol: Protocol, endpoint: &str, topic: &str) -> Delivery {
        Delivery {
            at: "2026-11-23T14:20:05.123Z".to_owned(),
            protocol,
            endpoint: endpoint.to_owned(),
            topic_arn: Some(format!("arn:aws:sns:us-east-1:000000000000:{topic}")),
            message_id: "1".to_owned(),
            subject: None,
            message: "m".to_owned(),
        }
    }

    #[test]
    fn deliveries_are_chosen_by_recipient_topic_and_protocol() {
        let all = [
            delivery(Protocol::Email, "Support@example.com", "alerts"),
            delivery(Protocol::Sms, "+4915112345678", "alerts"),
            delivery(Protocol::EmailJson, "support@example.com", "orders"),
        ];
        let chosen = |flags: &[&str]| -> Vec<usize> {
            let args = Arguments::parse_from([&["inbox"], flags].concat()).inbox;
            (0..all.len()).filter(|at| is_wanted(&all[*at], &args)).collect()
        };
        assert_eq!(chosen(&[]), [0, 1, 2]);
        assert_eq!(chosen(&["--to", "support@example.com"]), [0, 2]);
        assert_eq!(chosen(&["--topic", "alerts"]), [0, 1]);
        assert_eq!(chosen(&["--topic", "arn:aws:sns:us-east-1:000000000000:orders"]), [2]);
        assert_eq!(chosen(&["--protocol", "email-json"]), [2]);
        assert_eq!(chosen(&["--topic", "alerts", "--protocol", "sms"]), [1]);
        assert_eq!(chosen(&["--topic", "alert"]), [0; 0]);
    }
}
