//! Runs the real program in a folder of its own, with nothing of the caller's AWS settings.
#![expect(dead_code, reason = "each test binary uses its own part")]

pub(crate) mod browser;
pub(crate) mod engine;
pub(crate) mod http;
pub(crate) mod ingest;
pub(crate) mod poll;
pub(crate) mod privilege;
pub(crate) mod proxy;
pub(crate) mod stack;
pub(crate) mod workspace;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use engine::Engine;

/// A folder for one test. The local engine that is started in it ends with it.
pub(crate) struct Sandbox {
    dir: TempDir,
}

/// A run of the program that goes on; it is killed with this.
pub(crate) struct Running(Option<Child>);

/// How a run of the program ended.
#[derive(Debug)]
pub(crate) struct Run {
    /// Exit code.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

impl Sandbox {
    /// Makes an empty folder.
    pub(crate) fn new() -> Self {
        Self { dir: TempDir::new().expect("a temporary folder") }
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Writes a file below the folder.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(&path, text).expect("a file");
        path
    }

    /// The program with its arguments, ready to run.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pipectl"));
        command.args(args).current_dir(self.path()).stdin(Stdio::null());
        for name in [
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "AWS_PROFILE",
            "AWS_REGION",
            "AWS_DEFAULT_REGION",
            "AWS_ENDPOINT_URL",
            "NO_COLOR",
        ] {
            command.env_remove(name);
        }
        command
            .env("AWS_CONFIG_FILE", self.path().join("no-config"))
            .env("AWS_SHARED_CREDENTIALS_FILE", self.path().join("no-credentials"))
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("PIPECTL_CACHE_DIR", cache_dir());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        Run::of(self.command(args).output().expect("the program runs"))
    }

    /// Starts the local engine of the folder, or finds it running.
    #[track_caller]
    pub(crate) fn start_engine(&self, flags: &[&str]) -> Engine {
        let args = [&["local", "start", "--format", "json"], flags].concat();
        Engine::of(&self.run(&args).exits(0).outcome())
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if !self.path().join(".pipectl").exists() {
            return;
        }
        let stopped = self.run(&["local", "stop"]);
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.path().join(".pipectl/local/engine.log"));
            let log = log.unwrap_or_default();
            let last: Vec<&str> = log.lines().rev().take(30).collect();
            let _ =
                writeln!(std::io::stderr(), "the engine's last words, newest first:\n{}", last.join("\n"));
        } else {
            assert_eq!(stopped.code, 0, "{}", stopped.stderr);
        }
    }
}

impl Running {
    /// Starts a program whose output is kept.
    pub(crate) fn start(mut command: Command) -> Self {
        Self(Some(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs")))
    }

    /// Presses Ctrl-C and waits for the end.
    #[track_caller]
    pub(crate) fn interrupt(self) -> Run {
        self.signal("-INT")
    }

    /// Sends a signal and waits for the end.
    #[track_caller]
    pub(crate) fn signal(mut self, signal: &str) -> Run {
        let child = self.0.take().expect("it was started");
        engine::signal(signal, &child.id().to_string());
        Run::of(child.wait_with_output().expect("its end"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Run {
    /// Reads a finished process.
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// Returns the JSON lines of one type.
    #[track_caller]
    pub(crate) fn events(&self, kind: &str) -> Vec<Value> {
        self.json_lines().into_iter().filter(|line| line["type"] == kind).collect()
    }

    /// Demands an exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Reads standard output as JSON lines; each line must be one.
    #[track_caller]
    pub(crate) fn json_lines(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }

    /// Returns the last JSON line, which must be the one outcome.
    #[track_caller]
    pub(crate) fn outcome(&self) -> Value {
        let lines = self.json_lines();
        let outcomes = lines.iter().filter(|line| line["type"] == "outcome").count();
        assert_eq!((lines[0]["type"].as_str(), outcomes), (Some("version"), 1), "{}", self.stdout);
        lines.into_iter().last().expect("a line")
    }
}

/// The repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("the crate lies two folders deep")
        .to_owned()
}

/// One installation of the local engine serves all tests.
pub(crate) fn cache_dir() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pipectl-cache")
}
