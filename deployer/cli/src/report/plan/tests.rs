//! One plan with something of everything, as each reader sees it.

use std::path::Path;

use pipectl_engine::build_record::Cause;
use pipectl_engine::change_set::{ChangeAction, Replacement, ResourceChange};
use pipectl_engine::diff::CodeChange;
use pipectl_engine::drift::{DriftStatus, DriftedProperty, ResourceDrift};
use pipectl_engine::execute::preview_of_templates;
use pipectl_engine::plan_file::{DescribedChangeSet, PlanFile, Subject, Unknown, read};
use pipectl_engine::spec::lower::Lowered;
use pipectl_engine::spec::place::Place;
use serde_json::{Value, json};

use super::markdown::{LIMIT, TEMPLATE, markdown};
use super::sarif::document;
use super::text::text;
use crate::report::style::Style;

fn template(queue_name: &str, actions: &[&str]) -> Value {
    json!({
        "Resources": {
            "Jobs": {"Type": "AWS::SQS::Queue", "UpdateReplacePolicy": "Retain",
                "Properties": {"QueueName": queue_name}},
            "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {
                "EventSourceArn": {"Fn::GetAtt": ["Jobs", "Arn"]}, "FunctionName": {"Ref": "Worker"}}},
            "Worker": {"Type": "AWS::Lambda::Function", "Properties": {
                "MemorySize": 128, "Environment": {"Variables": {"URL": {"Ref": "Jobs"}}}}},
            "WorkerRole": {"Type": "AWS::IAM::Role", "Properties": {"Policies": [{"PolicyName": "p",
                "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": actions,
                    "Resource": {"Fn::GetAtt": ["Jobs", "Arn"]}}]}}]}},
        },
        "Outputs": {"Url": {"Value": {"Ref": "Jobs"}}},
    })
}

fn resource_change(logical_id: &str, resource_type: &str, property: &str) -> ResourceChange {
    ResourceChange {
        logical_id: logical_id.to_owned(),
        physical_id: None,
        resource_type: resource_type.to_owned(),
        action: ChangeAction::Dynamic,
        replacement: Replacement::Conditional,
        properties: vec![format!("/Properties/{property}")],
    }
}

fn plan() -> PlanFile {
    let mut before = template("a", &["sqs:ReceiveMessage", "sqs:SendMessage"]);
    before["Resources"]["Records"] = json!({"Type": "AWS::DynamoDB::Table"});
    let mut after = template("b", &["sqs:ReceiveMessage", "sqs:DeleteMessage"]);
    after["Resources"]["Worker"]["Properties"]["MemorySize"] = json!(256);
    after["Resources"]["Worker"]["Properties"]["Description"] = json!("two\nlines");
    after["Outputs"]["Name"] = json!({"Value": {"Fn::GetAtt": ["Jobs", "QueueName"]}});
    let mut plan = preview_of_templates("orders", &before, &after, &Default::default());
    plan.diff.code.push(CodeChange {
        logical_id: "Worker".to_owned(),
        before: Some(format!("packages/worker/{}.zip", "a".repeat(64))),
        after: Some(format!("packages/worker/{}.zip", "b".repeat(64))),
        running: Some("c".repeat(64)),
        changed_outside: true,
        causes: vec![
            Cause::Source { files: vec!["worker/src/main.rs".to_owned()] },
            Cause::Dependency {
                name: "serde".to_owned(),
                before: vec!["1.0.1".to_owned()],
                after: vec!["1.0.2".to_owned()],
            },
        ],
    });
    let described = vec![
        resource_change("Worker", "AWS::Lambda::Function", "MemorySize"),
        resource_change("WorkerLogs", "AWS::Logs::LogGroup", "LogGroupName"),
    ];
    plan.change_set = Some(DescribedChangeSet::new(described, &plan.diff.resources));
    plan.drift = Some(vec![ResourceDrift {
        logical_id: "Jobs".to_owned(),
        physical_id: Some("https://sqs/a".to_owned()),
        resource_type: "AWS::SQS::Queue".to_owned(),
        status: DriftStatus::Modified,
        properties: vec![DriftedProperty {
            path: "/VisibilityTimeout".to_owned(),
            expected: Some(json!(30)),
            actual: Some(json!(60)),
        }],
    }]);
    plan.summary.drifted = 1;
    plan.unknown.push(Unknown { subject: Subject::RunningCode, reason: "access denied".to_owned() });
    plan.sealed()
}

#[expect(clippy::disallowed_methods, reason = "the one switch that writes golden files anew")]
fn is_updating() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

#[track_caller]
fn assert_golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if is_updating() {
        std::fs::write(&path, format!("{text}\n")).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == format!("{text}\n"), "{name} differs: look at it after UPDATE_GOLDEN=1");
}

#[test]
fn text_is_as_it_was_looked_at() {
    assert_golden("plan.txt", &text(&plan(), Style::new(false)));
}

#[test]
fn markdown_is_as_it_was_looked_at() {
    assert_golden("plan.md", &markdown(&plan()));
}

#[test]
fn json_is_as_it_was_looked_at_and_can_be_read() {
    let plan = plan();
    let text = format!("{:#}", plan.to_json());
    assert_golden("plan.json", &text);
    assert_eq!(read(&text).unwrap(), plan);
}

#[test]
fn sarif_has_the_place_of_what_a_resource_was_made_for() {
    let lowered = Lowered {
        stack_name: "orders".to_owned(),
        template: Value::Null,
        tags: std::collections::BTreeMap::new(),
        workspace: None,
        places: [("Worker".to_owned(), Place { line: 7, column: 3 })].into(),
    };
    assert_golden("plan.sarif", &format!("{:#}", document(&plan(), "pipeline.yaml", &lowered)));
}

#[test]
fn plan_without_differences_says_so() {
    let same = template("a", &[]);
    let plan = preview_of_templates("orders", &same, &same, &Default::default());
    assert_eq!(text(&plan, Style::new(false)), "no differences");
    assert_eq!(markdown(&plan), "### pipectl: stack `orders`\n\nNo differences.");
}

#[test]
fn markdown_of_a_huge_plan_fits_and_says_what_is_left_out() {
    let queues = |delay: usize| {
        let queue = |index: usize| {
            let properties = json!({"DelaySeconds": delay, "Tags": "`".repeat(index % 7)});
            (format!("Queue{index:04}"), json!({"Type": "AWS::SQS::Queue", "Properties": properties}))
        };
        json!({"Resources": (0..3_000).map(queue).collect::<serde_json::Map<_, _>>()})
    };
    let plan = preview_of_templates("orders", &queues(1), &queues(2), &Default::default());
    let markdown = markdown(&plan);
    let length = markdown.chars().count();
    assert!(length <= LIMIT && length > LIMIT - 200, "{length}");
    let note = markdown.lines().find(|line| line.contains("lines are left out")).unwrap();
    let (left_out, shown): (usize, usize) = (
        note.split(' ').next().unwrap().parse().unwrap(),
        markdown.lines().filter(|line| line.starts_with("~ Queue") || line.contains("DelaySeconds")).count(),
    );
    assert_eq!(left_out + shown, 6_000);
    assert!(text(&plan, Style::new(false)).contains("Queue2999"));
}

#[test]
fn texts_of_others_are_no_markdown() {
    let with = |name: &str| json!({"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}}}});
    let plan =
        preview_of_templates("orders", &with("a"), &with("```\n</details> @everyone"), &Default::default());
    let markdown = markdown(&plan);
    let resources = markdown.split("<summary>Resources").nth(1).unwrap();
    assert!(resources.contains("\n````diff\n") && resources.contains("\n````\n"), "{markdown}");
    assert!(resources.contains("```\\n</details> @everyone"), "on one line, inside the fence: {markdown}");
}

#[test]
fn template_is_well_formed() {
    assert!(handlebars::Handlebars::new().register_template_string("plan", TEMPLATE).is_ok());
}
