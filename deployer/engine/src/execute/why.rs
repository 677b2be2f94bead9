//! Why a function gets another package.

use crate::build_record::{Cause, causes};
use crate::port::Packager;

/// Compares what two packages were built from, by their object keys. Empty when the packages are the
/// same, or when one of the records is missing.
pub(super) fn why<P: Packager>(packager: &P, before: Option<&String>, after: &str) -> Vec<Cause> {
    let Some(before) = before.filter(|before| *before != after) else { return Vec::new() };
    match (packager.build_record(before), packager.build_record(after)) {
        (Some(before), Some(after)) => causes(&before, &after),
        _ => Vec::new(),
    }
}
