//! Requests, their responses and what is queued.

use pipectl_invocation::aws_error::Retry;
use serde_json::json;

use crate::support::{FEEDBACK, Fault, Intake, content, problem, request, with_header};

#[test]
fn accepted_feedback_is_queued_as_a_record() {
    let intake = Intake::new();
    let response = intake.serve(request(FEEDBACK));
    assert_eq!(response.status_code, 202);
    assert_eq!(content(&response), json!({ "id": "8476a536-e9f4-11e8-9739-2dfe598c3fcd" }));
    let [record] = intake.records().try_into().expect("one record");
    assert_eq!(record.id.as_str(), "8476a536-e9f4-11e8-9739-2dfe598c3fcd");
    assert_eq!((record.source.as_str(), record.position.number), ("feedback", 1));
    let body = r#"{"channel":"web","comment":"Nice — but slow","contact":"me@example.org","rating":4,"received_at":"2026-11-23T13:00:00Z"}"#;
    assert_eq!(record.body.to_json(), body);
}

#[test]
fn message_carries_the_trace_and_a_group_of_its_own() {
    let intake = Intake::new();
    intake.serve(request(FEEDBACK));
    let ([message], [record]) =
        (intake.messages().try_into().expect("one"), intake.records().try_into().expect("one"));
    assert!(message.trace_id.expect("a trace").starts_with("Root=1-5759e988"));
    assert_eq!((message.group_id, message.deduplication_id), (record.id.into(), record.deduplication_id));
}

#[test]
fn every_bad_field_is_named_at_once_and_nothing_is_queued() {
    let intake = Intake::new();
    let response = intake.serve(request(r#"{"rating":9,"contact":"nobody","comment":7,"x/y":1}"#));
    assert_eq!(problem(&response), (400, "invalid-feedback".to_owned()));
    let errors = json!([
        { "pointer": "/rating", "detail": "is not a whole number from 1 to 5" },
        { "pointer": "/channel", "detail": "is missing" },
        { "pointer": "/comment", "detail": "is not a string" },
        { "pointer": "/contact", "detail": "is not an e-mail address of at most 254 characters" },
        { "pointer": "/x~1y", "detail": "is not known" },
    ]);
    assert_eq!(content(&response)["errors"], errors);
    assert!(intake.messages().is_empty());
}

#[test]
fn content_that_no_item_can_hold_is_invalid() {
    let response = Intake::new().serve(request(r#"{"rating":1e999,"channel":"web"}"#));
    assert_eq!(problem(&response), (400, "invalid-feedback".to_owned()));
    assert_eq!(content(&response)["errors"][0]["pointer"], "");
}

#[test]
fn content_that_is_no_json_is_malformed() {
    for text in ["", "{", "rating=5", "\u{feff}{}"] {
        assert_eq!(
            problem(&Intake::new().serve(request(text))),
            (400, "malformed-content".to_owned()),
            "{text}"
        );
    }
}

#[test]
fn largest_content_is_read_and_one_more_byte_is_too_large() {
    let padded = |size: usize| format!("{FEEDBACK}{}", " ".repeat(size - FEEDBACK.len()));
    assert_eq!(Intake::new().serve(request(&padded(32_768))).status_code, 202);
    let response = Intake::new().serve(request(&padded(32_769)));
    assert_eq!(problem(&response), (413, "content-too-large".to_owned()));
}

#[test]
fn longest_comment_passes_however_it_is_escaped() {
    let text = format!(r#"{{"rating":1,"channel":"web","comment":"{}"}}"#, r"\ud83d\ude00".repeat(2_000));
    assert_eq!(Intake::new().serve(request(&text)).status_code, 202);
}

#[test]
fn other_media_types_are_refused() {
    let response = Intake::new().serve(with_header(request(FEEDBACK), "content-type", "text/plain"));
    assert_eq!(problem(&response), (415, "unsupported-media-type".to_owned()));
}

#[test]
fn other_methods_are_refused() {
    let mut event = request(FEEDBACK);
    event["requestContext"]["http"]["method"] = "PUT".into();
    let response = Intake::new().serve(event);
    assert_eq!(problem(&response), (405, "method-not-allowed".to_owned()));
    assert_eq!(response.headers["allow"], "POST");
}

#[test]
fn failures_of_the_queue_tell_the_client_nothing_about_it() {
    for (retry, kind) in [
        (Retry::Throttled, (503, "service-unavailable")),
        (Retry::Transient, (503, "service-unavailable")),
        (Retry::Useless, (500, "internal-error")),
    ] {
        let intake = Intake::new().with_faults([Fault::Failed(retry)]);
        let response = intake.serve(request(FEEDBACK));
        assert_eq!(problem(&response), (kind.0, kind.1.to_owned()));
        assert_eq!(response.headers.contains_key("retry-after"), kind.0 == 503);
        let body = response.body.expect("content");
        assert!(!body.contains("arn:"), "{body}");
        let lines = intake.output.lines();
        assert_eq!((&lines[0]["level"], &lines[0]["outcome"]), (&json!("ERROR"), &json!("failed")));
    }
}

#[test]
fn log_holds_nothing_that_the_customer_wrote() {
    let intake = Intake::new();
    intake.serve(request(FEEDBACK));
    intake.serve(request(r#"{"rating":"me@example.org","channel":"me@example.org"}"#));
    let lines = intake.output.lines();
    assert_eq!(lines.len(), 2);
    for line in lines {
        let line = line.to_string();
        assert!(!line.contains("example.org") && !line.contains("Nice"), "{line}");
    }
}
