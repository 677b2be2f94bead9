//! What fails other deployers on the wire, over real HTTP: the SDK, the engine and an account that breaks
//! connections, throttles and forgets who we are.

use std::cell::Cell;
use std::time::Duration;

use pipectl_aws::{Session, SessionOptions};
use pipectl_engine::aws_error::AwsErrorCode;
use pipectl_engine::event::EventKind;
use pipectl_engine::execute::{UpError, up};
use pipectl_engine::outcome::Outcome;
use pipectl_engine::port::{Answer, CloudFormation as _};
use pipectl_engine::status::StackStatus;
use pipectl_testkit::{Answering, Verb, WireFault, finish};
use serde_json::json;

use crate::account::{Adapters, STACK, Wire, write_keys};

/// Calls so far, a row of the same as one: how often one looks at what takes its time, time decides.
fn calls(wire: &Wire) -> Vec<&'static str> {
    let mut calls = wire.account.journal.calls();
    calls.dedup();
    calls
}

#[tokio::test]
async fn deployment_without_faults_asks_no_more_than_it_needs() {
    let mut wire = Wire::new();
    wire.is_created().await;
    wire.account.journal.clear();
    assert!(matches!(wire.up().await, Ok(Outcome::Unchanged { .. })));
    assert_eq!(calls(&wire), ["DescribeStacks", "GetTemplate"]);
    wire.account.journal.clear();
    wire.inputs.wanted.template["Resources"]["Messages"]["Properties"]["DelaySeconds"] = json!(5);
    assert!(matches!(wire.up().await, Ok(Outcome::Updated { .. })));
    let expected = [
        "DescribeStacks",
        "GetTemplate",
        "CreateChangeSet",
        "DescribeChangeSet",
        "ExecuteChangeSet",
        "DescribeStackEvents",
        "DescribeStacks",
    ];
    assert_eq!(calls(&wire), expected);
}

#[tokio::test]
async fn lost_acknowledgement_of_create_change_set_ends_in_create_complete() {
    let wire = Wire::new();
    wire.aws.spoil("CreateChangeSet", 1, WireFault::AnswerLost);
    wire.is_created().await;
}

#[tokio::test]
async fn every_acknowledgement_of_create_change_set_lost_ends_in_create_complete() {
    let wire = Wire::new();
    wire.aws.spoil_next("CreateChangeSet", 2, &WireFault::AnswerCut);
    wire.is_created().await;
}

#[tokio::test]
async fn lost_acknowledgement_of_execute_change_set_ends_in_create_complete() {
    for fault in [WireFault::AnswerLost, WireFault::AnswerCut] {
        let wire = Wire::new();
        wire.aws.spoil("ExecuteChangeSet", 1, fault);
        wire.is_created().await;
    }
}

#[tokio::test]
async fn update_of_code_alone_is_one_call_whose_acknowledgement_may_be_lost() {
    for fault in [None, Some(WireFault::AnswerLost), Some(WireFault::AnswerCut)] {
        let wire = Wire::new();
        wire.is_created().await;
        std::fs::write(wire.dir.path().join("reader.zip"), vec![8; 300_000]).unwrap();
        if let Some(fault) = fault {
            wire.aws.spoil("UpdateStack", 1, fault);
        }
        assert!(matches!(wire.up().await, Ok(Outcome::Updated { .. })));
        let stack = finish(wire.account.cloudformation.describe_stack(STACK)).unwrap().unwrap();
        assert_eq!((stack.status, stack.last_operations.len()), (StackStatus::UpdateComplete, 2));
    }
}

#[tokio::test]
async fn lost_acknowledgement_of_an_upload_ends_in_create_complete() {
    let wire = Wire::new();
    wire.aws.spoil("PutObject", 1, WireFault::AnswerLost);
    wire.is_created().await;
}

#[tokio::test]
async fn lost_acknowledgement_of_a_deletion_is_joined() {
    let wire = Wire::new();
    wire.is_created().await;
    wire.aws.spoil("DeleteStack", 1, WireFault::AnswerLost);
    let Outcome::Deleted(receipt) = wire.down().await else { panic!("not deleted") };
    assert_eq!((receipt.deleted, wire.status()), (3, None));
}

#[tokio::test]
async fn twenty_throttled_polls_end_in_create_complete() {
    let wire = Wire::new();
    wire.aws.spoil_next("DescribeStackEvents", 20, &WireFault::throttled());
    wire.is_created().await;
}

#[tokio::test]
async fn twenty_throttled_polls_of_each_kind_end_in_create_complete() {
    let wire = Wire::new();
    for operation in ["DescribeChangeSet", "DescribeStackEvents"] {
        wire.aws.spoil_next(operation, 20, &WireFault::throttled());
    }
    wire.aws.limit("DescribeStackEvents", 1, 1);
    wire.is_created().await;
}

#[tokio::test]
async fn connections_reset_in_uploads_and_events_end_in_create_complete() {
    let wire = Wire::new();
    wire.aws.spoil_next("PutObject", 2, &WireFault::UploadReset);
    wire.aws.spoil_next("DescribeStackEvents", 5, &WireFault::Unreached);
    wire.aws.spoil("DescribeStackEvents", 7, WireFault::AnswerCut);
    wire.is_created().await;
}

#[tokio::test]
async fn server_faults_on_change_sets_end_in_create_complete() {
    let wire = Wire::new();
    wire.aws.spoil_next("CreateChangeSet", 3, &WireFault::internal_failure());
    wire.aws.spoil_next("DescribeChangeSet", 9, &WireFault::unavailable());
    wire.aws.spoil_next("ExecuteChangeSet", 3, &WireFault::internal_failure());
    wire.is_created().await;
}

#[tokio::test]
async fn credentials_that_expire_in_mid_wait_are_read_anew_once_somebody_has_logged_in() {
    let wire = Wire::new();
    let file = wire.keys_file();
    write_keys(&file, "OLD");
    let options = SessionOptions { credentials_file: Some(file.clone()), ..wire.options() };
    let session = Session::load(options).await.unwrap();
    let disturbed = Cell::new(0);
    let outcome = wire
        .up_by(&session, |kind| match kind {
            EventKind::OperationStarted { .. } => wire.aws.expire("OLD"),
            EventKind::WatchDisturbed { error, .. } => {
                assert_eq!(error.code, AwsErrorCode::CredentialsExpired);
                disturbed.set(disturbed.get() + 1);
                write_keys(&file, "NEW");
            }
            _ => {}
        })
        .await
        .unwrap();
    assert!(matches!(outcome, Outcome::Created { .. }), "{outcome:?}");
    assert_eq!(disturbed.get(), 1);
    wire.is_made_once();
}

#[tokio::test]
async fn credentials_that_stay_expired_detach_and_the_stack_is_made_all_the_same() {
    let wire = Wire::new();
    let file = wire.keys_file();
    write_keys(&file, "OLD");
    let options = SessionOptions { credentials_file: Some(file), ..wire.options() };
    let session = Session::load(options).await.unwrap();
    let expire = |kind: &EventKind| {
        if matches!(kind, EventKind::OperationStarted { .. }) {
            wire.aws.expire("OLD");
        }
    };
    let failed = wire.up_by(&session, expire).await.unwrap_err();
    let UpError::Aws { source, during, .. } = failed else { panic!("{failed:?}") };
    assert_eq!(source.code, AwsErrorCode::CredentialsExpired);
    assert_eq!(during, "watching the operation, which goes on");
    assert_eq!(wire.status(), Some(StackStatus::CreateComplete));
    assert!(matches!(wire.up().await, Ok(Outcome::Unchanged { .. })));
}

#[tokio::test]
async fn credentials_that_were_renewed_meanwhile_are_taken_without_a_word() {
    let wire = Wire::new();
    let file = wire.keys_file();
    write_keys(&file, "OLD");
    let options = SessionOptions { credentials_file: Some(file.clone()), ..wire.options() };
    let session = Session::load(options).await.unwrap();
    write_keys(&file, "NEW");
    wire.aws.expire("OLD");
    let outcome = wire.up_by(&session, |_| {}).await.unwrap();
    assert!(matches!(outcome, Outcome::Created { .. }), "{outcome:?}");
    wire.is_made_once();
}

#[tokio::test]
async fn clock_of_this_machine_that_is_an_hour_behind_is_corrected() {
    let wire = Wire::new();
    wire.aws.set_clock_ahead(Duration::from_secs(3_600));
    wire.is_created().await;
}

#[tokio::test]
async fn pages_of_one_entry_lose_nothing() {
    let wire = Wire::new();
    wire.aws.set_page_size(1);
    wire.is_created().await;
    let Outcome::Deleted(receipt) = wire.down().await else { panic!("not deleted") };
    assert_eq!(receipt.deleted, 3);
}

/// aws/aws-cdk-cli#1780 and #2036: described with property values, whole resources are missing, and only
/// the first page of the changes was read.
#[tokio::test]
async fn resource_that_the_description_with_values_drops_is_reviewed_all_the_same() {
    let wire = Wire::new();
    wire.aws.drop_from_property_values("Messages");
    wire.aws.set_page_size(1);
    let adapters = Adapters::of(&wire.session().await);
    let approver = Answering::with(Answer::Approved);
    let ports = adapters.ports(&wire, &wire.account.recorder);
    up(&ports, &wire.packager(), &approver, &wire.inputs).await.unwrap();
    let review = approver.reviews().remove(0);
    let change_set = review.change_set.as_ref().unwrap();
    let mut ids: Vec<&str> = change_set.changes.iter().map(|it| it.logical_id.as_str()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["Messages", "Reader", "Records"]);
}

#[tokio::test]
async fn stack_that_no_other_way_takes_down_is_deleted_by_force() {
    let wire = Wire::new();
    wire.is_created().await;
    for id in ["Reader", "Messages"] {
        wire.account.cloudformation.fail(Verb::Delete, id, "in use");
    }
    let Ok(Outcome::Deleted(receipt)) = wire.down_as(true).await else { panic!("not deleted") };
    let retained: Vec<&str> = receipt.retained.iter().map(|it| it.logical_id.as_str()).collect();
    assert_eq!((retained, wire.status()), (vec!["Messages", "Reader"], None));
}
