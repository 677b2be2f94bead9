//! Reads and lowers a text as the program does.

use pipectl_engine::diagnostic::Diagnostic;
use pipectl_engine::program::CargoWorkspace;
use pipectl_engine::spec::contract::{self, ContractText, Contracts};
use pipectl_engine::spec::crates::{self, Unanswered};
use pipectl_engine::spec::examine;
use pipectl_engine::spec::lower::Lowered;
use pipectl_engine::spec::reading::read;

/// Lowers only what has no errors, without any contract.
pub(crate) fn examine(text: &str, stage: Option<&str>) -> (Option<Lowered>, Vec<Diagnostic>) {
    examine_with(text, stage, &[])
}

/// Finds what is wrong with the functions' crates, by cargo's answer.
pub(crate) fn of_crates(text: &str, workspace: &Result<CargoWorkspace, Unanswered>) -> Vec<Diagnostic> {
    crates::check(&read(text, None), workspace)
}

/// Lowers only what has no errors and keeps the contracts, each given with its crate.
pub(crate) fn examine_with(
    text: &str,
    stage: Option<&str>,
    contracts: &[(&str, &str)],
) -> (Option<Lowered>, Vec<Diagnostic>) {
    let examined = examine::examine(text, stage, |_| (read_contracts(contracts), Vec::new()));
    (examined.lowered, examined.diagnostics)
}

/// Finds what is wrong in every stage, as `check` does.
pub(crate) fn check_with(text: &str, stage: Option<&str>, contracts: &[(&str, &str)]) -> Vec<Diagnostic> {
    examine::examine_every_stage(text, stage, |_| (read_contracts(contracts), Vec::new())).diagnostics
}

fn read_contracts(contracts: &[(&str, &str)]) -> Contracts {
    Contracts::read(contracts.iter().map(|(crate_name, text)| ContractText {
        crate_name: (*crate_name).to_owned(),
        path: format!("{crate_name}/{}", contract::FILE_NAME),
        text: (*text).to_owned(),
    }))
}

/// Lowers a text that has no errors.
#[track_caller]
pub(crate) fn lowered(text: &str, stage: Option<&str>) -> Lowered {
    let (lowered, diagnostics) = examine(text, stage);
    let errors: Vec<&Diagnostic> = diagnostics.iter().filter(|found| found.is_error()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    lowered.unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the one switch that writes golden files anew")]
fn is_updating() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

/// Holds a text against a checked-in file, relative to the crate. `UPDATE_GOLDEN=1` overwrites it.
#[track_caller]
pub(crate) fn assert_golden(path: &str, text: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if is_updating() {
        std::fs::write(&path, text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(text == expected, "{} differs: look at it after UPDATE_GOLDEN=1", path.display());
}
