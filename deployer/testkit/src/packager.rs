//! Packaging without a compiler.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;

use pipectl_engine::build_record::BuildRecord;
use pipectl_engine::package::{FunctionCrate, Package};
use pipectl_engine::port::Packager;

/// Packs any crate at once. A package is a function of the crate's name and its revision.
#[derive(Debug, Default)]
pub struct FakePackager {
    revisions: RefCell<BTreeMap<String, u64>>,
    broken: RefCell<Option<String>>,
    runs: RefCell<Vec<Vec<FunctionCrate>>>,
    records: RefCell<BTreeMap<String, BuildRecord>>,
}

/// A crate that does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackagingRefused {
    /// Cargo package name.
    pub crate_name: String,
}

impl std::fmt::Display for PackagingRefused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` does not compile", self.crate_name)
    }
}

impl std::error::Error for PackagingRefused {}

impl FakePackager {
    /// Changes a crate's code: its next package differs.
    pub fn edit(&self, crate_name: &str) {
        *self.revisions.borrow_mut().entry(crate_name.to_owned()).or_default() += 1;
    }

    /// Breaks a crate: packaging fails while it is among those asked for.
    pub fn break_crate(&self, crate_name: &str) {
        *self.broken.borrow_mut() = Some(crate_name.to_owned());
    }

    /// Lists what was asked for, run by run.
    #[must_use]
    pub fn runs(&self) -> Vec<Vec<FunctionCrate>> {
        self.runs.borrow().clone()
    }

    fn pack(&self, it: &FunctionCrate) -> Package {
        let revision = self.revisions.borrow().get(&it.crate_name).copied().unwrap_or_default();
        let text = format!("{} {revision}", it.crate_name);
        let seed = text.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(1099).wrapping_add(u64::from(byte)));
        let package = Package {
            function: it.function.clone(),
            crate_name: it.crate_name.clone(),
            path: PathBuf::from(format!("{}.zip", it.crate_name)),
            sha256: format!("{seed:064x}"),
            bytes: 1_000 + revision,
        };
        let source = (format!("{}/src/main.rs", it.crate_name), revision.to_string());
        let record = BuildRecord { sources: [source].into(), ..BuildRecord::default() };
        self.records.borrow_mut().insert(package.key(), record);
        package
    }

    /// Forgets what was built so far, as another machine would not know it.
    pub fn forget(&self) {
        self.records.borrow_mut().clear();
    }
}

impl Packager for FakePackager {
    type Error = PackagingRefused;

    async fn package(&self, crates: &[FunctionCrate]) -> Result<Vec<Package>, PackagingRefused> {
        self.runs.borrow_mut().push(crates.to_vec());
        let broken = self.broken.borrow().clone();
        match broken.filter(|broken| crates.iter().any(|it| it.crate_name == *broken)) {
            Some(crate_name) => Err(PackagingRefused { crate_name }),
            None => Ok(crates.iter().map(|it| self.pack(it)).collect()),
        }
    }

    fn build_record(&self, key: &str) -> Option<BuildRecord> {
        self.records.borrow().get(key).cloned()
    }
}
