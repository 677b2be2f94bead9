use pipectl_engine::change_set::ChangeSetKind;
use pipectl_engine::port::CloudFormation as _;
use pipectl_engine::status::StackStatus;
use pipectl_testkit::{FakeAccount, Verb, finish};
use serde_json::json;

use crate::support::{deployed, events, pass, start, status, template, with};

#[test]
fn create_makes_resources_in_waves_with_all_their_events() {
    let account = FakeAccount::new();
    start(&account, ChangeSetKind::Create, "t", &template());
    assert_eq!(status(&account), Some(StackStatus::CreateInProgress));
    pass(&account, 60);
    let expected = [
        "s CREATE_IN_PROGRESS",
        "Files CREATE_IN_PROGRESS",
        "Queue CREATE_IN_PROGRESS",
        "Files CREATE_IN_PROGRESS",
        "Files CREATE_COMPLETE",
        "Queue CREATE_IN_PROGRESS",
        "Queue CREATE_COMPLETE",
        "Worker CREATE_IN_PROGRESS",
        "Worker CREATE_IN_PROGRESS",
        "Worker CREATE_COMPLETE",
        "s CREATE_COMPLETE",
    ];
    assert_eq!(events(&account, "s", "t"), expected);
    assert!(account.store.has_bucket("files"));
}

#[test]
fn events_carry_the_time_of_their_step() {
    let account = FakeAccount::new();
    start(&account, ChangeSetKind::Create, "t", &template());
    pass(&account, 3600);
    let events = finish(account.cloudformation.events("s", Some("t"), None)).unwrap();
    let last = events.last().unwrap().at_ms - events[0].at_ms;
    assert_eq!(last, 6_000);
}

#[test]
fn events_after_a_cursor_are_the_later_ones() {
    let account = deployed();
    let all = finish(account.cloudformation.events("s", Some("create"), None)).unwrap();
    let later = finish(account.cloudformation.events("s", Some("create"), Some(&all[7].id))).unwrap();
    assert_eq!(later, all[8..]);
}

#[test]
fn outputs_hold_physical_ids() {
    let account = deployed();
    let stack = finish(account.cloudformation.describe_stack("s")).unwrap().unwrap();
    let resources = finish(account.cloudformation.resources("s")).unwrap();
    let queue = resources.into_iter().find(|it| it.logical_id == "Queue").unwrap();
    assert_eq!(stack.outputs.get("QueueUrl"), queue.physical_id.as_ref());
}

#[test]
fn failed_create_is_deleted_and_found_by_id_only() {
    let account = FakeAccount::new();
    account.cloudformation.fail(Verb::Create, "Files", "no");
    start(&account, ChangeSetKind::Create, "t", &template());
    let id = finish(account.cloudformation.describe_stack("s")).unwrap().unwrap().id;
    pass(&account, 60);
    assert_eq!(status(&account), None);
    let found = finish(account.cloudformation.describe_stack(&id)).unwrap().unwrap();
    assert_eq!(found.status, StackStatus::DeleteComplete);
    let events = finish(account.cloudformation.events(&id, Some("t"), None)).unwrap();
    let failed: Vec<_> = events.iter().filter(|event| event.status.is_failed()).collect();
    let reasons: Vec<_> = failed.iter().map(|event| event.reason.as_deref().unwrap()).collect();
    assert_eq!(reasons, ["no", "Resource creation cancelled"]);
}

#[test]
fn resource_that_the_failed_create_made_is_deleted_whatever_its_policy() {
    let account = FakeAccount::new();
    let mut kept = template();
    kept["Resources"]["Files"]["DeletionPolicy"] = json!("Retain");
    account.cloudformation.fail(Verb::Create, "Worker", "no");
    start(&account, ChangeSetKind::Create, "t", &kept);
    pass(&account, 60);
    assert!(!account.store.has_bucket("files"));
}

#[test]
fn failed_update_goes_back_to_the_template_of_before() {
    let account = deployed();
    account.cloudformation.fail(Verb::Update, "Worker", "no");
    let mut changed = with("/Resources/Queue/Properties", json!({"QueueName": "q"}));
    changed["Resources"]["New"] = json!({"Type": "AWS::SNS::Topic"});
    start(&account, ChangeSetKind::Update, "t", &changed);
    pass(&account, 60);
    assert_eq!(status(&account), Some(StackStatus::UpdateRollbackComplete));
    assert_eq!(finish(account.cloudformation.template("s")), Ok(template()));
    let expected = [
        "s UPDATE_ROLLBACK_IN_PROGRESS",
        "Worker UPDATE_IN_PROGRESS",
        "Worker UPDATE_COMPLETE",
        "Queue UPDATE_IN_PROGRESS",
        "Queue UPDATE_COMPLETE",
        "s UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "Queue DELETE_IN_PROGRESS",
        "Queue DELETE_COMPLETE",
        "New DELETE_IN_PROGRESS",
        "New DELETE_COMPLETE",
        "s UPDATE_ROLLBACK_COMPLETE",
    ];
    let events = events(&account, "s", "t");
    assert_eq!(events[events.len() - expected.len()..], expected);
    assert_eq!(finish(account.cloudformation.resources("s")).unwrap().len(), 3);
}

#[test]
fn resource_that_cannot_go_back_leaves_the_rollback_failed() {
    let account = deployed();
    account.cloudformation.fail(Verb::Update, "Queue", "no");
    account.cloudformation.fail(Verb::Rollback, "Queue", "neither");
    start(&account, ChangeSetKind::Update, "t", &with("/Resources/Queue/Properties/DelaySeconds", json!(2)));
    pass(&account, 60);
    assert_eq!(status(&account), Some(StackStatus::UpdateRollbackFailed));
}

#[test]
fn replaced_resource_is_deleted_in_the_clean_up() {
    let account = deployed();
    start(
        &account,
        ChangeSetKind::Update,
        "t",
        &with("/Resources/Files/Properties/BucketName", json!("new")),
    );
    pass(&account, 60);
    let expected = [
        "s UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "Files DELETE_IN_PROGRESS",
        "Files DELETE_COMPLETE",
        "s UPDATE_COMPLETE",
    ];
    let events = events(&account, "s", "t");
    assert_eq!(events[events.len() - expected.len()..], expected);
    assert!(account.store.has_bucket("new") && !account.store.has_bucket("files"));
}

#[test]
fn full_bucket_that_is_removed_stays_in_the_account_and_the_update_succeeds() {
    let account = deployed();
    account.store.write("files", "key", b"x");
    let mut without = template();
    without["Resources"].as_object_mut().unwrap().remove("Files");
    start(&account, ChangeSetKind::Update, "t", &without);
    pass(&account, 60);
    assert_eq!(status(&account), Some(StackStatus::UpdateComplete));
    assert!(account.store.has_bucket("files"));
    assert!(events(&account, "s", "t").contains(&"Files DELETE_FAILED".to_owned()));
}

#[test]
fn taken_bucket_name_fails_the_create() {
    let account = FakeAccount::new();
    account.store.give_away("files");
    start(&account, ChangeSetKind::Create, "t", &template());
    pass(&account, 60);
    assert_eq!(status(&account), None);
}

#[test]
fn masked_parameter_is_described_as_stars() {
    let account = FakeAccount::new();
    let mut masked = template();
    masked["Parameters"] = json!({"Word": {"Type": "String", "NoEcho": true, "Default": "open"}});
    start(&account, ChangeSetKind::Create, "t", &masked);
    let stack = finish(account.cloudformation.describe_stack("s")).unwrap().unwrap();
    assert_eq!(stack.parameters["Word"], "****");
}
