//! What a deployment package was built from, and what of it is other than before.
//!
//! A record holds digests, versions and settings: no text of a source, no time, and no path outside of
//! the workspace, so that two machines write the same one for the same code.

mod cause;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use cause::{Cause, causes};

/// Version of a record's form. A record of another version counts as none.
pub const VERSION: u32 = 1;

/// What one deployment package was built from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuildRecord {
    /// Version of the form.
    pub version: u32,
    /// First 16 hexadecimal digits of the SHA-256 of each source file of the workspace's own crates, by
    /// path from the workspace's folder with `/` between its parts.
    pub sources: BTreeMap<String, String>,
    /// The crates that were compiled into it, the workspace's own among them, by name and version.
    pub crates: BTreeMap<String, BTreeMap<String, CrateRecord>>,
    /// Settings of the build profile, rustc's flags of the user among them, by name.
    pub profile: BTreeMap<String, String>,
    /// Compiler, target and linker, by what they are.
    pub toolchain: BTreeMap<String, String>,
}

/// One version of a crate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrateRecord {
    /// Checksum or source that the lock file names; null for a crate that is found by path.
    pub origin: Option<String>,
    /// Its features that are turned on.
    pub features: BTreeSet<String>,
}

impl BuildRecord {
    /// Reads a record; `None` when it is none, or one of another version.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok().filter(|record: &Self| record.version == VERSION)
    }

    /// Returns the record as JSON; the same record gives the same bytes.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts, sets and maps by texts are JSON")
    }
}
