//! Compares the functions of a spec with the Cargo workspace that they are built from.
//!
//! Invariant: pure. The caller asks cargo, and says so when cargo gave no answer.

use stack_model::diagnostic::Code;

use super::file::{Function, Name};
use super::reading::{self, Reading};
use super::yaml::Node;
use crate::diagnostic::{
    CRATES_NOT_CHECKED, Diagnostic, UNKNOWN_CRATE, UNKNOWN_PROFILE, UNREADABLE_WORKSPACE, UNSUITABLE_BINARY,
    UNSUITABLE_FEATURES,
};
use crate::package::FunctionCrate;
use crate::program::{CargoWorkspace, ProgramError};

/// Why nothing is known of a Cargo workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unanswered {
    /// Cargo refuses to read the workspace, so that it refuses to build it, too.
    Refused {
        /// What cargo says.
        message: String,
    },
    /// Cargo could not be asked.
    NotAsked {
        /// Why, as a clause.
        because: String,
    },
}

/// Checks the functions of every stage against their workspace.
///
/// Returns what is wrong in the order of the file, each thing once; nothing when no function names a crate.
#[must_use]
pub fn check(reading: &Reading, workspace: &Result<CargoWorkspace, Unanswered>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (spec, tree) in reading.variants() {
        match workspace {
            Ok(workspace) => {
                for (name, function) in &spec.functions {
                    found.extend(check_function(name, function, tree, workspace));
                }
            }
            Err(unanswered) => {
                found.extend(spec.functions.keys().next().map(|name| unknown(name, tree, unanswered)));
            }
        }
    }
    if workspace.is_err() {
        found.truncate(1);
    }
    reading::sorted(found)
}

fn check_function<'a>(
    name: &'a Name,
    function: &Function,
    tree: &'a Node,
    workspace: &CargoWorkspace,
) -> impl Iterator<Item = Diagnostic> + use<'a> {
    let wrong = workspace.program(&function_crate(name, function)).err().unwrap_or_default();
    let listed = function.features.clone();
    wrong.into_iter().map(move |error| {
        let (code, key): (&'static Code, &str) = match &error {
            ProgramError::UnknownPackage { .. } => (&UNKNOWN_CRATE, "crate"),
            ProgramError::NoBinary { .. } | ProgramError::SeveralBinaries { .. } => {
                (&UNSUITABLE_BINARY, "crate")
            }
            ProgramError::UnknownBinary { .. } => (&UNSUITABLE_BINARY, "bin"),
            ProgramError::UnknownFeature { .. } | ProgramError::FeaturesNotEnabled { .. } => {
                (&UNSUITABLE_FEATURES, "features")
            }
            ProgramError::UnknownProfile { .. } => (&UNKNOWN_PROFILE, "profile"),
        };
        let index = match &error {
            ProgramError::UnknownFeature { feature, .. } => listed.iter().position(|it| it == feature),
            _ => None,
        };
        let index = index.map(|index| index.to_string());
        let mut path = vec!["functions", name.as_str(), key];
        path.extend(index.as_deref());
        Diagnostic {
            code,
            place: Some(tree.place_of(&path)),
            subject: path.join("."),
            message: sentence(&error.to_string()),
            help: Some(error.help()),
        }
    })
}

/// Returns what a function asks of packaging, for the host.
pub(super) fn function_crate(name: &Name, function: &Function) -> FunctionCrate {
    FunctionCrate {
        function: name.as_str().to_owned(),
        crate_name: function.crate_name.clone(),
        bin: function.bin.clone(),
        features: function.features.iter().cloned().collect(),
        profile: function.profile.clone(),
        architecture: None,
    }
}

fn unknown(name: &Name, tree: &Node, unanswered: &Unanswered) -> Diagnostic {
    let path = ["functions", name.as_str(), "crate"];
    let (code, message, help) = match unanswered {
        Unanswered::Refused { message } => (
            &UNREADABLE_WORKSPACE,
            format!(
                "Cargo cannot read the workspace of the functions: {}.",
                message.trim().trim_end_matches('.')
            ),
            "Correct it until `cargo metadata --no-deps` succeeds.",
        ),
        Unanswered::NotAsked { because } => (
            &CRATES_NOT_CHECKED,
            format!("The crates of the functions were not checked: {because}."),
            "Run it where the functions' sources and cargo are, or set `build.workspace` to the folder of the \
             Cargo workspace.",
        ),
    };
    Diagnostic {
        code,
        place: Some(tree.place_of(&path)),
        subject: path.join("."),
        message,
        help: Some(help.to_owned()),
    }
}

fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
