//! The cargo workspace: where it is, which crates it has, which binaries they make.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// What cargo says about the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Workspace {
    #[serde(rename = "workspace_root")]
    pub(crate) root: PathBuf,
    pub(crate) target_directory: PathBuf,
    packages: Vec<CargoPackage>,
}

/// One crate of the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct CargoPackage {
    pub(crate) id: String,
    pub(crate) name: String,
    targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

/// Why the function crates could not be found.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// Cargo refused to describe the workspace; there is none, or a manifest is wrong.
    #[error("cargo cannot read the workspace of `{}`: {}", .manifest_dir.display(), .message.trim())]
    Refused {
        /// Folder in which cargo was asked.
        manifest_dir: PathBuf,
        /// What cargo wrote.
        message: String,
    },
    /// Cargo's answer is not in the format that it documents.
    #[error("cargo described the workspace in an unknown format")]
    Format(#[source] serde_json::Error),
    /// No crate of the workspace has that name.
    #[error("function `{function}` names the crate `{crate_name}`, which is not in the workspace{}", DidYouMean(.near))]
    UnknownCrate {
        /// Name of the function in the spec.
        function: String,
        /// The name that was not found.
        crate_name: String,
        /// Names that look like it, best first.
        near: Vec<String>,
        /// All crates of the workspace that make a binary, sorted.
        known: Vec<String>,
    },
    /// The crate has no binary of its own name.
    #[error("crate `{crate_name}` of function `{function}` has no binary of that name{}", DidYouMean(.binaries))]
    NoBinary {
        /// Name of the function in the spec.
        function: String,
        /// Name of the crate.
        crate_name: String,
        /// The binaries that it has.
        binaries: Vec<String>,
    },
}

struct DidYouMean<'a>(&'a [String]);

impl std::fmt::Display for DidYouMean<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            [] => Ok(()),
            names => write!(f, "; there is `{}`", names.join("`, `")),
        }
    }
}

impl Workspace {
    /// Reads the output of `cargo metadata --no-deps`.
    pub(crate) fn parse(metadata: &[u8]) -> Result<Self, WorkspaceError> {
        serde_json::from_slice(metadata).map_err(WorkspaceError::Format)
    }

    /// Returns the crate of a function, once it is sure that it makes a binary of its own name.
    pub(crate) fn function_crate(
        &self,
        function: &str,
        crate_name: &str,
    ) -> Result<&CargoPackage, WorkspaceError> {
        let Some(package) = self.packages.iter().find(|package| package.name == crate_name) else {
            let known = self.known();
            return Err(WorkspaceError::UnknownCrate {
                function: function.to_owned(),
                crate_name: crate_name.to_owned(),
                near: near(crate_name, &known),
                known,
            });
        };
        let binaries: Vec<String> = package.binaries().map(str::to_owned).collect();
        if binaries.iter().any(|binary| binary == crate_name) {
            return Ok(package);
        }
        Err(WorkspaceError::NoBinary {
            function: function.to_owned(),
            crate_name: crate_name.to_owned(),
            binaries,
        })
    }

    /// Returns where zips go when nothing else is said.
    pub(crate) fn default_output(&self) -> PathBuf {
        self.target_directory.join("pipectl").join("packages")
    }

    pub(crate) fn manifest(&self) -> PathBuf {
        self.root.join("Cargo.toml")
    }

    fn known(&self) -> Vec<String> {
        let with_binary = self.packages.iter().filter(|package| package.binaries().next().is_some());
        let mut names: Vec<String> = with_binary.map(|package| package.name.clone()).collect();
        names.sort();
        names
    }
}

impl CargoPackage {
    fn binaries(&self) -> impl Iterator<Item = &str> {
        let is_binary = |target: &&Target| target.kind.iter().any(|kind| kind == "bin");
        self.targets.iter().filter(is_binary).map(|target| target.name.as_str())
    }
}

/// At most three names that a slip of the pen could have meant, best first.
fn near(name: &str, known: &[String]) -> Vec<String> {
    const ALIKE: f64 = 0.8;
    let mut scored: Vec<(f64, &String)> = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(score, _)| *score >= ALIKE)
        .collect();
    scored.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    scored.into_iter().take(3).map(|(_, candidate)| candidate.clone()).collect()
}

/// Cargo's refusal, without the folder twice.
pub(crate) fn refused(manifest_dir: &Path, stderr: &[u8]) -> WorkspaceError {
    WorkspaceError::Refused {
        manifest_dir: manifest_dir.to_owned(),
        message: String::from_utf8_lossy(stderr).trim_start_matches("error: ").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace() -> Workspace {
        Workspace::parse(
            br#"{"workspace_root": "/w", "target_directory": "/w/target", "packages": [
                {"id": "1", "name": "message-writer", "targets": [{"name": "message_writer", "kind": ["lib"]},
                                                                  {"name": "message-writer", "kind": ["bin"]}]},
                {"id": "2", "name": "messages", "targets": [{"name": "messages", "kind": ["lib"]}]},
                {"id": "3", "name": "api", "targets": [{"name": "serve", "kind": ["bin"]}]}]}"#,
        )
        .unwrap()
    }

    #[test]
    fn crate_with_a_binary_of_its_name_is_found() {
        assert_eq!(workspace().function_crate("f", "message-writer").unwrap().id, "1");
    }

    #[test]
    fn misspelled_crate_gets_the_near_name_and_the_list() {
        let error = workspace().function_crate("f", "mesage-writer").unwrap_err();
        let WorkspaceError::UnknownCrate { near, known, .. } = error else { panic!("{error:?}") };
        assert_eq!(near, ["message-writer"]);
        assert_eq!(known, ["api", "message-writer"]);
    }

    #[test]
    fn crate_without_a_binary_of_its_name_says_which_it_has() {
        let error = workspace().function_crate("f", "api").unwrap_err();
        assert_eq!(
            error.to_string(),
            "crate `api` of function `f` has no binary of that name; there is `serve`"
        );
    }
}
