//! What stands between an alarm and the people.

use pipectl_engine::alerts::fact::{AlarmState, SandboxNumber, SubscriptionState};
use pipectl_engine::alerts::judge::Severity::{self, Broken, Doubtful, Note, Unread};
use pipectl_engine::aws_error::AwsErrorCode;
use serde_json::json;

use crate::support::{MAIL, PHONE, Scene, subscription};

const NOTHING: &[(Severity, &str)] = &[];

#[test]
fn alert_that_arrives_has_no_finding() {
    assert_eq!(Scene::new().findings(), NOTHING);
}

#[test]
fn address_that_was_not_confirmed_gets_nothing() {
    let mut scene = Scene::new();
    scene.subscribe(vec![
        subscription("email", MAIL, SubscriptionState::Pending),
        subscription("email", "old@example.com", SubscriptionState::Deleted),
    ]);
    assert_eq!(scene.findings(), [(Broken, "unconfirmed"), (Broken, "ended")]);
}

#[test]
fn topic_without_subscription_tells_nobody() {
    let mut scene = Scene::new();
    scene.subscribe(Vec::new());
    assert_eq!(scene.findings(), [(Broken, "no_subscription")]);
}

#[test]
fn topic_that_lets_no_alarm_in_is_closed() {
    let mut scene = Scene::new();
    scene.close_topic();
    assert_eq!(scene.findings(), [(Broken, "publish_denied")]);
}

#[test]
fn key_of_the_stack_is_judged_by_its_policy_and_a_foreign_one_is_said_to_be_unread() {
    let mut scene = Scene::new();
    scene.topic().key = Some(scene.physical_id("Key"));
    assert_eq!(scene.findings(), NOTHING);
    scene.topic().key = Some("5678".to_owned());
    assert_eq!(scene.findings(), [(Doubtful, "key_not_looked_at")]);
    scene.topic().key = Some("alias/aws/sns".to_owned());
    assert_eq!(scene.findings(), [(Broken, "aws_managed_key")]);
}

#[test]
fn deleted_and_disabled_alarms_are_broken() {
    let scene = Scene::new();
    scene.alarm(|alarm| alarm.actions_enabled = false);
    assert_eq!(scene.findings(), [(Broken, "actions_disabled")]);
    scene.alerting.alarms.borrow_mut().clear();
    assert_eq!(scene.findings(), [(Broken, "alarm_missing")]);
}

#[test]
fn deleted_topic_is_missing() {
    let mut scene = Scene::new();
    scene.alerting.topics.clear();
    assert_eq!(scene.findings(), [(Broken, "topic_missing")]);
}

#[test]
fn alarm_that_tells_nobody_is_doubtful() {
    let scene = Scene::new();
    scene.alarm(|alarm| alarm.alarm_actions.clear());
    assert_eq!(scene.findings(), [(Doubtful, "no_action")]);
}

#[test]
fn metric_without_data_is_a_note_unless_the_alarm_has_no_state() {
    let mut scene = Scene::new();
    scene.alerting.silent = vec!["AWS/SQS".to_owned()];
    assert_eq!(scene.findings(), [(Note, "no_data_yet")]);
    scene.alarm(|alarm| alarm.state = AlarmState::InsufficientData);
    assert_eq!(scene.findings(), [(Doubtful, "insufficient_data")]);
}

#[test]
fn sandbox_lets_through_verified_numbers_only() {
    let mut scene = Scene::new();
    scene.subscribe(vec![subscription("sms", PHONE, SubscriptionState::Confirmed)]);
    assert_eq!(scene.findings(), [(Note, "sms_spend_limit")]);
    scene.alerting.in_sms_sandbox = true;
    assert_eq!(scene.findings(), [(Broken, "number_not_verified"), (Note, "sms_spend_limit")]);
    scene.alerting.sandbox_numbers = vec![SandboxNumber { number: PHONE.to_owned(), is_verified: true }];
    assert_eq!(scene.findings(), [(Note, "sms_sandbox"), (Note, "sms_spend_limit")]);
}

#[test]
fn fifo_topic_reaches_no_person() {
    let mut scene = Scene::new();
    scene.topic().is_fifo = true;
    assert_eq!(scene.findings(), [(Broken, "fifo_topic")]);
}

#[test]
fn what_may_not_be_read_is_said_and_the_rest_is_read() {
    let mut scene = Scene::new();
    scene.topic().policy = json!(null);
    scene.alerting.refused.insert("ListSubscriptionsByTopic", AwsErrorCode::AccessDenied);
    assert_eq!(scene.findings(), [(Broken, "publish_denied"), (Unread, "not_read")]);
    scene.alerting.refused.insert("DescribeAlarms", AwsErrorCode::AccessDenied);
    assert_eq!(scene.findings(), [(Unread, "not_read")]);
}

#[test]
fn call_that_an_emulator_does_not_know_is_a_note() {
    let mut scene = Scene::new();
    scene.subscribe(vec![subscription("sms", PHONE, SubscriptionState::Confirmed)]);
    scene.alerting.refused.insert("GetSMSSandboxAccountStatus", AwsErrorCode::Invalid);
    assert_eq!(scene.findings(), [(Note, "not_read"), (Note, "sms_spend_limit")]);
}
