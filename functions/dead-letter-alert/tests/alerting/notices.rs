//! What is published, and when.

use std::time::Duration;

use crate::support::{Alert, CUSTOMERS_TEXT, Shows, record, rejected};

fn mixed() -> Vec<String> {
    let mut bodies: Vec<String> = (0..6).map(|number| record(&format!("r{number}"))).collect();
    bodies.extend([rejected(4), rejected(9), "poison by hand".to_owned()]);
    bodies
}

#[test]
fn notice_says_how_many_since_when_why_which_and_what_to_do() {
    let text = Alert::new(mixed(), Shows::Others, &[]).notice().text;
    let expected = "\
9 messages wait in feedback-dlq since 2026-11-23T12:00:00Z.
Alarm feedback-dlq-depth. Failures wait in queue `feedback-dlq`.

Of the 9 looked at:
   6  record that the consumer failed on: r0, r1, r2, r3, r4 and 1 more
   2  record rejected as not_json: s3://uploads/x.jsonl#4, s3://uploads/x.jsonl#9
   1  not a versioned JSON payload: m8

The messages stay where they are. Look further:
aws sqs receive-message --region eu-central-1 --queue-url https://sqs/feedback-dlq --visibility-timeout 0 --max-number-of-messages 10 --message-system-attribute-names All
When the cause is removed, send them back to where they came from:
aws sqs start-message-move-task --region eu-central-1 --source-arn arn:aws:sqs:eu-central-1:123456789012:feedback-dlq";
    assert_eq!(text, expected);
}

#[test]
fn text_message_is_short_and_subject_names_the_queue() {
    let notice = Alert::new(mixed(), Shows::Others, &[]).notice();
    assert_eq!(notice.subject, "9 messages wait in feedback-dlq");
    let short = "9 messages wait in feedback-dlq since 2026-11-23T12:00:00Z. Most: record that the consumer failed on.";
    assert_eq!(notice.short_text, short);
}

#[test]
fn customers_text_is_left_out_unless_asked_for_and_never_sent_by_phone() {
    let silent = Alert::new(mixed(), Shows::Others, &[]).notice();
    assert!(!silent.text.contains(CUSTOMERS_TEXT) && !silent.text.contains("poison"), "{}", silent.text);
    let open = Alert::new(mixed(), Shows::Others, &[("INCLUDE_EXCERPTS", "true")]).notice();
    assert!(open.text.contains(CUSTOMERS_TEXT) && open.text.contains("m8: poison by hand"), "{}", open.text);
    assert!(!open.short_text.contains("poison"), "{}", open.short_text);
}

#[test]
fn excerpt_is_one_line_of_limited_length() {
    let body = format!("a\r\nb{}", "ä".repeat(500));
    let text = Alert::new([body], Shows::Others, &[("INCLUDE_EXCERPTS", "true")]).notice().text;
    assert!(text.contains(&format!("m0: a  b{}…\n", "ä".repeat(196))), "{text}");
}

#[test]
fn queue_that_is_empty_by_now_is_said_to_be() {
    let notice = Alert::new([], Shows::Others, &[]).notice();
    assert!(notice.text.starts_with("No message waits any more in feedback-dlq.\n"), "{}", notice.text);
}

#[test]
fn alarm_that_calms_down_is_not_published() {
    for state in ["OK", "INSUFFICIENT_DATA"] {
        let alert = Alert::new(mixed(), Shows::Others, &[]);
        assert_eq!(alert.handle(state, Duration::from_secs(60)), Ok(()));
        assert_eq!((alert.notices().len(), alert.looks()), (0, 0));
    }
}

#[test]
fn notice_that_cannot_be_published_fails_the_invocation() {
    let alert = Alert::new(mixed(), Shows::Others, &[]).with_failing_topic();
    assert!(alert.handle("ALARM", Duration::from_secs(60)).is_err());
    assert_eq!(alert.output.lines()[0]["outcome"], "failed");
}

#[test]
fn log_holds_nothing_of_the_messages() {
    let alert = Alert::new(mixed(), Shows::Others, &[("INCLUDE_EXCERPTS", "true")]);
    alert.notice();
    let lines = format!("{:?}", alert.output.lines());
    assert!(!lines.contains(CUSTOMERS_TEXT) && !lines.contains("poison"), "{lines}");
}
