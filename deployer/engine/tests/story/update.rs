use std::time::Duration;

use pipectl_engine::build_record::Cause;
use pipectl_engine::diff::code_parameters;
use pipectl_engine::event::EventKind;
use pipectl_engine::execute::{Asked, UpError};
use pipectl_engine::outcome::Outcome;
use pipectl_engine::port::CloudFormation as _;
use pipectl_engine::status::StackStatus;
use pipectl_testkit::{FakeObjectStore, Verb, finish};
use serde_json::json;

use crate::preview::asked;
use crate::support::{STACK, Story, function_crate, template};

const DELAY: &str = "/Resources/Messages/Properties/DelaySeconds";

fn deployed_delay(story: &Story) -> serde_json::Value {
    let template = finish(story.account.cloudformation.template(STACK)).unwrap();
    template.pointer(DELAY).unwrap().clone()
}

#[test]
fn nothing_changed_makes_two_calls_and_uploads_nothing() {
    let story = Story::deployed();
    assert!(matches!(story.up(), Ok(Outcome::Unchanged { outputs }) if outputs["TableName"] == "records"));
    assert_eq!(story.account.journal.calls(), ["DescribeStacks", "GetTemplate"]);
}

#[test]
fn one_changed_function_uploads_one_package() {
    let story = Story::deployed();
    story.account.packager.edit("reader");
    assert!(matches!(story.up(), Ok(Outcome::Updated { outputs }) if outputs["TableName"] == "records"));
    let mut calls = story.account.journal.calls();
    calls.dedup();
    let expected = [
        "DescribeStacks",
        "GetTemplate",
        "PutObject",
        "DescribeStacks",
        "UpdateStack",
        "DescribeStackEvents",
    ];
    assert_eq!(calls, expected);
    let changed = story.account.recorder.stack_events();
    assert!(changed.iter().all(|event| !["Writer", "Records"].contains(&event.logical_id.as_str())));
}

/// Why each function gets other code, as `up` and the comparison say it.
fn causes(story: &Story) -> [Vec<Cause>; 2] {
    let plan = asked(story, Asked::No);
    let of_plan = plan.diff.code.iter().flat_map(|change| change.causes.clone()).collect();
    story.up().unwrap();
    let kinds = story.account.recorder.kinds().into_iter();
    let of_up = kinds.filter_map(|kind| match kind {
        EventKind::Packaged { causes, .. } => Some(causes),
        _ => None,
    });
    [of_plan, of_up.flatten().collect()]
}

#[test]
fn changed_function_says_why() {
    let story = Story::deployed();
    story.account.packager.edit("reader");
    let because = [Cause::Source { files: vec!["reader/src/main.rs".to_owned()] }];
    assert_eq!(causes(&story), [because.to_vec(), because.to_vec()]);
}

#[test]
fn function_that_was_deployed_from_elsewhere_says_nothing() {
    let story = Story::deployed();
    story.account.packager.forget();
    story.account.packager.edit("reader");
    assert_eq!(causes(&story), [Vec::new(), Vec::new()]);
}

#[test]
fn changed_memory_uploads_nothing() {
    let mut story = Story::deployed();
    story.set("/Resources/Reader/Properties/MemorySize", json!(512));
    assert!(matches!(story.up(), Ok(Outcome::Updated { .. })));
    assert_eq!(story.account.journal.count("PutObject"), 0);
}

#[test]
fn package_that_is_in_the_bucket_already_is_not_uploaded_again() {
    let story = Story::deployed();
    story.account.packager.edit("reader");
    story.account.cloudformation.fail(Verb::Update, "Reader", "no");
    story.up().unwrap_err();
    story.account.cloudformation.heal();
    let before = story.account.store.versions(&FakeObjectStore::artifact_bucket_name());
    story.ends_well();
    assert_eq!(story.account.store.versions(&FakeObjectStore::artifact_bucket_name()), before);
    assert_eq!(story.said(|kind| matches!(kind, EventKind::UploadSkipped { .. })), 1);
}

#[test]
fn code_that_fails_is_rolled_back_and_can_be_tried_again() {
    let story = Story::deployed();
    story.account.packager.edit("reader");
    story.account.cloudformation.fail(Verb::Update, "Reader", "no");
    for _ in 0..2 {
        let UpError::Operation(failure) = story.up().unwrap_err() else { panic!("no operation failure") };
        assert_eq!(failure.status, StackStatus::UpdateRollbackComplete);
        assert_eq!(failure.failed[0].reason, "no");
    }
    story.account.cloudformation.heal();
    story.ends_well();
    assert_eq!(story.account.journal.count("UpdateStack"), 3);
}

#[test]
fn vanished_artifact_bucket_is_made_again() {
    let story = Story::deployed();
    story.account.store.remove(&FakeObjectStore::artifact_bucket_name());
    story.account.packager.edit("reader");
    assert!(matches!(story.up(), Ok(Outcome::Updated { .. })));
    assert_eq!(story.said(|kind| matches!(kind, EventKind::ArtifactBucketCreated { .. })), 1);
}

#[test]
fn failed_update_names_its_cause_and_the_stack_is_as_before() {
    let mut story = Story::deployed();
    story.set(DELAY, json!(5));
    story.account.cloudformation.fail(Verb::Update, "Messages", "out of range");
    let UpError::Operation(failure) = story.up().unwrap_err() else { panic!("no operation failure") };
    assert_eq!(failure.status, StackStatus::UpdateRollbackComplete);
    assert_eq!(failure.failed[0].logical_id, "Messages");
    assert_eq!(failure.failed[0].reason, "out of range");
    assert_eq!(deployed_delay(&story), json!(0));
    story.account.cloudformation.heal();
    story.ends_well();
    assert_eq!(deployed_delay(&story), json!(5));
}

#[test]
fn cancelled_neighbours_of_the_failed_resource_are_not_blamed() {
    let mut story = Story::deployed();
    story.inputs.wanted.template["Resources"]["Alerts"] = json!({"Type": "AWS::SNS::Topic"});
    story.set(DELAY, json!(5));
    story.account.cloudformation.fail(Verb::Create, "Alerts", "no");
    let UpError::Operation(failure) = story.up().unwrap_err() else { panic!("no operation failure") };
    let cancelled = story.account.recorder.stack_events().iter().filter(|event| event.is_cancelled()).count();
    assert_eq!((cancelled, failure.failed.len()), (1, 1));
}

#[test]
fn failed_rollback_can_be_taken_down() {
    let mut story = Story::deployed();
    story.set(DELAY, json!(5));
    story.account.cloudformation.fail(Verb::Update, "Messages", "no");
    story.account.cloudformation.fail(Verb::Rollback, "Messages", "neither");
    let UpError::Operation(failure) = story.up().unwrap_err() else { panic!("no operation failure") };
    assert!(!failure.is_rolled_back());
    story.down().unwrap();
    story.account.cloudformation.heal();
    story.ends_well();
}

#[test]
fn change_that_aws_does_not_see_ends_unchanged_and_leaves_no_change_set() {
    let mut story = Story::deployed();
    story.inputs.wanted.template["Description"] = json!("new words");
    assert!(matches!(story.up(), Ok(Outcome::Unchanged { outputs }) if outputs["TableName"] == "records"));
    assert_eq!(story.account.journal.count("ExecuteChangeSet"), 0);
    assert_eq!(story.account.journal.count("DeleteChangeSet"), 1);
    assert_eq!(story.status(), Some(StackStatus::CreateComplete));
}

#[test]
fn change_back_and_forth_makes_its_change_set_anew() {
    let mut story = Story::deployed();
    for delay in [1, 0, 1, 0] {
        story.set(DELAY, json!(delay));
        assert!(matches!(story.up(), Ok(Outcome::Updated { .. })));
        assert_eq!(deployed_delay(&story), json!(delay));
    }
}

#[test]
fn running_operation_of_somebody_else_is_awaited() {
    let mut story = Story::deployed();
    story.account.cloudformation.occupy(STACK, Duration::from_secs(60));
    story.set(DELAY, json!(5));
    assert!(matches!(story.up(), Ok(Outcome::Updated { .. })));
    assert_eq!(story.said(|kind| matches!(kind, EventKind::WaitingForOperation { .. })), 1);
}

#[test]
fn tags_alone_are_a_change() {
    let mut story = Story::deployed();
    story.inputs.wanted.tags.insert("team".to_owned(), "data".to_owned());
    story.ends_well();
    assert_eq!(story.stack().unwrap().tags["team"], "data");
}

#[test]
fn stack_that_the_example_of_the_spec_describes_goes_up_and_down() {
    let spec = include_str!("../../../../examples/ingest/pipeline.yaml");
    let reading = pipectl_engine::spec::reading::read(spec, None);
    let (lowered, _) = pipectl_engine::spec::lower::lower(&reading.spec.unwrap(), &reading.tree, None);
    let mut story = Story::new();
    story.inputs.wanted.template = lowered.template;
    let functions = code_parameters(&story.inputs.wanted.template).into_keys();
    story.inputs.functions = functions.map(|id| (id.clone(), function_crate(&id))).collect();
    assert!(matches!(story.up(), Ok(Outcome::Created { .. })));
    assert!(matches!(story.up(), Ok(Outcome::Unchanged { .. })));
    story.account.packager.edit("ObjectExtractFunction");
    story.ends_well();
    story.down().unwrap();
    assert_eq!(story.status(), None);
    assert_ne!(story.inputs.wanted.template, template());
}
