//! Finds a Python that can hold the engine.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::Deserialize;
use tokio::process::Command;

/// Oldest minor version of Python 3 that the engine runs on.
const OLDEST_MINOR: u32 = 10;

/// Names looked for on the `PATH`, best first: the versions the engine is published for.
const NAMES: [&str; 7] =
    ["python3.11", "python3.12", "python3.13", "python3.14", "python3.10", "python3", "python"];

/// Asked of each candidate. Written so that Python 2 answers as well.
const QUESTION: &str = "\
import json, sys
def has(name):
    try:
        __import__(name)
        return True
    except Exception:
        return False
print(json.dumps({'executable': sys.executable, 'major': sys.version_info[0],
    'minor': sys.version_info[1], 'venv': has('venv'), 'ensurepip': has('ensurepip')}))";

/// An interpreter that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Python {
    pub(crate) executable: PathBuf,
    pub(crate) minor: u32,
}

/// A candidate and why it cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// Name or path that was run.
    pub command: PathBuf,
    /// What is wrong with it.
    pub fault: Fault,
}

/// Why an interpreter cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// There is no such program.
    Missing,
    /// It ran and did not answer as Python does (a shim of a version that is not installed).
    Unusable,
    /// It is older than Python 3.10.
    Old {
        /// Major version.
        major: u32,
        /// Minor version.
        minor: u32,
    },
    /// It lacks the modules `venv` and `ensurepip`; Debian and Ubuntu package them apart, as
    /// `python3-venv`.
    WithoutVenv,
}

impl fmt::Display for Tried {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let command = self.command.display();
        match self.fault {
            Fault::Missing => write!(formatter, "`{command}` not found"),
            Fault::Unusable => write!(formatter, "`{command}` does not run"),
            Fault::Old { major, minor } => write!(formatter, "`{command}` is Python {major}.{minor}"),
            Fault::WithoutVenv => write!(formatter, "`{command}` lacks the modules venv and ensurepip"),
        }
    }
}

#[derive(Deserialize)]
struct Answer {
    executable: PathBuf,
    major: u32,
    minor: u32,
    venv: bool,
    ensurepip: bool,
}

/// Returns the first interpreter that fits: the one named, or else one from the `PATH`.
///
/// # Errors
/// Every candidate with its fault, when none fits.
///
/// # Effects
/// Runs each candidate once.
pub(crate) async fn find(named: Option<&Path>) -> Result<Python, Vec<Tried>> {
    let candidates: Vec<PathBuf> =
        named.map_or_else(|| NAMES.iter().map(PathBuf::from).collect(), |path| vec![path.to_owned()]);
    let mut tried = Vec::new();
    for command in candidates {
        match ask(&command).await {
            Ok(python) => return Ok(python),
            Err(fault) => tried.push(Tried { command, fault }),
        }
    }
    Err(tried)
}

async fn ask(command: &Path) -> Result<Python, Fault> {
    let output = Command::new(command)
        .args(["-E", "-c", QUESTION])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|_| Fault::Missing)?;
    serde_json::from_slice(&output.stdout).map_err(|_| Fault::Unusable).and_then(judge)
}

fn judge(answer: Answer) -> Result<Python, Fault> {
    let Answer { executable, major, minor, venv, ensurepip } = answer;
    if (major, minor) < (3, OLDEST_MINOR) {
        return Err(Fault::Old { major, minor });
    }
    if !(venv && ensurepip) {
        return Err(Fault::WithoutVenv);
    }
    Ok(Python { executable, minor })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(major: u32, minor: u32, ensurepip: bool) -> Answer {
        Answer { executable: PathBuf::from("/usr/bin/python3"), major, minor, venv: true, ensurepip }
    }

    #[test]
    fn oldest_supported_version_fits() {
        assert_eq!(judge(answer(3, 10, true)).unwrap().minor, 10);
    }

    #[test]
    fn older_version_is_named() {
        assert_eq!(judge(answer(3, 9, true)), Err(Fault::Old { major: 3, minor: 9 }));
        assert_eq!(judge(answer(2, 7, true)), Err(Fault::Old { major: 2, minor: 7 }));
    }

    #[test]
    fn python_without_ensurepip_is_told_apart() {
        assert_eq!(judge(answer(3, 12, false)), Err(Fault::WithoutVenv));
    }

    #[tokio::test]
    async fn named_interpreter_that_is_missing_is_not_replaced_by_another() {
        let named = PathBuf::from("/nowhere/python3");
        let tried = find(Some(&named)).await.unwrap_err();
        assert_eq!(tried, [Tried { command: named, fault: Fault::Missing }]);
    }

    #[tokio::test]
    async fn program_that_is_not_python_is_unusable() {
        let tried = find(Some(Path::new("/bin/ls"))).await.unwrap_err();
        assert_eq!(tried[0].fault, Fault::Unusable);
    }
}
