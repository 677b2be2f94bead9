//! Puts the pinned engine into the cache, once for all projects.
//!
//! An installation is a virtual environment in a folder named after the digest of everything it is
//! made from. It is made beside its place and renamed at the end, so a folder of that name is
//! whole. Packages are checked against the digests in `requirements.txt`; only wheels are
//! taken, so nothing of theirs runs while they are installed.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::event::{LocalEvent, LocalEvents};
use crate::home::EngineHome;
use crate::lock;
use crate::python::{self, Python, Tried};
use crate::record::remove_folder;

/// Version of ministack (PyPI, MIT) that is installed.
pub const ENGINE_VERSION: &str = "1.5.33";

const REQUIREMENTS: &str = include_str!("../requirements.txt");

/// The program that runs the engine, by file name; the first is started.
const PROGRAM: [(&str, &str); 12] = [
    ("launch.py", include_str!("../launch.py")),
    ("alarms.py", include_str!("../alarms.py")),
    ("checkpoints.py", include_str!("../checkpoints.py")),
    ("guard.py", include_str!("../guard.py")),
    ("inbox.py", include_str!("../inbox.py")),
    ("invocations.py", include_str!("../invocations.py")),
    ("patches.json", include_str!("../patches.json")),
    ("patches.py", include_str!("../patches.py")),
    ("queues.py", include_str!("../queues.py")),
    ("resources.py", include_str!("../resources.py")),
    ("roles.py", include_str!("../roles.py")),
    ("serving.py", include_str!("../serving.py")),
];

/// Settings of pip that would put the packages elsewhere, or choose others.
const PIP_SETTINGS_WITHOUT: [&str; 9] = [
    "PIP_USER",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_ROOT",
    "PIP_CONSTRAINT",
    "PIP_REQUIREMENT",
    "PIP_NO_BINARY",
    "PIP_DRY_RUN",
    "PIP_REQUIRE_VIRTUALENV",
];

/// Why the engine could not be put into the cache.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    /// No interpreter fits.
    #[error("no Python 3.10 or newer with venv and ensurepip: {}", list(tried))]
    NoPython {
        /// What was tried, in order.
        tried: Vec<Tried>,
    },
    /// A file or folder of the cache could not be used.
    #[error("cannot use `{}`", path.display())]
    Cache {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// An interpreter could not be run.
    #[error("cannot run `{}`", command.display())]
    Run {
        /// The interpreter.
        command: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The virtual environment or the packages could not be made.
    #[error("{step} failed with {status}: {}", said.trim_end())]
    Failed {
        /// What was being done.
        step: Step,
        /// How it ended.
        status: ExitStatus,
        /// The last lines it wrote to its standard error.
        said: String,
    },
}

/// The steps of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// `python -m venv`.
    VirtualEnvironment,
    /// `pip install`.
    Packages,
}

impl std::fmt::Display for Step {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::VirtualEnvironment => "making the virtual environment",
            Self::Packages => "installing the local engine with pip",
        })
    }
}

fn list(tried: &[Tried]) -> String {
    tried.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// An engine in the cache, ready to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Installation {
    folder: PathBuf,
}

impl Installation {
    /// Interpreter of the environment.
    pub(crate) fn python(&self) -> PathBuf {
        self.folder.join("bin").join("python")
    }

    /// Program that runs the engine.
    pub(crate) fn launcher(&self) -> PathBuf {
        self.folder.join(PROGRAM[0].0)
    }

    /// Whether it is there, and the Python it was made from still is: the interpreter is a link.
    fn is_ready(&self) -> bool {
        self.launcher().is_file() && self.python().is_file()
    }
}

/// Puts the pinned engine into the cache, unless it is there. Needs no network then.
///
/// `start` does this when it has to. Repeating it is safe, also from two processes at once:
/// the second waits. `python` is the interpreter to use; by default one is found on the `PATH`.
///
/// # Effects
/// Runs Python and pip (which reads the user's pip settings: index, proxy, certificates); writes
/// about 90 MB below the cache folder.
///
/// # Errors
/// [`ProvisionError`]; nothing half-made is left in place.
pub async fn provision(
    home: &EngineHome,
    python: Option<&Path>,
    events: &dyn LocalEvents,
) -> Result<(), ProvisionError> {
    installation(home, python, events).await.map(|_| ())
}

/// Returns the installation, made if it is missing.
pub(crate) async fn installation(
    home: &EngineHome,
    python: Option<&Path>,
    events: &dyn LocalEvents,
) -> Result<Installation, ProvisionError> {
    let parent = home.installations_dir();
    let wanted = Installation { folder: parent.join(folder_name(python)) };
    if wanted.is_ready() {
        return Ok(wanted);
    }
    std::fs::create_dir_all(&parent).map_err(|source| cache_error(&parent, source))?;
    let lock_file = parent.join("lock");
    let _lock = lock::take(&lock_file, events).await.map_err(|source| cache_error(&lock_file, source))?;
    if !wanted.is_ready() {
        let python = python::find(python).await.map_err(|tried| ProvisionError::NoPython { tried })?;
        make(&wanted, &python, events).await?;
    }
    Ok(wanted)
}

/// Version and digest of what the installation is made from.
fn folder_name(python: Option<&Path>) -> String {
    let mut digest = Sha256::new();
    for part in std::iter::once(REQUIREMENTS).chain(PROGRAM.map(|(_, text)| text)) {
        digest.update(Sha256::digest(part));
    }
    digest.update(std::env::consts::OS);
    digest.update(std::env::consts::ARCH);
    if let Some(path) = python {
        digest.update(path.as_os_str().as_encoded_bytes());
    }
    let hex: String = digest.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("ministack-{ENGINE_VERSION}-{hex}")
}

async fn make(
    wanted: &Installation,
    python: &Python,
    events: &dyn LocalEvents,
) -> Result<(), ProvisionError> {
    let folder = &wanted.folder;
    events.emit(LocalEvent::Provisioning {
        version: ENGINE_VERSION,
        python: python.executable.clone(),
        into: folder.clone(),
    });
    let partial = Installation { folder: folder.with_file_name("partial") };
    for stale in [&partial.folder, folder] {
        remove_folder(stale).map_err(|source| cache_error(stale, source))?;
    }
    make_environment(&partial, python).await?;
    install_packages(&partial, python.minor, events).await?;
    for (name, text) in PROGRAM {
        write(&partial.folder.join(name), text)?;
    }
    std::fs::rename(&partial.folder, folder).map_err(|source| cache_error(folder, source))?;
    events.emit(LocalEvent::Provisioned { path: folder.clone() });
    Ok(())
}

async fn make_environment(partial: &Installation, python: &Python) -> Result<(), ProvisionError> {
    let mut command = quiet(&python.executable);
    command.args(["-m", "venv"]).arg(&partial.folder);
    let child = spawn(&mut command, &python.executable)?;
    finish(child, &python.executable, Step::VirtualEnvironment, |_| ()).await
}

async fn install_packages(
    partial: &Installation,
    minor: u32,
    events: &dyn LocalEvents,
) -> Result<(), ProvisionError> {
    let requirements = partial.folder.join("requirements.txt");
    write(&requirements, REQUIREMENTS)?;
    let python = partial.python();
    let mut command = quiet(&python);
    command
        .args(["-m", "pip", "install", "--no-input", "--disable-pip-version-check"])
        .args(["--progress-bar", "off", "--require-hashes", "--no-deps", "--only-binary", ":all:"])
        .arg("--requirement")
        .arg(&requirements);
    let child = spawn(&mut command, &python)?;
    let mut progress = Progress::new(package_count(minor));
    finish(child, &python, Step::Packages, |line| {
        if let Some(event) = progress.read(line) {
            events.emit(event);
        }
    })
    .await
}

/// A command that obeys nothing in the environment that would send its work elsewhere.
fn quiet(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    for name in ["PYTHONHOME", "PYTHONPATH", "PYTHONUSERBASE", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"] {
        command.env_remove(name);
    }
    for name in PIP_SETTINGS_WITHOUT {
        command.env_remove(name);
    }
    command
}

fn spawn(command: &mut Command, program: &Path) -> Result<Child, ProvisionError> {
    command.spawn().map_err(|source| ProvisionError::Run { command: program.to_owned(), source })
}

/// Waits for a child, hands out the lines it prints, and keeps the end of what it complains about.
async fn finish(
    mut child: Child,
    program: &Path,
    step: Step,
    line: impl FnMut(&str),
) -> Result<(), ProvisionError> {
    let run_error = |source| ProvisionError::Run { command: program.to_owned(), source };
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let ((), complaints) = tokio::try_join!(read_lines(stdout, line), read_all(stderr)).map_err(run_error)?;
    let status = child.wait().await.map_err(run_error)?;
    if status.success() {
        return Ok(());
    }
    Err(ProvisionError::Failed { step, status, said: last_lines(&complaints, 12) })
}

async fn read_lines(
    stream: Option<tokio::process::ChildStdout>,
    mut line: impl FnMut(&str),
) -> io::Result<()> {
    let Some(stream) = stream else { return Ok(()) };
    let mut lines = BufReader::new(stream).lines();
    while let Some(text) = lines.next_line().await? {
        line(&text);
    }
    Ok(())
}

async fn read_all(stream: Option<tokio::process::ChildStderr>) -> io::Result<String> {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        stream.read_to_end(&mut bytes).await?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The last lines of a text, at most `count`.
pub(crate) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

fn write(path: &Path, text: &str) -> Result<(), ProvisionError> {
    std::fs::write(path, text).map_err(|source| cache_error(path, source))
}

fn cache_error(path: &Path, source: io::Error) -> ProvisionError {
    ProvisionError::Cache { path: path.to_owned(), source }
}

/// Packages that pip will install: a few are for Python 3.10 only.
fn package_count(minor: u32) -> usize {
    REQUIREMENTS
        .lines()
        .filter(|line| line.contains("==") && !line.starts_with(['#', ' ']))
        .filter(|line| minor < 11 || !line.contains("python_full_version < '3.11'"))
        .count()
}

/// Reads pip's lines: one `Collecting` for each package, then `Installing collected packages`.
struct Progress {
    number: usize,
    total: usize,
}

impl Progress {
    fn new(total: usize) -> Self {
        Self { number: 0, total }
    }

    fn read(&mut self, line: &str) -> Option<LocalEvent> {
        if line.starts_with("Installing collected packages") {
            return Some(LocalEvent::Unpacking { total: self.total });
        }
        let package = line.strip_prefix("Collecting ")?.split_ascii_whitespace().next()?;
        self.number += 1;
        let (number, total) = (self.number, self.total);
        Some(LocalEvent::PackageFound { package: package.to_owned(), number, total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinned_engine_is_the_version_named() {
        assert!(REQUIREMENTS.contains(&format!("\nministack=={ENGINE_VERSION} \\\n")));
    }

    #[test]
    fn every_package_has_a_digest() {
        let packages = REQUIREMENTS.split("\n").filter(|line| line.contains("=="));
        assert!(packages.clone().skip(1).all(|line| line.ends_with('\\')), "{packages:?}");
    }

    #[test]
    fn packages_for_older_python_are_counted_for_it_only() {
        assert_eq!(package_count(10), package_count(11) + 4);
    }

    #[test]
    fn progress_counts_packages_and_ignores_talk() {
        let mut progress = Progress::new(2);
        assert_eq!(progress.read("  Using cached six-1.17.0-py2.py3-none-any.whl"), None);
        let found = progress.read("Collecting six==1.17.0 (from -r requirements.txt (line 9))");
        let six = LocalEvent::PackageFound { package: "six==1.17.0".to_owned(), number: 1, total: 2 };
        assert_eq!(found, Some(six));
        let unpacking = progress.read("Installing collected packages: six");
        assert_eq!(unpacking, Some(LocalEvent::Unpacking { total: 2 }));
    }

    #[test]
    fn interpreter_that_was_asked_for_has_its_own_installation() {
        assert_ne!(folder_name(None), folder_name(Some(Path::new("/opt/python"))));
    }

    #[test]
    fn installation_whose_python_is_gone_is_not_ready() {
        let folder = tempfile::tempdir().unwrap();
        let installation = Installation { folder: folder.path().to_owned() };
        std::fs::create_dir(folder.path().join("bin")).unwrap();
        std::fs::write(installation.launcher(), "").unwrap();
        let python = folder.path().join("python3.11");
        std::os::unix::fs::symlink(&python, installation.python()).unwrap();
        assert!(!installation.is_ready());
        std::fs::write(&python, "").unwrap();
        assert!(installation.is_ready());
    }

    #[test]
    fn only_the_end_of_a_long_complaint_is_kept() {
        assert_eq!(last_lines("a\nb\nc\n", 2), "b\nc");
        assert_eq!(last_lines("a", 2), "a");
    }
}
