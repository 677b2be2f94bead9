//! A saved plan is carried out exactly, or refused with what changed since.

use pipectl_engine::execute::{Asked, Obsolete, SavedPlanError, UpError, up_saved};
use pipectl_engine::outcome::Outcome;
use pipectl_engine::plan_file::{PlanFile, read};
use pipectl_engine::port::{Answer, CloudFormation as _, Deletion, ObjectStore as _};
use pipectl_engine::status::StackStatus;
use pipectl_testkit::{Answering, finish};
use serde_json::json;

use crate::preview::asked;
use crate::support::{STACK, Story, template};

/// A story whose wanted change is saved as a plan.
fn saved(mut story: Story) -> (Story, PlanFile) {
    story.set("/Resources/Messages/Properties/DelaySeconds", json!(5));
    let text = asked(&story, Asked::Kept).to_json().to_string();
    story.account.journal.clear();
    (story, read(&text).unwrap())
}

fn carry_out(story: &Story, plan: &PlanFile) -> Result<Outcome, SavedPlanError> {
    finish(up_saved(&story.account.ports(), &Answering::with(Answer::Approved), plan))
}

#[track_caller]
fn refused(story: &Story, plan: &PlanFile) -> Obsolete {
    match carry_out(story, plan) {
        Err(SavedPlanError::Obsolete { reason, .. }) => {
            assert_eq!(story.account.journal.count("ExecuteChangeSet"), 0);
            reason
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn new_stack_is_created_from_the_plan_alone() {
    let (story, plan) = saved(Story::new());
    assert!(matches!(carry_out(&story, &plan), Ok(Outcome::Created { .. })));
    for call in ["CreateChangeSet", "PutObject"] {
        assert_eq!(story.account.journal.count(call), 0, "{call}");
    }
    assert!(matches!(story.up(), Ok(Outcome::Unchanged { .. })), "nothing is left to do");
}

#[test]
fn update_is_what_the_plan_says_even_if_the_spec_says_otherwise_now() {
    let (mut story, plan) = saved(Story::deployed());
    story.set("/Resources/Messages/Properties/DelaySeconds", json!(9));
    assert!(matches!(carry_out(&story, &plan), Ok(Outcome::Updated { .. })));
    let deployed = finish(story.account.cloudformation.template(STACK)).unwrap();
    assert_eq!(deployed["Resources"]["Messages"]["Properties"]["DelaySeconds"], 5);
}

#[test]
fn plan_without_changes_ends_unchanged_while_the_stack_is_as_it_was() {
    let story = Story::deployed();
    let plan = asked(&story, Asked::Kept);
    assert_eq!(plan.execution, None);
    assert!(matches!(carry_out(&story, &plan), Ok(Outcome::Unchanged { .. })));
}

#[test]
fn plan_that_was_carried_out_is_refused() {
    let (story, plan) = saved(Story::deployed());
    carry_out(&story, &plan).unwrap();
    story.account.journal.clear();
    assert!(matches!(refused(&story, &plan), Obsolete::StackChanged(_)));
}

#[test]
fn stack_that_was_updated_makes_the_plan_obsolete() {
    let (mut story, plan) = saved(Story::deployed());
    story.set("/Resources/Messages/Properties/DelaySeconds", json!(7));
    story.up().unwrap();
    story.account.journal.clear();
    assert_eq!(refused(&story, &plan), Obsolete::StackChanged(StackStatus::UpdateComplete));
}

#[test]
fn template_that_changed_without_a_trace_makes_the_plan_obsolete() {
    let (story, plan) = saved(Story::deployed());
    let mut other = template();
    other["Description"] = json!("by another tool");
    story.account.cloudformation.show_template_as(STACK, &other.to_string());
    assert_eq!(refused(&story, &plan), Obsolete::TemplateChanged);
}

#[test]
fn stack_that_is_gone_or_another_one_makes_the_plan_obsolete() {
    let (story, plan) = saved(Story::deployed());
    story.down().unwrap();
    story.account.journal.clear();
    assert_eq!(refused(&story, &plan), Obsolete::StackGone);
    story.up().unwrap();
    story.account.journal.clear();
    assert_eq!(refused(&story, &plan), Obsolete::OtherStack);
}

#[test]
fn stack_that_came_meanwhile_makes_the_plan_obsolete() {
    let (story, plan) = saved(Story::new());
    let execution = plan.execution.as_ref().unwrap();
    finish(story.account.cloudformation.execute_change_set(STACK, &execution.change_set, "other")).unwrap();
    story.account.clock.advance(std::time::Duration::from_secs(3_600));
    story.account.journal.clear();
    assert_eq!(refused(&story, &plan), Obsolete::StackThere(StackStatus::CreateComplete));
}

#[test]
fn change_set_that_is_gone_makes_the_plan_obsolete() {
    let (story, plan) = saved(Story::deployed());
    let name = plan.execution.clone().unwrap().change_set;
    finish(story.account.cloudformation.delete_change_set(STACK, &name)).unwrap();
    assert_eq!(refused(&story, &plan), Obsolete::ChangeSetGone(name.clone()));
    assert_eq!(asked(&story, Asked::Kept).execution.unwrap().change_set, name, "content names it");
    assert_eq!(refused(&story, &plan), Obsolete::OtherChangeSet(name));
}

#[test]
fn new_stack_whose_review_was_given_up_makes_the_plan_obsolete() {
    let (story, plan) = saved(Story::new());
    finish(story.account.cloudformation.delete_stack(&Deletion::of(STACK, "t"))).unwrap();
    story.account.clock.advance(std::time::Duration::from_secs(60));
    assert!(matches!(refused(&story, &plan), Obsolete::ChangeSetGone(_)));
}

#[test]
fn missing_package_makes_the_plan_obsolete() {
    let (story, plan) = saved(Story::new());
    let bucket = plan.execution.clone().unwrap().bucket;
    finish(story.account.store.empty_bucket(&bucket)).unwrap();
    assert!(matches!(refused(&story, &plan), Obsolete::PackageMissing { .. }));
}

#[test]
fn plan_that_nobody_consents_to_stays_and_can_be_carried_out_later() {
    let mut story = Story::deployed();
    story.set("/Resources/Records/Properties/TableName", json!("other"));
    let plan = asked(&story, Asked::Kept);
    let refused = finish(up_saved(&story.account.ports(), &Answering::with(Answer::Refused), &plan));
    let Err(SavedPlanError::Up(UpError::ConsentMissing { consent, .. })) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(consent.data, ["Records"]);
    assert!(matches!(carry_out(&story, &plan), Ok(Outcome::Updated { .. })));
}

/// Somebody else's deployment into the same account.
fn somebody(story: Story, delay: u32) -> Story {
    let mut other = Story::new();
    other.account = story.account;
    other.set("/Resources/Messages/Properties/DelaySeconds", json!(delay));
    other
}

#[test]
fn first_plan_leaves_the_stack_in_review_with_its_change_set() {
    let (story, plan) = saved(Story::new());
    assert_eq!(story.status(), Some(StackStatus::ReviewInProgress));
    let waiting = finish(story.account.cloudformation.change_sets(STACK)).unwrap();
    assert_eq!(waiting.len(), 1);
    assert!(waiting[0].is_waiting());
    assert_eq!(waiting[0].name, plan.execution.unwrap().change_set);
}

#[test]
fn plan_that_waits_is_named_before_its_stack_is_taken_down() {
    let (story, plan) = saved(Story::new());
    let approver = Answering::with(Answer::Declined);
    assert!(matches!(story.down_asking(&approver), Ok(Outcome::Declined)));
    assert_eq!(approver.inventories()[0].discards, [plan.execution.unwrap().change_set]);
}

#[test]
fn plan_for_a_new_stack_outlives_the_deployment_that_somebody_else_declines() {
    for delay in [5, 7] {
        let (story, plan) = saved(Story::new());
        // The plan's own content first, then another one.
        let other = somebody(story, delay);
        for answer in [Answer::Declined, Answer::Refused] {
            let declined = other.up_asking(&Answering::with(answer));
            assert!(
                matches!(declined, Ok(Outcome::Declined) | Err(UpError::ConsentMissing { .. })),
                "{delay}"
            );
            assert_eq!(other.status(), Some(StackStatus::ReviewInProgress), "{delay}");
        }
        assert!(matches!(carry_out(&other, &plan), Ok(Outcome::Created { .. })), "{delay}");
    }
}

#[test]
fn plan_for_an_update_outlives_the_deployment_of_the_same_content_that_somebody_declines() {
    let (story, plan) = saved(Story::deployed());
    let declined = story.up_asking(&Answering::with(Answer::Declined));
    assert!(matches!(declined, Ok(Outcome::Declined)), "{declined:?}");
    assert!(matches!(carry_out(&story, &plan), Ok(Outcome::Updated { .. })));
}

#[test]
fn look_at_a_new_stack_leaves_the_plan_that_waits_on_it() {
    let (story, plan) = saved(Story::new());
    let other = somebody(story, 7);
    asked(&other, Asked::Described);
    assert_eq!(other.status(), Some(StackStatus::ReviewInProgress));
    assert!(matches!(carry_out(&other, &plan), Ok(Outcome::Created { .. })));
}

#[test]
fn the_same_plan_saved_twice_is_carried_out_once() {
    let (story, plan) = saved(Story::new());
    let twin = asked(&story, Asked::Kept);
    assert_eq!(twin.execution, plan.execution);
    assert!(matches!(carry_out(&story, &plan), Ok(Outcome::Created { .. })));
    story.account.journal.clear();
    assert!(matches!(refused(&story, &twin), Obsolete::StackThere(_)));
}
