//! The checked-in OpenAPI document is the one that the code makes.

use std::collections::BTreeSet;
use std::path::Path;

use feedback_intake::feedback::Feedback;
use feedback_intake::openapi::document;
use pipectl_messages::Document;
use serde_json::Value;

use crate::support::{FEEDBACK, Intake, content, request};

/// Rewrites the file when `UPDATE_GOLDEN` is 1.
#[test]
#[expect(clippy::disallowed_methods, reason = "the one documented variable that rewrites golden files")]
fn checked_in_document_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let made = format!("{:#}\n", document());
    if std::env::var("UPDATE_GOLDEN").as_deref() == Ok("1") {
        std::fs::write(&path, &made).unwrap();
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(made == checked_in, "openapi.json is not what the code makes; UPDATE_GOLDEN=1 rewrites it");
}

fn described(schema: &str) -> BTreeSet<String> {
    let document = document();
    let properties = document["components"]["schemas"][schema]["properties"].as_object();
    properties.expect("an object").keys().cloned().collect()
}

fn names(value: &Value) -> BTreeSet<String> {
    value.as_object().expect("an object").keys().cloned().collect()
}

#[test]
fn described_feedback_has_the_fields_that_are_read() {
    let feedback = Feedback::from_document(Document::from_json(FEEDBACK).unwrap()).expect("feedback");
    assert_eq!(described("Feedback"), feedback.members().into_keys().collect());
}

#[test]
fn described_problem_and_acceptance_have_the_fields_of_the_responses() {
    let problem = content(&Intake::new().serve(request("{}")));
    assert!(names(&problem).is_subset(&described("Problem")), "{problem}");
    let acceptance = content(&Intake::new().serve(request(FEEDBACK)));
    assert_eq!(names(&acceptance), described("Acceptance"));
}
