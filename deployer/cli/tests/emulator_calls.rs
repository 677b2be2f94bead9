//! How much is asked of an endpoint, counted by a proxy before a local engine. The functions are two small
//! crates, whose binaries never run.

mod support;

use std::process::Command;

use pipectl_local::Credentials;
use support::proxy::Proxy;
use support::{Run, Running, Sandbox, workspace};

#[test]
fn nothing_changed_makes_three_calls_and_uploads_nothing() {
    let sandbox = workspace::sandbox();
    let proxy = Proxy::to(&sandbox.start_engine(&[]).address);
    assert_eq!(up(&sandbox, &proxy).outcome()["result"], "created");
    proxy.requests();
    let again = up(&sandbox, &proxy);
    assert_eq!(again.outcome()["result"], "unchanged");
    let requests = proxy.requests();
    assert_eq!(requests.len(), 3, "{requests:?}");
    assert!(uploads(&requests).is_empty(), "{requests:?}");
}

#[test]
fn new_stack_makes_eight_calls_and_one_upload_a_function() {
    let sandbox = workspace::sandbox();
    let proxy = Proxy::to(&sandbox.start_engine(&[]).address);
    // The first one of all makes the artifact bucket, too.
    up(&sandbox, &proxy);
    proxy.requests();
    for function in ["one", "two"] {
        workspace::write_main(&sandbox, function, "fn main() { println!(\"changed\"); }\n");
    }
    assert_eq!(on_stack(&sandbox, &proxy, "up", &["--stack-name", "second"]).outcome()["result"], "created");
    let requests = proxy.requests();
    assert_eq!((uploads(&requests).len(), requests.len()), (2, 2 + 8), "{requests:#?}");
}

#[test]
fn one_function_changed_makes_six_calls_and_uploads_one_package() {
    let sandbox = workspace::sandbox();
    let proxy = Proxy::to(&sandbox.start_engine(&[]).address);
    let first = up(&sandbox, &proxy);
    assert_eq!(uploads(&proxy.requests()).len(), 2, "{}", first.stdout);
    workspace::write_main(&sandbox, "two", "fn main() { println!(\"changed\"); }\n");
    let again = up(&sandbox, &proxy);
    assert_eq!(again.outcome()["result"], "updated");
    let requests = proxy.requests();
    let uploads = uploads(&requests);
    assert_eq!((uploads.len(), requests.len()), (1, 1 + 6), "{requests:#?}");
    assert!(uploads[0].contains("two"), "{uploads:?}");
}

#[test]
fn interrupted_up_ends_well_when_it_is_run_again() {
    let sandbox = workspace::sandbox();
    let proxy = Proxy::to(&sandbox.start_engine(&[]).address);
    // Before there is a change set, with one that waits, and with an operation that goes on.
    for call in ["CreateChangeSet", "ExecuteChangeSet", "DescribeStackEvents"] {
        let stack = ["--stack-name", call];
        proxy.hold(call);
        let running = Running::start(command(&sandbox, &proxy, &stack));
        proxy.wait_for_held();
        let interrupted = running.interrupt().exits(5);
        assert_eq!(interrupted.outcome()["exit_code"], 5, "{call}");
        proxy.drop_held();
        let again = Run::of(command(&sandbox, &proxy, &stack).output().expect("the program runs")).exits(0);
        let expected = if call == "DescribeStackEvents" { "unchanged" } else { "created" };
        assert_eq!(again.outcome()["result"], expected, "after {call}: {}", again.stdout);
    }
}

#[test]
fn killed_up_is_shown_to_its_end_by_attach_and_nothing_is_left_to_do() {
    let sandbox = workspace::sandbox();
    let proxy = Proxy::to(&sandbox.start_engine(&[]).address);
    proxy.hold("DescribeStackEvents");
    let running = Running::start(command(&sandbox, &proxy, &[]));
    proxy.wait_for_held();
    // Dropped, it is killed as by `kill -9`.
    drop(running);
    proxy.drop_held();
    let attached = on_stack(&sandbox, &proxy, "attach", &[]).exits(0);
    assert_eq!(attached.outcome()["result"], "created", "{}", attached.stdout);
    assert!(!attached.events("resource_changed").is_empty());
    assert_eq!(up(&sandbox, &proxy).outcome()["result"], "unchanged");
    let recovered = on_stack(&sandbox, &proxy, "recover", &["--dry-run"]).exits(0);
    assert_eq!(recovered.outcome()["next"]["name"], "proceed");
    // Nothing runs that could be stopped.
    on_stack(&sandbox, &proxy, "attach", &["--cancel"]).exits(10);
}

#[test]
fn interrupted_up_says_how_to_come_back() {
    let sandbox = workspace::sandbox();
    let proxy = Proxy::to(&sandbox.start_engine(&[]).address);
    proxy.hold("DescribeStackEvents");
    let running = Running::start(command(&sandbox, &proxy, &[]));
    proxy.wait_for_held();
    let interrupted = running.interrupt().exits(5);
    proxy.drop_held();
    let hint = interrupted.outcome()["hints"][0].as_str().expect("a hint").to_owned();
    let operation = hint.split("--operation ").nth(1).expect("an operation");
    assert!(hint.contains("pipectl attach"), "{hint}");
    let attached = on_stack(&sandbox, &proxy, "attach", &["--operation", operation]).exits(0);
    assert_eq!(attached.outcome()["result"], "created", "{}", attached.stdout);
}

fn on_stack(sandbox: &Sandbox, proxy: &Proxy, verb: &str, flags: &[&str]) -> Run {
    Run::of(run_of(sandbox, proxy, verb, flags).output().expect("the program runs"))
}

fn up(sandbox: &Sandbox, proxy: &Proxy) -> Run {
    Run::of(command(sandbox, proxy, &[]).output().expect("the program runs")).exits(0)
}

fn command(sandbox: &Sandbox, proxy: &Proxy, flags: &[&str]) -> Command {
    run_of(sandbox, proxy, "up", flags)
}

fn run_of(sandbox: &Sandbox, proxy: &Proxy, verb: &str, flags: &[&str]) -> Command {
    let url = proxy.url();
    let args = [verb, "--format", "json", "--region", "us-east-1", "--endpoint-url", &url];
    let mut command = workspace::command(sandbox, &[&args, flags].concat());
    let engine = sandbox.start_engine(&[]);
    let Credentials { access_key_id, secret_access_key } = engine.credentials;
    command.env("AWS_ACCESS_KEY_ID", access_key_id).env("AWS_SECRET_ACCESS_KEY", secret_access_key);
    command
}

/// The packages put into the artifact bucket.
fn uploads(requests: &[String]) -> Vec<&String> {
    let is_upload = |request: &&String| request.starts_with("PUT ") && request.contains("/packages/");
    requests.iter().filter(is_upload).collect()
}
