//! Keeps the file of a crate's contract equal to its declaration.

use std::path::Path;

use crate::Contract;

/// Name of the file, which stands beside the crate's `Cargo.toml`.
pub const FILE_NAME: &str = "pipectl-contract.json";

/// Holds the file in `folder` against the declaration; for a test of the function's crate.
///
/// With the environment variable `UPDATE_GOLDEN` set, the file is written instead.
///
/// # Panics
/// When the file is missing or out of date, or cannot be written.
#[track_caller]
pub fn assert_current(contract: &Contract, folder: impl AsRef<Path>) {
    let path = folder.as_ref().join(FILE_NAME);
    if is_updating() {
        let written = std::fs::write(&path, contract.to_json());
        assert!(written.is_ok(), "{} cannot be written: {written:?}", path.display());
    }
    assert!(
        is_current(contract, &path),
        "{} is not the contract that the crate declares; write it with UPDATE_GOLDEN=1",
        path.display()
    );
}

fn is_current(contract: &Contract, path: &Path) -> bool {
    std::fs::read_to_string(path).is_ok_and(|found| found == contract.to_json())
}

#[expect(clippy::disallowed_methods, reason = "the one switch that writes generated files anew")]
fn is_updating() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_is_current_until_the_declaration_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        let declared = Contract { environment: &[], events: Some(&[]) };
        assert!(!is_current(&declared, &path));
        std::fs::write(&path, declared.to_json()).unwrap();
        assert!(is_current(&declared, &path));
        assert!(!is_current(&Contract { events: None, ..declared }, &path));
    }
}
