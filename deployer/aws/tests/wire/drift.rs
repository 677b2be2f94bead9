//! `diff --drift` over real HTTP: a detection that takes its time, lists in pages, and what cannot be checked.

use pipectl_engine::drift::{DriftStatus, DriftedProperty, ResourceDrift};
use pipectl_engine::execute::{Asked, Question, preview};
use pipectl_engine::plan_file::{PlanFile, Subject};
use pipectl_engine::port::DriftDetection as _;
use pipectl_testkit::{Verb, WireFault};
use serde_json::json;

use crate::account::{Adapters, STACK, Wire};

/// A stack of which somebody has changed the queue and deleted the table.
async fn drifted() -> Wire {
    let wire = Wire::new();
    wire.is_created().await;
    let fake = &wire.account.cloudformation;
    fake.change_by_hand(STACK, "Messages", "DelaySeconds", json!(30));
    fake.delete_by_hand(STACK, "Records");
    wire.account.journal.clear();
    wire
}

async fn asked(wire: &Wire) -> PlanFile {
    let adapters = Adapters::of(&wire.session().await);
    let ports = adapters.ports(wire, &wire.account.recorder);
    let question =
        Question { wanted: wire.inputs.wanted.clone(), functions: None, change_set: Asked::No, drift: true };
    preview(&ports, &wire.account.functions, &wire.packager(), &question).await.unwrap()
}

fn queue() -> ResourceDrift {
    let delay = DriftedProperty {
        path: "/DelaySeconds".to_owned(),
        expected: Some(json!(0)),
        actual: Some(json!(30)),
    };
    ResourceDrift {
        logical_id: "Messages".to_owned(),
        physical_id: None,
        resource_type: "AWS::SQS::Queue".to_owned(),
        status: DriftStatus::Modified,
        properties: vec![delay],
    }
}

fn table() -> ResourceDrift {
    ResourceDrift {
        logical_id: "Records".to_owned(),
        physical_id: None,
        resource_type: "AWS::DynamoDB::Table".to_owned(),
        status: DriftStatus::Deleted,
        properties: Vec::new(),
    }
}

/// What drifted, by the plan; a physical ID is the account's affair.
fn found(plan: &PlanFile) -> Vec<ResourceDrift> {
    let drift = plan.drift.iter().flatten();
    drift.map(|it| ResourceDrift { physical_id: None, ..it.clone() }).collect()
}

#[tokio::test]
async fn changed_and_deleted_resources_are_in_the_plan_with_their_values() {
    let wire = drifted().await;
    let plan = asked(&wire).await;
    assert_eq!(found(&plan), [queue(), table()]);
    assert_eq!((plan.summary.drifted, plan.unknown.len()), (2, 0));
    let calls = wire.account.journal.calls();
    assert_eq!(calls.iter().filter(|call| **call == "DetectStackDrift").count(), 1);
    assert!(wire.account.journal.count("DescribeStackDriftDetectionStatus") > 1, "{calls:?}");
}

#[tokio::test]
async fn drift_on_several_pages_is_read_to_its_end() {
    let wire = drifted().await;
    wire.aws.set_page_size(1);
    assert_eq!(found(&asked(&wire).await), [queue(), table()]);
    assert_eq!(wire.account.journal.count("DescribeStackResourceDrifts"), 2);
}

#[tokio::test]
async fn twenty_throttled_looks_at_the_detection_do_not_end_it() {
    let wire = drifted().await;
    wire.aws.spoil_next("DescribeStackDriftDetectionStatus", 20, &WireFault::throttled());
    assert_eq!(found(&asked(&wire).await), [queue(), table()]);
}

#[tokio::test]
async fn resource_that_could_not_be_checked_is_said_and_the_others_are_shown() {
    let wire = drifted().await;
    wire.account.cloudformation.fail(Verb::DetectDrift, "Messages", "sqs:GetQueueAttributes is denied");
    let plan = asked(&wire).await;
    assert_eq!(found(&plan), [table()]);
    assert_eq!(plan.unknown[0].subject, Subject::Drift);
    assert!(plan.unknown[0].reason.contains("[Messages]: sqs:GetQueueAttributes is denied"), "{plan:?}");
}

#[tokio::test]
async fn denied_detection_leaves_drift_unknown_and_the_comparison_stands() {
    let wire = drifted().await;
    wire.aws.spoil("DetectStackDrift", 1, WireFault::access_denied());
    let plan = asked(&wire).await;
    assert_eq!((plan.drift.as_ref(), plan.unknown[0].subject), (None, Subject::Drift));
    assert!(plan.base.is_some());
}

#[tokio::test]
async fn detection_of_somebody_else_leaves_drift_unknown_and_is_not_waited_for() {
    let wire = drifted().await;
    wire.session().await.cloudformation().detect_drift(STACK).await.unwrap();
    let plan = asked(&wire).await;
    assert!(plan.unknown[0].reason.contains("already in progress"), "{plan:?}");
}

#[tokio::test]
async fn stack_that_is_not_there_has_no_drift() {
    let wire = Wire::new();
    let plan = asked(&wire).await;
    assert_eq!((plan.drift, plan.unknown.len()), (Some(Vec::new()), 0));
    assert_eq!(wire.account.journal.count("DetectStackDrift"), 0);
}
