use pipectl_engine::diff::ValueChange;
use pipectl_engine::plan::{Artifacts, Deployed, PlanError, Step, Wanted, parameter_values, plan};
use pipectl_engine::status::StackStatus;
use serde_json::json;

use crate::support::{artifacts, deployed, package, request, template, values, wanted};

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
fn stack_keeps_its_value_when_the_default_changes_as_with_the_aws_cli() {
    let base = deployed(StackStatus::CreateComplete);
    let mut wanted = wanted();
    wanted.template["Parameters"]["Level"]["Default"] = json!("error");
    assert_eq!(request(&wanted, Some(&base), &artifacts("1")).parameters["Level"], "info");
}

/// A stack with a `NoEcho` parameter, and the same once more but for a property.
fn with_secret(default: Option<&str>) -> (Deployed, Wanted) {
    let mut base = deployed_with("Level", "****");
    base.template["Parameters"]["Level"] = json!({"Type": "String", "NoEcho": true});
    if let Some(default) = default {
        base.template["Parameters"]["Level"]["Default"] = json!(default);
    }
    let mut wanted = wanted();
    wanted.template = base.template.clone();
    wanted.template["Resources"]["Worker"]["Properties"]["MemorySize"] = json!(256);
    (base, wanted)
}

#[test]
fn value_that_cannot_be_read_is_kept_and_is_no_change_with_or_without_a_default() {
    for default in [None, Some("changeme")] {
        let (base, wanted) = with_secret(default);
        let request = request(&wanted, Some(&base), &artifacts("1"));
        assert_eq!(request.kept, ["Level".to_owned()].into());
        assert_eq!(request.parameters.get("Level"), None);
        assert_eq!(plan(&wanted, Some(&base), &artifacts("1")).unwrap().diff.parameters, []);
    }
}

#[test]
fn stack_with_a_value_that_cannot_be_read_is_unchanged_when_nothing_else_differs() {
    let (base, mut wanted) = with_secret(Some("changeme"));
    wanted.template = base.template.clone();
    assert_eq!(plan(&wanted, Some(&base), &artifacts("1")).unwrap().steps, []);
}

#[test]
fn value_that_an_emulator_does_not_mask_is_neither_sent_nor_shown() {
    let (mut base, mut wanted) = with_secret(None);
    base.stack.parameters.insert("Level".to_owned(), "s3cret".to_owned());
    wanted.template["Parameters"]["Level"] = json!({"Type": "String"});
    let request = request(&wanted, Some(&base), &artifacts("1"));
    assert_eq!((request.kept.len(), request.parameters.get("Level")), (1, None));
    assert_eq!(plan(&wanted, Some(&base), &artifacts("1")).unwrap().diff.parameters, []);
}

#[test]
fn value_that_is_given_takes_the_place_of_one_that_cannot_be_read() {
    let (base, mut wanted) = with_secret(None);
    wanted.given = values(&[("Level", "x")]);
    let request = request(&wanted, Some(&base), &artifacts("1"));
    assert_eq!((request.kept.len(), request.parameters["Level"].as_str()), (0, "x"));
    let shown = plan(&wanted, Some(&base), &artifacts("1")).unwrap().diff.parameters;
    let mask = Some("****".to_owned());
    assert_eq!(shown, [ValueChange { name: "Level".to_owned(), before: mask.clone(), after: mask }]);
}

#[test]
fn code_alone_is_changed_by_one_call_that_keeps_what_cannot_be_read() {
    let (base, mut wanted) = with_secret(Some("changeme"));
    wanted.template = base.template.clone();
    let plan = plan(&wanted, Some(&base), &artifacts("2")).unwrap();
    let steps = plan.sparing_change_set(&base, &wanted).unwrap().steps;
    let Some(Step::UpdateStack(update)) = steps.last() else { panic!("another step: {steps:?}") };
    assert!(update.kept.contains("Level") && !update.changed.contains_key("Level"), "{update:?}");
}

#[test]
fn parameter_that_the_template_drops_or_adds_is_no_kept_one() {
    let (base, mut wanted) = with_secret(None);
    wanted.template["Parameters"] = template()["Parameters"].clone();
    wanted.template["Parameters"]["New"] = json!({"Type": "String", "NoEcho": true, "Default": "n"});
    wanted.template["Parameters"].as_object_mut().unwrap().remove("Level");
    let request = request(&wanted, Some(&base), &artifacts("1"));
    assert_eq!((request.kept.len(), request.parameters["New"].as_str()), (0, "n"));
    let shown = plan(&wanted, Some(&base), &artifacts("1")).unwrap().diff.parameters;
    assert_eq!(shown.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["Level", "New"]);
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
