use pipectl_engine::plan::{Artifacts, Deployed, PlanError, parameter_values, plan};
use pipectl_engine::status::StackStatus;
use serde_json::json;

use crate::support::{artifacts, deployed, package, request, values, wanted};

/// A stack whose parameter was given a value at its deployment.
fn deployed_with(name: &str, value: &str) -> Deployed {
    let mut base = deployed(StackStatus::CreateComplete);
    base.stack.parameters.insert(name.to_owned(), value.to_owned());
    base
}

fn value(
    given: &[(&str, &str)],
    base: Option<&Deployed>,
    artifacts: &Artifacts,
    name: &str,
) -> Option<String> {
    let mut wanted = wanted();
    wanted.given = values(given);
    parameter_values(&wanted, base, artifacts).values.get(name).cloned()
}

#[test]
fn given_comes_before_built() {
    let given = [("WorkerCodeKey", "mine")];
    assert_eq!(value(&given, None, &artifacts("2"), "WorkerCodeKey").as_deref(), Some("mine"));
}

#[test]
fn built_comes_before_an_earlier_deployments() {
    let base = deployed(StackStatus::CreateComplete);
    assert_eq!(value(&[], Some(&base), &artifacts("2"), "WorkerCodeKey"), Some(package("2").key()));
}

#[test]
fn given_bucket_comes_before_the_accounts_and_that_before_an_earlier_one() {
    let base = deployed_with("ArtifactBucket", "old");
    let of = |given: &[(&str, &str)]| value(given, Some(&base), &artifacts("2"), "ArtifactBucket");
    assert_eq!(of(&[("ArtifactBucket", "mine")]).as_deref(), Some("mine"));
    assert_eq!(of(&[]).as_deref(), Some("artifacts"));
}

#[test]
fn given_comes_before_an_earlier_value_and_that_before_the_default() {
    let base = deployed_with("Level", "debug");
    assert_eq!(value(&[("Level", "warn")], Some(&base), &artifacts("1"), "Level").as_deref(), Some("warn"));
    assert_eq!(value(&[], Some(&base), &artifacts("1"), "Level").as_deref(), Some("debug"));
    assert_eq!(value(&[], None, &artifacts("1"), "Level").as_deref(), Some("info"));
}

#[test]
fn earlier_default_gives_way_to_the_new_one() {
    let base = deployed(StackStatus::CreateComplete);
    let mut wanted = wanted();
    wanted.template["Parameters"]["Level"]["Default"] = json!("error");
    assert_eq!(request(&wanted, Some(&base), &artifacts("1")).parameters["Level"], "error");
}

#[test]
fn masked_value_is_none() {
    let base = deployed_with("Level", "****");
    let mut wanted = wanted();
    wanted.template["Parameters"]["Level"] = json!({"Type": "String", "NoEcho": true});
    let refused = plan(&wanted, Some(&base), &artifacts("1")).unwrap_err();
    assert_eq!(refused, PlanError::MissingParameters { names: vec!["Level".to_owned()] });
}

#[test]
fn values_of_a_stack_that_failed_first_are_not_taken_over() {
    let mut base = deployed_with("Level", "debug");
    base.stack.status = StackStatus::RollbackComplete;
    assert_eq!(request(&wanted(), Some(&base), &artifacts("1")).parameters["Level"], "info");
}

#[test]
fn default_that_is_no_text_becomes_one() {
    let mut wanted = wanted();
    wanted.template["Parameters"]["Level"] = json!({"Type": "Number", "Default": 5});
    assert_eq!(request(&wanted, None, &artifacts("1")).parameters["Level"], "5");
}

#[test]
fn all_missing_parameters_are_named_together() {
    let refused = plan(&wanted(), None, &Artifacts::default()).unwrap_err();
    assert_eq!(refused, PlanError::MissingParameters { names: vec!["WorkerCodeKey".to_owned()] });
}

#[test]
fn unknown_parameters_are_named_with_the_known_ones() {
    let mut wanted = wanted();
    wanted.given = values(&[("Lvl", "x")]);
    let PlanError::UnknownParameters { names, known } = plan(&wanted, None, &artifacts("1")).unwrap_err()
    else {
        panic!("another refusal")
    };
    assert_eq!(names, ["Lvl"]);
    assert_eq!(known, ["ArtifactBucket", "Level", "WorkerCodeKey"]);
}
