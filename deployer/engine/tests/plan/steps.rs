use pipectl_engine::change_set::{ChangeSetKind, TemplateSource};
use pipectl_engine::plan::{Artifacts, Deployed, PlanError, Step, Wanted, plan};
use pipectl_engine::status::StackStatus;
use serde_json::json;

use crate::support::{artifacts, deployed, names, package, request, values, wanted};

const CREATE: [&str; 4] =
    ["ensure_artifact_bucket", "upload_package", "create_change_set", "execute_change_set"];

#[test]
fn steps_follow_from_the_status_of_the_stack() {
    let with_remains = ["delete_remains"].iter().chain(&CREATE).copied().collect::<Vec<_>>();
    let update = ["upload_package", "create_change_set", "execute_change_set"].to_vec();
    let table = [
        (None, CREATE.to_vec()),
        (Some(StackStatus::ReviewInProgress), CREATE.to_vec()),
        (Some(StackStatus::DeleteComplete), CREATE.to_vec()),
        (Some(StackStatus::RollbackComplete), with_remains.clone()),
        (Some(StackStatus::RollbackFailed), with_remains.clone()),
        (Some(StackStatus::CreateFailed), with_remains),
        (Some(StackStatus::CreateComplete), update.clone()),
        (Some(StackStatus::UpdateComplete), update.clone()),
        (Some(StackStatus::UpdateRollbackComplete), update.clone()),
        (Some(StackStatus::ImportComplete), update),
    ];
    for (status, expected) in table {
        let deployed = status.clone().map(deployed);
        assert_eq!(names(plan(&wanted(), deployed.as_ref(), &artifacts("2"))), expected, "{status:?}");
    }
}

#[test]
fn states_that_need_a_person_are_refused() {
    let refused = [StackStatus::UpdateRollbackFailed, StackStatus::DeleteFailed, StackStatus::UpdateFailed];
    for status in refused {
        let planned = plan(&wanted(), Some(&deployed(status.clone())), &artifacts("2"));
        let expected = PlanError::NeedsRecovery { stack: "s".to_owned(), status };
        assert_eq!(planned.unwrap_err(), expected);
    }
}

#[test]
fn nothing_different_takes_no_step() {
    let planned = plan(&wanted(), Some(&deployed(StackStatus::CreateComplete)), &artifacts("1")).unwrap();
    assert_eq!(planned.steps, []);
    assert!(planned.diff.is_empty());
}

#[test]
fn template_and_tags_alone_upload_nothing() {
    let base = deployed(StackStatus::UpdateComplete);
    let mut other = wanted();
    other.template["Description"] = json!("new");
    let expected = ["create_change_set", "execute_change_set"];
    assert_eq!(names(plan(&other, Some(&base), &artifacts("1"))), expected);
    let tagged = Wanted { tags: values(&[("team", "data")]), ..wanted() };
    assert_eq!(names(plan(&tagged, Some(&base), &artifacts("1"))), expected);
}

#[test]
fn two_functions_of_one_package_upload_it_once() {
    let mut two = wanted();
    two.template["Parameters"]["OtherCodeKey"] = json!({"Type": "String"});
    let mut both = artifacts("2");
    both.packages.insert("OtherCodeKey".to_owned(), both.packages["WorkerCodeKey"].clone());
    let names = names(plan(&two, None, &both));
    assert_eq!(names.iter().filter(|name| **name == "upload_package").count(), 1);
}

#[test]
fn kind_of_the_change_set_follows_the_stack() {
    let base = deployed(StackStatus::CreateComplete);
    assert_eq!(request(&wanted(), None, &artifacts("2")).kind, ChangeSetKind::Create);
    assert_eq!(request(&wanted(), Some(&base), &artifacts("2")).kind, ChangeSetKind::Update);
}

#[test]
fn template_travels_in_the_request_up_to_its_limit_and_then_by_the_bucket() {
    let empty = wanted().template.to_string().len() + r#","Description":"""#.len();
    let sized = |bytes: usize| {
        let mut wanted = wanted();
        wanted.template["Description"] = json!("x".repeat(bytes - empty));
        assert_eq!(wanted.template.to_string().len(), bytes);
        wanted
    };
    let source = |bytes| request(&sized(bytes), None, &artifacts("2")).template;
    assert!(matches!(source(51_200), TemplateSource::Body(_)));
    assert!(matches!(source(51_201), TemplateSource::Object { .. }));
    assert!(matches!(source(1_048_576), TemplateSource::Object { .. }));
    let refused = plan(&sized(1_048_577), None, &artifacts("2")).unwrap_err();
    assert_eq!(refused, PlanError::TemplateTooLarge { bytes: 1_048_577, limit: 1_048_576 });
}

#[test]
fn large_template_without_functions_still_has_its_bucket_made() {
    let mut large = wanted();
    large.template = json!({"Resources": {}, "Description": "x".repeat(60_000)});
    let none = pipectl_engine::plan::Artifacts { packages: Default::default(), ..artifacts("1") };
    let expected = ["ensure_artifact_bucket", "upload_template", "create_change_set", "execute_change_set"];
    assert_eq!(names(plan(&large, None, &none)), expected);
}

#[test]
fn equal_input_gives_equal_plans_and_the_change_sets_name_follows_the_content() {
    let name = |wanted, sha256| request(&wanted, None, &artifacts(sha256)).name;
    assert_eq!(name(wanted(), "2"), name(wanted(), "2"));
    assert_ne!(name(wanted(), "2"), name(wanted(), "3"));
    let mut other = wanted();
    other.tags = values(&[("a", "b")]);
    assert_ne!(name(wanted(), "2"), name(other, "2"));
    assert_eq!(plan(&wanted(), None, &artifacts("2")), plan(&wanted(), None, &artifacts("2")));
}

/// The steps without a change set, where none is needed.
fn spared(wanted: &Wanted, base: &Deployed, built: &Artifacts) -> Option<Vec<&'static str>> {
    let plan = plan(wanted, Some(base), built).unwrap().sparing_change_set(base, wanted)?;
    Some(plan.steps.iter().map(Step::name).collect())
}

#[test]
fn code_alone_needs_no_change_set_and_anything_else_does() {
    let base = deployed(StackStatus::UpdateComplete);
    let built = artifacts("2");
    assert_eq!(spared(&wanted(), &base, &built).unwrap(), ["upload_package", "update_stack"]);
    let mut described = wanted();
    described.template["Description"] = json!("new");
    let others = [
        described,
        Wanted { tags: values(&[("team", "data")]), ..wanted() },
        Wanted { given: values(&[("Level", "debug")]), ..wanted() },
    ];
    for other in others {
        assert_eq!(spared(&other, &base, &built), None);
    }
    assert_eq!(spared(&wanted(), &base, &artifacts("1")), None, "nothing differs");
}

#[test]
fn code_needs_a_change_set_where_something_else_could_change_with_it() {
    let unplain = [
        ("/Outputs", json!({"Key": {"Value": {"Ref": "WorkerCodeKey"}}})),
        ("/Transform", json!("AWS::LanguageExtensions")),
        ("/Parameters/Level/Type", json!("AWS::SSM::Parameter::Value<String>")),
        ("/Resources/Worker/Properties/Description", json!("{{resolve:ssm:/level}}")),
        ("/Resources/Nested", json!({"Type": "AWS::CloudFormation::Stack"})),
        ("/Resources/Worker/Properties/Tags", json!({"Fn::Transform": {"Name": "Tagged"}})),
    ];
    for (place, value) in unplain {
        let (mut wanted, mut base) = (wanted(), deployed(StackStatus::UpdateComplete));
        let (parent, key) = place.rsplit_once('/').unwrap();
        for template in [&mut wanted.template, &mut base.template] {
            template.pointer_mut(parent).unwrap()[key] = value.clone();
        }
        assert_eq!(spared(&wanted, &base, &artifacts("2")), None, "{place}");
    }
}

#[test]
fn update_without_a_change_set_names_what_changes_and_is_told_from_the_next_try() {
    let mut base = deployed(StackStatus::UpdateComplete);
    let update = |base: &Deployed| {
        let plan = plan(&wanted(), Some(base), &artifacts("2")).unwrap();
        let steps = plan.sparing_change_set(base, &wanted()).unwrap().steps;
        let [_, Step::UpdateStack(update)] = &steps[..] else { panic!("{steps:?}") };
        update.clone()
    };
    let first = update(&base);
    assert_eq!(first.changed, values(&[("WorkerCodeKey", &package("2").key())]));
    assert_eq!(first.kept.iter().collect::<Vec<_>>(), ["ArtifactBucket", "Level"]);
    assert_eq!(first, update(&base));
    base.stack.changed_at_ms = Some(1);
    let second = update(&base);
    assert_eq!(first.name, second.name);
    assert_ne!(first.token, second.token);
}
