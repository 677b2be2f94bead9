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

/// Reads a spec for a stage, holds it to the contracts of its function crates and lowers it. `outside` reads the
/// contracts, and says what else was found outside of the file.
pub fn examine(
    text: &str,
    stage: Option<&str>,
    outside: impl FnOnce(&Reading) -> (Contracts, Vec<Diagnostic>),
) -> Examined {
    let reading = reading::read(text, stage);
    let outside = outside(&reading);
    let (lowered, found) = understand(&reading, stage, outside);
    let (diagnostics, acknowledged) = allow::acknowledge(&of_asked(&reading), found);
    let is_sound = !diagnostics.iter().any(Diagnostic::is_error);
    Examined { lowered: lowered.filter(|_| is_sound), diagnostics, acknowledged }
}

/// Examines a spec as the stage asked for and as every other. Where none is asked for, entries of `allow` that
/// accept nothing in any stage are reported.
pub fn examine_every_stage(
    text: &str,
    stage: Option<&str>,
    outside: impl FnOnce(&Reading) -> (Contracts, Vec<Diagnostic>),
) -> Examined {
    let reading = reading::read(text, stage);
    let outside = outside(&reading);
    let (lowered, mut found) = understand(&reading, stage, outside);
    let of_others = lower::check_others(&reading, &found);
    if stage.is_none() && !reading.diagnostics.iter().any(Diagnostic::is_error) {
        let all: Vec<&Diagnostic> = found.iter().chain(&of_others).collect();
        let allowances: Vec<Allowance> =
            reading.variants().flat_map(|(spec, tree)| of_spec(spec, tree)).collect();
        let unused = allow::unused(&allowances, &all);
        found.extend(unused);
    }
    let (mut diagnostics, mut acknowledged) = allow::acknowledge(&of_asked(&reading), found);
    let of_other_stages: Vec<Allowance> =
        reading.others().iter().flat_map(|other| of_spec(&other.spec, &other.tree)).collect();
    let (left, accepted) = allow::acknowledge(&of_other_stages, of_others);
    diagnostics.extend(left);
    acknowledged.extend(accepted);
    diagnostics.sort_by_key(|diagnostic| (diagnostic.place, diagnostic.code.name));
    let is_sound = !diagnostics.iter().any(Diagnostic::is_error);
    Examined { lowered: lowered.filter(|_| is_sound), diagnostics, acknowledged }
}

fn understand(
    reading: &Reading,
    stage: Option<&str>,
    (contracts, of_crates): (Contracts, Vec<Diagnostic>),
) -> (Option<Lowered>, Vec<Diagnostic>) {
    let mut found = contract::check(reading, &contracts);
    found.extend(of_crates);
    let readable = !reading.diagnostics.iter().any(Diagnostic::is_error);
    found.extend(reading.diagnostics.iter().cloned());
    let lowered = match &reading.spec {
        Some(spec) if readable => {
            let (lowered, of_model) = lower::lower(spec, &reading.tree, stage);
            found.extend(of_model);
            Some(lowered)
        }
        Some(spec) => {
            found.extend(lower::out_of_range(spec, &reading.tree, stage));
            None
        }
        None => None,
    };
    found.sort_by_key(|diagnostic| (diagnostic.place, diagnostic.code.name));
    (lowered, found)
}

fn of_asked(reading: &Reading) -> Vec<Allowance> {
    reading.spec.as_ref().map(|spec| of_spec(spec, &reading.tree)).unwrap_or_default()
}

fn of_spec(spec: &SpecFile, tree: &Node) -> Vec<Allowance> {
    allow::placed(&spec.allow, tree, &["allow"])
}
