use std::time::Duration;

use pipectl_engine::aws_error::AwsErrorCode;
use pipectl_engine::change_set::ChangeSetKind;
use pipectl_engine::port::{Clock as _, CloudFormation as _, Content, ObjectStore as _};
use pipectl_engine::status::StackStatus;
use pipectl_testkit::{FakeAccount, FakeClock, Fault, finish, interrupt};

use crate::support::{ask, deployed, pass, request, status, template};

#[test]
fn only_the_nth_call_is_refused() {
    let account = FakeAccount::new();
    account.journal.spoil("DescribeStacks", 2, Fault::Refused(AwsErrorCode::Throttled));
    let call = || finish(account.cloudformation.describe_stack("s")).map_err(|error| error.code);
    assert_eq!([call(), call(), call()], [Ok(None), Err(AwsErrorCode::Throttled), Ok(None)]);
    assert_eq!(account.journal.count("DescribeStacks"), 3);
}

#[test]
fn lost_answer_leaves_the_work_done() {
    let account = FakeAccount::new();
    account.journal.spoil("CreateChangeSet", 1, Fault::AnswerLost);
    let create = request(ChangeSetKind::Create, "a", &template());
    assert_eq!(ask(&account, &create), Err(AwsErrorCode::Unreachable));
    assert_eq!(status(&account), Some(StackStatus::ReviewInProgress));
}

#[test]
fn repeated_call_gives_the_second_answer() {
    let account = FakeAccount::new();
    account.journal.spoil("CreateChangeSet", 1, Fault::Repeated);
    let create = request(ChangeSetKind::Create, "a", &template());
    assert_eq!(ask(&account, &create), Err(AwsErrorCode::AlreadyExists));
}

#[test]
fn occupied_stack_is_free_when_its_time_has_passed() {
    let account = deployed();
    account.cloudformation.occupy("s", Duration::from_secs(10));
    assert_eq!(status(&account), Some(StackStatus::UpdateInProgress));
    pass(&account, 11);
    assert_eq!(status(&account), Some(StackStatus::UpdateComplete));
}

#[test]
fn emptying_deletes_every_version_and_a_late_writer_adds_one() {
    let account = FakeAccount::new();
    account.store.write("b", "k", b"1");
    account.store.write("b", "k", b"2");
    account.store.refill_after_emptying("b", 1);
    let empty = || finish(account.store.empty_bucket("b")).unwrap();
    assert_eq!([empty(), empty(), empty()], [2, 1, 0]);
}

#[test]
fn missing_and_foreign_buckets_are_told_apart() {
    let account = FakeAccount::new();
    account.store.give_away("theirs");
    let put =
        |bucket| finish(account.store.put(bucket, "k", Content::Bytes(Vec::new()))).map_err(|it| it.code);
    assert_eq!(put("none"), Err(AwsErrorCode::NotFound));
    assert_eq!(put("theirs"), Err(AwsErrorCode::ForeignBucket));
}

#[test]
fn sleep_moves_the_clock_and_a_stopped_clock_ends_the_operation() {
    let clock = FakeClock::new();
    finish(clock.sleep(Duration::from_secs(5)));
    assert_eq!(clock.now_ms(), FakeClock::START_MS + 5_000);
    clock.stop_after(Duration::from_secs(1));
    interrupt(clock.sleep(Duration::from_secs(2)));
    clock.go_on();
    finish(clock.sleep(Duration::from_secs(2)));
}

#[test]
fn dead_caller_gets_no_answer_to_the_call_it_died_in_nor_to_any_later_one() {
    let account = FakeAccount::new();
    let create = request(ChangeSetKind::Create, "a", &template());
    account.journal.die_after(2);
    finish(account.cloudformation.describe_stack("s")).unwrap();
    interrupt(account.cloudformation.create_change_set(&create));
    interrupt(account.cloudformation.describe_stack("s"));
    account.journal.revive();
    assert_eq!(status(&account), Some(StackStatus::ReviewInProgress));
}

#[test]
fn somebody_else_s_change_set_waits_on_a_stack_of_its_own() {
    let account = FakeAccount::new();
    account.cloudformation.put_change_set("s", "theirs");
    pass(&account, 2);
    let waiting = finish(account.cloudformation.change_sets("s")).unwrap();
    assert_eq!((waiting[0].name.as_str(), waiting[0].is_executable), ("theirs", true));
    assert_eq!(status(&account), Some(StackStatus::ReviewInProgress));
}
