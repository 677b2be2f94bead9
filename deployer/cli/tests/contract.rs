//! The contracts of function crates, as the program finds them and shows what breaks them.

mod support;

use serde_json::Value;
use support::{Sandbox, repository};

/// A workspace with the contract of the shipped message-writer.
fn workspace(spec: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let name = "functions/message-writer/pipectl-contract.json";
    let contract = std::fs::read_to_string(repository().join(name)).expect("the shipped contract");
    sandbox.write("Cargo.toml", "[workspace]\nmembers = [\"functions/*\"]\n");
    sandbox.write("functions/message-writer/Cargo.toml", "[package]\nname = \"message-writer\"\n");
    sandbox.write("functions/message-writer/src/main.rs", "fn main() {}\n");
    sandbox.write(name, &contract);
    sandbox.write("pipeline.yaml", spec);
    sandbox
}

const MISSPELT: &str = "\
name: orders
queues: { orders: {} }
tables: { orders: { partition_key: id } }
functions:
  writer:
    crate: message-writer
    environment:
      TABEL_NAME: { table: orders, access: write }
      WRITES_IN_FLIGHT: 512
";

const SHOWN: &str = "\
error[E1017]: `writer` does not start without `TABLE_NAME`, which is not set.
 --> pipeline.yaml:7:5
  |
7 |     environment:
  |     ^^^^^^^^^^^
  |
  = help: Name of the table that gets the records. Add under `environment`: `TABLE_NAME: { table: orders, access: write, actions: [UpdateItem] }`.

warning[W1023]: `writer` does not read `TABEL_NAME`.
 --> pipeline.yaml:8:7
  |
8 |       TABEL_NAME: { table: orders, access: write }
  |       ^^^^^^^^^^
  |
  = help: Did you mean `TABLE_NAME`?

error[E1019]: `WRITES_IN_FLIGHT` of `writer` is a whole number from 1 to 256, and not `512`.
 --> pipeline.yaml:9:25
  |
9 |       WRITES_IN_FLIGHT: 512
  |                         ^^^
  |
  = help: Records written at the same time.

2 errors
1 warning
";

#[test]
fn shipped_examples_keep_the_contracts_of_their_functions() {
    let sandbox = Sandbox::new();
    for example in ["ingest", "feedback"] {
        let path = repository().join("examples").join(example);
        let run = sandbox.run(&["check", path.to_str().expect("UTF-8"), "--format", "json"]).exits(0);
        let outcome = run.outcome();
        assert_eq!(
            (&outcome["errors"], &outcome["warnings"]),
            (&Value::from(0), &Value::from(0)),
            "{}",
            run.stdout
        );
    }
}

#[test]
fn shipped_example_that_loses_a_required_variable_is_refused() {
    let sandbox = Sandbox::new();
    for (example, variable) in [("ingest", "SOURCE_INDEX"), ("feedback", "TOPIC_ARN")] {
        let path = repository().join("examples").join(example).join("pipeline.yaml");
        let text = std::fs::read_to_string(path).expect("the example");
        let without: Vec<&str> = text.lines().filter(|line| !line.contains(variable)).collect();
        let build = format!("\nbuild: {{ workspace: {} }}\n", repository().display());
        sandbox.write("pipeline.yaml", &(without.join("\n") + &build));
        let run = sandbox.run(&["check", "--format", "json"]).exits(3);
        let codes: Vec<Value> = run.json_lines().iter().map(|line| line["code"].clone()).collect();
        assert!(codes.contains(&Value::from("E1017")), "{example}: {codes:?}");
    }
}

#[test]
fn misspelt_variable_is_shown_with_the_line_to_add() {
    let sandbox = workspace(MISSPELT);
    let run = sandbox.run(&["check"]).exits(3);
    assert_eq!((run.stderr.as_str(), run.stdout.as_str()), (SHOWN, ""));
}

#[test]
fn template_of_a_spec_that_breaks_a_contract_is_not_rendered() {
    let sandbox = workspace(MISSPELT);
    assert_eq!(sandbox.run(&["render"]).exits(3).stdout, "");
}

#[test]
fn broken_contract_is_named_by_its_path_and_line() {
    let sandbox = workspace(MISSPELT);
    sandbox.write("functions/message-writer/pipectl-contract.json", "{\n\"version\": 1,\n\"colour\": 1}");
    let run = sandbox.run(&["check"]).exits(3);
    for part in
        ["E1016", "functions/message-writer/pipectl-contract.json", "unknown field `colour`", "line 3"]
    {
        assert!(run.stderr.contains(part), "{part} is missing in\n{}", run.stderr);
    }
}

#[test]
fn schema_of_contracts_is_the_checked_in_one() {
    let run = Sandbox::new().run(&["schema", "--contract"]).exits(0);
    let path = repository().join("templates/contract.schema.json");
    assert_eq!(run.stdout, std::fs::read_to_string(path).expect("the schema"));
}
