//! The program is asked to end: what it has started ends with it, and what is not known is said as that.

mod support;

use std::path::Path;
use std::process::Command;

use pipectl_testkit::{FakeAccount, FakeAws, Gate, REGION, WireFault};
use support::{Running, Sandbox, poll, workspace};

fn aws() -> FakeAws {
    let aws = FakeAws::serve(&FakeAccount::new()).expect("a port");
    // The program waits by a clock of its own.
    aws.pass_with_each_call(std::time::Duration::from_secs(10));
    aws
}

fn up(mut command: Command) -> Command {
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    command
}

#[test]
fn every_way_to_end_a_build_ends_cargo_and_all_that_it_has_started() {
    // The build script says who it is, and goes on for ever.
    let script = "fn main() {\n    std::fs::write(\"process\", std::process::id().to_string()).unwrap();\n    \
                  loop {\n        std::thread::park();\n    }\n}\n";
    for signal in ["-TERM", "-HUP", "-INT"] {
        let aws = aws();
        let url = aws.endpoint_url();
        let sandbox = workspace::sandbox();
        sandbox.write("two/build.rs", script);
        let args = ["up", "--region", REGION, "--endpoint-url", &url];
        let running = Running::start(up(workspace::command(&sandbox, &args)));
        let process = poll::until("the build script runs", 240, || {
            let text = std::fs::read_to_string(sandbox.path().join("two/process"));
            text.ok().filter(|text| !text.is_empty()).ok_or_else(|| "no sign of it".to_owned())
        });
        let run = running.signal(signal).exits(5);
        let expected = "error: interrupted\n\n\
                        hint: CloudFormation has begun nothing; run the same command again to go on\n";
        assert!(run.stderr.ends_with(expected), "{signal}: {}", run.stderr);
        poll::until("the build script ends", 20, || {
            // A process that has ended and was not waited for is no longer at work.
            let state = std::fs::read_to_string(Path::new("/proc").join(&process).join("stat"));
            let is_gone = state.map_or(true, |state| state.contains(") Z "));
            if is_gone { Ok(()) } else { Err(format!("{signal}: process {process} goes on")) }
        });
    }
}

/// Ends the program while a call waits at the service; returns what it says.
fn ended_during(operation: &'static str, expected_code: i32) -> String {
    let aws = aws();
    let gate = Gate::new();
    aws.spoil(operation, 1, WireFault::Held(gate.clone()));
    let url = aws.endpoint_url();
    let sandbox = Sandbox::new();
    sandbox.write("pipeline.yaml", "name: shop\nqueues: { jobs: {} }\n");
    let args = ["up", "--quiet", "--region", REGION, "--endpoint-url", &url];
    let running = Running::start(up(sandbox.command(&args)));
    gate.wait_until_reached();
    let run = running.signal("-TERM").exits(expected_code);
    gate.open();
    let said = run.stderr.replace(&url, "URL");
    said.lines().map(str::to_owned).collect::<Vec<_>>().join("\n")
}

#[test]
fn operation_whose_start_was_not_answered_is_not_known() {
    let said = ended_during("ExecuteChangeSet", 5);
    let (said, token) = said.split_once("--operation ").expect("a token");
    assert_eq!(
        said,
        format!(
            "error: interrupted: whether CloudFormation has begun the operation is not known; no event of it is \
             seen yet\n\nhint: look again in a minute: pipectl attach --region {REGION} --endpoint-url URL "
        )
    );
    assert!(token.ends_with("\nhint: or run the same command again: it joins what runs"), "{token}");
}

#[test]
fn change_set_whose_making_was_not_answered_may_wait_with_an_empty_stack() {
    assert_eq!(
        ended_during("CreateChangeSet", 5),
        format!(
            "error: interrupted: a change set may wait, which changes no resource\n\n\
             hint: run the same command again to go on with it\n\
             hint: or remove it with its stack, which is without resources in REVIEW_IN_PROGRESS: \
             pipectl down --region {REGION} --endpoint-url URL"
        )
    );
}

#[test]
fn nothing_is_begun_while_the_stack_is_read() {
    let said = ended_during("DescribeStacks", 5);
    assert!(said.contains("CloudFormation has begun nothing"), "{said}");
}
