//! Plans on a local engine: shown, saved, carried out, refused.

mod support;

use serde_json::{Value, json};
use support::{Run, Sandbox};

fn spec(queues: &str) -> String {
    format!("name: one\nqueues: {queues}\n")
}

/// Runs with `--local` and JSON lines.
fn run(sandbox: &Sandbox, args: &[&str]) -> Run {
    sandbox.run(&[args, &["--local", "--format", "json"]].concat())
}

#[track_caller]
fn plan(run: &Run) -> Value {
    let lines = run.json_lines();
    lines.into_iter().find(|line| line["type"] == "plan").expect("a plan")["plan"].take()
}

#[test]
fn saved_plan_is_carried_out_once_and_refused_when_the_stack_has_changed() {
    let sandbox = Sandbox::new();
    sandbox.write("pipeline.yaml", &spec("{ jobs: {} }"));
    // A comparison starts no engine.
    sandbox.run(&["local", "start"]).exits(0);
    let shown = plan(&run(&sandbox, &["diff", "--save", "plan.json"]).exits(0));
    let text = std::fs::read_to_string(sandbox.path().join("plan.json")).expect("the plan");
    assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), shown);
    assert_eq!(shown["change_set"]["disagreements"], json!([]), "{shown:#}");

    // The plan alone decides, whatever the spec says by now.
    sandbox.write("pipeline.yaml", &spec("{ others: {} }"));
    let created = run(&sandbox, &["up", "--plan", "plan.json"]).exits(0);
    assert_eq!(created.outcome()["result"], "created");
    assert!(created.outcome()["outputs"]["JobsQueueUrl"].is_string(), "{}", created.stdout);
    let again = run(&sandbox, &["up", "--plan", "plan.json"]).exits(10);
    assert!(
        again.outcome()["error"].as_str().is_some_and(|it| it.contains("is obsolete")),
        "{}",
        again.stdout
    );

    sandbox.write("pipeline.yaml", &spec("{ jobs: { delay: 5s } }"));
    let update = plan(&run(&sandbox, &["diff", "--save", "update.json"]).exits(0));
    // A change set also lists what refers to a changed resource, although no value of it differs.
    let only_listed = json!({"logical_id": "JobsQueuePolicy", "predicted": "none", "described": "update"});
    assert_eq!(update["change_set"]["disagreements"], json!([only_listed]), "{update:#}");
    sandbox.write("pipeline.yaml", &spec("{ jobs: { delay: 9s } }"));
    run(&sandbox, &["up"]).exits(0);
    let refused = run(&sandbox, &["up", "--plan", "update.json"]).exits(10);
    assert!(refused.stderr.contains("hint: make a new plan"), "{}", refused.stderr);
}

#[test]
fn look_with_a_change_set_leaves_nothing_and_agrees_with_the_comparison() {
    let sandbox = Sandbox::new();
    sandbox.write("pipeline.yaml", &spec("{ jobs: {} }"));
    // A comparison starts no engine.
    sandbox.run(&["local", "start"]).exits(0);
    let new = plan(&run(&sandbox, &["diff", "--change-set"]).exits(0));
    assert_eq!((&new["base"], &new["execution"]), (&Value::Null, &Value::Null));
    run(&sandbox, &["outputs"]).exits(2);

    run(&sandbox, &["up"]).exits(0);
    sandbox.write("pipeline.yaml", &spec("{ jobs: { fifo: true }, more: { delay: 5s } }"));
    let change = plan(&run(&sandbox, &["diff", "--change-set", "--drift"]).exits(0));
    assert_eq!(change["change_set"]["disagreements"], json!([]), "{change:#}");
    assert_eq!((&change["drift"], &change["unknown"]), (&json!([]), &json!([])), "{change:#}");
    let shown = run(&sandbox, &["diff", "--fail-on", "destructive"]).exits(4);
    assert_eq!(plan(&shown)["summary"]["loses_data"], 1);
}

#[test]
fn loss_of_data_wants_its_own_flag() {
    let sandbox = Sandbox::new();
    sandbox.write("pipeline.yaml", &spec("{ jobs: {}, rest: {} }"));
    run(&sandbox, &["up"]).exits(0);
    sandbox.write("pipeline.yaml", &spec("{ rest: {} }"));
    let refused = run(&sandbox, &["up", "--yes"]).exits(10);
    let hints = refused.outcome()["hints"].to_string();
    assert!(hints.contains("--allow-destructive") && !hints.contains("--yes"), "{hints}");
    run(&sandbox, &["up", "--allow-destructive"]).exits(0);
}
