//! What depends on what, as `Cargo.lock` says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

/// One version of a crate. Two of the same name and version from different places count as one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CrateId {
    pub(crate) name: String,
    pub(crate) version: String,
}

impl CrateId {
    /// Reads an ID that cargo prints: `<url>#<name>@<version>`, or `<url>#<version>` where the URL ends
    /// with the name. Source: The Cargo Book, Package ID Specifications (read 2026-11-23).
    pub(crate) fn parse(package_id: &str) -> Option<Self> {
        let (url, fragment) = package_id.split_once('#')?;
        let (name, version) = fragment.split_once('@').unwrap_or_else(|| {
            let path = url.split('?').next().unwrap_or(url);
            (path.trim_end_matches('/').rsplit('/').next().unwrap_or(path), fragment)
        });
        Some(Self { name: name.to_owned(), version: version.to_owned() })
    }
}

/// The lock file of a workspace.
#[derive(Debug, Default)]
pub(crate) struct LockFile {
    packages: BTreeMap<CrateId, Locked>,
}

#[derive(Debug)]
struct Locked {
    origin: Option<String>,
    dependencies: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    source: Option<String>,
    checksum: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
}

impl LockFile {
    /// Reads the lock file of the workspace in `root`. One that cannot be read counts as empty: cargo has
    /// just built by it.
    pub(crate) fn read(root: &Path) -> Self {
        std::fs::read_to_string(root.join("Cargo.lock"))
            .map_or_else(|_| Self::default(), |text| Self::of(&text))
    }

    fn of(text: &str) -> Self {
        let file: File = toml::from_str(text).unwrap_or(File { package: Vec::new() });
        let packages = file.package.into_iter().map(|package| {
            let Package { name, version, source, checksum, dependencies } = package;
            (CrateId { name, version }, Locked { origin: checksum.or(source), dependencies })
        });
        Self { packages: packages.collect() }
    }

    /// Returns the checksum of a crate, or its source where there is none; `None` for a path.
    pub(crate) fn origin(&self, id: &CrateId) -> Option<String> {
        self.packages.get(id)?.origin.clone()
    }

    /// Returns a crate of the workspace and all that it may be built from, however deep; development
    /// dependencies are among them.
    pub(crate) fn closure(&self, crate_name: &str) -> BTreeSet<CrateId> {
        let mut next: Vec<&CrateId> = self.versions(crate_name).collect();
        let mut found = BTreeSet::new();
        while let Some(id) = next.pop() {
            if found.insert(id.clone()) {
                let dependencies = self.packages.get(id).map_or(&[][..], |it| &it.dependencies);
                next.extend(dependencies.iter().flat_map(|dependency| self.named(dependency)));
            }
        }
        found
    }

    fn versions(&self, name: &str) -> impl Iterator<Item = &CrateId> {
        self.packages.keys().filter(move |id| id.name == name)
    }

    /// The crate of an entry such as `serde`, `serde 1.0.1` or `serde 1.0.1 (registry+…)`; the version is
    /// there when several are locked.
    fn named(&self, entry: &str) -> Vec<&CrateId> {
        let mut words = entry.split(' ');
        let name = words.next().unwrap_or_default();
        let version = words.next();
        self.versions(name).filter(|id| version.is_none_or(|version| version == id.version)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
        version = 4
        [[package]]
        name = "one"
        version = "0.1.0"
        dependencies = ["serde 1.0.2", "shared"]
        [[package]]
        name = "two"
        version = "0.1.0"
        dependencies = ["serde 1.0.1"]
        [[package]]
        name = "shared"
        version = "0.1.0"
        dependencies = ["itoa"]
        [[package]]
        name = "itoa"
        version = "1.0.0"
        source = "registry+https://example.com"
        checksum = "17"
        [[package]]
        name = "serde"
        version = "1.0.1"
        [[package]]
        name = "serde"
        version = "1.0.2"
        source = "git+https://example.com/serde#1"
    "#;

    fn id(name: &str, version: &str) -> CrateId {
        CrateId { name: name.to_owned(), version: version.to_owned() }
    }

    #[test]
    fn crate_is_built_from_what_it_names_however_deep() {
        let expected = [id("itoa", "1.0.0"), id("one", "0.1.0"), id("serde", "1.0.2"), id("shared", "0.1.0")];
        assert_eq!(LockFile::of(LOCK).closure("one"), BTreeSet::from(expected));
    }

    #[test]
    fn origin_is_the_checksum_else_the_source_else_none() {
        let lock = LockFile::of(LOCK);
        let origins = [id("itoa", "1.0.0"), id("serde", "1.0.2"), id("one", "0.1.0")];
        let origins = origins.map(|id| lock.origin(&id));
        let expected = [Some("17"), Some("git+https://example.com/serde#1"), None];
        assert_eq!(origins, expected.map(|it| it.map(str::to_owned)));
    }

    #[test]
    fn ids_are_read_in_both_forms() {
        let registry = CrateId::parse("registry+https://github.com/rust-lang/crates.io-index#serde@1.0.1");
        assert_eq!(registry, Some(id("serde", "1.0.1")));
        assert_eq!(CrateId::parse("path+file:///w/functions/one#0.1.0"), Some(id("one", "0.1.0")));
    }
}
