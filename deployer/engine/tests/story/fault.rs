use pipectl_engine::aws_error::AwsErrorCode;
use pipectl_engine::execute::UpError;
use pipectl_engine::outcome::Outcome;
use pipectl_testkit::{FakeObjectStore, Fault};

use crate::support::Story;

fn code(error: UpError) -> AwsErrorCode {
    match error {
        UpError::Aws { source, .. } => source.code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn change_set_whose_acknowledgement_was_lost_is_joined_by_the_sdks_repetition() {
    let story = Story::new();
    story.account.journal.spoil("CreateChangeSet", 1, Fault::Repeated);
    assert!(matches!(story.up(), Ok(Outcome::Created { .. })));
    assert_eq!(story.account.journal.count("DeleteChangeSet"), 0);
}

#[test]
fn change_set_whose_acknowledgement_never_came_is_found_by_its_name() {
    let story = Story::new();
    story.account.journal.spoil("CreateChangeSet", 1, Fault::AnswerLost);
    assert!(matches!(story.up(), Ok(Outcome::Created { .. })));
    assert_eq!(story.account.journal.count("CreateChangeSet"), 1);
}

#[test]
fn change_set_that_was_not_heard_of_fails_and_leaves_nothing() {
    let story = Story::new();
    story.account.journal.spoil("CreateChangeSet", 1, Fault::Refused(AwsErrorCode::Unreachable));
    assert_eq!(code(story.up().unwrap_err()), AwsErrorCode::Unreachable);
    assert_eq!(story.status(), None);
    story.ends_well();
}

#[test]
fn upload_whose_acknowledgement_never_came_is_found_by_its_digest() {
    let story = Story::new();
    story.account.journal.spoil("PutObject", 1, Fault::AnswerLost);
    assert!(matches!(story.up(), Ok(Outcome::Created { .. })));
    assert_eq!(story.account.store.versions(&FakeObjectStore::artifact_bucket_name()), 2);
}

#[test]
fn execution_whose_acknowledgement_was_lost_is_joined() {
    let story = Story::new();
    story.account.journal.spoil("ExecuteChangeSet", 1, Fault::Repeated);
    assert!(matches!(story.up(), Ok(Outcome::Created { .. })));
}

#[test]
fn execution_whose_acknowledgement_never_came_is_found_by_its_token() {
    let story = Story::new();
    story.account.journal.spoil("ExecuteChangeSet", 1, Fault::AnswerLost);
    assert!(matches!(story.up(), Ok(Outcome::Created { .. })));
    assert_eq!(story.account.journal.count("ExecuteChangeSet"), 1);
}

#[test]
fn update_of_code_whose_acknowledgement_was_lost_is_joined_or_found_by_its_token() {
    for fault in [Fault::Repeated, Fault::AnswerLost] {
        let story = Story::deployed();
        story.account.packager.edit("reader");
        story.account.journal.spoil("UpdateStack", 1, fault);
        assert!(matches!(story.up(), Ok(Outcome::Updated { .. })));
        assert_eq!(story.account.journal.count("UpdateStack"), 1);
        assert_eq!(story.stack().unwrap().last_operations.len(), 2);
    }
}

#[test]
fn throttled_looks_do_not_fail_a_deployment() {
    let story = Story::new();
    for nth in 3..8 {
        story.account.journal.spoil("DescribeStackEvents", nth, Fault::Refused(AwsErrorCode::Throttled));
    }
    assert!(matches!(story.up(), Ok(Outcome::Created { .. })));
}

#[test]
fn watch_that_is_throttled_for_good_fails_and_the_next_run_finds_the_stack_made() {
    let story = Story::new();
    for nth in 3..300 {
        story.account.journal.spoil("DescribeStackEvents", nth, Fault::Refused(AwsErrorCode::Throttled));
    }
    assert_eq!(code(story.up().unwrap_err()), AwsErrorCode::Throttled);
    assert!(matches!(story.up(), Ok(Outcome::Unchanged { .. })));
}

#[test]
fn watch_without_permission_fails_at_once() {
    let story = Story::new();
    story.account.journal.spoil("DescribeStackEvents", 1, Fault::Refused(AwsErrorCode::AccessDenied));
    assert_eq!(code(story.up().unwrap_err()), AwsErrorCode::AccessDenied);
    assert_eq!(story.account.journal.count("DescribeStackEvents"), 1);
}

#[test]
fn each_call_may_fail_once_and_the_next_run_ends_well() {
    let calls = {
        let story = Story::new();
        story.up().unwrap();
        let mut calls = story.account.journal.calls();
        calls.sort_unstable();
        calls.dedup();
        calls
    };
    for operation in calls {
        for fault in [Fault::Refused(AwsErrorCode::AccessDenied), Fault::AnswerLost] {
            let story = Story::new();
            story.account.journal.spoil(operation, 1, fault);
            // What is found by its name, its digest or its token may go unanswered, and a look at the events
            // may fail.
            let is_found = [
                "CreateChangeSet",
                "DescribeChangeSet",
                "DescribeStackEvents",
                "ExecuteChangeSet",
                "PutObject",
            ];
            assert!(story.up().is_err() || is_found.contains(&operation), "{operation}");
            let outcome = story.up().unwrap();
            assert!(!matches!(outcome, Outcome::Declined | Outcome::Deleted(_)), "{operation}: {outcome:?}");
            assert!(matches!(story.up(), Ok(Outcome::Unchanged { .. })), "{operation}");
            story.down().unwrap();
        }
    }
}

#[test]
fn broken_crate_stops_before_anything_is_changed() {
    let story = Story::new();
    story.account.packager.break_crate("reader");
    assert!(matches!(story.up().unwrap_err(), UpError::Packaging(_)));
    assert_eq!(story.account.journal.calls(), ["DescribeStacks"]);
}
