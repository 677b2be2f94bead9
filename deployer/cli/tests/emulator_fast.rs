//! Fast deployments on a local engine: code alone, express mode, several stacks, and a watch.

mod support;

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command};

use serde_json::{Value, json};
use support::engine::{Engine, signal};
use support::{Run, Sandbox, poll, workspace};

/// Looks at a build on a loaded machine.
const LOOKS: usize = 480;

/// A function without dependencies that answers every event with `text`.
fn answering(text: &str) -> String {
    format!(
        r#"use std::io::{{Read, Write}};

fn ask(api: &str, request: String) -> String {{
    let mut stream = std::net::TcpStream::connect(api).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}}

fn main() {{
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap();
    let head = format!("HTTP/1.1\r\nHost: {{api}}\r\nConnection: close\r\n");
    let path = "/2018-06-01/runtime/invocation";
    loop {{
        let next = ask(&api, format!("GET {{path}}/next {{head}}\r\n"));
        let name = "lambda-runtime-aws-request-id:";
        let id = next.lines().find_map(|line| line.to_lowercase().strip_prefix(name).map(str::to_owned));
        let (id, body) = (id.unwrap(), "\"{text}\"");
        let length = body.len();
        let id = id.trim();
        ask(&api, format!("POST {{path}}/{{id}}/response {{head}}Content-Length: {{length}}\r\n\r\n{{body}}"));
    }}
}}
"#
    )
}

/// The function `one`, deployed.
struct Function {
    engine: Engine,
    name: String,
}

/// A sandbox whose function `one` answers with `first`, deployed.
fn deployed() -> (Sandbox, Function) {
    let sandbox = workspace::sandbox();
    workspace::write_main(&sandbox, "one", &answering("first"));
    let engine = sandbox.start_engine(&[]);
    let created = up(&sandbox, &[]).outcome();
    assert_eq!(created["result"], "created");
    let name = created["outputs"]["OneFunctionName"].as_str().expect("an output").to_owned();
    let function = Function { engine, name };
    assert_eq!(function.answer(), Ok(json!("first")));
    (sandbox, function)
}

impl Function {
    fn answer(&self) -> Result<Value, Value> {
        self.engine.invoke(&self.name, &json!({}))
    }

    /// Waits until it answers with `text`.
    fn until_answered(&self, text: &str) {
        poll::until(text, LOOKS, || match self.answer() {
            Ok(answer) if answer == text => Ok(()),
            other => Err(format!("{other:?}")),
        });
    }
}

fn up(sandbox: &Sandbox, flags: &[&str]) -> Run {
    workspace::run(sandbox, &[&["up", "--local", "--format", "json"], flags].concat()).exits(0)
}

#[test]
fn changed_code_answers_past_cloudformation_and_the_next_up_brings_the_stack_in_line() {
    let (sandbox, function) = deployed();
    workspace::write_main(&sandbox, "one", &answering("second"));
    let code_only = up(&sandbox, &["--code-only"]);
    let updated = code_only.events("code_updated");
    assert_eq!((updated.len(), &updated[0]["function"]), (1, &json!(function.name)), "{}", code_only.stdout);
    assert!(code_only.events("change_set_created").is_empty(), "{}", code_only.stdout);
    assert_eq!(function.answer(), Ok(json!("second")));
    // The same again finds nothing to do.
    assert_eq!(up(&sandbox, &["--code-only"]).outcome()["result"], "unchanged");
    // The old code again: no template differs, but the function does.
    workspace::write_main(&sandbox, "one", &answering("first"));
    let again = up(&sandbox, &[]);
    assert_eq!(again.outcome()["result"], "unchanged", "{}", again.stdout);
    assert_eq!(again.events("code_updated")[0]["restored"], true, "{}", again.stdout);
    assert_eq!(function.answer(), Ok(json!("first")));
    assert!(up(&sandbox, &[]).events("code_updated").is_empty());
}

#[test]
fn change_of_more_than_code_is_named_and_deployed_as_usual() {
    let (sandbox, _function) = deployed();
    let spec = workspace::spec().replace("{ crate: one,", "{ crate: one, memory_size: 512MB,");
    sandbox.write("pipeline.yaml", &spec);
    let run = up(&sandbox, &["--code-only"]);
    assert_eq!(run.events("fell_back")[0]["because"], json!(["OneFunction"]), "{}", run.stdout);
    assert_eq!(run.outcome()["result"], "updated");
}

#[test]
fn express_says_when_it_is_configured_and_when_it_is_ready() {
    let (sandbox, _function) = deployed();
    let spec = format!("{}tables:\n  records: {{ partition_key: id }}\n", workspace::spec());
    sandbox.write("pipeline.yaml", &spec);
    let run = up(&sandbox, &["--express"]);
    let at = |kind: &str| run.events(kind)[0]["at_ms"].as_i64().expect("a time");
    assert!(at("configured") <= at("ready"), "{}", run.stdout);
    let ready = run.events("resource_ready");
    let ready: Vec<&str> = ready.iter().filter_map(|line| line["logical_id"].as_str()).collect();
    for logical_id in ["OneFunction", "RecordsTable", "TwoFunction"] {
        assert!(ready.contains(&logical_id), "{}", run.stdout);
    }
    assert_eq!(run.outcome()["result"], "updated");
}

/// Specs of three stacks: `base` exports a queue's name, `user` imports it, `lone` stands alone. They
/// lie in one repository, so that one engine serves them.
fn three(sandbox: &Sandbox) {
    sandbox.write(".git/HEAD", "");
    sandbox.write("base/pipeline.yaml", &base("    Properties: {}\n"));
    sandbox.write("user/pipeline.yaml", &user(""));
    sandbox.write("lone/pipeline.yaml", "name: lone\nresources:\n  Jobs: { Type: AWS::SQS::Queue }\n");
}

fn base(properties: &str) -> String {
    let resources = "resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n";
    let output = "outputs:\n  Name: { value: !GetAtt Jobs.QueueName, export: base-jobs }\n";
    format!("name: base\n{resources}{properties}{output}")
}

fn user(outputs: &str) -> String {
    let note = "Type: AWS::SSM::Parameter, Properties: { Type: String, Value: !ImportValue base-jobs }";
    format!("name: user\nresources:\n  Note: {{ {note} }}\n{outputs}")
}

/// Place of the first line of a type and a stack among all lines.
fn place(run: &Run, kind: &str, stack: &str) -> usize {
    let lines = run.json_lines();
    let found = lines.iter().position(|line| line["type"] == kind && line["stack"] == stack);
    found.unwrap_or_else(|| panic!("no {kind} of {stack} in\n{}", run.stdout))
}

#[test]
fn several_stacks_go_up_and_down_in_the_order_of_their_use() {
    let sandbox = Sandbox::new();
    three(&sandbox);
    let all = ["user", "base", "lone", "--local", "--format", "json"];
    let up = sandbox.run(&[&["up"], &all[..]].concat()).exits(0);
    assert!(place(&up, "stack_outcome", "base") < place(&up, "started", "user"), "{}", up.stdout);
    assert!(place(&up, "started", "lone") < place(&up, "started", "user"), "{}", up.stdout);
    for stack in ["base", "lone", "user"] {
        assert_eq!(up.outcome()["stacks"][stack]["result"], "done", "{}", up.stdout);
    }
    let down = sandbox.run(&[&["down", "--yes"], &all[..]].concat()).exits(0);
    assert!(place(&down, "stack_outcome", "user") < place(&down, "started", "base"), "{}", down.stdout);
}

#[test]
fn failed_stack_leaves_out_who_builds_on_it_and_nobody_else() {
    let sandbox = Sandbox::new();
    three(&sandbox);
    let nowhere = "arn:aws:sqs:us-east-1:000000000000:nowhere";
    let redrive = format!("RedrivePolicy: {{ deadLetterTargetArn: '{nowhere}', maxReceiveCount: 5 }}");
    sandbox.write("base/pipeline.yaml", &base(&format!("    Properties: {{ {redrive} }}\n")));
    let up = sandbox.run(&["up", "user", "base", "lone", "--local", "--format", "json"]);
    let outcome = up.outcome();
    assert_eq!(outcome["stacks"]["user"], json!({"result": "left_out", "because": "base"}), "{}", up.stdout);
    assert_eq!(outcome["stacks"]["lone"]["result"], "done", "{}", up.stdout);
    assert_eq!((up.code, outcome["exit_code"].as_i64()), (8, Some(8)), "{}", up.stderr);
}

#[test]
fn circle_of_stacks_is_named_before_anything_is_done() {
    let sandbox = Sandbox::new();
    three(&sandbox);
    let properties = "    Properties: { QueueName: !ImportValue user-name }\n";
    sandbox.write("base/pipeline.yaml", &base(properties));
    let export = "outputs:\n  Name: { value: x, export: user-name }\n";
    sandbox.write("user/pipeline.yaml", &user(export));
    let up = sandbox.run(&["up", "user", "base", "--local"]).exits(3);
    assert!(up.stderr.contains("in a circle: base -> user -> base"), "{}", up.stderr);
}

/// A watch whose output goes to a file.
struct Watch {
    child: Child,
    output: PathBuf,
}

impl Watch {
    fn start(sandbox: &Sandbox) -> Self {
        let output = sandbox.path().join("watch.log");
        let mut command: Command = workspace::command(sandbox, &["watch", "--local"]);
        let file = File::create(&output).expect("a file");
        let errors = file.try_clone().expect("a file");
        let child = command.stdout(file).stderr(errors).spawn().expect("the program runs");
        Self { child, output }
    }

    fn until_said(&self, text: &str, times: usize) {
        poll::until(text, LOOKS, || {
            let said = std::fs::read_to_string(&self.output).expect("the output");
            if said.matches(text).count() >= times { Ok(()) } else { Err(said) }
        });
    }

    fn interrupt(mut self) -> i32 {
        signal("-INT", &self.child.id().to_string());
        self.child.wait().expect("its end").code().unwrap_or(-1)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn watch_deploys_on_every_save_survives_mistakes_and_ends_cleanly() {
    let (sandbox, function) = deployed();
    let watch = Watch::start(&sandbox);
    watch.until_said("Ctrl-C ends it", 1);
    workspace::write_main(&sandbox, "one", &answering("second"));
    function.until_answered("second");
    watch.until_said("Ctrl-C ends it", 2);
    workspace::write_main(&sandbox, "one", "fn main() { missing(); }\n");
    watch.until_said("cannot find function `missing`", 1);
    watch.until_said("Ctrl-C ends it", 3);
    workspace::write_main(&sandbox, "one", &answering("third"));
    function.until_answered("third");
    watch.until_said("Ctrl-C ends it", 4);
    let spec = workspace::spec().replace("{ crate: one,", "{ crate: one, memory_size: 512MB,");
    sandbox.write("pipeline.yaml", &spec);
    watch.until_said("more than code differs, deploying as usual: OneFunction", 1);
    watch.until_said("Ctrl-C ends it", 5);
    assert_eq!(watch.interrupt(), 0);
}
