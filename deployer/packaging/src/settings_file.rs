//! The user's cargo settings, as far as the build must not run over them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// The manifest of the workspace root and every cargo configuration file that applies in it.
///
/// A file that cannot be read or parsed counts as empty: cargo reads the same file a moment later and
/// explains what is wrong with it far better.
#[derive(Debug, Default)]
pub(crate) struct SettingsFiles {
    tables: Vec<Table>,
    /// The file of each table.
    paths: Vec<PathBuf>,
}

impl SettingsFiles {
    /// Reads `Cargo.toml` of `root`, `.cargo/config.toml` of it and of each folder above, and the one
    /// in cargo's home. Source: The Cargo Book, Configuration, Hierarchical structure.
    pub(crate) fn read(root: &Path, cargo_home: Option<&Path>) -> Self {
        let folders = root.ancestors().map(|folder| folder.join(".cargo"));
        let configurations =
            folders.chain(cargo_home.map(Path::to_owned)).filter_map(|folder| config_file(&folder));
        let files = std::iter::once(root.join("Cargo.toml")).chain(configurations);
        let read = files.filter_map(|file| Some((std::fs::read_to_string(&file).ok()?.parse().ok()?, file)));
        let (tables, paths) = read.unzip();
        Self { tables, paths }
    }

    #[cfg(test)]
    pub(crate) fn of(text: &str) -> Self {
        let table = text.parse().expect("a test writes proper TOML");
        Self { tables: vec![table], paths: vec![PathBuf::from("config.toml")] }
    }

    /// True when a profile of this name is written anywhere.
    pub(crate) fn has_profile(&self, name: &str) -> bool {
        self.tables.iter().any(|table| value_at(table, &["profile", name]).is_some())
    }

    /// Lists the profiles that are written anywhere.
    pub(crate) fn profiles(&self) -> impl Iterator<Item = &str> {
        let sections = self.tables.iter().filter_map(|table| table.get("profile")?.as_table());
        sections.flat_map(|section| section.keys().map(String::as_str))
    }

    /// Returns the triples that `build.target` names, and the file that says so. Source: The Cargo Book,
    /// Configuration, `build.target` (read 2026-12-01).
    pub(crate) fn build_target(&self) -> Option<(String, &Path)> {
        self.tables.iter().zip(&self.paths).find_map(|(table, path)| {
            let target = value_at(table, &["build", "target"])?;
            Some((text(target), path.as_path()))
        })
    }

    /// Returns the settings of a profile and of those that it inherits from, by path; the first file that
    /// has one wins, and the profile wins over what it inherits.
    pub(crate) fn profile(&self, name: &str) -> BTreeMap<String, String> {
        let mut settings = BTreeMap::new();
        let mut seen = BTreeSet::new();
        let mut next = Some(name.to_owned());
        while let Some(name) = next.take().filter(|name| seen.insert(name.clone())) {
            for table in self.tables.iter().filter_map(|table| value_at(table, &["profile", &name])) {
                flatten(table, &mut Vec::new(), &mut settings);
                let inherits = table.get("inherits").and_then(Value::as_str);
                next = next.or_else(|| inherits.map(str::to_owned));
            }
        }
        settings.remove("inherits");
        settings
    }

    /// Returns all of rustc's flags that are written for a build or for a target, file by file.
    pub(crate) fn rustflags(&self, triple: &str) -> Vec<String> {
        let places = [vec!["build", "rustflags"], vec!["target", triple, "rustflags"]];
        let found =
            self.tables.iter().flat_map(|table| places.iter().filter_map(|place| value_at(table, place)));
        found.map(text).collect()
    }

    /// True when `build.rustflags` is written anywhere.
    pub(crate) fn has_build_rustflags(&self) -> bool {
        self.tables.iter().any(|table| value_at(table, &["build", "rustflags"]).is_some())
    }

    /// True when `target.<triple>.rustflags` is written anywhere.
    pub(crate) fn has_target_rustflags(&self, triple: &str) -> bool {
        self.tables.iter().any(|table| value_at(table, &["target", triple, "rustflags"]).is_some())
    }
}

/// Adds every value below `value` by its path, unless there is one.
fn flatten(value: &Value, path: &mut Vec<String>, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                path.push(key.clone());
                flatten(value, path, found);
                path.pop();
            }
        }
        value => {
            found.entry(path.join(".")).or_insert_with(|| text(value));
        }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => serde_json::to_value(other).map(|json| json.to_string()).unwrap_or_default(),
    }
}

/// Cargo prefers `config` over `config.toml` where both are there.
fn config_file(folder: &Path) -> Option<PathBuf> {
    ["config", "config.toml"].map(|name| folder.join(name)).into_iter().find(|file| file.is_file())
}

fn value_at<'a>(table: &'a Table, path: &[&str]) -> Option<&'a Value> {
    let (last, folders) = path.split_last()?;
    let table = folders.iter().try_fold(table, |table, key| table.get(*key)?.as_table())?;
    table.get(*last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configuration_of_a_folder_above_counts() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("a/b");
        std::fs::create_dir_all(&inner).unwrap();
        std::fs::create_dir(root.path().join(".cargo")).unwrap();
        std::fs::write(root.path().join(".cargo/config.toml"), "[build]\nrustflags = ['-Cdebuginfo=0']")
            .unwrap();
        assert!(SettingsFiles::read(&inner, None).has_build_rustflags());
    }

    #[test]
    fn profile_has_what_it_inherits_and_its_own_wins() {
        let files = SettingsFiles::of(
            "[profile.function]\ninherits = 'release'\nopt-level = 'z'\npackage.serde.opt-level = 3\n\
             [profile.release]\nopt-level = 3\nlto = true",
        );
        let found: Vec<_> = files.profile("function").into_iter().collect();
        let expected = [("lto", "true"), ("opt-level", "z"), ("package.serde.opt-level", "3")];
        assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn target_of_builds_is_found_with_its_file() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join(".cargo")).unwrap();
        let path = root.path().join(".cargo/config.toml");
        std::fs::write(&path, "[build]\ntarget = ['aarch64-unknown-linux-gnu']").unwrap();
        let files = SettingsFiles::read(root.path(), None);
        assert_eq!(
            files.build_target(),
            Some(("[\"aarch64-unknown-linux-gnu\"]".to_owned(), path.as_path()))
        );
    }

    #[test]
    fn broken_file_counts_as_empty() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("Cargo.toml"), "[profile.function").unwrap();
        assert!(!SettingsFiles::read(root.path(), None).has_profile("function"));
    }
}
