//! Calls to AWS, counted by a proxy.

use std::process::Command;

use crate::support::proxy::Proxy;
use crate::support::stack::write_example;
use crate::support::workspace::{self, write_main};
use crate::support::{Run, Sandbox};

const FUNCTIONS: [&str; 3] = ["message-writer", "object-extract", "records-api"];

/// Prints the table.
pub(crate) fn print() {
    let sandbox = stand_ins();
    let proxy = Proxy::to(&sandbox.start_engine(&[]).address);
    // Leaves the artifact bucket behind.
    up(&sandbox, &proxy, "before");
    proxy.requests();
    for name in FUNCTIONS {
        write_main(&sandbox, name, &format!("fn main() {{ println!(\"{name}\"); }}\n"));
    }
    println!("{:<22} {:>6} {:>8} {:>5} {:>5}", "calls", "ours", "uploads", "CDK", "SAM");
    let created = up(&sandbox, &proxy, "created");
    row("create", &proxy.requests(), (41, 23), &created, "created");
    let unchanged = up(&sandbox, &proxy, "created");
    row("nothing changed", &proxy.requests(), (14, 9), &unchanged, "unchanged");
    write_main(&sandbox, FUNCTIONS[0], "fn main() { println!(\"changed\"); }\n");
    let updated = up(&sandbox, &proxy, "created");
    row("one function changed", &proxy.requests(), (35, 17), &updated, "updated");
}

fn row(what: &str, requests: &[String], (cdk, sam): (usize, usize), run: &Run, result: &str) {
    assert_eq!(run.outcome()["result"], result, "{}", run.stdout);
    let uploads = requests.iter().filter(|it| it.starts_with("PUT ") && it.contains("/packages/")).count();
    println!("{what:<22} {:>6} {uploads:>8} {cdk:>5} {sam:>5}", requests.len() - uploads);
    if std::env::var_os("PIPECTL_BENCH_VERBOSE").is_some() {
        println!("    {}", requests.join("\n    "));
    }
}

/// The example with functions that do nothing: they are not called.
fn stand_ins() -> Sandbox {
    let sandbox = Sandbox::new();
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    write_example(&sandbox, "ingest", |spec| {
        FUNCTIONS.iter().fold(spec, |spec, name| {
            let named = format!("crate: {name}\n");
            spec.replace(&named, &format!("crate: {name}\n    architecture: {architecture}\n"))
        })
    });
    let spec = std::fs::read_to_string(sandbox.path().join("pipeline.yaml")).expect("it was written");
    let own = spec.lines().filter(|line| !line.starts_with("build:")).collect::<Vec<_>>().join("\n");
    sandbox.write("pipeline.yaml", &format!("{own}\n"));
    sandbox.write("Cargo.toml", &format!("[workspace]\nresolver = \"3\"\nmembers = {FUNCTIONS:?}\n"));
    for name in FUNCTIONS {
        let manifest = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        sandbox.write(&format!("{name}/Cargo.toml"), &manifest);
        write_main(&sandbox, name, "fn main() {}\n");
    }
    sandbox
}

fn up(sandbox: &Sandbox, proxy: &Proxy, stack: &str) -> Run {
    let url = proxy.url();
    let place = ["up", "--format", "json", "--region", "us-east-1", "--endpoint-url", &url];
    let mut command: Command =
        workspace::command(sandbox, &[&place[..], &["--yes", "--stack-name", stack]].concat());
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    Run::of(command.output().expect("the program runs")).exits(0)
}
