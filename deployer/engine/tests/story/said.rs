//! The guarantees written on `EventKind`.

use pipectl_engine::deployed::STACK_TYPE;
use pipectl_engine::event::EventKind;
use pipectl_engine::port::Answer;
use pipectl_testkit::{Answering, Verb};
use serde_json::json;

use crate::support::Story;

fn is_started(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Started { .. })
}

fn is_finished(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Finished { .. })
}

#[track_caller]
fn frames(story: &Story) {
    let kinds = story.account.recorder.kinds();
    assert!(is_started(&kinds[0]) && is_finished(&kinds[kinds.len() - 1]), "{kinds:?}");
    assert_eq!((story.said(is_started), story.said(is_finished)), (1, 1));
}

#[test]
fn every_outcome_is_framed_by_started_and_finished() {
    let mut story = Story::deployed();
    story.up().unwrap();
    frames(&story);
    story.account.recorder.clear();
    story.set("/Resources/Messages/Properties/DelaySeconds", json!(5));
    story.up_asking(&Answering::with(Answer::Declined)).unwrap();
    frames(&story);
    story.account.recorder.clear();
    story.up().unwrap();
    frames(&story);
    story.account.recorder.clear();
    story.down().unwrap();
    frames(&story);
}

#[test]
fn failure_takes_the_place_of_finished() {
    let story = Story::new();
    story.account.cloudformation.fail(Verb::Create, "Messages", "no");
    story.up().unwrap_err();
    assert_eq!((story.said(is_started), story.said(is_finished)), (1, 0));
}

#[test]
fn resource_events_follow_the_start_of_the_operation_in_awss_order() {
    let story = Story::new();
    story.up().unwrap();
    let kinds = story.account.recorder.kinds();
    let place = |wanted: fn(&EventKind) -> bool| kinds.iter().position(wanted).unwrap();
    let started = place(|kind| matches!(kind, EventKind::OperationStarted { resources: Some(5), .. }));
    assert!(started < place(|kind| matches!(kind, EventKind::ResourceChanged(_))));
    let events = story.account.recorder.stack_events();
    assert!(events.windows(2).all(|pair| pair[0].at_ms <= pair[1].at_ms));
    assert!([&events[0], &events[events.len() - 1]].iter().all(|event| event.resource_type == STACK_TYPE));
}

#[test]
fn no_event_is_said_twice_and_none_is_left_out() {
    let story = Story::new();
    story.up().unwrap();
    let events = story.account.recorder.stack_events();
    let ids: std::collections::BTreeSet<_> = events.iter().map(|event| &event.id).collect();
    // Two for the stack and three for each of five resources.
    assert_eq!((ids.len(), events.len()), (17, 17));
}

#[test]
fn events_of_the_engine_are_in_order_of_time() {
    let story = Story::new();
    story.up().unwrap();
    let events = story.account.recorder.events();
    assert!(events.windows(2).all(|pair| pair[0].at_ms <= pair[1].at_ms));
}
