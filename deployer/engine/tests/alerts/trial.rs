//! Test alerts.

use pipectl_engine::alerts::fact::{ActionTaken, AlarmState};
use pipectl_engine::alerts::trial::{Choice, Obstacle, choose, follow, raise};
use pipectl_engine::port::Clock as _;
use pipectl_testkit::finish;

use crate::support::{Scene, an_alarm};

const FUNCTION: &str = "arn:aws:lambda:eu-central-1:111122223333:function:alert";

fn raise_of(alarm: &str, topic: &str) -> Choice {
    Choice::Raise { alarm: alarm.to_owned(), topics: vec![topic.to_owned()] }
}

#[test]
fn alarm_that_only_tells_topics_is_chosen_before_one_that_does_more() {
    let scene = Scene::new();
    scene.alarm(|alarm| alarm.alarm_actions.push(FUNCTION.to_owned()));
    let leave = |reason| vec![Choice::Leave { topic: scene.topic.clone(), reason }];
    assert_eq!(choose(&scene.survey(), None), leave(Obstacle::OtherActions));
    assert_eq!(choose(&scene.survey(), Some(&scene.alarm)), [raise_of(&scene.alarm, &scene.topic)]);

    let mut survey = scene.survey();
    survey.alarms.as_mut().unwrap().push(an_alarm("late", &scene.topic));
    assert_eq!(choose(&survey, None), [raise_of("late", &scene.topic)]);
}

#[test]
fn alarm_that_would_do_nothing_is_not_chosen() {
    let scene = Scene::new();
    let leave = |reason| vec![Choice::Leave { topic: scene.topic.clone(), reason }];
    scene.alarm(|alarm| alarm.state = AlarmState::Alarm);
    assert_eq!(choose(&scene.survey(), None), leave(Obstacle::InAlarm));
    scene.alarm(|alarm| alarm.actions_enabled = false);
    assert_eq!(choose(&scene.survey(), None), leave(Obstacle::ActionsDisabled));
    assert_eq!(choose(&scene.survey(), Some("other")), []);
}

#[test]
fn raised_alarm_is_marked_and_followed_to_its_topic() {
    let scene = Scene::new();
    let (alerting, clock) = (&scene.alerting, &scene.account.clock);
    let raised = finish(raise(alerting, clock, &scene.alarm, std::slice::from_ref(&scene.topic))).unwrap();
    assert!(alerting.reasons()[0].contains(&raised.marker));
    let taken = finish(follow(alerting, clock, &raised)).unwrap();
    assert_eq!(taken, [ActionTaken { target: scene.topic.clone(), error: None }]);
}

#[test]
fn topic_that_refuses_the_message_is_told_and_one_that_does_not_answer_is_waited_for() {
    let mut scene = Scene::new();
    scene.alerting.rejecting = vec![scene.topic.clone()];
    let (alerting, clock) = (&scene.alerting, &scene.account.clock);
    let mut raised =
        finish(raise(alerting, clock, &scene.alarm, std::slice::from_ref(&scene.topic))).unwrap();
    assert!(finish(follow(alerting, clock, &raised)).unwrap()[0].error.is_some());

    raised.topics = vec!["arn:aws:sns:eu-central-1:111122223333:silent".to_owned()];
    let before = clock.now_ms();
    assert_eq!(finish(follow(alerting, clock, &raised)), Ok(Vec::new()));
    assert_eq!(clock.now_ms() - before, 27_000);
}
