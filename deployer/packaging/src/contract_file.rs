//! Finds the contracts of function crates by plain reading, because a check shall not wait for cargo.
//!
//! A contract stands beside the `Cargo.toml` of its crate. The crates are the members that the
//! workspace's manifest lists, and those below its folder that a member depends on by path.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pipectl_engine::spec::contract::{ContractText, FILE_NAME};
use toml::{Table, Value};

/// Reads the contracts of those `crates` that have one, from the cargo workspace around `folder`.
///
/// A manifest that cannot be read or parsed counts as none: cargo explains what is wrong with it far
/// better, once it is asked to build.
///
/// # Effects
/// Reads manifests and contracts; starts nothing.
#[must_use]
pub fn contract_texts(folder: &Path, crates: &BTreeSet<&str>) -> Vec<ContractText> {
    let Ok(folder) = std::path::absolute(folder) else { return Vec::new() };
    let Some((root, manifest)) = workspace_root(&folder) else { return Vec::new() };
    let members = members(&root, &manifest);
    members.iter().filter_map(|member| contract(member, crates)).collect()
}

fn contract(member: &Path, crates: &BTreeSet<&str>) -> Option<ContractText> {
    // Few members have a contract, so that few manifests are parsed.
    let text = std::fs::read_to_string(member.join(FILE_NAME)).ok()?;
    let manifest = manifest(member)?;
    let crate_name = manifest.get("package")?.get("name")?.as_str()?;
    crates.contains(crate_name).then(|| ContractText {
        crate_name: crate_name.to_owned(),
        path: member.join(FILE_NAME).display().to_string(),
        text,
    })
}

/// Finds the root as cargo does: the nearest manifest, then the one that it names, or the next above
/// with a workspace. Source: The Cargo Book, Workspaces, and "The `workspace` field".
fn workspace_root(folder: &Path) -> Option<(PathBuf, Table)> {
    let mut above = folder.ancestors().filter_map(|folder| Some((folder.to_owned(), manifest(folder)?)));
    let (nearest, own) = above.next()?;
    if own.contains_key("workspace") {
        return Some((nearest, own));
    }
    let named = own.get("package").and_then(|package| package.get("workspace")).and_then(Value::as_str);
    if let Some(root) = named.map(|named| nearest.join(named)) {
        return manifest(&root).map(|manifest| (root, manifest));
    }
    above.find(|(_, manifest)| manifest.contains_key("workspace")).or(Some((nearest, own)))
}

/// Source: The Cargo Book, Workspaces, "The `members` and `exclude` fields" (read 2026-12-01).
fn members(root: &Path, manifest: &Table) -> Vec<PathBuf> {
    let of_workspace = |key: &str| {
        let list = manifest.get("workspace").and_then(|workspace| workspace.get(key));
        list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    };
    let excluded: Vec<PathBuf> = of_workspace("exclude").map(|folder| root.join(folder)).collect();
    let listed = of_workspace("members").flat_map(|pattern| expanded(root, pattern));
    let mut members: Vec<PathBuf> = std::iter::once(root.to_owned()).chain(listed).collect();
    let mut next = 0;
    while let Some(member) = members.get(next).cloned() {
        next += 1;
        let Some(manifest) = self::manifest(&member) else { continue };
        for path in paths(&manifest) {
            let Ok(folder) = std::fs::canonicalize(member.join(path)) else { continue };
            let is_member = folder.starts_with(root) && !excluded.iter().any(|it| folder.starts_with(it));
            if is_member && !members.contains(&folder) {
                members.push(folder);
            }
        }
    }
    members
}

/// Lists the paths of a manifest's dependencies, those of a workspace's and of a platform's among them.
fn paths(manifest: &Table) -> Vec<&str> {
    const SECTIONS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];
    let table = |key: &str| manifest.get(key).and_then(Value::as_table);
    let platforms = table("target").into_iter().flat_map(Table::values).filter_map(Value::as_table);
    let places = platforms.chain([manifest]).chain(table("workspace"));
    let sections = places.flat_map(|place| SECTIONS.iter().filter_map(|it| place.get(*it)?.as_table()));
    let dependencies = sections.flat_map(Table::values);
    dependencies.filter_map(|dependency| dependency.get("path")?.as_str()).collect()
}

fn expanded(root: &Path, pattern: &str) -> Vec<PathBuf> {
    // The root's own name may hold characters that mean something in a pattern.
    let root = glob::Pattern::escape(&root.to_string_lossy());
    let paths = glob::glob(&format!("{root}/{pattern}"));
    paths.into_iter().flatten().filter_map(Result::ok).collect()
}

fn manifest(folder: &Path) -> Option<Table> {
    std::fs::read_to_string(folder.join("Cargo.toml")).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, name: &str, text: &str) {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn workspace() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "Cargo.toml", "[workspace]\nmembers = ['functions/*', 'tool']");
        for (folder, name) in [("functions/a", "writer"), ("functions/b", "reader"), ("tool", "tool")] {
            write(root.path(), &format!("{folder}/Cargo.toml"), &format!("[package]\nname = '{name}'"));
        }
        write(root.path(), &format!("functions/a/{FILE_NAME}"), "of writer");
        write(root.path(), &format!("tool/{FILE_NAME}"), "of tool");
        write(root.path(), "pipelines/x/pipeline.yaml", "");
        root
    }

    fn found(folder: &Path, crates: &[&str]) -> Vec<(String, String)> {
        let crates = crates.iter().copied().collect();
        contract_texts(folder, &crates).into_iter().map(|it| (it.crate_name, it.text)).collect()
    }

    fn pair(name: &str, text: &str) -> (String, String) {
        (name.to_owned(), text.to_owned())
    }

    #[test]
    fn contracts_of_members_are_found_from_any_folder_of_the_workspace() {
        let root = workspace();
        for folder in ["", "functions/b", "pipelines/x"] {
            let found = found(&root.path().join(folder), &["writer", "reader", "tool"]);
            assert_eq!(found, [pair("writer", "of writer"), pair("tool", "of tool")], "{folder}");
        }
    }

    #[test]
    fn crate_that_no_function_names_is_left_out() {
        let root = workspace();
        assert_eq!(found(root.path(), &["reader", "tool"]), [pair("tool", "of tool")]);
    }

    #[test]
    fn crate_that_a_member_depends_on_by_path_is_one_unless_it_is_excluded() {
        let root = tempfile::tempdir().unwrap();
        let root_path = std::fs::canonicalize(root.path()).unwrap();
        write(&root_path, "Cargo.toml", "[workspace]\nmembers = ['a']\nexclude = ['out']");
        let depends = "[package]\nname = 'a'\n[dependencies]\nb = { path = '../b' }\n\
                       [target.'cfg(unix)'.dependencies]\nout = { path = '../out' }";
        write(&root_path, "a/Cargo.toml", depends);
        for name in ["b", "out"] {
            write(&root_path, &format!("{name}/Cargo.toml"), &format!("[package]\nname = '{name}'"));
            write(&root_path, &format!("{name}/{FILE_NAME}"), name);
        }
        assert_eq!(found(&root_path, &["a", "b", "out"]), [pair("b", "b")]);
    }

    #[test]
    fn manifest_may_name_its_workspace() {
        let root = workspace();
        let away = tempfile::tempdir().unwrap();
        let text = format!("[package]\nname = 'away'\nworkspace = '{}'", root.path().display());
        write(away.path(), "Cargo.toml", &text);
        assert_eq!(found(away.path(), &["writer"]), [pair("writer", "of writer")]);
    }

    #[test]
    fn lone_crate_is_its_own_workspace() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "Cargo.toml", "[package]\nname = 'lone'");
        write(root.path(), FILE_NAME, "of lone");
        assert_eq!(found(root.path(), &["lone"]), [pair("lone", "of lone")]);
    }

    #[test]
    fn broken_manifest_counts_as_none() {
        let root = workspace();
        write(root.path(), "functions/a/Cargo.toml", "[package");
        assert_eq!(found(root.path(), &["writer"]), []);
        write(root.path(), "Cargo.toml", "[workspace");
        assert_eq!(found(root.path(), &["tool"]), []);
    }
}
