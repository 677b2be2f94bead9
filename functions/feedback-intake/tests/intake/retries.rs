//! Requests that are sent again.

use pipectl_invocation::aws_error::Retry;

use crate::support::{FEEDBACK, Fault, Intake, content, problem, request, with_header};

const KEY: &str = "8e03978e-40d5-43dd-bc93-6894a57f9324";

fn keyed(text: &str, key: &str) -> serde_json::Value {
    with_header(request(text), "idempotency-key", key)
}

#[test]
fn repeated_submission_is_the_same_record_and_answer() {
    let intake = Intake::new();
    let answers = [(); 2].map(|()| content(&intake.serve(keyed(FEEDBACK, KEY))));
    assert_eq!(answers[0], answers[1]);
    let [first, second] = intake.records().try_into().expect("two messages");
    assert_eq!((first.id, first.deduplication_id), (second.id, second.deduplication_id));
    let [first, second] = intake.messages().try_into().expect("two messages");
    assert_eq!(first.deduplication_id, second.deduplication_id);
}

#[test]
fn fields_in_another_order_are_the_same_submission() {
    let intake = Intake::new();
    intake.serve(keyed(r#"{"rating":5,"channel":"web"}"#, KEY));
    intake.serve(keyed(r#"{ "channel": "web", "rating": 5.0 }"#, KEY));
    let [first, second] = intake.records().try_into().expect("two messages");
    assert_eq!(first.id, second.id);
}

#[test]
fn submission_after_a_lost_answer_is_the_same_record() {
    for fault in [Fault::AnswerLost, Fault::Failed(Retry::Throttled)] {
        let intake = Intake::new().with_faults([fault]);
        assert_eq!(intake.serve(keyed(FEEDBACK, KEY)).status_code, 503);
        let accepted = content(&intake.serve(keyed(FEEDBACK, KEY)));
        let ids: Vec<String> = intake.records().into_iter().map(|record| record.id.into()).collect();
        assert!(!ids.is_empty() && ids.iter().all(|id| accepted["id"] == *id), "{fault:?}: {ids:?}");
    }
}

#[test]
fn other_content_under_the_same_key_is_not_lost() {
    let intake = Intake::new();
    intake.serve(keyed(r#"{"rating":5,"channel":"web"}"#, KEY));
    intake.serve(keyed(r#"{"rating":1,"channel":"web"}"#, KEY));
    let [first, second] = intake.records().try_into().expect("two messages");
    assert_ne!(first.id, second.id);
}

#[test]
fn unusable_key_is_refused_before_anything_is_queued() {
    let intake = Intake::new();
    for key in ["", "1", "two words are no key"] {
        assert_eq!(
            problem(&intake.serve(keyed(FEEDBACK, key))),
            (400, "invalid-parameter".to_owned()),
            "{key}"
        );
    }
    assert!(intake.messages().is_empty());
}
