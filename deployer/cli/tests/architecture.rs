//! Holds the workspace to its picture: who may depend on whom, and which folders the README maps.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Who depends on whom among our own crates; `cargo test` dependencies are left out.
const PICTURE: &[(&str, &[&str])] = &[
    ("stack-model", &[]),
    ("pipectl-resource-types", &[]),
    ("pipectl-engine", &["pipectl-resource-types", "stack-model"]),
    ("pipectl-packaging", &["pipectl-engine"]),
    ("pipectl-aws", &["pipectl-engine"]),
    ("pipectl-local", &[]),
    ("pipectl-testkit", &["pipectl-engine"]),
    ("pipectl", &["pipectl-aws", "pipectl-engine", "pipectl-local", "pipectl-packaging", "stack-model"]),
    ("embed", &["pipectl-aws", "pipectl-engine", "pipectl-packaging", "stack-model"]),
    ("pipectl-contract", &[]),
    ("pipectl-messages", &["pipectl-contract"]),
    ("pipectl-invocation", &["pipectl-contract"]),
    ("pipectl-records-table", &["pipectl-messages"]),
    ("pipectl-function-baseline", &["pipectl-invocation"]),
    ("pipectl-function-bench", &[]),
    ("dead-letter-alert", &["pipectl-contract", "pipectl-invocation", "pipectl-messages"]),
    ("feedback-intake", &["pipectl-contract", "pipectl-invocation", "pipectl-messages"]),
    ("object-extract", &["pipectl-contract", "pipectl-invocation", "pipectl-messages"]),
    (
        "message-writer",
        &["pipectl-contract", "pipectl-invocation", "pipectl-messages", "pipectl-records-table"],
    ),
    ("records-api", &["pipectl-contract", "pipectl-invocation", "pipectl-messages", "pipectl-records-table"]),
];

/// Third-party crates that stop at the crates named: a name, or the start of one.
const OWNERS: &[(&str, &[&str])] = &[
    (
        "aws-",
        &[
            "pipectl-aws",
            "pipectl-local",
            "pipectl-invocation",
            "pipectl-function-baseline",
            "pipectl-records-table",
            "dead-letter-alert",
            "feedback-intake",
            "object-extract",
            "message-writer",
            "records-api",
        ],
    ),
    ("clap", &["pipectl", "pipectl-function-bench"]),
    ("indicatif", &["pipectl"]),
    ("annotate-snippets", &["pipectl"]),
    ("anyhow", &["pipectl", "embed", "pipectl-function-bench"]),
    (
        "lambda_runtime",
        &[
            "pipectl-invocation",
            "pipectl-function-baseline",
            "dead-letter-alert",
            "feedback-intake",
            "object-extract",
            "message-writer",
            "records-api",
        ],
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("the crate lies two folders deep")
        .to_owned()
}

/// Reads the direct dependencies of each of our crates, those for tests and builds left out.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version=1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let name = |value: &Value| value["name"].as_str().expect("a name").to_owned();
    let packages = metadata["packages"].as_array().expect("packages");
    packages
        .iter()
        .map(|package| {
            let all = package["dependencies"].as_array().expect("dependencies").iter();
            (name(package), all.filter(|it| it["kind"].is_null()).map(name).collect())
        })
        .collect()
}

#[test]
fn our_crates_depend_on_each_other_as_in_the_picture() {
    let found = dependencies();
    let ours: BTreeSet<&String> = found.keys().collect();
    let drawn: BTreeMap<String, BTreeSet<String>> = PICTURE
        .iter()
        .map(|(name, uses)| ((*name).to_owned(), uses.iter().map(|&it| it.to_owned()).collect()))
        .collect();
    let actual: BTreeMap<String, BTreeSet<String>> = found
        .iter()
        .map(|(name, uses)| (name.clone(), uses.iter().filter(|it| ours.contains(it)).cloned().collect()))
        .collect();
    assert_eq!(actual, drawn);
}

#[test]
fn third_party_types_stop_at_their_owner() {
    let mut strays = Vec::new();
    for (name, uses) in dependencies() {
        for (prefix, owners) in OWNERS {
            let stray = |it: &&String| it.starts_with(prefix) && !owners.contains(&name.as_str());
            strays.extend(uses.iter().filter(stray).map(|it| format!("{name} uses {it}")));
        }
    }
    assert_eq!(strays, Vec::<String>::new());
}

#[test]
fn top_level_holds_what_it_should_and_nothing_else() {
    let entries = std::fs::read_dir(root()).expect("the workspace is readable");
    let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    let visible: BTreeSet<String> = names.filter(|name| !name.starts_with('.') && name != "target").collect();
    let wanted = [
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE",
        "README.md",
        "deployer",
        "examples",
        "functions",
        "stack-model",
        "templates",
    ];
    assert_eq!(visible, wanted.into_iter().map(str::to_owned).collect());
}

#[test]
fn readme_maps_every_crate() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("README.md is readable");
    for folder in ["deployer", "functions"] {
        for entry in std::fs::read_dir(root().join(folder)).expect("a folder of crates") {
            let entry = entry.expect("an entry");
            if entry.path().join("Cargo.toml").exists() {
                let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
                assert!(readme.contains(&path), "README.md does not map {path}");
            }
        }
    }
}

/// A hint that names a command takes it from `invocation.rs`, which knows folder, stage and place.
#[test]
fn no_other_sentence_of_the_program_names_a_verb_with_its_name() {
    let src = root().join("deployer/cli/src");
    let verbs = ["up", "down", "diff", "recover", "attach", "outputs", "alerts", "watch", "local"];
    let commands: Vec<String> = verbs.iter().map(|verb| format!("pipectl {verb}")).collect();
    let mut found = Vec::new();
    let mut files = vec![src.clone()];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).expect("a folder");
            files.extend(entries.map(|entry| entry.expect("an entry").path()));
            continue;
        }
        if ["args.rs", "invocation.rs"].iter().any(|name| path == src.join(name)) {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("UTF-8");
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let named = code.filter(|line| commands.iter().any(|command| line.contains(command)));
        found.extend(named.map(|line| format!("{}: {}", path.display(), line.trim())));
    }
    assert_eq!(found, Vec::<String>::new());
}
