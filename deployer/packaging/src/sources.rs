//! Which folders a crate's binary is built from: its own, and those of its path dependencies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::Deserialize;
use tokio::process::Command;

use crate::packager::PackageError;
use crate::toolchain::ToolchainError;
use crate::workspace::{WorkspaceError, refused};

/// Where the sources of a workspace's crates lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    /// The workspace's folder, with the lock file.
    pub root: PathBuf,
    /// Cargo's target directory; nothing below it is a source.
    pub target: PathBuf,
    /// Folders by crate: its own, and those of the crates that it is built from by path. Development
    /// dependencies are no part of a binary.
    pub folders: BTreeMap<String, BTreeSet<PathBuf>>,
}

/// Asks cargo for the sources of every crate of the workspace around `manifest_dir`.
///
/// # Effects
/// Starts `cargo metadata`.
///
/// # Errors
/// [`PackageError::Toolchain`] without cargo, [`PackageError::Workspace`] when cargo refuses.
pub async fn sources(manifest_dir: &Path) -> Result<Sources, PackageError> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version=1", "--quiet"])
        .current_dir(manifest_dir)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|source| ToolchainError::Missing { program: "cargo".to_owned(), source })?;
    if !output.status.success() {
        return Err(refused(manifest_dir, &output.stderr).into());
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout).map_err(WorkspaceError::Format)?;
    Ok(read(metadata))
}

#[derive(Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    target_directory: PathBuf,
    packages: Vec<Package>,
    resolve: Option<Resolve>,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    /// Absent for a crate that is found by path.
    source: Option<String>,
    manifest_path: PathBuf,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
struct DependencyKind {
    /// `dev`, `build`, or absent for a normal one.
    kind: Option<String>,
}

impl Dependency {
    fn is_built_in(&self) -> bool {
        self.dep_kinds.is_empty() || self.dep_kinds.iter().any(|it| it.kind.as_deref() != Some("dev"))
    }
}

fn read(metadata: Metadata) -> Sources {
    let local: BTreeMap<&str, &Package> = metadata
        .packages
        .iter()
        .filter(|package| package.source.is_none())
        .map(|package| (package.id.as_str(), package))
        .collect();
    let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
    let uses: BTreeMap<&str, Vec<&str>> = nodes
        .map(|node| {
            let built_in = node.deps.iter().filter(|dependency| dependency.is_built_in());
            (node.id.as_str(), built_in.map(|it| it.pkg.as_str()).collect())
        })
        .collect();
    let folders = local.iter().map(|(id, package)| {
        let built_from = closure(id, &uses, &local);
        let folders = built_from.iter().filter_map(|id| local.get(id)?.manifest_path.parent());
        (package.name.clone(), folders.map(Path::to_owned).collect())
    });
    let folders = folders.collect();
    Sources { root: metadata.workspace_root, target: metadata.target_directory, folders }
}

/// The crate itself and the path crates that it is built from, however deep.
fn closure<'a>(
    id: &'a str,
    uses: &BTreeMap<&'a str, Vec<&'a str>>,
    local: &BTreeMap<&'a str, &Package>,
) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::from([id]);
    let mut next = vec![id];
    while let Some(id) = next.pop() {
        for used in uses.get(id).into_iter().flatten() {
            if local.contains_key(used) && found.insert(used) {
                next.push(used);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(packages: serde_json::Value, nodes: serde_json::Value) -> Sources {
        let metadata = json!({
            "workspace_root": "/w", "target_directory": "/w/target",
            "packages": packages, "resolve": {"nodes": nodes},
        });
        read(serde_json::from_value(metadata).expect("metadata"))
    }

    fn package(name: &str, source: Option<&str>) -> serde_json::Value {
        json!({"id": name, "name": name, "source": source, "manifest_path": format!("/w/{name}/Cargo.toml")})
    }

    fn uses(id: &str, pkg: &str, kind: Option<&str>) -> serde_json::Value {
        json!({"id": id, "deps": [{"pkg": pkg, "dep_kinds": [{"kind": kind}]}]})
    }

    #[test]
    fn crate_is_built_from_its_path_dependencies_however_deep() {
        let packages = json!([package("one", None), package("two", None), package("three", None)]);
        let nodes = json!([uses("one", "two", None), uses("two", "three", Some("build"))]);
        let found = of(packages, nodes);
        let expected = ["/w/one", "/w/three", "/w/two"].map(PathBuf::from);
        assert_eq!(found.folders["one"], BTreeSet::from(expected));
        assert_eq!(found.folders["three"], BTreeSet::from([PathBuf::from("/w/three")]));
    }

    #[test]
    fn registry_and_development_dependencies_are_left_out() {
        let packages =
            json!([package("one", None), package("two", None), package("serde", Some("registry"))]);
        let nodes = json!([uses("one", "two", Some("dev")), uses("two", "serde", None)]);
        let found = of(packages, nodes);
        assert_eq!(found.folders["one"], BTreeSet::from([PathBuf::from("/w/one")]));
        assert!(!found.folders.contains_key("serde"));
    }
}
