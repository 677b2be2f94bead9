//! What becomes of failures, by the setting of the request.

use pipectl_testkit::Verb;
use serde_json::json;

use crate::caller::Caller;
use crate::support::{template, with};

const CREATE: &str = "CREATE";
const UPDATE: &str = "UPDATE";

fn failing_create(on_failure: &str) -> Caller {
    let caller = Caller::new();
    caller.account.cloudformation.fail(Verb::Create, "Worker", "no");
    caller.start("c", CREATE, &template().to_string(), &[("OnStackFailure", on_failure)]);
    caller.pass(60);
    caller
}

fn deployed() -> Caller {
    let caller = Caller::new();
    caller.start("c", CREATE, &template().to_string(), &[]);
    caller.pass(60);
    assert_eq!(caller.status(), "CREATE_COMPLETE");
    caller
}

fn changed() -> String {
    with("/Resources/Queue/Properties/DelaySeconds", json!(2)).to_string()
}

fn express(more: &'static [(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    [&[("DeploymentConfig.Mode", "EXPRESS")], more].concat()
}

/// A stack whose update in express mode has failed.
fn failed_express() -> Caller {
    let caller = deployed();
    caller.account.cloudformation.fail(Verb::Update, "Queue", "no");
    caller.start("u", UPDATE, &changed(), &express(&[]));
    caller.pass(60);
    caller.account.cloudformation.heal();
    caller
}

#[test]
fn create_that_rolls_back_leaves_an_empty_stack_that_cannot_be_updated() {
    let caller = failing_create("ROLLBACK");
    assert_eq!(caller.status(), "ROLLBACK_COMPLETE");
    assert!(!caller.account.store.has_bucket("files"));
    let refused = caller.change_set("u", UPDATE, &template().to_string(), &[]);
    assert!(refused.refusal().1.ends_with("is in ROLLBACK_COMPLETE state and can not be updated."));
}

#[test]
fn rollback_of_a_create_that_cannot_delete_fails() {
    let caller = Caller::new();
    caller.account.cloudformation.fail(Verb::Create, "Worker", "no");
    caller.account.cloudformation.fail(Verb::Delete, "Queue", "neither");
    caller.start("c", CREATE, &template().to_string(), &[("OnStackFailure", "ROLLBACK")]);
    caller.pass(60);
    assert_eq!(caller.status(), "ROLLBACK_FAILED");
}

#[test]
fn create_that_does_nothing_on_failure_lists_the_failed_resource_with_its_reason() {
    let caller = failing_create("DO_NOTHING");
    assert_eq!(caller.status(), "CREATE_FAILED");
    let listed = caller.call("ListStackResources", &[("StackName", "s")]);
    assert_eq!(listed.all("ResourceStatus"), ["CREATE_COMPLETE", "CREATE_COMPLETE", "CREATE_FAILED"]);
    assert_eq!(listed.text("ResourceStatusReason"), "no");
}

#[test]
fn failed_create_goes_on_where_it_stopped() {
    let caller = failing_create("DO_NOTHING");
    caller.account.cloudformation.heal();
    caller.start("again", UPDATE, &template().to_string(), &[("DeploymentConfig.DisableRollback", "true")]);
    caller.pass(60);
    assert_eq!(caller.status(), "UPDATE_COMPLETE");
    let events = caller.call("DescribeStackEvents", &[("StackName", "s")]);
    let made = events.all("ResourceStatusReason");
    assert_eq!(made.iter().filter(|reason| **reason == "Resource creation Initiated").count(), 3);
}

#[test]
fn failed_stack_takes_no_update_that_would_roll_back() {
    let caller = failing_create("DO_NOTHING");
    caller.change_set("again", UPDATE, &template().to_string(), &[]).ok();
    caller.pass(2);
    assert!(caller.execute("again", &[]).refusal().1.contains("non-terminal [CREATE_FAILED]"));
    caller.execute("again", &[("DisableRollback", "true")]).ok();
}

#[test]
fn rollback_stack_takes_a_failed_update_back() {
    let caller = deployed();
    caller.account.cloudformation.fail(Verb::Update, "Worker", "no");
    let renamed = with("/Resources/Worker/Properties/Environment", json!("x")).to_string();
    caller.start("u", UPDATE, &renamed, &[("DeploymentConfig.DisableRollback", "true")]);
    caller.pass(60);
    assert_eq!(caller.status(), "UPDATE_FAILED");
    caller.call("RollbackStack", &[("StackName", "s")]).ok();
    caller.pass(60);
    assert_eq!(caller.status(), "UPDATE_ROLLBACK_COMPLETE");
}

#[test]
fn express_update_that_fails_is_left_and_takes_express_only() {
    let caller = failed_express();
    assert_eq!(caller.status(), "UPDATE_FAILED");
    let refused = caller.change_set("std", UPDATE, &changed(), &[]);
    assert!(refused.refusal().1.contains("used EXPRESS deployment mode with disable-rollback"));
    let refused = caller.call("RollbackStack", &[("StackName", "s")]);
    assert!(refused.refusal().1.starts_with("RollbackStack is not supported"));
    caller.start("again", UPDATE, &changed(), &express(&[]));
    caller.pass(60);
    assert_eq!(caller.status(), "UPDATE_COMPLETE");
}

/// aws/aws-cdk-cli#1970 and #1972.
#[test]
fn last_good_template_after_a_failed_express_update_is_no_change_set_but_an_update() {
    let caller = failed_express();
    let good = template().to_string();
    caller.change_set("good", UPDATE, &good, &express(&[])).ok();
    caller.pass(2);
    let made = caller.call("DescribeChangeSet", &[("StackName", "s"), ("ChangeSetName", "good")]);
    assert_eq!(made.text("Status"), "FAILED");
    let update = [("StackName", "s"), ("TemplateBody", good.as_str())];
    caller.call("UpdateStack", &[&update[..], &express(&[])[..]].concat()).ok();
    caller.pass(60);
    assert_eq!(caller.status(), "UPDATE_COMPLETE");
    assert_eq!(caller.call("UpdateStack", &update).refusal().1, "No updates are to be performed.");
}

#[test]
fn express_update_with_rollback_enabled_rolls_back() {
    let caller = deployed();
    caller.account.cloudformation.fail(Verb::Update, "Queue", "no");
    caller.start("u", UPDATE, &changed(), &express(&[("DeploymentConfig.DisableRollback", "false")]));
    caller.pass(60);
    assert_eq!(caller.status(), "UPDATE_ROLLBACK_COMPLETE");
}

#[test]
fn replacement_fails_while_rollback_is_disabled() {
    let caller = deployed();
    let renamed = with("/Resources/Queue/Properties", json!({"QueueName": "q"})).to_string();
    caller.start("u", UPDATE, &renamed, &express(&[]));
    caller.pass(60);
    assert_eq!(caller.status(), "UPDATE_FAILED");
    let listed = caller.call("DescribeStackResources", &[("StackName", "s"), ("LogicalResourceId", "Queue")]);
    assert!(listed.text("ResourceStatusReason").starts_with("Replacement type updates not supported"));
}

#[test]
fn express_resource_is_configured_before_it_is_ready() {
    let caller = Caller::new();
    caller.start("c", CREATE, &template().to_string(), &express(&[]));
    caller.pass(6);
    assert_eq!(caller.status(), "CREATE_COMPLETE");
    let is_ready = || caller.account.cloudformation.is_ready("s", "Worker");
    assert!(!is_ready());
    caller.pass(10);
    assert!(is_ready());
    let stack = caller.call("DescribeStacks", &[("StackName", "s")]);
    assert_eq!(stack.text("Mode"), "EXPRESS");
}

#[test]
fn failure_can_be_limited_to_some_times() {
    let caller = deployed();
    caller.account.cloudformation.fail_times(Verb::Update, "Queue", "no", 1);
    caller.start("u", UPDATE, &changed(), &[]);
    caller.pass(60);
    assert_eq!(caller.status(), "UPDATE_ROLLBACK_COMPLETE");
    caller.start("again", UPDATE, &changed(), &[]);
    caller.pass(60);
    assert_eq!(caller.status(), "UPDATE_COMPLETE");
}

#[test]
fn cancelled_update_goes_back_and_a_settled_stack_has_none_to_cancel() {
    let caller = deployed();
    let cancel = || caller.call("CancelUpdateStack", &[("StackName", "s")]);
    assert_eq!(cancel().refusal().0, "ValidationError");
    caller.start("u", UPDATE, &changed(), &[]);
    cancel().ok();
    caller.pass(60);
    assert_eq!(caller.status(), "UPDATE_ROLLBACK_COMPLETE");
}

#[test]
fn rollback_goes_on_without_the_resources_that_failed_in_it_and_only_without_these() {
    let caller = deployed();
    let fake = &caller.account.cloudformation;
    fake.fail(Verb::Update, "Worker", "no");
    fake.fail(Verb::Rollback, "Queue", "neither");
    let mut both = with("/Resources/Queue/Properties/DelaySeconds", json!(2));
    both["Resources"]["Worker"]["Properties"]["Environment"] = json!("x");
    caller.start("u", UPDATE, &both.to_string(), &[]);
    caller.pass(60);
    assert_eq!(caller.status(), "UPDATE_ROLLBACK_FAILED");
    let go_on = |id| {
        let skip = [("StackName", "s"), ("ResourcesToSkip.member.1", id)];
        caller.call("ContinueUpdateRollback", &skip)
    };
    assert_eq!(go_on("Files").refusal().0, "ValidationError");
    go_on("Queue").ok();
    caller.pass(60);
    assert_eq!(caller.status(), "UPDATE_ROLLBACK_COMPLETE");
}

#[test]
fn forced_rollback_skips_all_that_failed_and_names_none() {
    let caller = deployed();
    let fake = &caller.account.cloudformation;
    fake.fail(Verb::Update, "Queue", "no");
    fake.fail(Verb::Rollback, "Queue", "neither");
    caller.start("u", UPDATE, &changed(), &[]);
    caller.pass(60);
    let force = [("StackName", "s"), ("ForceRollback", "true"), ("ResourcesToSkip.member.1", "Queue")];
    assert!(caller.call("ContinueUpdateRollback", &force).refusal().1.contains("mutually exclusive"));
    caller.call("ContinueUpdateRollback", &force[..2]).ok();
    caller.pass(60);
    assert_eq!(caller.status(), "UPDATE_ROLLBACK_COMPLETE");
}

#[test]
fn undeletable_resource_is_retained_or_forced_in_delete_failed_only() {
    let caller = deployed();
    caller.account.store.write("files", "key", b"x");
    let retain = [("StackName", "s"), ("RetainResources.member.1", "Files")];
    let force = [("StackName", "s"), ("DeletionMode", "FORCE_DELETE_STACK")];
    assert_eq!(caller.call("DeleteStack", &retain).refusal().0, "ValidationError");
    assert_eq!(caller.call("DeleteStack", &force).refusal().0, "ValidationError");
    caller.call("DeleteStack", &[("StackName", "s")]).ok();
    caller.pass(60);
    assert_eq!(caller.status(), "DELETE_FAILED");
    caller.call("DeleteStack", &retain).ok();
    caller.pass(60);
    assert_eq!((caller.status().as_str(), caller.account.store.has_bucket("files")), ("", true));
}

#[test]
fn forced_deletion_leaves_what_cannot_be_deleted() {
    let caller = deployed();
    caller.account.cloudformation.fail(Verb::Delete, "Queue", "no");
    caller.call("DeleteStack", &[("StackName", "s")]).ok();
    caller.pass(60);
    caller.call("DeleteStack", &[("StackName", "s"), ("DeletionMode", "FORCE_DELETE_STACK")]).ok();
    caller.pass(60);
    assert_eq!(caller.status(), "");
}

#[test]
fn resource_that_an_undeletable_one_needs_stays() {
    let caller = deployed();
    caller.account.cloudformation.fail(Verb::Delete, "Worker", "no");
    caller.call("DeleteStack", &[("StackName", "s")]).ok();
    caller.pass(60);
    let left = caller.call("ListStackResources", &[("StackName", "s")]);
    assert_eq!(left.all("LogicalResourceId"), ["Queue", "Worker"]);
}

#[test]
fn stack_deleted_by_hand_in_mid_operation_is_gone() {
    let caller = deployed();
    caller.start("u", UPDATE, &changed(), &[]);
    caller.account.cloudformation.delete_stack_by_hand("s");
    assert_eq!(caller.status(), "");
}
