//! Why a function changed.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BuildRecord, CrateRecord};

/// One thing that a package was built from and that is other than before.
///
/// It differs, which does not prove that it alone made the binary another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Cause {
    /// Sources of the workspace's own crates.
    Source {
        /// Paths from the workspace's folder.
        files: Vec<String>,
    },
    /// The versions of a crate, or where it comes from.
    Dependency {
        /// Name of the crate.
        name: String,
        /// Versions before; empty when it is new.
        before: Vec<String>,
        /// Versions now; empty when it is gone.
        after: Vec<String>,
    },
    /// The features of a crate that is otherwise the same.
    Feature {
        /// Name of the crate.
        name: String,
        /// Features that are turned on now.
        added: Vec<String>,
        /// Features that were turned on before.
        removed: Vec<String>,
    },
    /// A setting of the build profile, or rustc's flags.
    Profile {
        /// Name of the setting.
        setting: String,
        /// Value before; null when it was not set.
        before: Option<String>,
        /// Value now; null when it is not set.
        after: Option<String>,
    },
    /// The compiler, the target or the linker.
    Toolchain {
        /// What it is.
        part: String,
        /// Before; null when there was none.
        before: Option<String>,
        /// Now; null when there is none.
        after: Option<String>,
    },
    /// Nothing that is recorded: for example a variable that a build script reads.
    Unrecorded,
}

/// Lists what differs between two builds whose packages differ: sources first, then dependencies,
/// features, profile, toolchain. Never empty.
///
/// # Effects
/// None.
#[must_use]
pub fn causes(before: &BuildRecord, after: &BuildRecord) -> Vec<Cause> {
    let mut causes = Vec::new();
    let files: Vec<String> = changed(&before.sources, &after.sources).cloned().collect();
    if !files.is_empty() {
        causes.push(Cause::Source { files });
    }
    let of_crates: Vec<Cause> = changed(&before.crates, &after.crates)
        .filter_map(|name| of_crate(name, before.crates.get(name), after.crates.get(name)))
        .collect();
    let (features, dependencies): (Vec<_>, Vec<_>) =
        of_crates.into_iter().partition(|cause| matches!(cause, Cause::Feature { .. }));
    causes.extend(dependencies);
    causes.extend(features);
    causes.extend(changed(&before.profile, &after.profile).map(|setting| Cause::Profile {
        setting: setting.clone(),
        before: before.profile.get(setting).cloned(),
        after: after.profile.get(setting).cloned(),
    }));
    causes.extend(changed(&before.toolchain, &after.toolchain).map(|part| Cause::Toolchain {
        part: part.clone(),
        before: before.toolchain.get(part).cloned(),
        after: after.toolchain.get(part).cloned(),
    }));
    if causes.is_empty() {
        causes.push(Cause::Unrecorded);
    }
    causes
}

/// Keys whose value differs, or which only one of the two has.
fn changed<'a, V: PartialEq>(
    before: &'a BTreeMap<String, V>,
    after: &'a BTreeMap<String, V>,
) -> impl Iterator<Item = &'a String> {
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    keys.into_iter().filter(|key| before.get(*key) != after.get(*key))
}

type Versions = BTreeMap<String, CrateRecord>;

/// Other versions or origins, otherwise other features.
fn of_crate(name: &str, before: Option<&Versions>, after: Option<&Versions>) -> Option<Cause> {
    let none = Versions::new();
    let (before, after) = (before.unwrap_or(&none), after.unwrap_or(&none));
    if origins(before) != origins(after) {
        let name = name.to_owned();
        return Some(Cause::Dependency { name, before: versions(before), after: versions(after) });
    }
    let (old, new) = (features(before), features(after));
    let but = |these: &BTreeSet<&String>, those: &BTreeSet<&String>| -> Vec<String> {
        these.difference(those).map(|feature| (*feature).clone()).collect()
    };
    let (added, removed) = (but(&new, &old), but(&old, &new));
    (old != new).then(|| Cause::Feature { name: name.to_owned(), added, removed })
}

fn origins(versions: &Versions) -> Vec<(&String, &Option<String>)> {
    versions.iter().map(|(version, it)| (version, &it.origin)).collect()
}

fn versions(versions: &Versions) -> Vec<String> {
    versions.keys().cloned().collect()
}

fn features(versions: &Versions) -> BTreeSet<&String> {
    versions.values().flat_map(|it| &it.features).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> BuildRecord {
        let serde = CrateRecord { origin: Some("c0ffee".to_owned()), features: ["std".to_owned()].into() };
        BuildRecord {
            version: super::super::VERSION,
            sources: [("a/src/main.rs".to_owned(), "01".to_owned())].into(),
            crates: [("serde".to_owned(), [("1.0.1".to_owned(), serde)].into())].into(),
            profile: [("opt-level".to_owned(), "3".to_owned())].into(),
            toolchain: [("rustc".to_owned(), "1.95.0".to_owned())].into(),
        }
    }

    fn after(change: impl FnOnce(&mut BuildRecord)) -> Vec<Cause> {
        let mut changed = record();
        change(&mut changed);
        causes(&record(), &changed)
    }

    #[test]
    fn equal_records_leave_the_cause_unrecorded() {
        assert_eq!(after(|_| ()), [Cause::Unrecorded]);
    }

    #[test]
    fn changed_added_and_removed_files_are_named() {
        let found = after(|it| {
            it.sources = [("a/src/one.rs".to_owned(), "01".to_owned())].into();
        });
        let files = ["a/src/main.rs", "a/src/one.rs"].map(str::to_owned).to_vec();
        assert_eq!(found, [Cause::Source { files }]);
    }

    #[test]
    fn other_version_is_a_dependency_with_both_versions() {
        let found = after(|it| {
            it.crates.insert("serde".to_owned(), [("1.0.2".to_owned(), CrateRecord::default())].into());
        });
        let (before, after) = (vec!["1.0.1".to_owned()], vec!["1.0.2".to_owned()]);
        assert_eq!(found, [Cause::Dependency { name: "serde".to_owned(), before, after }]);
    }

    #[test]
    fn same_version_from_elsewhere_is_a_dependency() {
        let found = after(|it| {
            if let Some(versions) = it.crates.get_mut("serde").and_then(|it| it.get_mut("1.0.1")) {
                versions.origin = Some("git+https://example.com/serde".to_owned());
            }
        });
        assert!(matches!(found[..], [Cause::Dependency { .. }]), "{found:?}");
    }

    #[test]
    fn other_features_of_the_same_version_are_named() {
        let found = after(|it| {
            if let Some(versions) = it.crates.get_mut("serde").and_then(|it| it.get_mut("1.0.1")) {
                versions.features = ["derive".to_owned()].into();
            }
        });
        let (added, removed) = (vec!["derive".to_owned()], vec!["std".to_owned()]);
        assert_eq!(found, [Cause::Feature { name: "serde".to_owned(), added, removed }]);
    }

    #[test]
    fn other_profile_and_toolchain_are_told_apart() {
        let found = after(|it| {
            it.profile.insert("opt-level".to_owned(), "z".to_owned());
            it.toolchain.insert("rustc".to_owned(), "1.96.0".to_owned());
        });
        let was = |text: &str| Some(text.to_owned());
        assert_eq!(
            found,
            [
                Cause::Profile { setting: "opt-level".to_owned(), before: was("3"), after: was("z") },
                Cause::Toolchain { part: "rustc".to_owned(), before: was("1.95.0"), after: was("1.96.0") },
            ]
        );
    }

    #[test]
    fn record_is_read_as_it_was_written_and_not_from_another_version() {
        let written = record().to_json();
        assert_eq!(BuildRecord::read(written.as_bytes()), Some(record()));
        let other = BuildRecord { version: 2, ..record() };
        assert_eq!(BuildRecord::read(other.to_json().as_bytes()), None);
    }
}
