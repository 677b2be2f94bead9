//! One call of cargo, for programs that may share it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::environment::Environment;
use crate::lock_file::CrateId;
use crate::packager::CargoOutput;
use crate::path_remap::Joined;
use crate::process_group::ProcessGroup;
use crate::program::Program;
use crate::progress::PackagingProgress;
use crate::record::Compiled;
use crate::toolchain::Way;

/// What one build is made of.
#[derive(Debug)]
pub(crate) struct Build<'a> {
    pub(crate) manifest: &'a Path,
    /// Folder that cargo runs in: the workspace root, whose configuration and toolchain apply.
    pub(crate) folder: &'a Path,
    /// Cargo's target directory, which settings of another folder may have moved.
    pub(crate) target_directory: &'a Path,
    pub(crate) programs: &'a [&'a Program],
    pub(crate) way: &'a Way,
    /// This machine's triple, where the user's settings would have cargo build for another one.
    pub(crate) host_target: Option<&'a str>,
    pub(crate) profile: &'a str,
    /// Settings of the profile for `--config`; none when it is the user's own.
    pub(crate) settings: &'a [&'a str],
    pub(crate) remap: &'a Joined,
    pub(crate) environment: &'a Environment,
    pub(crate) locked: bool,
    pub(crate) offline: bool,
    pub(crate) output: CargoOutput,
}

/// Why a build gave no binaries.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// Cargo could not be started, or its output not be read.
    #[error("`cargo` cannot be run")]
    Cargo(#[source] std::io::Error),
    /// Cargo ended with an error.
    #[error("{} could not be compiled", Crates(.crates))]
    Failed {
        /// The function crates of the call; the fault may be in a dependency.
        crates: BTreeSet<String>,
        /// Target triple of a build that is not for the host.
        triple: Option<&'static str>,
        /// What cargo and rustc wrote, when it was captured; otherwise the user has seen it.
        diagnostics: Option<String>,
    },
    /// Cargo succeeded and told of no binary for a crate.
    #[error("cargo built the binary `{bin}` of the crate `{crate_name}` and named no executable for it")]
    NoExecutable {
        /// Name of the crate.
        crate_name: String,
        /// Name of the binary.
        bin: String,
    },
}

struct Crates<'a>(&'a BTreeSet<String>);

impl std::fmt::Display for Crates<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = if self.0.len() == 1 { "function crate" } else { "function crates" };
        let names: Vec<&str> = self.0.iter().map(String::as_str).collect();
        write!(f, "{word} `{}`", names.join("`, `"))
    }
}

/// One line of cargo's standard output. Source: The Cargo Book, External tools, JSON messages.
#[derive(Debug, Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
enum Message {
    CompilerArtifact {
        package_id: String,
        target: Target,
        #[serde(default)]
        features: BTreeSet<String>,
        executable: Option<PathBuf>,
        fresh: bool,
    },
    #[serde(other)]
    Other,
}

/// What a build gave.
#[derive(Debug, Default)]
pub(crate) struct Built {
    /// The executable of each program.
    pub(crate) executables: BTreeMap<Program, Executable>,
    /// Every crate that was compiled, now or before, with its features.
    pub(crate) compiled: Compiled,
}

/// A binary.
#[derive(Debug)]
pub(crate) struct Executable {
    pub(crate) path: PathBuf,
    /// True when cargo had nothing to do for it.
    pub(crate) fresh: bool,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

impl Build<'_> {
    /// Runs cargo and returns what it built, an executable for each crate. Cargo and all that it has started
    /// are ended when the future is dropped.
    ///
    /// # Effects
    /// Starts cargo, which writes into the target directory and may fetch dependencies.
    pub(crate) async fn run(&self, progress: &dyn PackagingProgress) -> Result<Built, CompileError> {
        let mut child = self.command().spawn().map_err(CompileError::Cargo)?;
        let group = ProcessGroup::led_by(&child);
        let (built, diagnostics, status) = tokio::try_join!(
            self.read_messages(child.stdout.take(), progress),
            read_diagnostics(child.stderr.take()),
            wait(child),
        )
        .map_err(CompileError::Cargo)?;
        group.has_ended();
        if !status.success() {
            return Err(self.failed(diagnostics));
        }
        match self.programs.iter().find(|program| !built.executables.contains_key(**program)) {
            Some(program) => Err(CompileError::NoExecutable {
                crate_name: program.package.clone(),
                bin: program.bin.clone(),
            }),
            None => Ok(built),
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new("cargo");
        match self.way {
            Way::Host => {
                command.arg("build");
                command.args(self.host_target.iter().flat_map(|triple| ["--target", triple]))
            }
            Way::Target(triple) => command.args(["build", "--target", triple]),
            // The number is the newest glibc to link against.
            Way::Zigbuild(triple) => command.args(["zigbuild", "--target", &format!("{triple}.2.34")]),
        };
        command.arg("--manifest-path").arg(self.manifest);
        command.arg("--target-dir").arg(self.target_directory);
        command.args(["--profile", self.profile, "--message-format=json-render-diagnostics"]);
        for program in self.programs {
            command.args(["--package", &program.id, "--bin", &program.bin]);
            for feature in &program.features {
                command.args(["--features", &format!("{}/{feature}", program.package)]);
            }
        }
        for setting in self.settings {
            command.args(["--config", setting]);
        }
        for name in self.environment.of_calling_package() {
            command.env_remove(name);
        }
        match self.remap {
            Joined::Variable { name, value } => command.env(name, value),
            Joined::Setting(setting) => command.args(["--config", setting]),
        };
        command.args(self.locked.then_some("--locked")).args(self.offline.then_some("--offline"));
        let stderr = match self.output {
            CargoOutput::Inherit => Stdio::inherit(),
            CargoOutput::Capture => Stdio::piped(),
        };
        command.current_dir(self.folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr);
        command.kill_on_drop(true).process_group(0);
        command
    }

    async fn read_messages(
        &self,
        stdout: Option<tokio::process::ChildStdout>,
        progress: &dyn PackagingProgress,
    ) -> std::io::Result<Built> {
        let mut built = Built::default();
        let Some(stdout) = stdout else { return Ok(built) };
        let mut lines = BufReader::new(stdout).lines();
        while let Some(line) = lines.next_line().await? {
            // Other programs may write into cargo's output; their lines are not for us.
            let Ok(message) = serde_json::from_str(&line) else { continue };
            self.note(message, progress, &mut built);
        }
        Ok(built)
    }

    fn note(&self, message: Message, progress: &dyn PackagingProgress, built: &mut Built) {
        let Message::CompilerArtifact { package_id, target, features, executable, fresh } = message else {
            return;
        };
        if let Some(id) = CrateId::parse(&package_id) {
            built.compiled.entry(id).or_default().extend(features);
        }
        if !fresh {
            progress.compiled(&target.name);
        }
        let is_binary = target.kind.iter().any(|kind| kind == "bin");
        let is_it = |program: &&&Program| is_binary && program.id == package_id && program.bin == target.name;
        if let (Some(program), Some(path)) = (self.programs.iter().find(is_it), executable) {
            progress.built(&program.package, fresh);
            built.executables.insert(Program::clone(program), Executable { path, fresh });
        }
    }

    fn failed(&self, diagnostics: Option<String>) -> CompileError {
        CompileError::Failed {
            crates: self.programs.iter().map(|program| program.package.clone()).collect(),
            triple: match self.way {
                Way::Host => None,
                Way::Target(triple) | Way::Zigbuild(triple) => Some(triple),
            },
            diagnostics,
        }
    }
}

async fn read_diagnostics(stderr: Option<tokio::process::ChildStderr>) -> std::io::Result<Option<String>> {
    let Some(mut stderr) = stderr else { return Ok(None) };
    let mut bytes = Vec::new();
    stderr.read_to_end(&mut bytes).await?;
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

async fn wait(mut child: Child) -> std::io::Result<ExitStatus> {
    child.wait().await
}
