//! What a saved file means.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use pipectl_packaging::Sources;

/// What has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Change {
    /// Nothing that counts.
    #[default]
    Nothing,
    /// The sources of these crates.
    Crates(BTreeSet<String>),
    /// The spec, a manifest or the lock file: anything may be different.
    Everything,
}

impl Change {
    /// Joins another change to this.
    pub(super) fn add(&mut self, other: Self) {
        *self = match (std::mem::take(self), other) {
            (Self::Nothing, other) | (other, Self::Nothing) => other,
            (Self::Crates(one), Self::Crates(other)) => Self::Crates(one.into_iter().chain(other).collect()),
            _ => Self::Everything,
        };
    }

    /// True when a crate may have changed.
    pub(super) fn concerns(&self, crate_name: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Crates(names) => names.contains(crate_name),
            Self::Everything => true,
        }
    }
}

/// What is watched.
#[derive(Debug, Clone)]
pub(super) struct Watched {
    spec: PathBuf,
    /// Files of the workspace that concern every crate.
    shared: BTreeSet<PathBuf>,
    target: Option<PathBuf>,
    /// Crates that are built from a folder.
    folders: BTreeMap<PathBuf, BTreeSet<String>>,
}

impl Watched {
    /// A spec without functions.
    pub(super) fn only(spec: PathBuf) -> Self {
        let spec = absolute(&spec);
        Self { spec, shared: BTreeSet::new(), target: None, folders: BTreeMap::new() }
    }

    /// A spec and the sources of the crates named.
    pub(super) fn of(spec: PathBuf, sources: Sources, crates: &BTreeSet<&str>) -> Self {
        let mut folders: BTreeMap<PathBuf, BTreeSet<String>> = BTreeMap::new();
        for (name, of_crate) in sources.folders.iter().filter(|(name, _)| crates.contains(name.as_str())) {
            for folder in of_crate {
                folders.entry(absolute(folder)).or_default().insert(name.clone());
            }
        }
        let root = absolute(&sources.root);
        let shared = ["Cargo.toml", "Cargo.lock", ".cargo/config.toml", "rust-toolchain.toml"];
        Self {
            shared: shared.iter().map(|name| root.join(name)).collect(),
            target: Some(absolute(&sources.target)),
            folders,
            ..Self::only(spec)
        }
    }

    /// The source folders.
    pub(super) fn folders(&self) -> Vec<&Path> {
        self.folders.keys().map(PathBuf::as_path).collect()
    }

    /// The folders in which single files are watched.
    pub(super) fn folders_of_files(&self) -> BTreeSet<&Path> {
        [&self.spec].into_iter().chain(&self.shared).filter_map(|file| file.parent()).collect()
    }

    /// True when nothing below a folder is a source.
    pub(super) fn is_ignored(&self, folder: &Path) -> bool {
        let is_hidden = folder.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        is_hidden || self.target.as_deref() == Some(folder)
    }

    /// What saving all of these files means.
    pub(super) fn change<'a>(&self, paths: impl IntoIterator<Item = &'a PathBuf>) -> Change {
        let mut change = Change::Nothing;
        for path in paths {
            change.add(self.change_of(path));
        }
        change
    }

    /// What saving a file means.
    pub(super) fn change_of(&self, path: &Path) -> Change {
        if *path == self.spec || self.shared.contains(path) {
            return Change::Everything;
        }
        let mut crates = BTreeSet::new();
        for (folder, names) in &self.folders {
            let Ok(inside) = path.strip_prefix(folder) else { continue };
            let through = inside.ancestors().filter(|part| !part.as_os_str().is_empty());
            if through.map(|part| folder.join(part)).any(|part| self.is_ignored(&part) || is_draft(&part)) {
                continue;
            }
            if inside == Path::new("Cargo.toml") {
                return Change::Everything;
            }
            crates.extend(names.iter().cloned());
        }
        if crates.is_empty() { Change::Nothing } else { Change::Crates(crates) }
    }
}

/// What editors write beside a file: backups, swap files, probes.
fn is_draft(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    name.ends_with('~') || name.ends_with(".swp") || name.ends_with(".tmp") || name == "4913"
}

fn absolute(path: &Path) -> PathBuf {
    // Watchers report the true path; a folder that is gone keeps the name it had.
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Crates `one` and `two` in folders of their own, both built from `shared`; the workspace is `/w`.
    fn watched() -> Watched {
        let folders = |names: &[&str]| names.iter().map(|name| PathBuf::from("/w").join(name)).collect();
        let sources = Sources {
            root: "/w".into(),
            target: "/w/target".into(),
            folders: [
                ("one".to_owned(), folders(&["one", "shared"])),
                ("two".to_owned(), folders(&["two", "shared"])),
                ("not-of-the-spec".to_owned(), folders(&["not-of-the-spec"])),
            ]
            .into(),
        };
        Watched::of("/w/pipeline.yaml".into(), sources, &BTreeSet::from(["one", "two"]))
    }

    fn crates(names: &[&str]) -> Change {
        Change::Crates(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn source_concerns_the_crates_that_are_built_from_it() {
        assert_eq!(watched().change_of(Path::new("/w/one/src/main.rs")), crates(&["one"]));
        assert_eq!(watched().change_of(Path::new("/w/shared/src/deep/lib.rs")), crates(&["one", "two"]));
    }

    #[test]
    fn spec_manifest_and_lock_file_concern_everything() {
        for path in ["/w/pipeline.yaml", "/w/Cargo.lock", "/w/Cargo.toml", "/w/one/Cargo.toml"] {
            assert_eq!(watched().change_of(Path::new(path)), Change::Everything, "{path}");
        }
    }

    #[test]
    fn hidden_generated_and_foreign_files_concern_nothing() {
        for path in [
            "/w/target/debug/one",
            "/w/one/.git/index",
            "/w/one/src/main.rs~",
            "/w/one/src/.main.rs.swp",
            "/w/not-of-the-spec/src/main.rs",
            "/w/readme.md",
        ] {
            assert_eq!(watched().change_of(Path::new(path)), Change::Nothing, "{path}");
        }
    }

    #[test]
    fn changes_add_up() {
        let mut change = Change::Nothing;
        change.add(crates(&["one"]));
        change.add(crates(&["two"]));
        assert_eq!(change, crates(&["one", "two"]));
        assert!(change.concerns("two") && !change.concerns("three"));
        change.add(Change::Everything);
        assert!(change.concerns("three"));
    }
}
