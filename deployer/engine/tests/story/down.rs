use std::time::Duration;

use pipectl_engine::event::EventKind;
use pipectl_engine::execute::DownError;
use pipectl_engine::outcome::{Outcome, Receipt, Retained, Why};
use pipectl_engine::port::Answer;
use pipectl_engine::recover::Action;
use pipectl_engine::status::StackStatus;
use pipectl_testkit::{Answering, Fault, Verb};
use serde_json::json;

use crate::support::{DeletesOnly, STACK, Story, receipt, template};

#[test]
fn absent_stack_counts_as_deleted() {
    let story = Story::new();
    assert_eq!(receipt(story.down()), Receipt { was_absent: true, ..Receipt::default() });
    assert_eq!(story.account.journal.calls(), ["DescribeStacks"]);
}

#[test]
fn deletion_counts_its_resources_and_can_be_repeated() {
    let story = Story::deployed();
    assert_eq!(receipt(story.down()).deleted, 5);
    assert_eq!(story.status(), None);
    assert!(receipt(story.down()).was_absent);
    story.ends_well();
}

#[test]
fn protected_stack_is_left_alone() {
    let story = Story::deployed();
    story.account.cloudformation.protect(STACK, true);
    assert!(matches!(story.down(), Err(DownError::Protected { .. })));
    assert_eq!(story.account.journal.count("DeleteStack"), 0);
}

#[test]
fn retained_resources_stand_in_the_receipt_and_keep_their_data() {
    let mut kept = template();
    kept["Resources"]["Files"]["DeletionPolicy"] = json!("RetainExceptOnCreate");
    let story = Story::deployed_as(kept);
    story.account.store.write("files", "key", b"x");
    let receipt = receipt(story.down());
    let files = Retained {
        logical_id: "Files".to_owned(),
        resource_type: "AWS::S3::Bucket".to_owned(),
        physical_id: "files".to_owned(),
        why: Why::DeletionPolicy,
    };
    assert_eq!((receipt.retained, receipt.deleted), (vec![files], 4));
    assert_eq!(story.account.store.versions("files"), 1);
}

#[test]
fn bucket_that_a_template_in_yaml_retains_keeps_its_data() {
    let mut kept = template();
    kept["Resources"]["Files"]["DeletionPolicy"] = json!("Retain");
    let story = Story::deployed_as(kept);
    story.account.store.write("files", "key", b"x");
    let yaml = "Resources:\n  Files:\n    Type: AWS::S3::Bucket\n    DeletionPolicy: Retain\n    \
                Properties: { BucketName: !Sub files }\n";
    story.account.cloudformation.show_template_as(STACK, yaml);
    assert_eq!(receipt(story.down()).retained.len(), 1);
    assert_eq!(story.account.store.versions("files"), 1);
}

#[test]
fn nothing_is_emptied_when_the_template_cannot_be_read() {
    let story = Story::deployed();
    story.account.store.write("files", "key", b"x");
    story.account.cloudformation.show_template_as(STACK, "{");
    assert!(matches!(story.down_asking(&DeletesOnly), Err(DownError::Operation(_))));
    assert_eq!(story.account.store.versions("files"), 1);
}

#[test]
fn full_bucket_is_emptied_with_all_versions() {
    let story = Story::deployed();
    story.account.store.write("files", "key", b"1");
    story.account.store.write("files", "key", b"2");
    assert_eq!(receipt(story.down()).emptied["files"], 2);
    assert_eq!(story.said(|kind| matches!(kind, EventKind::BucketEmptied { objects: 2, .. })), 1);
    assert!(!story.account.store.has_bucket("files"));
}

#[test]
fn bucket_that_a_late_writer_refilled_is_emptied_again() {
    let story = Story::deployed();
    story.account.store.write("files", "key", b"1");
    story.account.store.refill_after_emptying("files", 2);
    let receipt = receipt(story.down());
    assert_eq!((receipt.emptied["files"], receipt.deleted), (3, 5));
}

#[test]
fn writer_that_never_ends_fails_the_deletion_which_can_be_run_again() {
    let story = Story::deployed();
    story.account.store.refill_after_emptying("files", 100);
    let failed = story.down_asking(&DeletesOnly).unwrap_err();
    let DownError::Operation(failure) = failed else { panic!("{failed:?}") };
    assert_eq!(failure.status, StackStatus::DeleteFailed);
    assert_eq!(failure.failed[0].logical_id, "Files");
    story.account.store.refill_after_emptying("files", 0);
    receipt(story.down());
    assert_eq!(story.status(), None);
}

#[test]
fn resource_that_cannot_be_deleted_is_named_and_not_tried_again_in_vain() {
    let story = Story::deployed();
    story.account.cloudformation.fail(Verb::Delete, "Records", "in use");
    let failed = story.down_asking(&DeletesOnly).unwrap_err();
    let DownError::Operation(failure) = failed else { panic!("{failed:?}") };
    assert_eq!(failure.failed[0].logical_id, "Records");
    assert_eq!(story.account.journal.count("DeleteStack"), 1);
    story.account.cloudformation.heal();
    assert_eq!(receipt(story.down()).deleted, 1);
}

#[test]
fn asks_with_all_that_would_go_and_touches_nothing_when_declined() {
    let story = Story::deployed();
    story.account.store.write("files", "key", b"1");
    let approver = Answering::with(Answer::Declined);
    assert_eq!(story.down_asking(&approver).unwrap(), Outcome::Declined);
    let inventory = approver.inventories().remove(0);
    assert_eq!(inventory.deletes.len(), 5);
    assert_eq!(inventory.empties, ["files"]);
    assert_eq!(inventory.loses_data, ["Files", "Messages", "Records"]);
    assert_eq!(story.account.store.versions("files"), 1);
}

#[test]
fn nobody_to_ask_is_refused() {
    let story = Story::deployed();
    let refused = story.down_asking(&Answering::with(Answer::Refused));
    assert!(matches!(refused, Err(DownError::ConsentMissing { .. })));
    assert_eq!(story.status(), Some(StackStatus::CreateComplete));
}

#[test]
fn stack_in_review_is_deleted() {
    let story = Story::new();
    story.interrupted_after(Duration::ZERO);
    assert_eq!(story.status(), Some(StackStatus::ReviewInProgress));
    assert_eq!(receipt(story.down()).deleted, 0);
    assert_eq!(story.status(), None);
}

#[test]
fn lost_acknowledgement_of_the_deletion_is_joined() {
    let story = Story::deployed();
    story.account.journal.spoil("DeleteStack", 1, Fault::Repeated);
    assert_eq!(receipt(story.down()).deleted, 5);
}

#[test]
fn protection_is_lifted_by_force_with_consent_and_said() {
    let story = Story::deployed();
    story.account.cloudformation.protect(STACK, true);
    let approver = Answering::with(Answer::Declined);
    assert_eq!(story.forced_down(&approver).unwrap(), Outcome::Declined);
    assert!(approver.inventories()[0].lifts_protection);
    assert_eq!(story.account.journal.count("UpdateTerminationProtection"), 0);
    receipt(story.forced_down(&Answering::with(Answer::Approved)));
    assert_eq!(story.said(|kind| *kind == EventKind::ProtectionLifted), 1);
}

#[test]
fn resource_that_cannot_be_deleted_is_left_with_consent_and_stands_in_the_receipt_with_its_reason() {
    let story = Story::deployed();
    story.account.cloudformation.fail(Verb::Delete, "Records", "in use");
    let approver = Answering::with(Answer::Approved);
    let receipt = receipt(story.down_asking(&approver));
    assert_eq!(approver.proposals()[0].action, Action::RetainStubborn(vec!["Records".to_owned()]));
    let kept: Vec<_> = receipt.retained.iter().map(|it| (it.physical_id.as_str(), it.why.clone())).collect();
    assert_eq!(kept, [("records", Why::CouldNotBeDeleted("in use".to_owned()))]);
    assert_eq!((receipt.deleted, story.status()), (4, None));
}

#[test]
fn receipt_names_what_was_deleted_and_the_log_groups_and_artifacts_that_remain() {
    let mut logging = template();
    logging["Resources"]["Reader"]["Properties"]["LoggingConfig"] = json!({"LogGroup": "reader-logs"});
    let story = Story::deployed_as(logging);
    let receipt = receipt(story.down());
    let mut deleted: Vec<&str> = receipt.resources.iter().map(|it| it.logical_id.as_str()).collect();
    deleted.sort_unstable();
    assert_eq!(deleted, ["Files", "Messages", "Reader", "Records", "Writer"]);
    let writer = receipt.resources.iter().find(|it| it.logical_id == "Writer").unwrap();
    assert_eq!(receipt.log_groups, [format!("/aws/lambda/{}", writer.physical_id)]);
    let names: Vec<&str> = receipt.artifacts.iter().map(|it| &it.key[..16]).collect();
    assert_eq!(names, ["packages/reader/", "packages/writer/"]);
    assert!(receipt.artifacts.iter().all(|it| story.account.store.object(&it.bucket, &it.key).is_some()));
}

#[test]
fn buckets_are_emptied_until_nobody_writes_any_more() {
    let story = Story::deployed();
    story.account.store.write("files", "key", b"1");
    story.account.store.refill_after_emptying("files", 6);
    let receipt = receipt(story.down());
    assert_eq!((receipt.emptied["files"], receipt.deleted), (7, 5));
    assert_eq!(story.account.journal.count("DeleteStack"), 2);
}

/// A stack of which neither the reader nor the queue that it needs can be deleted.
fn stubborn() -> Story {
    let story = Story::deployed();
    story.account.cloudformation.fail(Verb::Delete, "Reader", "held");
    story.account.cloudformation.fail(Verb::Delete, "Messages", "in use");
    story
}

#[test]
fn stack_that_does_not_go_without_its_stubborn_resources_is_forced_away_and_they_are_in_the_receipt() {
    let story = stubborn();
    let approver = Answering::with(Answer::Approved);
    let receipt = receipt(story.forced_down(&approver));
    let retained: Vec<(&str, &Why)> =
        receipt.retained.iter().map(|it| (it.logical_id.as_str(), &it.why)).collect();
    let why = |reason: &str| Why::CouldNotBeDeleted(reason.to_owned());
    assert_eq!(retained, [("Messages", &why("in use")), ("Reader", &why("held"))]);
    assert_eq!((receipt.deleted, story.status()), (3, None));
    let actions: Vec<Action> = approver.proposals().into_iter().map(|it| it.action).collect();
    let both = ["Messages", "Reader"].map(str::to_owned).to_vec();
    assert_eq!(actions, [Action::RetainStubborn(vec!["Reader".to_owned()]), Action::ForceDeletion(both)]);
}

#[test]
fn nothing_is_forced_away_without_force() {
    let story = stubborn();
    let failed = story.down().unwrap_err();
    let DownError::Operation(failure) = failed else { panic!("{failed:?}") };
    assert_eq!(
        (failure.status, failure.failed[0].logical_id.as_str()),
        (StackStatus::DeleteFailed, "Messages")
    );
    assert_eq!(story.status(), Some(StackStatus::DeleteFailed));
    assert_eq!(story.account.journal.count("DeleteStack"), 2);
}

#[test]
fn what_goes_in_a_forced_deletion_after_all_is_no_remainder() {
    let story = Story::deployed();
    story.account.cloudformation.fail(Verb::Delete, "Reader", "held");
    story.account.cloudformation.fail_times(Verb::Delete, "Messages", "in use", 1);
    let receipt = receipt(story.forced_down(&Answering::with(Answer::Approved)));
    let retained: Vec<&str> = receipt.retained.iter().map(|it| it.logical_id.as_str()).collect();
    assert_eq!((retained, receipt.deleted), (vec!["Reader"], 4));
}

#[test]
fn stack_without_its_force_consented_stays_as_it_failed() {
    let story = stubborn();
    assert!(matches!(story.forced_down(&DeletesOnly), Err(DownError::Operation(_))));
    assert_eq!(story.account.journal.count("DeleteStack"), 1);
}
