//! Compares a spec with what its function crates say they ask of their infrastructure.
//!
//! The way of the data: the reading names the crates ([`Reading::crates`]), the caller reads the
//! [`FILE_NAME`] of each, [`Contracts::read`] understands them, and [`check`] holds every stage of the
//! spec against them. A crate without a contract is not spoken of.
//!
//! What is found: variables that are missing, not read, or of a value that the function cannot work
//! with (`environment`); bindings to the wrong resource, or with less access than the function needs
//! (`binding`, `granted`); events that it does not take (`events`); and queues into which one
//! function sends what another cannot read (`payloads`).
//!
//! Invariant: pure. Nothing here looks for a file.

mod binding;
mod environment;
mod events;
mod file;
mod granted;
mod payloads;
mod snippet;

use std::collections::BTreeMap;

use stack_model::diagnostic::Code;

pub use self::file::{Contract, ContractError, Event, FILE_NAME, Payload, ValueKind, Variable, read, schema};
use super::file::{Function, Name, SpecFile};
use super::reading::{self, Reading};
use super::yaml::Node;
use crate::diagnostic::{BROKEN_CONTRACT, Diagnostic};

/// The text of a crate's contract and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractText {
    /// Cargo package name.
    pub crate_name: String,
    /// Path of the file, for messages.
    pub path: String,
    /// Its content.
    pub text: String,
}

/// The contracts of function crates by package name.
#[derive(Debug, Default)]
pub struct Contracts {
    by_crate: BTreeMap<String, Result<Contract, BrokenContract>>,
}

#[derive(Debug)]
struct BrokenContract {
    path: String,
    error: ContractError,
}

impl Contracts {
    /// Reads the texts; what cannot be read is reported by [`check`] where a function names the crate.
    #[must_use]
    pub fn read(texts: impl IntoIterator<Item = ContractText>) -> Self {
        let read = |text: ContractText| {
            let contract = read(&text.text).map_err(|error| BrokenContract { path: text.path, error });
            (text.crate_name, contract)
        };
        Self { by_crate: texts.into_iter().map(read).collect() }
    }

    fn of(&self, function: &Function) -> Option<&Contract> {
        self.by_crate.get(&function.crate_name)?.as_ref().ok()
    }
}

/// Checks every stage of a spec against the contracts of its function crates.
///
/// Returns what is wrong or doubtful in the order of the file, each thing once, without what the
/// reading has reported already.
#[must_use]
pub fn check(reading: &Reading, contracts: &Contracts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (spec, tree) in reading.variants() {
        let mut checker = Checker { spec, tree, contracts, diagnostics: Vec::new() };
        checker.spec();
        found.extend(checker.diagnostics);
    }
    let known = |it: &Diagnostic| {
        let same = |other: &Diagnostic| {
            (other.place, other.code, &other.message) == (it.place, it.code, &it.message)
        };
        reading.diagnostics.iter().any(same)
    };
    found.retain(|it| !known(it));
    reading::sorted(found)
}

/// One stage under examination.
struct Checker<'a> {
    spec: &'a SpecFile,
    tree: &'a Node,
    contracts: &'a Contracts,
    diagnostics: Vec<Diagnostic>,
}

/// A function with the contract of its crate.
#[derive(Clone, Copy)]
struct Bound<'a> {
    name: &'a str,
    function: &'a Function,
    contract: &'a Contract,
}

impl<'a> Checker<'a> {
    fn spec(&mut self) {
        for (name, function) in &self.spec.functions {
            self.broken(name, function);
        }
        for bound in self.bound() {
            self.environment(bound);
            self.events(bound);
        }
        self.routes();
        self.payloads();
    }

    /// Lists the functions whose crate has a contract.
    fn bound(&self) -> Vec<Bound<'a>> {
        let functions = self.spec.functions.iter();
        functions.filter_map(|(name, function)| self.bind(name, function)).collect()
    }

    fn bind(&self, name: &'a Name, function: &'a Function) -> Option<Bound<'a>> {
        Some(Bound { name: name.as_str(), function, contract: self.contracts.of(function)? })
    }

    fn broken(&mut self, name: &Name, function: &Function) {
        let Some(Err(broken)) = self.contracts.by_crate.get(&function.crate_name) else { return };
        let message = format!(
            "The contract of crate `{}` cannot be read: {}: {}.",
            function.crate_name, broken.path, broken.error
        );
        self.report(&BROKEN_CONTRACT, &["functions", name.as_str(), "crate"], message, None);
    }

    fn report(&mut self, code: &'static Code, path: &[&str], message: String, help: Option<String>) {
        let place = Some(self.tree.place_of(path));
        self.diagnostics.push(Diagnostic { code, place, subject: path.join("."), message, help });
    }
}
