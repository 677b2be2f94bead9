//! The way out of each state, walked on the fake.

use pipectl_engine::change_set::{ChangeAction, ChangeSetKind, ChangeSetRequest, TemplateSource};
use pipectl_engine::deployed::DeploymentMode;
use pipectl_engine::event::EventKind;
use pipectl_engine::execute::{RecoverError, UpError, recover};
use pipectl_engine::outcome::{Outcome, Recovery};
use pipectl_engine::port::{Answer, CloudFormation as _};
use pipectl_engine::recover::Action;
use pipectl_engine::status::StackStatus;
use pipectl_testkit::{Answering, FakeObjectStore, Verb, finish};
use serde_json::json;

use crate::support::{STACK, Story, receipt, template};

const DELAY: &str = "/Resources/Messages/Properties/DelaySeconds";

fn yes() -> Answering {
    Answering::with(Answer::Approved)
}

#[track_caller]
fn recovered(outcome: Result<Outcome, RecoverError>) -> Recovery {
    match outcome {
        Ok(Outcome::Recovered(recovery)) => recovery,
        other => panic!("{other:?}"),
    }
}

/// A stack whose rollback has failed at `Messages`.
fn half_rolled_back() -> Story {
    let mut story = Story::deployed();
    story.set(DELAY, json!(5));
    story.account.cloudformation.fail(Verb::Update, "Messages", "no");
    story.account.cloudformation.fail(Verb::Rollback, "Messages", "neither");
    story.up().unwrap_err();
    assert_eq!(story.status(), Some(StackStatus::UpdateRollbackFailed));
    story
}

/// A stack that was deployed in a mode, as another tool or another command of ours does.
fn execute_as(story: &Story, name: &str, kind: ChangeSetKind, mode: DeploymentMode) {
    let request = ChangeSetRequest {
        stack: STACK.to_owned(),
        name: name.to_owned(),
        kind,
        template: TemplateSource::Body(story.inputs.wanted.template.to_string()),
        parameters: story.stack().map(|stack| stack.parameters).unwrap_or_default(),
        kept: std::collections::BTreeSet::new(),
        tags: story.inputs.wanted.tags.clone(),
        mode,
        import_existing: false,
    };
    let cloudformation = &story.account.cloudformation;
    finish(cloudformation.create_change_set(&request)).unwrap();
    story.account.clock.advance(std::time::Duration::from_secs(5));
    finish(cloudformation.execute_change_set(STACK, name, name)).unwrap();
    story.account.clock.advance(std::time::Duration::from_secs(60));
}

/// A stack whose update failed in express mode, so that nothing but express leads on.
fn failed_express() -> Story {
    let mut story = Story::deployed();
    story.set(DELAY, json!(5));
    story.account.cloudformation.fail(Verb::Update, "Messages", "no");
    execute_as(&story, "express", ChangeSetKind::Update, DeploymentMode::Express);
    assert_eq!(story.status(), Some(StackStatus::UpdateFailed));
    story.account.cloudformation.heal();
    story
}

#[test]
fn each_state_is_led_out_of_by_up_and_by_recover_and_by_down() {
    let states = StackStatus::KNOWN.iter().map(|text| StackStatus::from_aws(text));
    for status in states.filter(StackStatus::is_settled) {
        for recovers_first in [false, true] {
            let story = Story::new();
            story.account.cloudformation.put_stack(STACK, status.clone(), template());
            if recovers_first {
                recovered(story.recover(&yes()));
            }
            let outcome = story.up().unwrap_or_else(|error| panic!("{status}: {error:?}"));
            assert!(
                matches!(outcome, Outcome::Created { .. } | Outcome::Updated { .. }),
                "{status}: {outcome:?}"
            );
            assert!(matches!(story.up(), Ok(Outcome::Unchanged { .. })), "{status}");
        }
        let story = Story::new();
        story.account.cloudformation.put_stack(STACK, status.clone(), template());
        receipt(story.down());
        assert_eq!(story.status(), None, "{status}");
    }
}

#[test]
fn healthy_stack_needs_nothing() {
    let recovery = recovered(Story::deployed().recover(&Answering::with(Answer::Refused)));
    assert_eq!((recovery.actions.len(), recovery.next), (0, Action::Proceed));
}

#[test]
fn absent_stack_needs_nothing() {
    let recovery = recovered(Story::new().recover(&Answering::with(Answer::Refused)));
    assert_eq!((recovery.from, recovery.to), (None, None));
}

#[test]
fn failed_rollback_goes_on_once_its_cause_is_gone_without_asking() {
    let story = half_rolled_back();
    story.account.cloudformation.heal();
    let recovery = recovered(story.recover(&Answering::with(Answer::Refused)));
    assert_eq!(recovery.actions, ["continue_rollback"]);
    assert_eq!(recovery.to, Some(StackStatus::UpdateRollbackComplete));
    assert!(recovery.skipped.is_empty());
    story.ends_well();
}

#[test]
fn failed_rollback_whose_cause_stays_skips_the_resource_with_consent_and_says_what_no_longer_matches() {
    let story = half_rolled_back();
    let refused = story.recover(&Answering::with(Answer::Refused)).unwrap_err();
    assert!(matches!(refused, RecoverError::ConsentMissing { .. }), "{refused:?}");
    let recovery = recovered(story.recover(&yes()));
    assert_eq!(recovery.actions, ["continue_rollback", "skip_in_rollback"]);
    assert_eq!(recovery.skipped, ["Messages"]);
    assert_eq!(story.said(|kind| matches!(kind, EventKind::ResourcesSkipped { .. })), 1);
    story.account.cloudformation.heal();
    story.ends_well();
}

#[test]
fn only_what_failed_by_itself_is_skipped() {
    let mut story = Story::deployed();
    story.set(DELAY, json!(5));
    story.set("/Resources/Records/Properties/TableName", json!("records"));
    story.inputs.wanted.template["Resources"]["Records"]["Properties"]["BillingMode"] =
        json!("PAY_PER_REQUEST");
    story.account.cloudformation.fail(Verb::Update, "Messages", "no");
    story.account.cloudformation.fail(Verb::Rollback, "Records", "neither");
    story.up().unwrap_err();
    let approver = yes();
    recovered(story.recover(&approver));
    assert_eq!(approver.proposals()[0].action, Action::SkipInRollback(vec!["Records".to_owned()]));
}

#[test]
fn dry_run_says_the_next_action_and_changes_nothing() {
    let story = half_rolled_back();
    story.account.journal.clear();
    let planned = finish(recover(&story.account.ports(), &yes(), STACK, true)).unwrap();
    let expected = Outcome::RecoveryPlanned {
        status: Some(StackStatus::UpdateRollbackFailed),
        action: Action::ContinueRollback,
    };
    assert_eq!(planned, expected);
    assert!(story.account.journal.calls().iter().all(|call| !call.starts_with("Continue")));
}

#[test]
fn up_leads_a_failed_rollback_on_before_it_deploys() {
    let mut story = half_rolled_back();
    story.account.cloudformation.heal();
    story.set(DELAY, json!(9));
    story.ends_well();
    assert_eq!(story.said(|kind| matches!(kind, EventKind::RecoveryChosen { .. })), 1);
}

#[test]
fn failed_update_of_a_tool_that_does_not_roll_back_is_taken_back() {
    let story = Story::deployed();
    story.account.cloudformation.put_stack("other", StackStatus::UpdateFailed, template());
    let outcome = finish(recover(&story.account.ports(), &yes(), "other", false));
    assert_eq!(recovered(outcome).actions, ["roll_back"]);
}

#[test]
fn stack_that_failed_in_express_mode_is_deployed_on_in_express_mode() {
    let story = failed_express();
    let recovery = recovered(story.recover(&Answering::with(Answer::Refused)));
    assert_eq!((recovery.actions.len(), recovery.next), (0, Action::ProceedExpress));
    story.ends_well();
    assert_eq!(story.stack().unwrap().mode, DeploymentMode::Express);
}

#[test]
fn first_express_deployment_that_failed_is_deployed_on() {
    let mut story = Story::new();
    story.inputs.functions.clear();
    story.remove("Reader");
    story.remove("Writer");
    story.inputs.wanted.template["Parameters"] = json!({});
    story.account.cloudformation.fail(Verb::Create, "Messages", "no");
    execute_as(&story, "express", ChangeSetKind::Create, DeploymentMode::Express);
    assert_eq!(story.status(), Some(StackStatus::CreateFailed));
    story.account.cloudformation.heal();
    story.ends_well();
}

#[test]
fn stack_that_failed_in_express_mode_can_be_deleted() {
    let story = failed_express();
    receipt(story.down());
    assert_eq!(story.status(), None);
}

#[test]
fn waiting_change_set_of_somebody_else_is_discarded_with_consent_only() {
    let story = Story::new();
    let request = ChangeSetRequest {
        stack: STACK.to_owned(),
        name: "release".to_owned(),
        kind: ChangeSetKind::Create,
        template: TemplateSource::Body(json!({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}).to_string()),
        parameters: Default::default(),
        kept: std::collections::BTreeSet::new(),
        tags: Default::default(),
        mode: DeploymentMode::Standard,
        import_existing: false,
    };
    finish(story.account.cloudformation.create_change_set(&request)).unwrap();
    story.account.clock.advance(std::time::Duration::from_secs(5));
    let refused = story.up_asking(&Answering::with(Answer::Refused)).unwrap_err();
    let UpError::Recovery(RecoverError::ConsentMissing { action, .. }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(action, Action::DiscardChangeSets(vec!["release".to_owned()]));
    let approver = Answering::with(Answer::Declined);
    assert_eq!(story.down_asking(&approver).unwrap(), Outcome::Declined);
    assert_eq!(approver.inventories()[0].discards, ["release"]);
    assert_eq!(finish(story.account.cloudformation.change_sets(STACK)).unwrap().len(), 1);
    story.ends_well();
}

#[test]
fn declined_first_deployment_leaves_the_stack_on_which_somebody_elses_change_set_waits() {
    let story = Story::new();
    story.interrupted_after(std::time::Duration::ZERO);
    story.account.clock.advance(std::time::Duration::from_secs(5));
    let mut other = Story::new();
    other.account = story.account;
    other.set(DELAY, json!(7));
    assert!(matches!(other.up_asking(&Answering::with(Answer::Declined)), Ok(Outcome::Declined)));
    assert_eq!(other.status(), Some(StackStatus::ReviewInProgress));
    other.set(DELAY, json!(0));
    other.ends_well();
}

#[test]
fn retained_table_and_bucket_are_taken_in_again_when_the_stack_is_made_anew() {
    let mut kept = template();
    for id in ["Files", "Records"] {
        kept["Resources"][id]["DeletionPolicy"] = json!("Retain");
    }
    let story = Story::deployed_as(kept);
    story.account.store.write("files", "key", b"1");
    assert_eq!(receipt(story.down()).retained.len(), 2);
    let approver = yes();
    assert!(matches!(story.up_asking(&approver), Ok(Outcome::Created { .. })));
    let change_set = approver.reviews().remove(0).change_set.unwrap();
    let changes = &change_set.changes;
    let imported: Vec<&str> = changes
        .iter()
        .filter(|it| it.action == ChangeAction::Import)
        .map(|it| it.logical_id.as_str())
        .collect();
    assert_eq!(imported, ["Files", "Records"]);
    assert_eq!(story.account.store.versions("files"), 1, "with what they held");
    assert!(matches!(story.up(), Ok(Outcome::Unchanged { .. })));
}

#[test]
fn vanished_artifact_bucket_is_made_again_and_the_failed_rollback_that_needed_it_is_led_on() {
    let story = half_rolled_back();
    story.account.store.remove(&FakeObjectStore::artifact_bucket_name());
    story.account.packager.edit("reader");
    story.account.cloudformation.heal();
    story.ends_well();
    assert!(story.account.store.has_bucket(&FakeObjectStore::artifact_bucket_name()));
}
