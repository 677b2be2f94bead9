//! Which messages are looked at.

use std::time::Duration;

use crate::support::{Alert, Shows, record};

fn records(count: usize) -> Vec<String> {
    (0..count).map(|number| record(&format!("r{number}"))).collect()
}

fn looked_at(alert: &Alert) -> String {
    let text = alert.notices().pop().expect("a notice").text;
    text.lines().find(|line| line.starts_with("Of the")).expect("a sample").to_owned()
}

#[test]
fn no_more_than_the_sample_is_looked_at_while_all_are_counted() {
    let alert = Alert::new(records(300), Shows::Others, &[("SAMPLE_SIZE", "25")]);
    assert!(alert.notice().subject.starts_with("300 messages"));
    assert_eq!((looked_at(&alert).as_str(), alert.looks()), ("Of the 25 looked at:", 3));
}

#[test]
fn messages_shown_again_count_once() {
    let alert = Alert::new(records(3), Shows::Others, &[]);
    assert_eq!(alert.notice().subject, "3 messages wait in feedback-dlq");
    assert_eq!((looked_at(&alert).as_str(), alert.looks()), ("Of the 3 looked at:", 4));
}

#[test]
fn fifo_queue_that_shows_the_same_ones_does_not_hold_up_the_notice() {
    let alert = Alert::new(records(30), Shows::First, &[]);
    alert.notice();
    assert_eq!((looked_at(&alert).as_str(), alert.looks()), ("Of the 10 looked at:", 4));
}

#[test]
fn messages_redriven_meanwhile_were_seen_all_the_same() {
    let alert = Alert::new(records(5), Shows::Once, &[]);
    alert.notice();
    assert_eq!(looked_at(&alert), "Of the 5 looked at:");
}

#[test]
fn looking_ends_early_enough_for_the_notice() {
    let alert = Alert::new(records(300), Shows::Others, &[("SAMPLE_SIZE", "100")]);
    alert.handle("ALARM", Duration::from_secs(8)).expect("published");
    assert_eq!(alert.looks(), 3);
}
