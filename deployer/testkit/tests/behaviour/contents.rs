//! Capabilities, imports, drift, stack policies and validations.

use pipectl_testkit::{FakeAccount, Verb};
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::support::{deployed, template, with};

const TABLE: &str = "AWS::DynamoDB::Table";

fn with_table(deletion_policy: Option<&str>) -> String {
    let mut wanted = template();
    wanted["Resources"]["Kept"] = json!({"Type": TABLE, "Properties": {"TableName": "kept"}});
    if let Some(policy) = deletion_policy {
        wanted["Resources"]["Kept"]["DeletionPolicy"] = json!(policy);
    }
    wanted.to_string()
}

fn with_orphan() -> Caller {
    let account = FakeAccount::new();
    account.cloudformation.put_orphan(TABLE, "kept", json!({"TableName": "kept"}));
    Caller::of(account)
}

fn role(properties: Value) -> String {
    json!({"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}}}).to_string()
}

#[test]
fn iam_resources_need_a_capability_and_named_ones_the_named_one() {
    let caller = Caller::new();
    let ask = |name, body: &str, given: &[(&str, &str)]| {
        caller.change_set(name, "CREATE", body, given).refusal().0.to_owned()
    };
    let iam = [("Capabilities.member.1", "CAPABILITY_IAM")];
    let named = [("Capabilities.member.1", "CAPABILITY_NAMED_IAM")];
    assert_eq!(ask("a", &role(json!({})), &[]), "InsufficientCapabilitiesException");
    assert_eq!(ask("b", &role(json!({})), &iam), "");
    assert_eq!(ask("c", &role(json!({"RoleName": "r"})), &iam), "InsufficientCapabilitiesException");
    assert_eq!(ask("d", &role(json!({"RoleName": "r"})), &named), "");
}

#[test]
fn resource_that_exists_fails_the_change_set_with_a_finding() {
    let caller = with_orphan();
    let made = caller.change_set("c", "CREATE", &with_table(Some("Retain")), &[]).ok();
    caller.pass(2);
    let described = caller.call("DescribeChangeSet", &[("ChangeSetName", made.text("Id"))]);
    assert_eq!(described.text("Status"), "FAILED");
    assert!(described.text("StatusReason").contains("AWS::EarlyValidation::ResourceExistenceCheck"));
    let found = caller.call("DescribeEvents", &[("ChangeSetName", made.text("Id"))]);
    assert_eq!(found.text("EventType"), "VALIDATION_ERROR");
    assert_eq!(
        (found.text("ValidationFailureMode"), found.text("ValidationPath")),
        ("FAIL", "/Resources/Kept")
    );
}

#[test]
fn resource_that_exists_fails_the_create_when_validation_is_off() {
    let caller = with_orphan();
    caller.start("c", "CREATE", &with_table(Some("Retain")), &[("DisableValidation", "true")]);
    caller.pass(60);
    assert_eq!(caller.status(), "ROLLBACK_COMPLETE");
}

#[test]
fn existing_resource_with_a_keeping_policy_is_imported_on_request() {
    let caller = with_orphan();
    let import = [("ImportExistingResources", "true")];
    caller.change_set("c", "CREATE", &with_table(Some("Retain")), &import).ok();
    caller.pass(2);
    let described = caller.call("DescribeChangeSet", &[("StackName", "s"), ("ChangeSetName", "c")]);
    assert_eq!(described.all("Action"), ["Add", "Import", "Add", "Add"]);
    caller.execute("c", &[]).ok();
    caller.pass(60);
    assert_eq!(caller.status(), "CREATE_COMPLETE");
    let listed = caller.call("DescribeStackResources", &[("StackName", "s"), ("LogicalResourceId", "Kept")]);
    assert_eq!(
        (listed.text("ResourceStatus"), listed.text("PhysicalResourceId")),
        ("IMPORT_COMPLETE", "kept")
    );
}

#[test]
fn existing_resource_that_a_deletion_would_take_is_not_imported() {
    let caller = with_orphan();
    let import = [("ImportExistingResources", "true")];
    caller.change_set("c", "CREATE", &with_table(None), &import).ok();
    caller.pass(2);
    let described = caller.call("DescribeChangeSet", &[("StackName", "s"), ("ChangeSetName", "c")]);
    assert_eq!(described.text("Status"), "FAILED");
}

#[test]
fn imported_resource_survives_the_rollback_of_the_create() {
    let caller = with_orphan();
    caller.account.cloudformation.fail(pipectl_testkit::Verb::Create, "Worker", "no");
    let import = [("ImportExistingResources", "true")];
    caller.start("c", "CREATE", &with_table(Some("Retain")), &import);
    caller.pass(60);
    assert!(caller.account.cloudformation.has_resource(TABLE, "kept"));
}

#[test]
fn import_change_set_takes_named_resources_and_nothing_else() {
    let caller = Caller::of(deployed());
    caller.account.cloudformation.put_orphan(TABLE, "kept", json!({"TableName": "kept"}));
    let named = [
        ("ResourcesToImport.member.1.ResourceType", TABLE),
        ("ResourcesToImport.member.1.LogicalResourceId", "Kept"),
        ("ResourcesToImport.member.1.ResourceIdentifier.entry.1.key", "TableName"),
        ("ResourcesToImport.member.1.ResourceIdentifier.entry.1.value", "kept"),
    ];
    let without_policy = caller.change_set("a", "IMPORT", &with_table(None), &named);
    assert!(without_policy.refusal().1.contains("DeletionPolicy"));
    caller.start("b", "IMPORT", &with_table(Some("Retain")), &named);
    assert_eq!(caller.status(), "IMPORT_IN_PROGRESS");
    caller.pass(60);
    assert_eq!(caller.status(), "IMPORT_COMPLETE");
}

fn detected(caller: &Caller) -> (String, Vec<String>) {
    let id = caller.call("DetectStackDrift", &[("StackName", "s")]).ok();
    let id = [("StackDriftDetectionId", id.text("StackDriftDetectionId"))];
    let status = || caller.call("DescribeStackDriftDetectionStatus", &id);
    assert_eq!(status().text("DetectionStatus"), "DETECTION_IN_PROGRESS");
    caller.pass(2);
    let drifts = caller.call("DescribeStackResourceDrifts", &[("StackName", "s")]);
    let found = drifts.all("StackResourceDriftStatus").into_iter().map(str::to_owned);
    (status().text("StackDriftStatus").to_owned(), found.collect())
}

#[test]
fn change_and_deletion_by_hand_are_found_as_drift() {
    let caller = Caller::of(deployed());
    assert_eq!(detected(&caller).0, "IN_SYNC");
    caller.account.cloudformation.change_by_hand("s", "Queue", "DelaySeconds", json!(9));
    caller.account.cloudformation.delete_by_hand("s", "Files");
    let (stack, resources) = detected(&caller);
    assert_eq!(
        (stack.as_str(), resources),
        ("DRIFTED", ["DELETED", "MODIFIED", "IN_SYNC"].map(Into::into).into())
    );
}

#[test]
fn resource_that_cannot_be_checked_fails_the_detection_and_the_others_are_listed() {
    let caller = Caller::of(deployed());
    caller.account.cloudformation.fail(Verb::DetectDrift, "Queue", "denied");
    caller.account.cloudformation.delete_by_hand("s", "Files");
    let id = caller.call("DetectStackDrift", &[("StackName", "s")]).text("StackDriftDetectionId").to_owned();
    caller.pass(2);
    let status = caller.call("DescribeStackDriftDetectionStatus", &[("StackDriftDetectionId", id.as_str())]);
    assert_eq!(status.text("DetectionStatus"), "DETECTION_FAILED");
    assert_eq!(status.text("DetectionStatusReason"), "Failed to detect drift on resource [Queue]: denied");
    assert_eq!(status.text("DriftedStackResourceCount"), "1");
    let drifts = caller.call("DescribeStackResourceDrifts", &[("StackName", "s")]);
    assert_eq!(drifts.all("StackResourceDriftStatus"), ["DELETED", "NOT_CHECKED", "IN_SYNC"]);
}

#[test]
fn second_detection_is_refused_until_the_first_is_over() {
    let caller = Caller::of(deployed());
    caller.call("DetectStackDrift", &[("StackName", "s")]).ok();
    assert_eq!(caller.call("DetectStackDrift", &[("StackName", "s")]).refusal().0, "ValidationError");
    caller.pass(2);
    caller.call("DetectStackDrift", &[("StackName", "s")]).ok();
}

#[test]
fn property_that_the_template_does_not_have_is_no_drift() {
    let caller = Caller::of(deployed());
    caller.account.cloudformation.change_by_hand("s", "Queue", "KmsMasterKeyId", json!("k"));
    assert_eq!(detected(&caller).0, "IN_SYNC");
}

#[test]
fn same_template_reverts_drift_only_when_it_is_asked_to() {
    let caller = Caller::of(deployed());
    caller.account.cloudformation.change_by_hand("s", "Queue", "DelaySeconds", json!(9));
    caller.change_set("plain", "UPDATE", &template().to_string(), &[]).ok();
    caller.pass(2);
    let plain = caller.call("DescribeChangeSet", &[("StackName", "s"), ("ChangeSetName", "plain")]);
    assert_eq!(plain.text("Status"), "FAILED");
    caller.start("revert", "UPDATE", &template().to_string(), &[("DeploymentMode", "REVERT_DRIFT")]);
    caller.pass(60);
    assert_eq!(detected(&caller).0, "IN_SYNC");
}

#[test]
fn drift_aware_change_set_names_the_three_values() {
    let caller = Caller::of(deployed());
    caller.account.cloudformation.change_by_hand("s", "Queue", "DelaySeconds", json!(9));
    let wanted = with("/Resources/Queue/Properties/DelaySeconds", json!(2)).to_string();
    caller.change_set("r", "UPDATE", &wanted, &[("DeploymentMode", "REVERT_DRIFT")]).ok();
    caller.pass(2);
    let shown = [("StackName", "s"), ("ChangeSetName", "r"), ("IncludePropertyValues", "true")];
    let shown = caller.call("DescribeChangeSet", &shown);
    let values = ["PreviousValue", "ActualValue", "AfterValue"].map(|tag| shown.text(tag).to_owned());
    assert_eq!(values, ["1", "9", "2"]);
}

#[test]
fn stack_policy_denies_what_no_statement_allows() {
    let caller = Caller::of(deployed());
    let policy = json!({"Statement": [
        {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "Update:Modify", "Principal": "*", "Resource": "LogicalResourceId/Queue"},
    ]});
    let set = [("StackName", "s"), ("StackPolicyBody", &policy.to_string())];
    caller.call("SetStackPolicy", &set).ok();
    caller.start("u", "UPDATE", &with("/Resources/Queue/Properties/DelaySeconds", json!(2)).to_string(), &[]);
    caller.pass(60);
    assert_eq!(caller.status(), "UPDATE_ROLLBACK_COMPLETE");
    let events = caller.call("DescribeStackEvents", &[("StackName", "s")]);
    let denied = |reason: &&str| reason.starts_with("Action denied by stack policy");
    assert!(events.all("ResourceStatusReason").iter().any(denied));
}

#[test]
fn full_bucket_that_would_go_is_a_warning_and_the_change_set_is_made() {
    let caller = Caller::of(deployed());
    caller.account.store.write("files", "key", b"x");
    let mut without = template();
    without["Resources"].as_object_mut().unwrap().remove("Files");
    let made = caller.change_set("u", "UPDATE", &without.to_string(), &[]).ok();
    caller.pass(2);
    let described = caller.call("DescribeChangeSet", &[("ChangeSetName", made.text("Id"))]);
    assert_eq!(described.text("Status"), "CREATE_COMPLETE");
    let found = caller.call("DescribeEvents", &[("ChangeSetName", made.text("Id"))]);
    assert_eq!(found.all("ValidationFailureMode"), ["WARN"]);
}
