//! A spec file from its text to its template, with everything that is wrong, doubtful or accepted.

use super::allow::{self, Acknowledged, Allowance};
use super::contract::{self, Contracts};
use super::file::SpecFile;
use super::lower::{self, Lowered};
use super::reading::{self, Reading};
use super::yaml::Node;
use crate::diagnostic::Diagnostic;

/// What a spec file means, and what is to be said about it.
#[derive(Debug)]
pub struct Examined {
    /// What the spec means; `None` when it has errors.
    pub lowered: Option<Lowered>,
    /// What is wrong or doubtful, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
    /// What is doubtful and accepted, in the order of the file.
    pub acknowledged: Vec<Acknowledged>,
}

/// Reads a spec, holds it to the contracts of its function crates and lowers it. `outside` reads the contracts,
/// and says what else was found outside of the file.
///
/// An entry of `allow` counts as unused only where the file is examined without a stage: it may stand there
/// for another one.
pub fn examine(
    text: &str,
    stage: Option<&str>,
    outside: impl FnOnce(&Reading) -> (Contracts, Vec<Diagnostic>),
) -> Examined {
    let reading = reading::read(text, stage);
    let (contracts, of_crates) = outside(&reading);
    let mut found = contract::check(&reading, &contracts);
    found.extend(of_crates);
    let readable = !reading.diagnostics.iter().any(Diagnostic::is_error);
    let allowances: Vec<Allowance> =
        reading.variants().flat_map(|(spec, tree)| of_spec(spec, tree)).collect();
    let mut elsewhere = Vec::new();
    if readable && stage.is_none() && !allowances.is_empty() {
        for (spec, tree) in reading.variants().skip(1) {
            elsewhere.extend(lower::lower(spec, tree, None).1);
        }
    }
    found.extend(reading.diagnostics.iter().cloned());
    let of_this_stage = reading.spec.as_ref().map(|spec| of_spec(spec, &reading.tree)).unwrap_or_default();
    let lowered = reading.spec.filter(|_| readable).map(|spec| lower::lower(&spec, &reading.tree, stage));
    let lowered = lowered.map(|(lowered, of_model)| {
        found.extend(of_model);
        lowered
    });
    if readable && stage.is_none() {
        let all: Vec<&Diagnostic> = found.iter().chain(&elsewhere).collect();
        let unused = allow::unused(&allowances, &all);
        found.extend(unused);
    }
    // The file is checked for all its stages at once: without a stage each may accept what is found.
    let accepting = if stage.is_none() { &allowances } else { &of_this_stage };
    found.sort_by_key(|diagnostic| (diagnostic.place, diagnostic.code.name));
    let (diagnostics, acknowledged) = allow::acknowledge(accepting, found);
    let sound = !diagnostics.iter().any(Diagnostic::is_error);
    Examined { lowered: lowered.filter(|_| sound), diagnostics, acknowledged }
}

pub(super) fn of_spec(spec: &SpecFile, tree: &Node) -> Vec<Allowance> {
    allow::placed(&spec.allow, tree, &["allow"])
}
