//! The crates of functions, as the program asks cargo about them.

mod support;

use support::Sandbox;

/// A workspace of the crates `shop`, with two binaries and a feature, and `jobs`, with one.
fn workspace(spec: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"shop\", \"jobs\"]\n");
    let manifest = |name: &str| format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n");
    sandbox.write("shop/Cargo.toml", &(manifest("shop") + "[features]\ntls = []\n"));
    sandbox.write("shop/src/bin/migrate.rs", "fn main() {}\n");
    sandbox.write("shop/src/bin/serve.rs", "fn main() {}\n");
    sandbox.write("jobs/Cargo.toml", &manifest("jobs"));
    sandbox.write("jobs/src/main.rs", "fn main() {}\n");
    sandbox.write("pipeline.yaml", spec);
    sandbox
}

const WRONG: &str = "\
name: orders
functions:
  clean-up: { crate: jbos }
  api: { crate: shop, features: [tsl] }
";

const SHOWN: &str = "\
error[E1060]: `jbos` is not a package of the Cargo workspace.
 --> pipeline.yaml:3:22
  |
3 |   clean-up: { crate: jbos }
  |                      ^^^^
  |
  = help: Did you mean `jobs`?

error[E1061]: The package `shop` has several binaries: `migrate`, `serve`.
 --> pipeline.yaml:4:17
  |
4 |   api: { crate: shop, features: [tsl] }
  |                 ^^^^
  |
  = help: Name the function's binary, such as `bin: migrate`, or set `default-run` in the package's `Cargo.toml`.

error[E1062]: The package `shop` has no feature `tsl`.
 --> pipeline.yaml:4:34
  |
4 |   api: { crate: shop, features: [tsl] }
  |                                  ^^^
  |
  = help: Its features: `tls`.

3 errors
";

#[test]
fn check_shows_every_mistake_about_crates_at_its_place() {
    let run = workspace(WRONG).run(&["check"]).exits(3);
    assert_eq!((run.stderr.as_str(), run.stdout.as_str()), (SHOWN, ""));
}

#[test]
fn check_takes_a_spec_whose_crates_are_there() {
    let spec = "name: orders\nfunctions:\n  clean-up: { crate: jobs }\n  \
                api: { crate: shop, bin: serve, features: [tls], profile: release }\n";
    let run = workspace(spec).run(&["check"]).exits(0);
    assert_eq!(run.stderr, "pipeline.yaml: no mistakes\n");
}

#[test]
fn up_is_refused_before_the_engine_starts() {
    let sandbox = workspace(WRONG);
    let run = sandbox.run(&["up", "--local"]).exits(3);
    assert!(run.stderr.starts_with(SHOWN), "{}", run.stderr);
    assert!(!sandbox.path().join(".pipectl").exists());
}

#[test]
fn crates_without_a_workspace_are_unknown_to_check_and_end_a_build() {
    let sandbox = Sandbox::new();
    sandbox.write("pipeline.yaml", "name: orders\nfunctions:\n  clean-up: { crate: jobs }\n");
    let run = sandbox.run(&["check", "--format", "json"]).exits(0);
    let codes: Vec<_> = run.events("diagnostic").iter().map(|line| line["code"].clone()).collect();
    assert_eq!(codes, ["W1065"]);
    let run = sandbox.run(&["up", "--local"]).exits(6);
    assert!(
        run.stderr
            .starts_with("error: The crates of the functions were not checked: there is no `Cargo.toml` at"),
        "{}",
        run.stderr
    );
    assert!(!sandbox.path().join(".pipectl").exists());
}

#[test]
fn verbs_that_build_nothing_do_not_ask_for_crates() {
    workspace(WRONG).run(&["render"]).exits(0);
}

#[test]
fn doctor_tells_of_settings_of_cargo_that_builds_do_not_follow() {
    let sandbox = workspace("name: orders\nfunctions:\n  clean-up: { crate: jobs }\n");
    sandbox.write(".cargo/config.toml", "[build]\ntarget = \"riscv64gc-unknown-linux-gnu\"\n");
    let run = sandbox.run(&["doctor", "--region", "eu-central-1"]).exits(7);
    for part in [
        "crates: cargo finds the binaries of all functions from ",
        "cargo settings: `build.target` in ",
        ".cargo/config.toml is `riscv64gc-unknown-linux-gnu`; functions are built for ",
    ] {
        assert!(run.stdout.contains(part), "{part} is missing in\n{}", run.stdout);
    }
}
