//! The verbs that need no account: channels, exit codes, and what wrong input gets.

mod support;

use serde_json::{Value, json};
use support::{Sandbox, repository};

const GOOD: &str = "name: one\nqueues:\n  jobs: {}\n";

const SIX_MISTAKES: &str = "\
name: Orders
queues:
  jobs:
    fifo: maybe
    visibility_timout: 30
    redrive: { dead_letter_queue: jobs-dql }
  jobs-dlq: {}
functions:
  worker:
    memory_size: 64
    environment:
      API_TOKEN: abc
    events:
      - queue: jobs
  worker:
    crate: worker
";

#[test]
fn check_reports_every_mistake_at_once_with_its_place() {
    let sandbox = Sandbox::new();
    sandbox.write("pipeline.yaml", SIX_MISTAKES);
    let run = sandbox.run(&["check", "--format", "json"]).exits(3);
    let found: Vec<(String, u64, u64)> = run
        .json_lines()
        .iter()
        .filter(|line| line["type"] == "diagnostic")
        .map(|line| {
            let number = |key: &str| line[key].as_u64().expect("a number");
            (line["code"].as_str().expect("a code").to_owned(), number("line"), number("column"))
        })
        .collect();
    let place = |code: &str, line: u64, column: u64| (code.to_owned(), line, column);
    let expected = [
        place("E1004", 1, 7),
        place("E1003", 4, 11),
        place("E1002", 5, 5),
        place("E1007", 6, 35),
        place("E1005", 9, 3),
        place("E1006", 15, 3),
    ];
    for mistake in &expected {
        assert!(found.contains(mistake), "{mistake:?} is not among {found:?}");
    }
}

#[test]
fn check_shows_the_line_and_a_suggestion_to_people() {
    let sandbox = Sandbox::new();
    sandbox.write("pipeline.yaml", "name: one\nqueues:\n  jobs: { visibility_timout: 30 }\n");
    let run = sandbox.run(&["check"]).exits(3);
    assert_eq!(run.stdout, "");
    for part in ["E1002", "pipeline.yaml:3:11", "visibility_timout", "Did you mean `visibility_timeout`?"] {
        assert!(run.stderr.contains(part), "{part} is missing in\n{}", run.stderr);
    }
}

#[test]
fn mistake_in_another_stage_is_reported() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "pipeline.yaml",
        &format!("{GOOD}stages:\n  prod:\n    queues: {{ jobs: {{ delay: 2h }} }}\n    queue: {{}}\n"),
    );
    let run = sandbox.run(&["check", "--format", "json"]).exits(3);
    assert!(
        run.json_lines().iter().any(|line| line["code"] == "E1002" && line["line"] == 7),
        "{}",
        run.stdout
    );
}

#[test]
fn check_of_a_good_spec_says_so_and_exits_zero() {
    let sandbox = Sandbox::new();
    sandbox.write("pipeline.yaml", GOOD);
    assert_eq!(sandbox.run(&["check", "--format", "json"]).exits(0).outcome()["errors"], 0);
}

#[test]
fn sarif_names_rule_place_and_message_of_each_finding() {
    let sandbox = Sandbox::new();
    sandbox.write("pipeline.yaml", SIX_MISTAKES);
    let run = sandbox.run(&["check", "--format", "sarif"]).exits(3);
    let document: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let results = document["runs"][0]["results"].as_array().expect("results");
    let dangling = results.iter().find(|result| result["ruleId"] == "E1007").expect("the dangling reference");
    assert_eq!(dangling["locations"][0]["physicalLocation"]["region"]["startLine"], 6);
    assert_eq!(dangling["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "pipeline.yaml");
    sandbox.run(&["render", "--format", "sarif"]).exits(2);
}

#[test]
fn planted_faults_of_foreign_templates_are_found_by_their_law() {
    let sandbox = Sandbox::new();
    let folder = repository().join("stack-model/tests/planted");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("the planted templates") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
        let Some((code, _)) = name.split_once('_') else { continue };
        let run = sandbox.run(&["check", path.to_str().expect("UTF-8"), "--format", "json"]);
        assert_eq!(run.code, if code.starts_with('E') { 3 } else { 0 }, "{name}");
        let codes: Vec<Value> = run.json_lines().iter().map(|line| line["code"].clone()).collect();
        assert!(codes.contains(&Value::from(code)), "{name}: {codes:?}");
        seen += 1;
    }
    assert!(seen >= 6, "{seen}");
}

#[test]
fn explain_prints_the_text_of_a_code() {
    let sandbox = Sandbox::new();
    assert!(
        sandbox
            .run(&["check", "--explain", "E1007"])
            .exits(0)
            .stdout
            .starts_with("E1007: dangling reference")
    );
    assert!(sandbox.run(&["check", "--explain", "W3005"]).exits(0).stdout.contains("Source: https://"));
    sandbox.run(&["check", "--explain", "E9999"]).exits(2);
}

#[test]
fn render_writes_a_template_and_nothing_else_to_stdout() {
    let sandbox = Sandbox::new();
    let example = repository().join("examples/ingest");
    let example = example.to_str().expect("UTF-8");
    let first = sandbox.run(&["render", example]).exits(0);
    let template: Value = serde_json::from_str(&first.stdout).expect("JSON");
    assert!(template["Resources"]["ObjectExtractFunction"].is_object());
    assert_eq!(sandbox.run(&["render", example]).exits(0).stdout, first.stdout);
    sandbox.run(&["render", example, "--compact", "--output", "t.json"]).exits(0);
    let written = std::fs::read_to_string(sandbox.path().join("t.json")).expect("a file");
    assert_eq!(serde_json::from_str::<Value>(&written).expect("JSON"), template);
}

#[test]
fn diff_against_a_file_exits_with_four_only_for_what_was_asked() {
    let sandbox = Sandbox::new();
    sandbox.write("pipeline.yaml", GOOD);
    sandbox.run(&["render", "--output", "old.json"]).exits(0);
    let same = sandbox.run(&["diff", "--against", "old.json", "--fail-on", "any"]).exits(0);
    assert_eq!(same.stdout, "no differences\n");
    sandbox.write("pipeline.yaml", "name: one\nqueues:\n  jobs: { delay: 5s }\n");
    let changed = sandbox.run(&["diff", "--against", "old.json"]).exits(0);
    assert!(changed.stdout.contains("DelaySeconds: (none) -> 5"), "{}", changed.stdout);
    sandbox.run(&["diff", "--against", "old.json", "--fail-on", "any"]).exits(4);
    sandbox.run(&["diff", "--against", "old.json", "--fail-on", "security"]).exits(0);
    sandbox.write("pipeline.yaml", "name: one\ntables:\n  t: { partition_key: id }\n");
    sandbox.run(&["diff", "--against", "old.json", "--fail-on", "destructive"]).exits(4);
}

#[test]
fn diff_speaks_to_people_pull_requests_programs_and_code_scanning() {
    let sandbox = Sandbox::new();
    sandbox.write("pipeline.yaml", "name: one\ntables:\n  t: { partition_key: id }\n");
    sandbox.run(&["render", "--output", "old.json"]).exits(0);
    sandbox.write("pipeline.yaml", "name: one\ntables:\n  t: { partition_key: other }\n");
    let diff = |format: &str| sandbox.run(&["diff", "--against", "old.json", "--format", format]).exits(0);

    let plan = diff("json").json_lines().into_iter().find(|line| line["type"] == "plan").expect("a plan");
    assert_eq!((&plan["plan"]["version"], &plan["plan"]["summary"]["replace"]), (&json!(2), &json!(1)));

    let markdown = diff("markdown").stdout;
    assert!(markdown.starts_with("### pipectl: stack `one`\n"), "{markdown}");

    let sarif: Value = serde_json::from_str(&diff("sarif").stdout).expect("JSON");
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 3, "{sarif:#}");
    sandbox.run(&["render", "--format", "markdown"]).exits(2);
}

#[test]
fn plan_that_cannot_be_read_or_was_edited_is_wrong_usage() {
    let sandbox = Sandbox::new();
    sandbox.run(&["up", "--plan", "none.json"]).exits(2);
    sandbox.write("plan.json", "{}");
    let run = sandbox.run(&["up", "--plan", "plan.json"]).exits(2);
    assert!(run.stderr.contains("hint: write a plan: pipectl diff --save plan.json\n"), "{}", run.stderr);
    let golden = repository().join("deployer/cli/tests/golden/plan.json");
    let golden = std::fs::read_to_string(golden).expect("the golden plan");
    sandbox.write("plan.json", &golden.replacen("\"remove\": 1", "\"remove\": 0", 1));
    let run = sandbox.run(&["up", "--plan", "plan.json"]).exits(2);
    assert!(run.stderr.contains("it was changed after it was written"), "{}", run.stderr);
}

#[test]
fn schema_of_a_plan_is_printed() {
    let run = Sandbox::new().run(&["schema", "--plan"]).exits(0);
    let schema: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(schema["title"], "pipectl plan");
}

#[test]
fn findings_of_a_plan_can_be_explained() {
    assert!(
        Sandbox::new().run(&["check", "--explain", "E5001"]).exits(0).stdout.contains("--allow-destructive")
    );
}

#[test]
fn missing_spec_says_where_it_was_looked_for() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["up"]).exits(2);
    assert!(run.stderr.contains("there is no pipeline.yaml in `.`"), "{}", run.stderr);
    assert!(run.stderr.contains("hint:"), "{}", run.stderr);
}

#[test]
fn unknown_stage_is_refused_with_those_there_are() {
    let sandbox = Sandbox::new();
    sandbox.write("pipeline.yaml", &format!("{GOOD}stages: {{ dev: {{}} }}\n"));
    let run = sandbox.run(&["render", "--stage", "prod"]).exits(3);
    assert!(run.stderr.contains("Stage `prod` is not declared; declared: dev."), "{}", run.stderr);
    assert_eq!(run.stdout, "");
}

#[test]
fn no_credentials_exits_with_seven_and_says_what_to_do() {
    let sandbox = Sandbox::new();
    sandbox.write("pipeline.yaml", GOOD);
    let run = sandbox.run(&["up", "--region", "eu-central-1"]).exits(7);
    assert!(run.stderr.contains("hint: name credentials with --profile"), "{}", run.stderr);
    let run = sandbox.run(&["up", "--region", "eu-central-1", "--format", "json"]).exits(7);
    assert_eq!(run.outcome()["exit_code"], 7);
}

#[test]
fn no_region_exits_with_seven_and_says_what_to_do() {
    let sandbox = Sandbox::new();
    sandbox.write("pipeline.yaml", GOOD);
    let run = sandbox.run(&["outputs"]).exits(7);
    assert!(run.stderr.contains("--region"), "{}", run.stderr);
}

#[test]
fn unreachable_endpoint_exits_with_seven() {
    let sandbox = Sandbox::new();
    sandbox.write("pipeline.yaml", GOOD);
    // A port that was free a moment ago: nothing listens on it.
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port").port();
    let endpoint = format!("http://127.0.0.1:{port}");
    let run = sandbox
        .command(&["up", "--endpoint-url", &endpoint, "--region", "eu-central-1"])
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "not-a-secret")
        .output();
    let run = support::Run::of(run.expect("the program runs")).exits(7);
    assert!(run.stderr.contains("check the network, --region and --endpoint-url"), "{}", run.stderr);
    assert!(!run.stderr.contains("not-a-secret"));
}

#[test]
fn help_of_each_verb_has_examples() {
    let sandbox = Sandbox::new();
    for verb in ["up", "down", "diff", "render", "check", "outputs"] {
        let run = sandbox.run(&[verb, "--help"]).exits(0);
        assert!(run.stdout.contains("Examples:"), "{verb}");
    }
}

#[test]
fn help_of_down_says_what_force_leaves_behind_and_that_yes_agrees_to_it() {
    let help = Sandbox::new().run(&["down", "--help"]).exits(0).stdout;
    let (_, options) = help.split_once("-y, --yes").expect("an option --yes");
    let (yes, options) = options.split_once("\n      --force").expect("an option --force");
    let (force, _) = options.split_once("\n      --concurrency").expect("an option --concurrency");
    assert!(yes.contains("every step") && yes.contains("--force"), "{yes}");
    assert!(force.contains("last resort") && force.contains("leaves resources behind"), "{force}");
}

#[test]
fn completions_and_schema_are_printed() {
    let sandbox = Sandbox::new();
    assert!(sandbox.run(&["completions", "bash"]).exits(0).stdout.contains("_pipectl"));
    let schema: Value = serde_json::from_str(&sandbox.run(&["schema"]).exits(0).stdout).expect("JSON");
    assert_eq!(schema["title"], "pipectl pipeline");
}

#[test]
fn tune_refuses_to_measure_on_the_local_engine_and_starts_none() {
    let sandbox = Sandbox::new();
    sandbox.write("pipeline.yaml", "name: one\nqueues:\n  jobs: {}\n");
    let run = sandbox.run(&["tune", "records-api", "--local"]).exits(2);
    assert!(run.stderr.contains("cannot measure on the local engine"), "{}", run.stderr);
    assert!(!sandbox.path().join(".pipectl").exists());
}
