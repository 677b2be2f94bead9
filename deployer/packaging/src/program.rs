//! One binary to build, whichever functions it is for.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pipectl_engine::package::FunctionCrate;
use pipectl_engine::program::CargoWorkspace;

use crate::archive::short_digest;
use crate::workspace::{Workspace, WorkspaceError};

/// A binary with all that decides how it is built, architecture apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Program {
    /// Name of the package.
    pub(crate) package: String,
    /// Cargo's ID of the package.
    pub(crate) id: String,
    pub(crate) bin: String,
    /// Features besides the default ones.
    pub(crate) features: BTreeSet<String>,
    /// The user's choice; `None` for ours.
    pub(crate) profile: Option<String>,
    /// True when it is what the package gives without any choice.
    pub(crate) is_plain: bool,
}

impl Program {
    /// Finds the program of each function.
    ///
    /// # Errors
    /// [`WorkspaceError::Program`] with every mistake of every function.
    pub(crate) fn of(
        crates: &[FunctionCrate],
        workspace: &Workspace,
        description: &CargoWorkspace,
    ) -> Result<Vec<Self>, WorkspaceError> {
        let mut programs = Vec::new();
        let mut wrong = Vec::new();
        for function in crates {
            match (description.program(function), workspace.member(&function.crate_name)) {
                (Ok(bin), Some(member)) => {
                    let bare =
                        FunctionCrate { crate_name: function.crate_name.clone(), ..FunctionCrate::default() };
                    let chosen = !function.features.is_empty() || function.profile.is_some();
                    let is_plain =
                        !chosen && (function.bin.is_none() || description.program(&bare) == Ok(bin));
                    programs.push(Self {
                        package: member.name.clone(),
                        id: member.id.clone(),
                        bin: bin.to_owned(),
                        features: function.features.clone(),
                        profile: function.profile.clone(),
                        is_plain,
                    });
                }
                (Ok(_), None) => {}
                (Err(errors), _) => {
                    wrong.extend(errors.into_iter().map(|error| (function.function.clone(), error)));
                }
            }
        }
        if wrong.is_empty() { Ok(programs) } else { Err(WorkspaceError::Program(wrong)) }
    }

    /// Returns the package with its features, which decide the features of all dependencies.
    pub(crate) fn root(&self) -> (String, BTreeSet<String>) {
        (self.package.clone(), self.features.clone())
    }

    /// Returns a text that tells it from other programs of the workspace.
    pub(crate) fn label(&self) -> String {
        let mut label = format!("{}/{}", self.package, self.bin);
        for feature in &self.features {
            label.push('+');
            label.push_str(feature);
        }
        if let Some(profile) = &self.profile {
            label.push('@');
            label.push_str(profile);
        }
        label
    }

    /// Returns the folder of its packages below that of all packages of an architecture.
    pub(crate) fn folder(&self, of_all: &Path) -> PathBuf {
        let of_package = of_all.join(&self.package);
        if self.is_plain { of_package } else { of_package.join(short_digest(self.label().as_bytes())) }
    }
}
