//! What went wrong elsewhere, played on the fake.

use std::time::Duration;

use pipectl_engine::aws_error::AwsErrorCode;
use pipectl_engine::change_set::ValidationFinding;
use pipectl_engine::event::EventKind;
use pipectl_engine::execute::{Asked, UpError};
use pipectl_engine::outcome::Outcome;
use pipectl_engine::port::Answer;
use pipectl_engine::status::StackStatus;
use pipectl_testkit::{Answering, Fault};
use serde_json::{Value, json};

use crate::preview::asked;
use crate::support::{Story, template};

fn finding(reason: &str, is_failure: bool) -> ValidationFinding {
    ValidationFinding {
        logical_id: "Messages".to_owned(),
        resource_type: "AWS::SQS::Queue".to_owned(),
        path: Some("/Resources/Messages/Properties".to_owned()),
        validation: Some("PROPERTY_VALIDATION".to_owned()),
        reason: reason.to_owned(),
        is_failure,
    }
}

fn refused(story: &Story) -> Vec<ValidationFinding> {
    let failed = story.up().unwrap_err();
    let UpError::ChangeSet { findings, .. } = failed else { panic!("{failed:?}") };
    findings
}

/// aws/aws-cdk-cli#1463: of several findings on one resource only the last was reported.
#[test]
fn every_finding_of_a_validation_is_reported_also_several_on_one_resource() {
    let story = Story::new();
    let findings =
        [finding("[A] is required", true), finding("[B] is required", true), finding("old", false)];
    for finding in &findings {
        story.account.cloudformation.find_in_validation(finding.clone());
    }
    assert_eq!(refused(&story), findings);
    assert_eq!(story.said(|kind| matches!(kind, EventKind::ValidationFound(_))), 3);
    story.account.clock.advance(Duration::from_secs(10));
    assert_eq!(story.status(), None, "nothing is left of the refused deployment");
}

/// aws/aws-cdk-cli#1298: the missing permission to read the findings hid that there were any.
#[test]
fn refused_look_at_the_findings_is_said_and_does_not_hide_the_failure() {
    let story = Story::new();
    story.account.cloudformation.find_in_validation(finding("[A] is required", true));
    story.account.journal.spoil("DescribeEvents", 1, Fault::Refused(AwsErrorCode::AccessDenied));
    let failed = story.up().unwrap_err();
    let UpError::ChangeSet { reason, .. } = failed else { panic!("{failed:?}") };
    assert!(reason.contains("validation failed"), "{reason}");
    assert_eq!(story.said(|kind| matches!(kind, EventKind::DetailsDenied { .. })), 1);
    assert_eq!(story.account.journal.count("DescribeStackEvents"), 1);
}

/// aws/aws-cdk-cli#1777: a throttled last look failed a deployment that had succeeded.
#[test]
fn throttled_last_look_does_not_fail_a_finished_deployment() {
    let looks = {
        let story = Story::new();
        story.up().unwrap();
        story.account.journal.count("DescribeStackEvents")
    };
    let story = Story::new();
    for nth in looks..looks + 20 {
        story.account.journal.spoil("DescribeStackEvents", nth, Fault::Refused(AwsErrorCode::Throttled));
    }
    assert!(matches!(story.up(), Ok(Outcome::Created { outputs }) if !outputs.is_empty()));
}

/// aws/aws-cdk#3781: an update could neither be watched nor cancelled from another process.
#[test]
fn update_is_watched_and_cancelled_by_somebody_who_did_not_start_it() {
    let mut story = Story::deployed();
    story.set("/Resources/Messages/Properties/DelaySeconds", json!(5));
    story.interrupted_after(Duration::from_secs(3));
    let expected = Outcome::Cancelled { status: Some(StackStatus::UpdateRollbackComplete) };
    assert_eq!(story.cancel().unwrap(), expected);
    story.interrupted_after(Duration::from_secs(3));
    assert!(matches!(story.attach(None), Ok(Outcome::Updated { .. })));
}

/// A deployed story in which one empty object takes the place of another.
fn empty_object_exchanged() -> Story {
    let action =
        |name: &str| json!({"Type": "AWS::WAFv2::WebACL", "Properties": {"DefaultAction": {name: {}}}});
    let mut before = template();
    before["Resources"]["Firewall"] = action("Allow");
    let mut story = Story::deployed_as(before);
    story.set("/Resources/Firewall", action("Block"));
    story
}

fn is_untold(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Untold { resources } if *resources == ["Firewall"])
}

/// aws/aws-cdk-cli#1922: the change set does not tell that one empty object takes the place of another, and
/// the comparison of the templates, which did, was thrown away for it.
#[test]
fn change_that_the_change_set_does_not_tell_of_stays_in_the_plan_and_is_said_and_made() {
    let story = empty_object_exchanged();
    let plan = asked(&story, Asked::Described);
    let disagreements = plan.change_set.unwrap().disagreements;
    let told: Vec<_> =
        disagreements.iter().map(|it| [&*it.logical_id, &*it.predicted, &*it.described]).collect();
    assert_eq!((plan.summary.change, told), (1, vec![["Firewall", "update", "none"]]));
    assert!(matches!(story.up(), Ok(Outcome::Updated { .. })));
    assert_eq!(story.said(is_untold), 1);
    let changed =
        story.said(|kind| matches!(kind, EventKind::ResourceChanged(it) if it.logical_id == "Firewall"));
    assert!(changed > 0);
    assert!(matches!(story.up(), Ok(Outcome::Unchanged { .. })));
}

#[test]
fn change_that_aws_resolves_to_what_was_there_is_not_said() {
    let region = |value: Value| json!({"Type": "AWS::SQS::Queue", "Properties": {"Tags": [value]}});
    let mut before = template();
    before["Resources"]["Tagged"] = region(json!({"Key": "Region", "Value": "us-east-1"}));
    let mut story = Story::deployed_as(before);
    story.set("/Resources/Tagged", region(json!({"Key": "Region", "Value": {"Ref": "AWS::Region"}})));
    story.set("/Resources/Messages/Properties/DelaySeconds", json!(5));
    assert!(matches!(story.up(), Ok(Outcome::Updated { .. })));
    assert_eq!(story.said(|kind| matches!(kind, EventKind::Untold { .. })), 0);
}

/// A deployed story in which a full bucket is to go.
fn full_bucket_goes() -> Story {
    let mut story = Story::deployed();
    story.account.store.write("files", "key", b"1");
    story.remove("Files");
    story
}

#[test]
fn warning_about_a_change_set_that_was_made_is_said_before_the_approval() {
    let story = full_bucket_goes();
    let approver = Answering::with(Answer::Declined);
    assert!(matches!(story.up_asking(&approver), Ok(Outcome::Declined)));
    let said = story.account.recorder.kinds();
    let found = said.iter().find_map(|kind| match kind {
        EventKind::ValidationFound(finding) => Some(finding.clone()),
        _ => None,
    });
    let found = found.unwrap();
    assert_eq!((found.logical_id.as_str(), found.is_failure), ("Files", false));
}

#[test]
fn warnings_that_may_not_be_read_are_said_and_the_deployment_goes_on() {
    let story = full_bucket_goes();
    story.account.journal.spoil("DescribeEvents", 1, Fault::Refused(AwsErrorCode::AccessDenied));
    assert!(matches!(story.up(), Ok(Outcome::Updated { .. })));
    assert_eq!(story.said(|kind| matches!(kind, EventKind::DetailsDenied { .. })), 1);
}

#[test]
fn change_that_takes_nothing_away_is_not_asked_about() {
    let mut story = Story::deployed();
    story.set("/Resources/Messages/Properties/DelaySeconds", json!(5));
    story.up().unwrap();
    assert_eq!(story.account.journal.count("DescribeEvents"), 0);
}
