use pipectl_engine::execute::UpError;
use pipectl_engine::outcome::Outcome;
use pipectl_engine::port::{Answer, CloudFormation as _};
use pipectl_engine::status::StackStatus;
use pipectl_testkit::{Answering, finish};
use serde_json::json;

use crate::support::{STACK, Story, template};

/// Logical IDs whose data the approver was told about.
fn asked(story: &Story) -> Vec<String> {
    let approver = Answering::with(Answer::Declined);
    assert!(matches!(story.up_asking(&approver), Ok(Outcome::Declined)));
    approver.reviews()[0].data_losses().into_iter().map(str::to_owned).collect()
}

#[test]
fn declined_create_leaves_neither_change_set_nor_stack() {
    let story = Story::new();
    assert_eq!(asked(&story), [""; 0]);
    assert_eq!(story.account.journal.count("DeleteChangeSet"), 1);
    story.account.clock.advance(std::time::Duration::from_secs(10));
    assert_eq!(story.status(), None);
    story.ends_well();
}

#[test]
fn deletion_of_a_declined_stack_that_still_runs_is_awaited() {
    let story = Story::new();
    asked(&story);
    assert_eq!(story.status(), Some(StackStatus::DeleteInProgress));
    story.ends_well();
}

#[test]
fn declined_update_leaves_the_stack_as_it_was() {
    let mut story = Story::deployed();
    story.set("/Resources/Messages/Properties/DelaySeconds", json!(5));
    asked(&story);
    assert_eq!(story.status(), Some(StackStatus::CreateComplete));
    assert_eq!(finish(story.account.cloudformation.template(STACK)), Ok(template()));
    story.ends_well();
}

#[test]
fn missing_consent_names_the_resources_and_changes_nothing() {
    let mut story = Story::deployed();
    story.remove("Records");
    story.inputs.wanted.template.as_object_mut().unwrap().remove("Outputs");
    let refused = story.up_asking(&Answering::with(Answer::Refused)).unwrap_err();
    let UpError::ConsentMissing { consent, .. } = refused else { panic!("{refused:?}") };
    assert_eq!(consent.data, ["Records"]);
    assert_eq!(story.status(), Some(StackStatus::CreateComplete));
    story.ends_well();
}

#[test]
fn replaced_table_is_a_loss_of_data_unless_it_is_kept() {
    let mut story = Story::deployed();
    story.set("/Resources/Records/Properties/TableName", json!("other"));
    assert_eq!(asked(&story), ["Records"]);
    story.inputs.wanted.template["Resources"]["Records"]["UpdateReplacePolicy"] = json!("Retain");
    assert_eq!(asked(&story), [""; 0]);
}

#[test]
fn changed_function_is_no_loss_of_data() {
    let story = Story::deployed();
    story.account.packager.edit("reader");
    assert_eq!(asked(&story), [""; 0]);
}

/// The template stays the same and a parameter decides.
#[test]
fn table_that_a_parameter_replaces_or_removes_is_a_loss_of_data() {
    let mut decided = template();
    decided["Parameters"]["Keep"] = json!({"Type": "String", "Default": "yes"});
    decided["Parameters"]["Name"] = json!({"Type": "String", "Default": "records"});
    decided["Conditions"] = json!({"IsKept": {"Fn::Equals": [{"Ref": "Keep"}, "yes"]}});
    decided["Resources"]["Records"]["Condition"] = json!("IsKept");
    decided["Resources"]["Records"]["Properties"]["TableName"] = json!({"Ref": "Name"});
    decided["Outputs"]["TableName"]["Condition"] = json!("IsKept");
    let mut story = Story::deployed_as(decided);
    story.inputs.wanted.given = [("Name".to_owned(), "other".to_owned())].into();
    assert_eq!(asked(&story), ["Records"]);
    story.inputs.wanted.template["Resources"]["Records"]["Properties"]["BillingMode"] =
        json!("PAY_PER_REQUEST");
    assert_eq!(asked(&story), ["Records"]);
    story.inputs.wanted.given = [("Keep".to_owned(), "no".to_owned())].into();
    assert_eq!(asked(&story), ["Records"]);
    story.inputs.wanted.template["Resources"]["Records"]["DeletionPolicy"] = json!("Retain");
    assert_eq!(asked(&story), ["Records"], "a policy that comes with the removal comes too late");
}

fn role(actions: &[&str]) -> serde_json::Value {
    json!({"Type": "AWS::IAM::Role", "Properties": {"Policies": [{"PolicyName": "p", "PolicyDocument":
        {"Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}}]}})
}

#[test]
fn wider_access_of_an_existing_stack_needs_consent_and_that_of_a_new_one_does_not() {
    let mut template = template();
    template["Resources"]["Role"] = role(&["sqs:SendMessage"]);
    let mut story = Story::new();
    story.inputs.wanted.template = template.clone();
    let approver = Answering::with(Answer::Declined);
    assert!(matches!(story.up_asking(&approver), Ok(Outcome::Declined)));
    assert!(approver.reviews()[0].consent().is_needless());

    let mut story = Story::deployed_as(template);
    story.inputs.wanted.template["Resources"]["Role"] = role(&["sqs:*"]);
    let refused = story.up_asking(&Answering::with(Answer::Refused)).unwrap_err();
    assert!(refused.to_string().ends_with("needs consent: it widens access by one statement"), "{refused}");
    story.inputs.wanted.template["Resources"]["Role"] = role(&[]);
    let approver = Answering::with(Answer::Declined);
    assert!(matches!(story.up_asking(&approver), Ok(Outcome::Declined)));
    assert!(approver.reviews()[0].consent().is_needless());
}
