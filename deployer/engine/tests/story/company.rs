//! Two at work on the same stack, and one who comes back.

use std::time::Duration;

use pipectl_engine::aws_error::AwsErrorCode;
use pipectl_engine::event::EventKind;
use pipectl_engine::execute::{AttachError, UpError};
use pipectl_engine::outcome::Outcome;
use pipectl_engine::port::{Answer, Approver, CloudFormation as _, Deletion, Request};
use pipectl_engine::status::StackStatus;
use pipectl_testkit::{Answering, FakeAccount, Fault, Verb, finish};
use serde_json::json;

use crate::support::{STACK, Story};

const DELAY: &str = "/Resources/Messages/Properties/DelaySeconds";

/// Does something in the account while the user is asked, and agrees.
struct Meanwhile<'a, F: Fn(&FakeAccount)> {
    account: &'a FakeAccount,
    happens: F,
    times: std::cell::Cell<u32>,
}

impl<F: Fn(&FakeAccount)> Approver for Meanwhile<'_, F> {
    async fn approve(&self, _: Request<'_>) -> Answer {
        if self.times.get() > 0 {
            self.times.set(self.times.get() - 1);
            (self.happens)(self.account);
        }
        Answer::Approved
    }
}

fn meanwhile<F: Fn(&FakeAccount)>(story: &Story, happens: F) -> Meanwhile<'_, F> {
    Meanwhile { account: &story.account, happens, times: std::cell::Cell::new(1) }
}

fn token_of(story: &Story) -> String {
    let kinds = story.account.recorder.kinds();
    let token = kinds.into_iter().find_map(|kind| match kind {
        EventKind::OperationStarted { token, .. } => Some(token),
        _ => None,
    });
    token.unwrap()
}

#[test]
fn running_deployment_of_the_same_content_is_watched_to_its_end() {
    let story = Story::new();
    story.interrupted_after(Duration::from_secs(4));
    let token = token_of(&story);
    story.account.recorder.clear();
    assert!(matches!(story.up(), Ok(Outcome::Unchanged { .. })));
    let waits = story.said(
        |kind| matches!(kind, EventKind::WaitingForOperation { token: Some(it), since_ms: Some(_), .. } if *it == token),
    );
    assert_eq!(waits, 1);
    assert!(!story.account.recorder.stack_events().is_empty());
}

#[test]
fn joined_deployment_of_the_same_content_that_fails_is_not_tried_again_by_itself() {
    let story = Story::new();
    story.account.cloudformation.fail(Verb::Create, "Writer", "no");
    story.interrupted_after(Duration::from_secs(3));
    story.account.journal.clear();
    let failed = story.up().unwrap_err();
    let UpError::Operation(failure) = failed else { panic!("{failed:?}") };
    assert_eq!(failure.failed[0].logical_id, "Writer");
    assert_eq!(story.account.journal.count("ExecuteChangeSet"), 0);
}

#[test]
fn joined_update_of_the_same_code_that_fails_is_not_tried_again_by_itself() {
    let story = Story::deployed();
    story.account.packager.edit("reader");
    story.account.cloudformation.fail(Verb::Update, "Reader", "no");
    story.interrupted_after(Duration::from_secs(1));
    story.account.journal.clear();
    let failed = story.up().unwrap_err();
    let UpError::Operation(failure) = failed else { panic!("{failed:?}") };
    assert_eq!(failure.failed[0].logical_id, "Reader");
    assert_eq!(story.account.journal.count("UpdateStack"), 0);
}

#[test]
fn joined_deployment_of_other_content_that_fails_is_followed_by_ours() {
    let mut story = Story::new();
    story.account.cloudformation.fail(Verb::Create, "Messages", "no");
    story.interrupted_after(Duration::from_secs(3));
    story.account.clock.advance(Duration::from_secs(2));
    story.account.cloudformation.heal();
    story.set(DELAY, json!(1));
    story.ends_well();
}

#[test]
fn second_deployer_waits_for_the_first_and_says_who_is_at_work() {
    let mut story = Story::deployed();
    story.account.cloudformation.occupy(STACK, Duration::from_secs(60));
    story.set(DELAY, json!(5));
    assert!(matches!(story.up(), Ok(Outcome::Updated { .. })));
    let waits = story.said(|kind| {
        matches!(kind, EventKind::WaitingForOperation { token: Some(token), .. } if token == "somebody-else")
    });
    assert_eq!(waits, 1);
}

#[test]
fn deployer_who_is_overtaken_between_review_and_start_plans_again() {
    let mut story = Story::deployed();
    story.set(DELAY, json!(5));
    let approver = meanwhile(&story, |account| account.cloudformation.occupy(STACK, Duration::from_secs(30)));
    assert!(matches!(story.up_asking(&approver), Ok(Outcome::Updated { .. })));
    assert_eq!(story.account.packager.runs().len(), 2, "one for the first deployment, one for this");
}

/// Nobody is asked about code, so all the time of compiling lies between the look at the stack and the call.
#[test]
fn update_of_code_that_was_overtaken_by_a_finished_deployment_plans_again() {
    let story = Story::deployed();
    story.account.packager.edit("reader");
    let approver = meanwhile(&story, |account| {
        account.cloudformation.occupy(STACK, Duration::from_secs(30));
        account.clock.advance(Duration::from_secs(60));
    });
    story.account.journal.clear();
    assert!(matches!(story.up_asking(&approver), Ok(Outcome::Updated { .. })));
    assert_eq!(
        (story.account.journal.count("GetTemplate"), story.account.journal.count("UpdateStack")),
        (2, 1)
    );
}

#[test]
fn deployer_who_may_not_update_without_a_change_set_makes_one_and_says_so() {
    let story = Story::deployed();
    story.account.packager.edit("reader");
    story.account.journal.spoil("UpdateStack", 1, Fault::Refused(AwsErrorCode::AccessDenied));
    assert!(matches!(story.up(), Ok(Outcome::Updated { .. })));
    assert_eq!(story.account.journal.count("ExecuteChangeSet"), 1);
    assert_eq!(story.said(|kind| matches!(kind, EventKind::FellBack { from: "update_stack", .. })), 1);
}

#[test]
fn stack_deleted_by_hand_between_review_and_start_is_made_anew() {
    let mut story = Story::deployed();
    story.set(DELAY, json!(5));
    let approver = meanwhile(&story, |account| {
        finish(account.cloudformation.delete_stack(&Deletion::of(STACK, "by-hand"))).unwrap();
        account.clock.advance(Duration::from_secs(60));
    });
    assert!(matches!(story.up_asking(&approver), Ok(Outcome::Created { .. })));
    assert!(matches!(story.up(), Ok(Outcome::Unchanged { .. })));
}

#[test]
fn stack_deleted_by_hand_while_it_is_made_is_told_and_made_by_the_next_run() {
    let story = Story::new();
    story.interrupted_after(Duration::from_secs(4));
    finish(story.account.cloudformation.delete_stack(&Deletion::of(STACK, "by-hand"))).unwrap();
    let token = token_of(&story);
    let gone = story.attach(Some(&token)).unwrap_err();
    assert!(matches!(gone, AttachError::Operation(_)), "{gone:?}");
    story.ends_well();
}

#[test]
fn refused_change_that_nobody_overtook_is_not_repeated() {
    let mut story = Story::deployed();
    story.set(DELAY, json!(5));
    story.account.journal.spoil("CreateChangeSet", 1, Fault::Refused(AwsErrorCode::Invalid));
    assert!(matches!(story.up(), Err(UpError::Aws { .. })));
    assert_eq!(story.account.journal.count("CreateChangeSet"), 1);
}

#[test]
fn attaching_shows_a_running_operation_to_its_end_by_its_token() {
    let story = Story::new();
    story.interrupted_after(Duration::from_secs(4));
    let token = token_of(&story);
    story.account.recorder.clear();
    assert!(matches!(story.attach(Some(&token)), Ok(Outcome::Created { outputs }) if !outputs.is_empty()));
    let events = story.account.recorder.stack_events();
    assert_eq!(events.len(), 17, "from its first event on");
}

#[test]
fn attaching_shows_a_finished_operation_too() {
    let mut story = Story::deployed();
    story.set(DELAY, json!(5));
    story.up().unwrap();
    let (first, last) = {
        let kinds = story.account.recorder.kinds();
        let mut tokens = kinds.into_iter().filter_map(|kind| match kind {
            EventKind::OperationStarted { token, .. } => Some(token),
            _ => None,
        });
        let last = tokens.next_back().unwrap();
        (story.stack().unwrap().last_operations[0].id.clone(), last)
    };
    assert!(matches!(story.attach(Some(&last)), Ok(Outcome::Updated { .. })));
    assert!(matches!(story.attach(None), Ok(Outcome::Updated { .. })));
    assert!(matches!(story.attach(Some(&first)), Ok(Outcome::Created { .. })), "by AWS's ID");
}

#[test]
fn attaching_to_nothing_is_told() {
    assert!(matches!(Story::new().attach(None), Err(AttachError::NoStack { .. })));
    let story = Story::deployed();
    assert!(matches!(story.attach(Some("no-such")), Err(AttachError::NoOperation { .. })));
}

#[test]
fn failed_operation_fails_the_watch_on_it_with_its_cause() {
    let mut story = Story::deployed();
    story.set(DELAY, json!(5));
    story.account.cloudformation.fail(Verb::Update, "Messages", "out of range");
    story.up().unwrap_err();
    let failed = story.attach(None).unwrap_err();
    let AttachError::Operation(failure) = failed else { panic!("{failed:?}") };
    assert_eq!(failure.failed[0].reason, "out of range");
}

#[test]
fn cancelled_update_goes_back_to_the_state_before() {
    let mut story = Story::deployed();
    story.set(DELAY, json!(5));
    story.interrupted_after(Duration::from_secs(3));
    assert_eq!(story.status(), Some(StackStatus::UpdateInProgress));
    let expected = Outcome::Cancelled { status: Some(StackStatus::UpdateRollbackComplete) };
    assert_eq!(story.cancel().unwrap(), expected);
    story.ends_well();
}

#[test]
fn cancelled_first_deployment_leaves_nothing() {
    let story = Story::new();
    story.interrupted_after(Duration::from_secs(4));
    assert_eq!(story.cancel().unwrap(), Outcome::Cancelled { status: None });
    assert_eq!(story.status(), None);
    story.ends_well();
}

#[test]
fn what_does_not_run_cannot_be_cancelled() {
    let story = Story::deployed();
    assert!(matches!(story.cancel(), Err(AttachError::CannotCancel { .. })));
    assert_eq!(story.status(), Some(StackStatus::CreateComplete));
}

#[test]
fn credentials_that_expire_while_watching_are_awaited_and_the_deployment_ends_well() {
    let story = Story::new();
    for nth in 3..15 {
        let fault = Fault::Refused(AwsErrorCode::CredentialsExpired);
        story.account.journal.spoil("DescribeStackEvents", nth, fault);
    }
    assert!(matches!(story.up(), Ok(Outcome::Created { .. })));
    let disturbed = |kind: &EventKind| matches!(kind, EventKind::WatchDisturbed { error, .. } if error.code == AwsErrorCode::CredentialsExpired);
    assert_eq!(story.said(disturbed), 1, "said once, not at every look");
}

#[test]
fn twelve_throttled_calls_in_a_row_are_survived_whatever_they_do() {
    let calls =
        ["DescribeStacks", "CreateChangeSet", "DescribeChangeSet", "ExecuteChangeSet", "DescribeStackEvents"];
    for call in calls {
        let story = Story::new();
        for nth in 1..=12 {
            story.account.journal.spoil(call, nth, Fault::Refused(AwsErrorCode::Throttled));
        }
        assert!(matches!(story.up(), Ok(Outcome::Created { .. })), "{call}");
        let slowed = |kind: &EventKind| matches!(kind, EventKind::WatchDisturbed { error, .. } if error.code == AwsErrorCode::Throttled);
        assert_eq!(story.said(slowed), 1, "{call}: said once, not at every try");
    }
}

#[test]
fn credentials_that_stay_expired_detach_and_the_stack_does_not_suffer() {
    let story = Story::new();
    for nth in 3..400 {
        let fault = Fault::Refused(AwsErrorCode::CredentialsExpired);
        story.account.journal.spoil("DescribeStackEvents", nth, fault);
    }
    let UpError::Aws { source, .. } = story.up().unwrap_err() else { panic!("no failed call") };
    assert_eq!(source.code, AwsErrorCode::CredentialsExpired);
    assert_eq!(story.status(), Some(StackStatus::CreateComplete));
}

#[test]
fn declined_while_somebody_elses_deployment_waits_changes_nothing() {
    let mut story = Story::deployed();
    story.set(DELAY, json!(5));
    assert!(matches!(story.up_asking(&Answering::with(Answer::Declined)), Ok(Outcome::Declined)));
    assert_eq!(story.status(), Some(StackStatus::CreateComplete));
}
