use pipectl_engine::aws_error::AwsErrorCode;
use pipectl_engine::change_set::ChangeSetKind;
use pipectl_engine::port::{CloudFormation as _, Deletion};
use pipectl_engine::status::StackStatus;
use pipectl_testkit::{FakeAccount, finish};
use serde_json::json;

use crate::support::{deployed, events, pass, start, status, template, with};

fn delete(account: &FakeAccount, token: &str) -> Result<(), AwsErrorCode> {
    finish(account.cloudformation.delete_stack(&Deletion::of("s", token))).map_err(|error| error.code)
}

#[test]
fn resources_go_last_made_first() {
    let account = deployed();
    let id = finish(account.cloudformation.describe_stack("s")).unwrap().unwrap().id;
    delete(&account, "d").unwrap();
    assert_eq!(status(&account), Some(StackStatus::DeleteInProgress));
    pass(&account, 60);
    assert_eq!(status(&account), None);
    let events = events(&account, &id, "d");
    let gone: Vec<_> = events.iter().filter(|event| event.ends_with("DELETE_COMPLETE")).collect();
    let expected = ["Worker", "Queue", "Files", "s"].map(|id| format!("{id} DELETE_COMPLETE"));
    assert_eq!(gone, expected.iter().collect::<Vec<_>>());
}

#[test]
fn retained_resource_is_skipped_and_stays() {
    let account = FakeAccount::new();
    let mut kept = template();
    kept["Resources"]["Files"]["DeletionPolicy"] = json!("RetainExceptOnCreate");
    start(&account, ChangeSetKind::Create, "c", &kept);
    pass(&account, 60);
    let id = finish(account.cloudformation.describe_stack("s")).unwrap().unwrap().id;
    delete(&account, "d").unwrap();
    pass(&account, 60);
    assert!(events(&account, &id, "d").contains(&"Files DELETE_SKIPPED".to_owned()));
    assert!(account.store.has_bucket("files"));
}

#[test]
fn full_bucket_fails_the_deletion_which_can_be_repeated() {
    let account = deployed();
    account.store.write("files", "key", b"x");
    delete(&account, "d").unwrap();
    pass(&account, 60);
    assert_eq!(status(&account), Some(StackStatus::DeleteFailed));
    let left = finish(account.cloudformation.resources("s")).unwrap();
    assert_eq!(left.iter().map(|it| it.logical_id.as_str()).collect::<Vec<_>>(), ["Files"]);
    account.store.remove("files");
    delete(&account, "e").unwrap();
    pass(&account, 60);
    assert_eq!(status(&account), None);
}

#[test]
fn protected_stack_refuses_and_absent_stack_counts_as_deleted() {
    let account = deployed();
    account.cloudformation.protect("s", true);
    assert_eq!(delete(&account, "d"), Err(AwsErrorCode::Invalid));
    assert_eq!(delete(&FakeAccount::new(), "d"), Ok(()));
}

#[test]
fn running_update_cannot_be_interrupted_and_running_create_can() {
    let account = deployed();
    start(&account, ChangeSetKind::Update, "u", &with("/Resources/Queue/Properties/DelaySeconds", json!(2)));
    assert_eq!(delete(&account, "d"), Err(AwsErrorCode::OperationInProgress));
    let account = FakeAccount::new();
    start(&account, ChangeSetKind::Create, "c", &template());
    assert_eq!(delete(&account, "d"), Ok(()));
}

#[test]
fn same_token_joins_the_operation() {
    let account = deployed();
    delete(&account, "d").unwrap();
    pass(&account, 1);
    delete(&account, "d").unwrap();
    let begun = events(&account, "s", "d");
    assert_eq!(begun.iter().filter(|event| *event == "s DELETE_IN_PROGRESS").count(), 1);
}
