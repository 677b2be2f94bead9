use std::time::Duration;

use pipectl_engine::event::EventKind;
use pipectl_engine::execute::{RecoverError, UpError};
use pipectl_engine::outcome::Outcome;
use pipectl_engine::port::Answer;
use pipectl_engine::recover::Action;
use pipectl_engine::status::StackStatus;
use pipectl_testkit::{Answering, FakeObjectStore, Verb, interrupt};
use serde_json::json;

use crate::support::{STACK, Story, template};

#[test]
fn create_uploads_each_package_and_ends_with_the_outputs() {
    let story = Story::new();
    let outcome = story.up().unwrap();
    assert_eq!(
        outcome,
        Outcome::Created { outputs: [("TableName".to_owned(), "records".to_owned())].into() }
    );
    assert_eq!(story.status(), Some(StackStatus::CreateComplete));
    assert_eq!(story.account.store.versions(&FakeObjectStore::artifact_bucket_name()), 2);
    assert_eq!(story.account.packager.runs().len(), 1);
}

#[test]
fn failed_create_names_the_first_failed_resource_and_leaves_nothing() {
    let story = Story::new();
    story.account.cloudformation.fail(Verb::Create, "Messages", "too many queues");
    let UpError::Operation(failure) = story.up().unwrap_err() else { panic!("no operation failure") };
    assert_eq!(failure.status, StackStatus::DeleteComplete);
    assert!(failure.is_rolled_back());
    let failed: Vec<_> =
        failure.failed.iter().map(|it| (it.logical_id.as_str(), it.reason.as_str())).collect();
    assert_eq!(failed, [("Messages", "too many queues")]);
    assert_eq!(story.status(), None);
    story.account.cloudformation.heal();
    story.ends_well();
}

#[test]
fn failed_create_whose_deletion_fails_too_is_deleted_by_the_next_run() {
    let story = Story::new();
    story.account.cloudformation.fail(Verb::Create, "Writer", "no");
    story.account.cloudformation.fail(Verb::Delete, "Records", "in use");
    let UpError::Operation(failure) = story.up().unwrap_err() else { panic!("no operation failure") };
    assert_eq!(failure.status, StackStatus::DeleteFailed);
    assert!(!failure.is_rolled_back());
    story.account.cloudformation.heal();
    story.ends_well();
}

#[test]
fn remains_of_a_failed_create_are_deleted_first() {
    let story = Story::new();
    story.account.cloudformation.put_stack(STACK, StackStatus::RollbackComplete, template());
    assert!(matches!(story.up(), Ok(Outcome::Created { .. })));
    assert_eq!(story.said(|kind| matches!(kind, EventKind::RemainsDeleted { .. })), 1);
}

#[test]
fn remains_that_cannot_be_deleted_are_left_with_consent_only() {
    let story = Story::new();
    story.account.cloudformation.put_stack(STACK, StackStatus::RollbackComplete, template());
    story.account.cloudformation.fail(Verb::Delete, "Records", "in use");
    let refused = story.up_asking(&Answering::with(Answer::Refused)).unwrap_err();
    let UpError::Recovery(RecoverError::ConsentMissing { action, .. }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(action, Action::RetainStubborn(vec!["Records".to_owned()]));
    assert_eq!(story.status(), Some(StackStatus::DeleteFailed));
    let approver = Answering::with(Answer::Approved);
    assert!(matches!(story.up_asking(&approver), Ok(Outcome::Created { .. })));
    assert_eq!(approver.proposals()[0].action, action);
}

#[test]
fn template_too_large_for_a_request_goes_by_the_bucket() {
    let mut story = Story::new();
    story.inputs.wanted.template["Metadata"] = json!({"Filler": "x".repeat(51_200)});
    assert!(matches!(story.up(), Ok(Outcome::Created { .. })));
    assert_eq!(story.account.store.versions(&FakeObjectStore::artifact_bucket_name()), 3);
    assert!(matches!(story.up(), Ok(Outcome::Unchanged { .. })));
}

#[test]
fn interrupted_before_the_start_is_continued_with_the_same_change_set() {
    let story = Story::new();
    let ports = story.account.ports();
    let approver = Answering::with(Answer::Approved);
    story.account.clock.stop_after(Duration::ZERO);
    interrupt(pipectl_engine::execute::up(&ports, &story.account.packager, &approver, &story.inputs));
    assert_eq!(story.status(), Some(StackStatus::ReviewInProgress));
    story.account.clock.go_on();
    story.ends_well();
    assert_eq!(story.account.journal.count("DeleteChangeSet"), 0);
}

#[test]
fn interrupted_while_watching_is_awaited_by_the_next_run() {
    let story = Story::new();
    let ports = story.account.ports();
    let approver = Answering::with(Answer::Approved);
    story.account.clock.stop_after(Duration::from_secs(4));
    interrupt(pipectl_engine::execute::up(&ports, &story.account.packager, &approver, &story.inputs));
    assert_eq!(story.status(), Some(StackStatus::CreateInProgress));
    story.account.clock.go_on();
    assert!(matches!(story.up(), Ok(Outcome::Unchanged { .. })));
    assert_eq!(story.said(|kind| matches!(kind, EventKind::WaitingForOperation { .. })), 1);
}
