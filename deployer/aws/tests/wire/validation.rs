//! Findings of validations over real HTTP: of a change set that fails, and of one that is made.

use pipectl_engine::change_set::ValidationFinding;
use pipectl_engine::event::EventKind;
use pipectl_engine::execute::{Asked, Question, UpError, preview};
use pipectl_engine::outcome::Outcome;
use pipectl_testkit::WireFault;
use serde_json::json;

use crate::account::{Adapters, Wire};

fn finding(nth: usize, is_failure: bool) -> ValidationFinding {
    ValidationFinding {
        logical_id: "Messages".to_owned(),
        resource_type: "AWS::SQS::Queue".to_owned(),
        path: Some(format!("/Resources/Messages/Properties/{nth}")),
        validation: Some("PROPERTY_VALIDATION".to_owned()),
        reason: format!("reason {nth}"),
        is_failure,
    }
}

/// A deployed stack whose table is to be replaced, of which validations warn thrice.
async fn warned() -> (Wire, Vec<ValidationFinding>) {
    let mut wire = Wire::new();
    wire.is_created().await;
    let warnings: Vec<ValidationFinding> = (0..3).map(|nth| finding(nth, false)).collect();
    for warning in &warnings {
        wire.account.cloudformation.find_in_validation(warning.clone());
    }
    wire.inputs.wanted.template["Resources"]["Records"]["Properties"]["TableName"] = json!("others");
    wire.account.journal.clear();
    wire.account.recorder.clear();
    (wire, warnings)
}

fn said(wire: &Wire) -> Vec<ValidationFinding> {
    let kinds = wire.account.recorder.kinds().into_iter();
    let found = kinds.filter_map(|kind| match kind {
        EventKind::ValidationFound(finding) => Some(finding),
        _ => None,
    });
    found.collect()
}

#[tokio::test]
async fn warnings_on_several_pages_are_said_and_the_change_is_made() {
    let (wire, warnings) = warned().await;
    wire.aws.set_page_size(1);
    assert!(matches!(wire.up().await, Ok(Outcome::Updated { .. })));
    assert_eq!(said(&wire), warnings);
    assert_eq!(wire.account.journal.count("DescribeEvents"), 3);
}

#[tokio::test]
async fn comparison_with_a_change_set_says_the_warnings_too() {
    let (wire, warnings) = warned().await;
    let adapters = Adapters::of(&wire.session().await);
    let ports = adapters.ports(&wire, &wire.account.recorder);
    let wanted = wire.inputs.wanted.clone();
    let question = Question { wanted, functions: None, change_set: Asked::Described, drift: false };
    preview(&ports, &wire.account.functions, &wire.packager(), &question).await.unwrap();
    assert_eq!(said(&wire), warnings);
}

#[tokio::test]
async fn denied_look_at_the_findings_is_said_and_the_events_of_the_stack_are_asked() {
    let wire = Wire::new();
    wire.account.cloudformation.find_in_validation(finding(0, true));
    wire.aws.spoil("DescribeEvents", 1, WireFault::access_denied());
    let Err(UpError::ChangeSet { reason, .. }) = wire.up().await else { panic!("not refused") };
    assert!(reason.contains("validation failed"), "{reason}");
    let kinds = wire.account.recorder.kinds();
    assert!(kinds.iter().any(|kind| matches!(kind, EventKind::DetailsDenied { .. })), "{kinds:?}");
    assert_eq!(wire.account.journal.count("DescribeStackEvents"), 1);
}
