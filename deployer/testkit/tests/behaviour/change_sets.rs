use pipectl_engine::aws_error::AwsErrorCode;
use pipectl_engine::change_set::{ChangeSetKind, Replacement, TemplateSource};
use pipectl_engine::port::CloudFormation as _;
use pipectl_engine::status::{ChangeSetStatus, StackStatus};
use pipectl_testkit::{FakeAccount, finish};
use serde_json::json;

use crate::support::{ask, deployed, described, pass, request, start, status, template, with};

#[test]
fn first_change_set_makes_a_stack_that_waits_for_review() {
    let account = FakeAccount::new();
    ask(&account, &request(ChangeSetKind::Create, "a", &template())).unwrap();
    assert_eq!(status(&account), Some(StackStatus::ReviewInProgress));
}

#[test]
fn change_set_is_made_while_time_passes() {
    let account = FakeAccount::new();
    ask(&account, &request(ChangeSetKind::Create, "a", &template())).unwrap();
    assert_eq!(described(&account, "a").status, ChangeSetStatus::CreatePending);
    pass(&account, 1);
    assert_eq!(described(&account, "a").status, ChangeSetStatus::CreateInProgress);
    assert_eq!(described(&account, "a").changes, []);
    pass(&account, 1);
    assert_eq!(described(&account, "a").status, ChangeSetStatus::CreateComplete);
    assert_eq!(described(&account, "a").changes.len(), 3);
}

#[test]
fn change_set_under_way_cannot_be_executed() {
    let account = FakeAccount::new();
    ask(&account, &request(ChangeSetKind::Create, "a", &template())).unwrap();
    let refused = finish(account.cloudformation.execute_change_set("s", "a", "t")).unwrap_err();
    assert_eq!(refused.code, AwsErrorCode::OperationInProgress);
}

#[test]
fn taken_name_is_refused_even_after_execution() {
    let account = deployed();
    let again = request(ChangeSetKind::Update, "create", &template());
    assert_eq!(ask(&account, &again), Err(AwsErrorCode::AlreadyExists));
    assert!(!described(&account, "create").is_executable);
}

#[test]
fn execution_deletes_the_waiting_change_sets() {
    let account = deployed();
    let changed = with("/Resources/Queue/Properties/DelaySeconds", json!(2));
    ask(&account, &request(ChangeSetKind::Update, "other", &changed)).unwrap();
    start(&account, ChangeSetKind::Update, "chosen", &changed);
    let gone = finish(account.cloudformation.describe_change_set("s", "other")).unwrap_err();
    assert_eq!(gone.code, AwsErrorCode::NotFound);
}

#[test]
fn update_without_stack_is_not_found_and_create_on_a_stack_is_invalid() {
    let update = request(ChangeSetKind::Update, "a", &template());
    assert_eq!(ask(&FakeAccount::new(), &update), Err(AwsErrorCode::NotFound));
    let create = request(ChangeSetKind::Create, "a", &template());
    assert_eq!(ask(&deployed(), &create), Err(AwsErrorCode::Invalid));
}

#[test]
fn update_while_another_runs_is_refused() {
    let account = deployed();
    start(&account, ChangeSetKind::Update, "a", &with("/Resources/Queue/Properties/DelaySeconds", json!(2)));
    let second = request(ChangeSetKind::Update, "b", &template());
    assert_eq!(ask(&account, &second), Err(AwsErrorCode::OperationInProgress));
}

#[test]
fn equal_content_is_a_failed_empty_change_set() {
    let account = deployed();
    let mut same = template();
    same["Description"] = json!("new words");
    ask(&account, &request(ChangeSetKind::Update, "a", &same)).unwrap();
    pass(&account, 2);
    let found = described(&account, "a");
    assert_eq!((found.status, found.is_empty), (ChangeSetStatus::Failed, true));
}

#[test]
fn change_of_outputs_alone_is_complete_without_changes() {
    let account = deployed();
    let mut changed = template();
    changed["Outputs"]["More"] = json!({"Value": "x"});
    ask(&account, &request(ChangeSetKind::Update, "a", &changed)).unwrap();
    pass(&account, 2);
    let found = described(&account, "a");
    assert_eq!((found.status, found.changes.len()), (ChangeSetStatus::CreateComplete, 0));
}

#[test]
fn replaced_resource_draws_the_resources_that_refer_to_it() {
    let account = deployed();
    let renamed = with("/Resources/Queue/Properties", json!({"QueueName": "q"}));
    ask(&account, &request(ChangeSetKind::Update, "a", &renamed)).unwrap();
    pass(&account, 2);
    let changes = described(&account, "a").changes;
    let found: Vec<_> = changes.iter().map(|it| (it.logical_id.as_str(), it.replacement)).collect();
    assert_eq!(found, [("Queue", Replacement::Always), ("Worker", Replacement::Never)]);
}

#[test]
fn wrong_templates_and_parameters_are_invalid_at_once() {
    let account = FakeAccount::new();
    let with_resources = |resources| request(ChangeSetKind::Create, "a", &json!({"Resources": resources}));
    let dangling = with_resources(json!({"A": {"Type": "T", "Properties": {"P": {"Ref": "B"}}}}));
    let circle =
        with_resources(json!({"A": {"Type": "T", "DependsOn": "B"}, "B": {"Type": "T", "DependsOn": "A"}}));
    let mut unknown = request(ChangeSetKind::Create, "a", &template());
    unknown.parameters.insert("No".to_owned(), "x".to_owned());
    let mut missing = template();
    missing["Parameters"] = json!({"P": {"Type": "String"}});
    let missing = request(ChangeSetKind::Create, "a", &missing);
    let mut large = request(ChangeSetKind::Create, "a", &template());
    large.template = TemplateSource::Body(format!("{}{}", template(), " ".repeat(51_200)));
    for wrong in [dangling, circle, unknown, missing, large] {
        assert_eq!(ask(&account, &wrong), Err(AwsErrorCode::Invalid));
    }
    assert_eq!(status(&account), None);
}

#[test]
fn resource_whose_condition_fails_is_not_declared() {
    let account = FakeAccount::new();
    let mut conditional = template();
    conditional["Parameters"] = json!({"Stage": {"Type": "String", "Default": "dev"}});
    conditional["Conditions"] = json!({"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}});
    conditional["Resources"]["Files"]["Condition"] = json!("IsProd");
    ask(&account, &request(ChangeSetKind::Create, "a", &conditional)).unwrap();
    pass(&account, 2);
    assert_eq!(described(&account, "a").changes.len(), 2);
}
