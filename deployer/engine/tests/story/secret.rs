//! A `NoEcho` value, which AWS never tells again, over the life of a stack.

use pipectl_engine::deployed::DeploymentMode;
use pipectl_engine::execute::Asked;
use pipectl_engine::outcome::Outcome;
use serde_json::json;

use crate::preview::asked;
use crate::support::{Story, template};

/// A pipeline with a secret, deployed with the value `x`; an output tells it, as one never should.
fn deployed(default: Option<&str>) -> Story {
    let mut template = template();
    template["Parameters"]["Secret"] = json!({"Type": "String", "NoEcho": true});
    if let Some(default) = default {
        template["Parameters"]["Secret"]["Default"] = json!(default);
    }
    template["Outputs"]["Told"] = json!({"Value": {"Ref": "Secret"}});
    let mut story = Story::new();
    story.inputs.wanted.template = template;
    story.inputs.wanted.given.insert("Secret".to_owned(), "x".to_owned());
    assert!(matches!(story.up(), Ok(Outcome::Created { .. })));
    story.inputs.wanted.given.clear();
    story
}

fn told(story: &Story) -> String {
    story.stack().unwrap().outputs["Told"].clone()
}

#[test]
fn stack_keeps_it_when_the_next_deployment_does_not_give_it() {
    for (default, mode) in [
        (None, DeploymentMode::Standard),
        (Some("changeme"), DeploymentMode::Standard),
        (Some("changeme"), DeploymentMode::Express),
    ] {
        let mut story = deployed(default);
        story.inputs.wanted.mode = mode;
        assert!(matches!(story.up(), Ok(Outcome::Unchanged { .. })));
        story.set("/Resources/Messages/Properties/DelaySeconds", json!(5));
        let shown = asked(&story, Asked::Described).diff;
        assert_eq!((shown.parameters.len(), shown.resources.len()), (0, 1));
        assert!(matches!(story.up(), Ok(Outcome::Updated { .. })));
        assert_eq!(told(&story), "x");
        story.account.packager.edit("reader");
        assert!(matches!(story.up(), Ok(Outcome::Updated { .. })));
        assert_eq!(told(&story), "x");
    }
}

#[test]
fn saved_plan_names_it_and_does_not_hold_it() {
    let mut story = deployed(None);
    story.set("/Resources/Messages/Properties/DelaySeconds", json!(5));
    let plan = asked(&story, Asked::Kept);
    assert_eq!(plan.execution.unwrap().parameters["Secret"], "****");
}

#[test]
fn dropped_one_is_said_to_go_and_the_stack_is_updated() {
    let mut story = deployed(None);
    story.inputs.wanted.template = template();
    let shown = asked(&story, Asked::No).diff.parameters;
    let shown: Vec<_> = shown.iter().map(|it| (it.name.as_str(), it.before.as_deref(), &it.after)).collect();
    assert_eq!(shown, [("Secret", Some("****"), &None)]);
    assert!(matches!(story.up(), Ok(Outcome::Updated { .. })));
}
