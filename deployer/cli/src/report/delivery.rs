//! Messages that people would have got, as text and as JSON lines.

use pipectl_local::Delivery;
use serde_json::{Value, json};

use super::console::Console;
use super::style::Style;

/// Shows one delivery.
pub(crate) fn show(console: &Console, delivery: &Delivery) {
    if console.is_json() {
        console.json(&to_json(delivery));
    } else {
        console.result(&text(delivery, console.result_style));
    }
}

/// Writes a heading, then the subject and the message below it.
fn text(delivery: &Delivery, style: Style) -> String {
    let Delivery { at, protocol, endpoint, topic_arn, subject, message, .. } = delivery;
    let heading = format!("{at}  {} to {}", protocol.as_str(), harmless(endpoint));
    let topic = topic_arn.as_deref().and_then(|arn| arn.rsplit(':').next());
    let via = topic.map_or_else(|| "directly".to_owned(), |topic| format!("topic {topic}"));
    let mut lines = vec![format!("{}  {}", style.bold(&heading), style.dim(&via))];
    lines.extend(subject.iter().map(|subject| format!("  Subject: {}", harmless(subject))));
    lines.extend(message.lines().map(|line| format!("  {}", harmless(line)).trim_end().to_owned()));
    lines.push(String::new());
    lines.join("\n")
}

/// Replaces what could steer a terminal: a message may quote anyone's input.
fn harmless(line: &str) -> String {
    line.chars().map(|it| if it.is_control() && it != '\t' { '\u{fffd}' } else { it }).collect()
}

fn to_json(delivery: &Delivery) -> Value {
    json!({
        "type": "delivery",
        "at": delivery.at,
        "protocol": delivery.protocol.as_str(),
        "endpoint": delivery.endpoint,
        "topic_arn": delivery.topic_arn,
        "message_id": delivery.message_id,
        "subject": delivery.subject,
        "message": delivery.message,
    })
}

#[cfg(test)]
mod tests {
    use pipectl_local::Protocol;

    use super::*;

    fn mail() -> Delivery {
        Delivery {
            at: "2026-11-23T14:20:05.123Z".to_owned(),
            protocol: Protocol::Email,
            endpoint: "support@example.com".to_owned(),
            topic_arn: Some("arn:aws:sns:us-east-1:000000000000:alerts".to_owned()),
            message_id: "1".to_owned(),
            subject: Some("ALARM: \"depth\"".to_owned()),
            message: "Two lines,\n\nand a \u{1b}[2J in them.".to_owned(),
        }
    }

    #[test]
    fn mail_reads_like_a_mail_and_steers_no_terminal() {
        let lines = "2026-11-23T14:20:05.123Z  email to support@example.com  topic alerts\n  \
                     Subject: ALARM: \"depth\"\n  Two lines,\n\n  and a \u{fffd}[2J in them.\n";
        assert_eq!(text(&mail(), Style::new(false)), lines);
    }

    #[test]
    fn sms_to_a_number_has_neither_topic_nor_subject() {
        let sms = Delivery {
            protocol: Protocol::Sms,
            endpoint: "+4915112345678".to_owned(),
            topic_arn: None,
            subject: None,
            message: "help".to_owned(),
            ..mail()
        };
        let lines = text(&sms, Style::new(false));
        assert_eq!(lines, "2026-11-23T14:20:05.123Z  sms to +4915112345678  directly\n  help\n");
    }
}
