//! What goes wrong around a local deployment, and that the next run ends well.

mod support;

use std::net::TcpListener;

use serde_json::{Value, json};
use support::engine::Engine;
use support::{Run, Running, Sandbox, poll, workspace};

const QUEUE: &str = "name: one\nqueues:\n  jobs: {}\n";

#[test]
fn missing_crate_is_a_mistake_of_the_spec_with_a_suggestion() {
    let sandbox = workspace::sandbox();
    sandbox.write("pipeline.yaml", &workspace::spec().replace("crate: two", "crate: twoo"));
    let run = workspace::run(&sandbox, &["up", "--local"]).exits(3);
    for part in ["error[E1060]: `twoo` is not a package", "pipeline.yaml:4:17", "Did you mean `two`?"] {
        assert!(run.stderr.contains(part), "{part} is missing in\n{}", run.stderr);
    }
    sandbox.write("pipeline.yaml", &workspace::spec());
    workspace::run(&sandbox, &["up", "--local"]).exits(0);
}

#[test]
fn crate_that_does_not_compile_exits_with_six_and_cargos_words() {
    let sandbox = workspace::sandbox();
    workspace::write_main(&sandbox, "two", "fn main() { missing(); }\n");
    let run = workspace::run(&sandbox, &["up", "--local"]).exits(6);
    for part in ["error[E0425]", "cannot find function `missing`", "two/src/main.rs:1:13"] {
        assert!(run.stderr.contains(part), "{part} is missing in\n{}", run.stderr);
    }
    let run = workspace::run(&sandbox, &["up", "--local", "--format", "json"]).exits(6);
    let outcome = run.outcome();
    assert_eq!(outcome["exit_code"], 6);
    assert!(outcome["causes"].to_string().contains("cannot find function `missing`"), "{outcome}");
}

#[test]
fn taken_port_exits_with_seven() {
    let sandbox = Sandbox::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let run = sandbox.run(&["local", "start", "--port", &port]).exits(7);
    assert!(run.stderr.contains(&format!("port `{port}` on 127.0.0.1 is in use")), "{}", run.stderr);
    assert!(run.stderr.contains("hint: leave --port out"), "{}", run.stderr);
    sandbox.start_engine(&[]);
}

#[test]
fn build_that_is_interrupted_goes_on_in_the_next_run() {
    let sandbox = workspace::sandbox();
    // The build script says that it runs, and ends when it is told to.
    let script = "use std::path::Path;\n\nfn main() {\n    std::fs::write(\"building\", \"\").unwrap();\n    \
                  while !Path::new(\"go-on\").exists() && Path::new(\"building\").exists() {\n        \
                  std::thread::sleep(std::time::Duration::from_millis(20));\n    }\n}\n";
    sandbox.write("two/build.rs", script);
    let running = Running::start(workspace::command(&sandbox, &["up", "--local", "--format", "json"]));
    poll::until("the build script runs", 480, || {
        let found = sandbox.path().join("two/building").exists();
        if found { Ok(()) } else { Err("no sign of it".to_owned()) }
    });
    let interrupted = running.interrupt().exits(5);
    assert_eq!(interrupted.outcome()["exit_code"], 5);
    sandbox.write("two/go-on", "");
    let again = workspace::run(&sandbox, &["up", "--local", "--format", "json"]).exits(0);
    assert_eq!(again.outcome()["result"], "created");
}

#[test]
fn killed_engine_is_replaced_by_the_next_up() {
    let sandbox = Sandbox::new();
    sandbox.write("pipeline.yaml", QUEUE);
    sandbox.run(&["up", "--local"]).exits(0);
    let engine = status(&sandbox);
    engine.crash();
    let again = sandbox.run(&["up", "--local", "--format", "json"]).exits(0);
    assert_eq!(again.events("local_stale_state_removed")[0]["pid"], engine.pid);
    let url = again.outcome()["outputs"]["JobsQueueUrl"].as_str().expect("a queue").to_owned();
    assert_eq!(status(&sandbox).messages(&url), (0, 0));
}

#[test]
fn two_projects_have_an_engine_each() {
    let (one, two) = (Sandbox::new(), Sandbox::new());
    for sandbox in [&one, &two] {
        sandbox.write("pipeline.yaml", QUEUE);
        sandbox.run(&["up", "--local"]).exits(0);
    }
    let (first, second) = (status(&one), status(&two));
    assert_ne!(first, second);
    let url = one.run(&["outputs", "--local", "--only", "JobsQueueUrl"]).exits(0).stdout.trim().to_owned();
    first.call("AmazonSQS.SendMessage", &json!({"QueueUrl": url, "MessageBody": "hello"}));
    assert_eq!(first.messages(&url).0, 1);
    one.run(&["down", "--local", "--yes"]).exits(0);
    let url = two.run(&["outputs", "--local", "--only", "JobsQueueUrl"]).exits(0).stdout.trim().to_owned();
    assert_eq!(second.messages(&url), (0, 0));
}

#[test]
fn stopped_engine_keeps_the_stack_and_reset_empties_it() {
    let sandbox = Sandbox::new();
    sandbox.write("pipeline.yaml", QUEUE);
    assert_eq!(sandbox.run(&["local", "status"]).exits(7).stdout, "");
    sandbox.run(&["up", "--local"]).exits(0);
    let exports = sandbox.run(&["local", "status"]).exits(0).stdout;
    assert!(exports.starts_with("export AWS_ENDPOINT_URL=http://127.0.0.1:"), "{exports}");
    sandbox.run(&["local", "stop"]).exits(0);
    let status = sandbox.run(&["local", "status"]).exits(7);
    let said = "the local engine is not running; start it with: pipectl local start\n";
    assert_eq!((status.stdout.as_str(), status.stderr.as_str()), ("", said));
    for verb in ["outputs", "diff", "attach", "recover"] {
        let run = sandbox.run(&[verb, "--local"]).exits(7);
        assert!(run.stderr.contains("hint: start it with: pipectl local start\n"), "{}", run.stderr);
    }
    sandbox.run(&["local", "status"]).exits(7);
    sandbox.run(&["local", "stop"]).exits(0);
    assert_eq!(result(&sandbox, &["up", "--local"]), "unchanged");
    let refused = sandbox.run(&["local", "reset"]).exits(10);
    assert!(refused.stderr.contains("agree with --yes"), "{}", refused.stderr);
    assert_eq!(result(&sandbox, &["local", "reset", "--yes"]), "emptied");
    assert_eq!(result(&sandbox, &["up", "--local"]), "created");
}

#[test]
fn engine_is_found_by_every_name_of_the_folder_and_outlives_readers() {
    let sandbox = Sandbox::new();
    sandbox.write("shop/pipeline.yaml", QUEUE);
    sandbox.write("elsewhere/note", "");
    sandbox.run(&["up", "shop", "--local"]).exits(0);
    let read = |args: &[&str]| Engine::of(&sandbox.run(args).exits(0).outcome());
    let engine = read(&["local", "status", "shop", "--format", "json"]);
    std::os::unix::fs::symlink(sandbox.path().join("shop"), sandbox.path().join("link")).expect("a link");
    let mut from_elsewhere = sandbox.command(&["outputs", "../shop", "--local"]);
    from_elsewhere.current_dir(sandbox.path().join("elsewhere"));
    Run::of(from_elsewhere.output().expect("the program runs")).exits(0);
    sandbox.run(&["outputs", "link", "--local"]).exits(0);
    sandbox.run(&["diff", "elsewhere/../link/.", "--local"]).exits(0);
    sandbox.write("shop/Cargo.lock", "");
    sandbox.write("Cargo.toml", "[workspace]\n");
    sandbox.run(&["up", "shop", "--local"]).exits(0);
    for name in ["shop", "link"] {
        assert_eq!(read(&["local", "status", name, "--format", "json"]), engine);
    }
    sandbox.run(&["local", "stop", "shop"]).exits(0);
}

#[test]
fn down_without_consent_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("pipeline.yaml", QUEUE);
    sandbox.run(&["up", "--local"]).exits(0);
    sandbox.run(&["down", "--local"]).exits(10);
    assert_eq!(result(&sandbox, &["up", "--local"]), "unchanged");
}

fn status(sandbox: &Sandbox) -> Engine {
    Engine::of(&sandbox.run(&["local", "status", "--format", "json"]).exits(0).outcome())
}

/// The result that the one outcome line names.
fn result(sandbox: &Sandbox, args: &[&str]) -> Value {
    sandbox.run(&[args, &["--format", "json"]].concat()).exits(0).outcome()["result"].clone()
}
