//! A workspace of two function crates without dependencies, so that building takes a second.

use std::process::Command;

use super::{Run, Sandbox};

/// The spec of the two functions `one` and `two`, built for the machine that runs the tests.
pub(crate) fn spec() -> String {
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    format!(
        "name: pair\nfunctions:\n  one: {{ crate: one, architecture: {architecture} }}\n  \
         two: {{ crate: two, architecture: {architecture} }}\n"
    )
}

/// A sandbox with the workspace and its spec.
pub(crate) fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"one\", \"two\"]\n");
    for name in ["one", "two"] {
        let manifest = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        sandbox.write(&format!("{name}/Cargo.toml"), &manifest);
        write_main(&sandbox, name, "fn main() {}\n");
    }
    sandbox.write("pipeline.yaml", &spec());
    sandbox
}

/// Writes the source of a function.
pub(crate) fn write_main(sandbox: &Sandbox, name: &str, text: &str) {
    sandbox.write(&format!("{name}/src/main.rs"), text);
}

/// The program in the workspace, ready to run; it builds in the sandbox, wherever the caller builds.
pub(crate) fn command(sandbox: &Sandbox, args: &[&str]) -> Command {
    let mut command = sandbox.command(args);
    command.env("CARGO_TARGET_DIR", sandbox.path().join("target"));
    command
}

/// Runs the program in the workspace to its end.
pub(crate) fn run(sandbox: &Sandbox, args: &[&str]) -> Run {
    Run::of(command(sandbox, args).output().expect("the program runs"))
}
