//! A generated workspace of function crates.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use pipectl_engine::package::{Architecture, FunctionCrate};
use pipectl_engine::port::Packager as _;
use pipectl_packaging::{CargoPackager, PackagerOptions, PackagingProgress};
use tempfile::TempDir;

/// The settings of pipectl's profile for this machine, as one that cargo-lambda can be given.
const PROFILE: &str = "[profile.function-local]\ninherits = \"release\"\nopt-level = 1\nlto = \"off\"\n\
                       codegen-units = 16\ndebug = false\nincremental = false\nstrip = true\n";

const HANDLER: &str = r#"use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(json!({"function": env!("CARGO_PKG_NAME"), "records": event.payload["Records"].as_array().map(Vec::len)}))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(handle)).await
}
"#;

/// Counts the compilations; what cargo asks of rustc about itself is none.
const COUNTER: &str = r#"#!/bin/sh
case "$*" in
    *"--crate-name ___ "*) ;;
    *"--crate-name "*) echo >>"${0%/*}/compiled" ;;
esac
exec "$@"
"#;

/// A workspace of function crates, with nothing built yet.
pub(crate) struct Functions {
    root: TempDir,
    names: Vec<String>,
}

impl Functions {
    /// Writes the workspace into a folder of its own.
    pub(crate) fn generate(size: usize) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let names: Vec<String> = (0..size).map(|number| format!("function-{number}")).collect();
        let functions = Self { root, names };
        let mut manifest = format!("[workspace]\nresolver = \"3\"\nmembers = {:?}\n\n", functions.names);
        let dependencies = [
            ("lambda_runtime", "default-features = false"),
            ("serde_json", "features = []"),
            ("tokio", "features = [\"macros\", \"rt\"]"),
        ];
        manifest.push_str("[workspace.dependencies]\n");
        let lock = std::fs::read_to_string(repository().join("Cargo.lock")).expect("the lock file");
        for (name, how) in dependencies {
            let _ = writeln!(manifest, "{name} = {{ version = \"={}\", {how} }}", version(&lock, name));
        }
        functions.write("Cargo.toml", &format!("{manifest}\n{PROFILE}"));
        functions.write("Cargo.lock", &lock);
        for name in &functions.names {
            let uses = dependencies.map(|(name, _)| format!("{name}.workspace = true\n")).concat();
            let package = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
            functions.write(&format!("{name}/Cargo.toml"), &format!("{package}\n[dependencies]\n{uses}"));
            functions.write(&format!("{name}/src/main.rs"), HANDLER);
        }
        functions.count_compilations();
        functions
    }

    fn count_compilations(&self) {
        use std::os::unix::fs::PermissionsExt as _;
        self.write("counter", COUNTER);
        let counter = self.root.path().join("counter");
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&counter, executable).expect("our own file");
        let settings = format!(
            "[build]\nrustc-wrapper = {counter:?}\ntarget-dir = {:?}\n",
            self.root.path().join("target")
        );
        self.write(".cargo/config.toml", &settings);
    }

    fn write(&self, path: &str, text: &str) {
        let file = self.root.path().join(path);
        std::fs::create_dir_all(file.parent().expect("a file has a folder")).expect("our own folder");
        std::fs::write(file, text).expect("our own folder");
    }

    /// Returns how often rustc has compiled something so far.
    pub(crate) fn compiled(&self) -> usize {
        let lines = std::fs::read_to_string(self.root.path().join("compiled")).unwrap_or_default();
        lines.lines().count()
    }

    /// Builds and packs as pipectl does for the local engine; the time of all of it, and of cargo's part.
    pub(crate) fn package(&self) -> (Duration, Duration) {
        let heard = Heard::default();
        let options = PackagerOptions { offline: true, ..PackagerOptions::new(self.root.path()) };
        let packager = CargoPackager::new(options).with_progress(heard.clone());
        let crates: Vec<FunctionCrate> = self.names.iter().map(|name| of(name)).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let begin = Instant::now();
        runtime.block_on(packager.package(&crates)).expect("the functions compile");
        (begin.elapsed(), heard.time())
    }

    /// Builds with cargo-lambda, for this machine and the same profile.
    pub(crate) fn cargo_lambda(&self, bin: &Path) {
        let path =
            std::env::join_paths([bin.to_owned()].into_iter().chain(std::env::split_paths(env!("PATH"))));
        let status = Command::new(bin.join("cargo-lambda"))
            .args(["lambda", "build", "--profile", "function-local", "--compiler", "cargo"])
            .env("PATH", path.expect("no colon in the path"))
            .env("CARGO_NET_OFFLINE", "true")
            .current_dir(self.root.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(status.is_ok_and(|status| status.success()), "cargo-lambda builds the functions");
    }
}

fn of(name: &str) -> FunctionCrate {
    FunctionCrate { function: name.to_owned(), crate_name: name.to_owned(), ..FunctionCrate::default() }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Finds the newest locked version of a crate.
fn version<'a>(lock: &'a str, name: &str) -> &'a str {
    let start = format!("name = \"{name}\"\nversion = \"");
    let (_, rest) = lock.rsplit_once(&start).expect("the workspace uses it");
    rest.split('"').next().unwrap_or_default()
}

/// From cargo's start to its last word on a function.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Option<(Instant, Duration)>>>);

impl Heard {
    fn time(&self) -> Duration {
        self.0.lock().expect("no panic").map_or(Duration::ZERO, |(_, time)| time)
    }
}

impl PackagingProgress for Heard {
    fn building(&self, _crates: &[&str], _architecture: Option<Architecture>) {
        *self.0.lock().expect("no panic") = Some((Instant::now(), Duration::ZERO));
    }

    fn built(&self, _crate_name: &str, _fresh: bool) {
        if let Some((begin, time)) = self.0.lock().expect("no panic").as_mut() {
            *time = begin.elapsed();
        }
    }
}
