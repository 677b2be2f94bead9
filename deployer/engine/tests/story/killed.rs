//! `kill -9` after every single call of `up` and `down`, and then the same command again.

use std::time::Duration;

use futures_util::FutureExt as _;
use pipectl_engine::execute::{down, up};
use pipectl_engine::outcome::Outcome;
use pipectl_engine::port::{Answer, CloudFormation as _};
use pipectl_engine::status::StackStatus;
use pipectl_testkit::{Answering, FakeObjectStore, finish};
use serde_json::json;

use crate::support::{STACK, Story, receipt};

/// More calls than any operation of these tests makes.
const ENOUGH: usize = 200;

#[derive(Debug, Clone, Copy)]
enum Verb {
    Up,
    Down,
}

/// Runs a verb that dies after `calls`; false when it was over before.
fn dies_after(story: &Story, verb: Verb, calls: usize) -> bool {
    let account = &story.account;
    let (ports, approver) = (account.ports(), Answering::with(Answer::Approved));
    account.journal.die_after(calls);
    let died = match verb {
        Verb::Up => up(&ports, &account.packager, &approver, &story.inputs).now_or_never().is_none(),
        Verb::Down => down(&ports, &approver, STACK, false).now_or_never().is_none(),
    };
    account.journal.revive();
    died
}

/// Kills a verb after its first call, its second, and so on, and looks what is there after the next run,
/// once at once and once when AWS has long finished.
fn killed_after_each_call(story: impl Fn() -> Story, verb: Verb, run_again: impl Fn(&Story, usize)) {
    for pause in [Duration::ZERO, Duration::from_secs(300)] {
        for calls in 1..ENOUGH {
            let story = story();
            if !dies_after(&story, verb, calls) {
                assert!(calls > 5, "the verb made {calls} calls only");
                break;
            }
            story.account.clock.advance(pause);
            run_again(&story, calls);
        }
    }
}

/// Nothing waits, nothing is there twice, and each package was put once.
#[track_caller]
fn is_clean(story: &Story, packages: usize, operations: usize, calls: usize) {
    let change_sets = finish(story.account.cloudformation.change_sets(STACK)).unwrap();
    assert!(!change_sets.iter().any(|it| it.is_waiting()), "after {calls} calls: {change_sets:?}");
    let bucket = FakeObjectStore::artifact_bucket_name();
    assert_eq!(story.account.store.versions(&bucket), packages, "after {calls} calls");
    let stack = story.stack().unwrap();
    assert_eq!(stack.last_operations.len(), operations, "after {calls} calls: {:?}", stack.last_operations);
    assert!(matches!(story.up(), Ok(Outcome::Unchanged { .. })), "after {calls} calls");
}

#[test]
fn up_that_makes_a_stack_is_done_once_whenever_it_was_killed() {
    killed_after_each_call(Story::new, Verb::Up, |story, calls| {
        let outcome = story.up().unwrap_or_else(|error| panic!("after {calls} calls: {error:?}"));
        assert!(
            matches!(outcome, Outcome::Created { .. } | Outcome::Unchanged { .. }),
            "after {calls}: {outcome:?}"
        );
        assert_eq!(story.status(), Some(StackStatus::CreateComplete), "after {calls} calls");
        is_clean(story, 2, 1, calls);
    });
}

#[test]
fn up_that_changes_a_stack_is_done_once_whenever_it_was_killed() {
    let changed = || {
        let mut story = Story::deployed();
        story.set("/Resources/Messages/Properties/DelaySeconds", json!(5));
        story.account.packager.edit("reader");
        story
    };
    killed_after_each_call(changed, Verb::Up, |story, calls| {
        let outcome = story.up().unwrap_or_else(|error| panic!("after {calls} calls: {error:?}"));
        assert!(
            matches!(outcome, Outcome::Updated { .. } | Outcome::Unchanged { .. }),
            "after {calls}: {outcome:?}"
        );
        assert_eq!(story.status(), Some(StackStatus::UpdateComplete), "after {calls} calls");
        is_clean(story, 3, 2, calls);
    });
}

#[test]
fn up_that_changes_code_alone_is_done_once_whenever_it_was_killed() {
    let changed = || {
        let story = Story::deployed();
        story.account.packager.edit("reader");
        story
    };
    killed_after_each_call(changed, Verb::Up, |story, calls| {
        let outcome = story.up().unwrap_or_else(|error| panic!("after {calls} calls: {error:?}"));
        assert!(
            matches!(outcome, Outcome::Updated { .. } | Outcome::Unchanged { .. }),
            "after {calls}: {outcome:?}"
        );
        assert_eq!(story.status(), Some(StackStatus::UpdateComplete), "after {calls} calls");
        is_clean(story, 3, 2, calls);
        assert_eq!(story.account.journal.count("CreateChangeSet"), 0, "after {calls} calls");
    });
}

#[test]
fn up_of_which_the_first_try_failed_is_done_once_whenever_it_was_killed() {
    let failed = || {
        let story = Story::new();
        story.account.cloudformation.put_stack(
            STACK,
            StackStatus::RollbackComplete,
            json!({"Resources": {}}),
        );
        story
    };
    killed_after_each_call(failed, Verb::Up, |story, calls| {
        let outcome = story.up().unwrap_or_else(|error| panic!("after {calls} calls: {error:?}"));
        assert!(
            matches!(outcome, Outcome::Created { .. } | Outcome::Unchanged { .. }),
            "after {calls}: {outcome:?}"
        );
        is_clean(story, 2, 1, calls);
    });
}

#[test]
fn down_leaves_nothing_whenever_it_was_killed() {
    let full = || {
        let story = Story::deployed();
        story.account.store.write("files", "key", b"1");
        story.account.store.write("files", "key", b"2");
        story
    };
    killed_after_each_call(full, Verb::Down, |story, calls| {
        receipt(story.down());
        assert_eq!(story.status(), None, "after {calls} calls");
        assert!(!story.account.store.has_bucket("files"), "after {calls} calls");
        assert!(receipt(story.down()).was_absent, "after {calls} calls");
    });
}
