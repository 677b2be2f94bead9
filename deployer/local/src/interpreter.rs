//! The Python interpreter that the engine would be installed with.

use std::path::PathBuf;

use crate::python::{self, Tried};

/// Returns the first interpreter in the `PATH` that the engine can be installed with.
///
/// # Effects
/// Runs each candidate once.
///
/// # Errors
/// Every candidate with its fault, when none fits.
pub async fn interpreter() -> Result<PathBuf, Vec<Tried>> {
    python::find(None).await.map(|python| python.executable)
}
