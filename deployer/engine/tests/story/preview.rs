//! What would change is found out by as many accounts as are asked for, and nothing is left behind.

use std::sync::LazyLock;

use pipectl_engine::drift::{DriftStatus, ResourceDrift};
use pipectl_engine::execute::{Asked, PreviewError, Question, preview};
use pipectl_engine::plan_file::{PlanFile, Subject, read, schema};
use pipectl_engine::port::CloudFormation as _;
use pipectl_engine::status::StackStatus;
use pipectl_testkit::{FakeObjectStore, Verb, finish};
use serde_json::json;

use crate::support::{STACK, Story, template};

/// Every plan that a test sees is held to it.
static SCHEMA: LazyLock<jsonschema::Validator> =
    LazyLock::new(|| jsonschema::validator_for(&schema()).unwrap());

fn question(story: &Story, change_set: Asked) -> Question {
    let functions = Some(story.inputs.functions.clone());
    Question { wanted: story.inputs.wanted.clone(), functions, change_set, drift: false }
}

fn ask(story: &Story, question: &Question) -> Result<PlanFile, PreviewError> {
    let account = &story.account;
    let found = finish(preview(&account.ports(), &account.functions, &account.packager, question));
    if let Ok(plan) = &found {
        let wrong: Vec<String> = SCHEMA.iter_errors(&plan.to_json()).map(|it| it.to_string()).collect();
        assert_eq!(wrong, [""; 0]);
    }
    found
}

pub(crate) fn asked(story: &Story, change_set: Asked) -> PlanFile {
    ask(story, &question(story, change_set)).unwrap()
}

/// Names of the change sets that could still be executed.
fn waiting(story: &Story) -> Vec<String> {
    let found = finish(story.account.cloudformation.change_sets(STACK)).unwrap();
    found.into_iter().filter(|it| it.is_executable).map(|it| it.name).collect()
}

#[test]
fn comparison_alone_only_reads() {
    let mut story = Story::deployed();
    story.set("/Resources/Messages/Properties/DelaySeconds", json!(5));
    let plan = asked(&story, Asked::No);
    assert_eq!((plan.summary.change, plan.change_set), (1, None));
    let calls = story.account.journal.calls();
    assert!(
        calls
            .iter()
            .all(|call| call.starts_with("Describe") || call.starts_with("Get") || call.starts_with("List")),
        "{calls:?}"
    );
}

#[test]
fn unchanged_stack_gives_an_empty_plan() {
    let plan = asked(&Story::deployed(), Asked::Described);
    assert!(plan.is_empty(), "{plan:?}");
}

#[test]
fn the_same_question_gives_the_same_bytes() {
    let story = Story::deployed();
    story.account.packager.edit("reader");
    let [one, other] = [(); 2].map(|()| asked(&story, Asked::Kept).to_json().to_string());
    assert_eq!(one, other);
}

#[test]
fn described_change_set_of_an_update_is_removed_again() {
    let mut story = Story::deployed();
    story.set("/Resources/Messages/Properties/DelaySeconds", json!(5));
    let plan = asked(&story, Asked::Described);
    let described = plan.change_set.unwrap();
    assert_eq!(described.changes[0].logical_id, "Messages");
    assert_eq!(described.disagreements, []);
    assert_eq!(waiting(&story), [""; 0]);
    assert_eq!(finish(story.account.cloudformation.template(STACK)), Ok(template()));
}

#[test]
fn described_change_set_of_a_new_stack_leaves_neither_stack_nor_object() {
    let story = Story::new();
    let plan = asked(&story, Asked::Described);
    assert_eq!((plan.base, plan.change_set.map(|it| it.changes.len())), (None, Some(5)));
    story.account.clock.advance(std::time::Duration::from_secs(10));
    assert_eq!(story.status(), None);
    assert!(!story.account.store.has_bucket(&FakeObjectStore::artifact_bucket_name()));
}

#[test]
fn look_at_a_change_leaves_the_change_set_of_a_saved_plan() {
    let mut story = Story::deployed();
    story.set("/Resources/Messages/Properties/DelaySeconds", json!(5));
    let saved = asked(&story, Asked::Kept).execution.unwrap();
    asked(&story, Asked::Described);
    assert_eq!(waiting(&story), [saved.change_set]);
}

#[test]
fn refused_change_set_names_the_reason_and_is_removed() {
    let mut story = Story::deployed();
    story.set("/Resources/Messages/Properties/DelaySeconds", json!({"Ref": "Nothing"}));
    let refused = ask(&story, &question(&story, Asked::Described)).unwrap_err();
    assert!(matches!(refused, PreviewError::Aws { .. } | PreviewError::ChangeSet { .. }), "{refused:?}");
    assert_eq!(waiting(&story), [""; 0]);
}

#[test]
fn remains_of_a_first_deployment_have_no_change_set_but_a_comparison() {
    let story = Story::new();
    story.account.cloudformation.put_stack(STACK, StackStatus::RollbackComplete, template());
    let refused = ask(&story, &question(&story, Asked::Described)).unwrap_err();
    assert!(matches!(refused, PreviewError::Remains { .. }), "{refused:?}");
    assert_eq!(asked(&story, Asked::No).summary.add, 5);
}

#[test]
fn new_code_and_code_changed_by_hand_are_told_apart() {
    let story = Story::deployed();
    let resources = finish(story.account.cloudformation.resources(STACK)).unwrap();
    let writer = resources.into_iter().find(|it| it.logical_id == "Writer").unwrap();
    story.account.functions.run(&writer.physical_id.unwrap(), &"b".repeat(64));
    story.account.packager.edit("reader");
    let found: Vec<(String, bool, bool)> = asked(&story, Asked::No)
        .diff
        .code
        .into_iter()
        .map(|change| (change.logical_id.clone(), change.is_deployed(), change.changed_outside))
        .collect();
    assert_eq!(found, [("Reader".to_owned(), true, false), ("Writer".to_owned(), false, true)]);
}

#[test]
fn code_that_may_not_be_read_is_said_to_be_unknown() {
    let story = Story::deployed();
    story.account.functions.forbid();
    let unknown = asked(&story, Asked::No).unknown;
    assert_eq!(unknown.len(), 1);
    assert_eq!(unknown[0].subject, Subject::RunningCode);
}

#[test]
fn drift_is_found_when_it_is_asked_for() {
    let story = Story::deployed();
    let drift = ResourceDrift {
        logical_id: "Messages".to_owned(),
        physical_id: None,
        resource_type: "AWS::SQS::Queue".to_owned(),
        status: DriftStatus::Deleted,
        properties: vec![],
    };
    story.account.cloudformation.drift(STACK, drift.clone());
    assert_eq!(asked(&story, Asked::No).drift, None);
    let plan = ask(&story, &Question { drift: true, ..question(&story, Asked::No) }).unwrap();
    assert_eq!((plan.summary.drifted, plan.drift), (1, Some(vec![drift])));
}

#[test]
fn secret_value_is_in_no_part_of_the_plan() {
    let mut template = template();
    template["Parameters"]["Token"] = json!({"Type": "String", "NoEcho": true});
    template["Resources"]["Reader"]["Properties"]["Environment"]["Variables"]["TOKEN"] =
        json!({"Ref": "Token"});
    let mut story = Story::new();
    story.inputs.wanted.template = template;
    story.inputs.wanted.given = [("Token".to_owned(), "s3cret-value".to_owned())].into();
    let text = asked(&story, Asked::Kept).to_json().to_string();
    assert!(!text.contains("s3cret-value"), "{text}");
    assert!(text.contains("\"Token\":\"****\""), "{text}");
}

#[test]
fn left_out_code_stays_as_it_is_deployed() {
    let story = Story::deployed();
    story.account.packager.edit("reader");
    let plan = ask(&story, &Question { functions: None, ..question(&story, Asked::Described) }).unwrap();
    assert!(plan.is_empty(), "{plan:?}");
    assert_eq!(story.account.packager.runs().len(), 1, "the deployment's own");
}

#[test]
fn crate_that_does_not_compile_ends_the_comparison() {
    let story = Story::new();
    story.account.packager.break_crate("reader");
    assert!(matches!(ask(&story, &question(&story, Asked::No)), Err(PreviewError::Packaging(_))));
}

#[test]
fn plan_that_was_edited_is_not_read() {
    let text = asked(&Story::new(), Asked::Kept).to_json().to_string();
    assert!(read(&text).is_ok());
    for (from, to) in [("\"add\":5", "\"add\":4"), ("\"version\":2", "\"version\":1"), ("}", "")] {
        assert!(read(&text.replacen(from, to, 1)).is_err(), "{from}");
    }
}

#[test]
fn failed_change_does_not_hide_what_is_deployed() {
    let mut story = Story::deployed();
    story.set("/Resources/Messages/Properties/DelaySeconds", json!(5));
    story.account.cloudformation.fail(Verb::Update, "Messages", "no");
    assert!(story.up().is_err());
    assert_eq!(asked(&story, Asked::No).summary.change, 1);
}
