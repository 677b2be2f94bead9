//! Where the output goes: a full disk is a failure, a reader that goes away is not.

mod support;

use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use support::{Run, Sandbox};

const GOOD: &str = "name: one\nqueues:\n  jobs: {}\n";

/// Every way to write to stdout that needs no account.
const RESULTS: [&[&str]; 14] = [
    &["render"],
    &["render", "--compact"],
    &["schema"],
    &["schema", "--contract"],
    &["schema", "--plan"],
    &["completions", "bash"],
    &["check", "--format", "json"],
    &["check", "--format", "sarif"],
    &["check", "--explain", "E1007"],
    &["diff", "--against", "old.json"],
    &["diff", "--against", "old.json", "--format", "markdown"],
    &["permissions"],
    &["--version"],
    &["up", "--help"],
];

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("pipeline.yaml", GOOD);
    sandbox.run(&["render", "--output", "old.json"]).exits(0);
    sandbox
}

fn full() -> Stdio {
    OpenOptions::new().write(true).open("/dev/full").expect("Linux has a device that is always full").into()
}

#[test]
fn result_that_does_not_fit_on_the_disk_is_a_failure_with_a_message() {
    let sandbox = sandbox();
    for args in RESULTS {
        let run = sandbox.command(args).stdout(full()).stderr(Stdio::piped()).spawn();
        let run = run.and_then(std::process::Child::wait_with_output).expect("the program runs");
        let run = Run::of(run).exits(11);
        assert_eq!(
            run.stderr.rsplit_once("error:").map(|(_, text)| text),
            Some(
                " cannot write stdout: No space left on device (os error 28)\n\n\
                 hint: make room on the disk, then run the command again\n"
            ),
            "{args:?}"
        );
    }
}

#[test]
fn failed_command_keeps_its_exit_code_when_the_disk_is_full_too() {
    let sandbox = sandbox();
    sandbox.write("pipeline.yaml", "name: Wrong\n");
    for args in [&["check", "--format", "json"][..], &["up", "--format", "json"]] {
        let run = sandbox.command(args).stdout(full()).stderr(Stdio::piped()).spawn();
        let run = run.and_then(std::process::Child::wait_with_output).expect("the program runs");
        assert!(Run::of(run).exits(3).stderr.contains("error: cannot write stdout"), "{args:?}");
    }
}

#[test]
fn talk_that_does_not_fit_on_the_disk_is_a_failure() {
    let sandbox = sandbox();
    let run = sandbox.command(&["check"]).stderr(full()).stdout(Stdio::piped()).spawn();
    let run = run.and_then(std::process::Child::wait_with_output).expect("the program runs");
    assert_eq!(Run::of(run).exits(11).stdout, "");
}

#[test]
fn file_that_does_not_fit_on_the_disk_is_a_failure() {
    let sandbox = sandbox();
    let run = sandbox.run(&["render", "--output", "/dev/full"]).exits(11);
    assert!(run.stderr.starts_with("error: cannot write `/dev/full`: No space left"), "{}", run.stderr);
    let run = sandbox.run(&["render", "--output", "none/there.json"]).exits(11);
    assert!(run.stderr.contains("hint: make the folder first, or name another file"), "{}", run.stderr);
}

#[test]
fn reader_that_goes_away_ends_the_output_quietly() {
    let sandbox = sandbox();
    for args in RESULTS {
        let mut command = sandbox.command(args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program");
        // Gone before the first line.
        drop(child.stdout.take());
        let run = Run::of(child.wait_with_output().expect("its end")).exits(0);
        assert!(
            !run.stderr.contains("error") && !run.stderr.contains("panicked"),
            "{args:?}: {}",
            run.stderr
        );
    }
    let mut command = sandbox.command(&["schema"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program");
    let mut first = String::new();
    let stdout = child.stdout.take().expect("a pipe");
    BufReader::with_capacity(16, stdout).read_line(&mut first).expect("a line");
    assert_eq!(first, "{\n");
    assert_eq!(Run::of(child.wait_with_output().expect("its end")).exits(0).stderr, "");
}
