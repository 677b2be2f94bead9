//! The cargo workspace: where it is, which crates it has, which binaries they make.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use pipectl_engine::program::{Binary, CargoPackage, CargoWorkspace, Outsider, ProgramError};
use pipectl_engine::spec::crates::Unanswered;
use serde::Deserialize;
use toml::{Table, Value};

use crate::environment::Environment;
use crate::packager::PackageError;
use crate::profile;
use crate::settings_file::SettingsFiles;
use crate::toolchain::ToolchainError;

/// Asks cargo for its description of the members; needs no network and writes no lock file.
const METADATA: [&str; 4] = ["metadata", "--format-version=1", "--no-deps", "--quiet"];

/// Cargo's own profiles. Source: The Cargo Book, Profiles (read 2026-12-01).
const PROFILES: [&str; 4] = ["dev", "release", "test", "bench"];

/// What cargo says about the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Workspace {
    #[serde(rename = "workspace_root")]
    pub(crate) root: PathBuf,
    pub(crate) target_directory: PathBuf,
    /// Where generated sources lie; absent before cargo 1.91, which has them in the target directory.
    pub(crate) build_directory: Option<PathBuf>,
    packages: Vec<Member>,
}

/// One crate of the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) name: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
    features: BTreeMap<String, Vec<String>>,
    default_run: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
    #[serde(default, rename = "required-features")]
    required_features: Vec<String>,
}

/// Why the function crates could not be found.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// Cargo refused to describe the workspace; there is none, or a manifest is wrong.
    #[error("cargo cannot read the workspace of `{}`: {}", .manifest_dir.display(), .message.trim())]
    Refused {
        /// Folder in which cargo was asked.
        manifest_dir: PathBuf,
        /// What cargo wrote.
        message: String,
    },
    /// Cargo's answer is not in the format that it documents.
    #[error("cargo described the workspace in an unknown format")]
    Format(#[source] serde_json::Error),
    /// It is not clear which binaries the functions are, or these binaries cannot be built.
    #[error("{}", Mistakes(.0))]
    Program(Vec<(String, ProgramError)>),
}

struct Mistakes<'a>(&'a [(String, ProgramError)]);

impl std::fmt::Display for Mistakes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, (function, error)) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}function `{function}`: {error}")?;
        }
        Ok(())
    }
}

/// Asks cargo for the workspace around `folder`, as far as functions of the packages `crates` need it.
///
/// # Effects
/// Starts `cargo metadata --no-deps`. Reads manifests when a package is not a member.
///
/// # Errors
/// [`Unanswered::NotAsked`] when there is no manifest or no cargo; [`Unanswered::Refused`] when cargo cannot
/// read a manifest.
pub fn describe(folder: &Path, crates: &BTreeSet<&str>) -> Result<CargoWorkspace, Unanswered> {
    let not_asked = |because: String| Unanswered::NotAsked { because };
    let folder = std::path::absolute(folder).map_err(|error| not_asked(error.to_string()))?;
    if !folder.ancestors().any(|folder| folder.join("Cargo.toml").is_file()) {
        let because = format!("there is no `Cargo.toml` at or above `{}`", folder.display());
        return Err(not_asked(because));
    }
    let mut cargo = std::process::Command::new("cargo");
    let output = cargo.args(METADATA).current_dir(&folder).stdin(Stdio::null()).output();
    let output = output.map_err(|error| not_asked(format!("cargo cannot be started: {error}")))?;
    if !output.status.success() {
        return Err(Unanswered::Refused { message: message(&output.stderr) });
    }
    let workspace = Workspace::parse(&output.stdout).map_err(|error| not_asked(error.to_string()))?;
    let environment = Environment::of_process();
    let files = SettingsFiles::read(&workspace.root, environment.cargo_home().as_deref());
    Ok(workspace.description(crates, &files, &environment))
}

/// Asks cargo for the workspace around `folder`.
///
/// # Effects
/// Starts `cargo metadata --no-deps`.
pub(crate) async fn ask(folder: &Path, offline: bool) -> Result<Workspace, PackageError> {
    let output = tokio::process::Command::new("cargo")
        .args(METADATA)
        .args(offline.then_some("--offline"))
        .current_dir(folder)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|source| ToolchainError::Missing { program: "cargo".to_owned(), source })?;
    if output.status.success() {
        Ok(Workspace::parse(&output.stdout)?)
    } else {
        Err(refused(folder, &output.stderr).into())
    }
}

impl Workspace {
    /// Reads the output of `cargo metadata --no-deps`.
    pub(crate) fn parse(metadata: &[u8]) -> Result<Self, WorkspaceError> {
        serde_json::from_slice(metadata).map_err(WorkspaceError::Format)
    }

    /// Returns what functions of the packages `crates` may name.
    pub(crate) fn description(
        &self,
        crates: &BTreeSet<&str>,
        files: &SettingsFiles,
        environment: &Environment,
    ) -> CargoWorkspace {
        let packages: BTreeMap<String, CargoPackage> =
            self.packages.iter().map(|member| (member.name.clone(), member.description())).collect();
        let missing = crates.iter().copied().filter(|name| !packages.contains_key(*name)).collect();
        let mut profiles: BTreeSet<String> = PROFILES.map(str::to_owned).into();
        profiles.extend(profile::NAMES.map(str::to_owned));
        profiles.extend(files.profiles().map(str::to_owned));
        profiles.extend(of_variables(environment));
        CargoWorkspace { packages, outsiders: self.outsiders(&missing), profiles }
    }

    /// Finds packages up to three folders below the root that are no members.
    fn outsiders(&self, names: &BTreeSet<&str>) -> BTreeMap<String, Outsider> {
        if names.is_empty() {
            return BTreeMap::new();
        }
        let excluded = self.excluded();
        // The root's own name may hold characters that mean something in a pattern.
        let root = glob::Pattern::escape(&self.root.to_string_lossy());
        let manifests = ["*", "*/*", "*/*/*"].into_iter().flat_map(|folders| {
            glob::glob(&format!("{root}/{folders}/Cargo.toml")).into_iter().flatten().filter_map(Result::ok)
        });
        let manifests = manifests.filter(|manifest| !manifest.starts_with(&self.target_directory));
        let mut found = BTreeMap::new();
        for manifest in manifests {
            let (Some(name), Some(folder)) = (package_name(&manifest), manifest.parent()) else { continue };
            if names.contains(name.as_str()) {
                let outsider = Outsider {
                    folder: folder.strip_prefix(&self.root).unwrap_or(folder).display().to_string(),
                    is_excluded: excluded.iter().any(|excluded| folder.starts_with(excluded)),
                };
                found.entry(name).or_insert(outsider);
            }
        }
        found
    }

    fn excluded(&self) -> Vec<PathBuf> {
        let manifest = read(&self.manifest()).unwrap_or_default();
        let list = manifest.get("workspace").and_then(|workspace| workspace.get("exclude"));
        let list = list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        list.map(|folder| self.root.join(folder)).collect()
    }

    /// Returns the member of a name.
    pub(crate) fn member(&self, name: &str) -> Option<&Member> {
        self.packages.iter().find(|member| member.name == name)
    }

    /// Lists the manifests of the root and of all members.
    pub(crate) fn manifests(&self) -> BTreeSet<PathBuf> {
        self.packages.iter().map(|member| member.manifest_path.clone()).chain([self.manifest()]).collect()
    }

    /// Returns where zips go when nothing else is said. Workspaces that share a target directory must not
    /// remove each other's.
    pub(crate) fn default_output(&self) -> PathBuf {
        let folder = self.target_directory.join("pipectl");
        if self.target_directory.starts_with(&self.root) {
            folder.join("packages")
        } else {
            let digest = crate::archive::short_digest(self.root.to_string_lossy().as_bytes());
            folder.join(format!("packages-{digest}"))
        }
    }

    /// Lists the folders below which everything is generated.
    pub(crate) fn generated(&self) -> impl Iterator<Item = &Path> {
        let apart = self.build_directory.iter().filter(|folder| **folder != self.target_directory);
        apart.chain([&self.target_directory]).map(PathBuf::as_path)
    }

    pub(crate) fn manifest(&self) -> PathBuf {
        self.root.join("Cargo.toml")
    }
}

impl Member {
    fn description(&self) -> CargoPackage {
        let binaries = self.targets.iter().filter(|target| target.kind.iter().any(|kind| kind == "bin"));
        let binary = |target: &Target| Binary { required_features: target.required_features.clone() };
        CargoPackage {
            binaries: binaries.map(|target| (target.name.clone(), binary(target))).collect(),
            default_run: self.default_run.clone(),
            features: self.features.clone(),
        }
    }
}

fn package_name(manifest: &Path) -> Option<String> {
    Some(read(manifest)?.get("package")?.get("name")?.as_str()?.to_owned())
}

fn read(manifest: &Path) -> Option<Table> {
    std::fs::read_to_string(manifest).ok()?.parse().ok()
}

/// Names of profiles that a variable such as `CARGO_PROFILE_SMALL_INHERITS` declares. Upper case and hyphens
/// are lost in it, so both spellings count.
fn of_variables(environment: &Environment) -> impl Iterator<Item = String> {
    let names = environment.starting_with("CARGO_PROFILE_").filter_map(|(variable, _)| {
        Some(variable.strip_prefix("CARGO_PROFILE_")?.strip_suffix("_INHERITS")?.to_lowercase())
    });
    names.flat_map(|name| [name.replace('_', "-"), name])
}

/// Cargo's refusal, without the folder twice.
pub(crate) fn refused(manifest_dir: &Path, stderr: &[u8]) -> WorkspaceError {
    WorkspaceError::Refused { manifest_dir: manifest_dir.to_owned(), message: message(stderr) }
}

fn message(stderr: &[u8]) -> String {
    String::from_utf8_lossy(stderr).trim_start_matches("error: ").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use pipectl_engine::package::FunctionCrate;

    use super::*;

    fn description(json: &str) -> CargoWorkspace {
        let workspace = Workspace::parse(json.as_bytes()).unwrap();
        workspace.description(&BTreeSet::new(), &SettingsFiles::default(), &Environment::default())
    }

    #[test]
    fn binaries_features_and_default_run_are_read_as_cargo_describes_them() {
        let found = description(
            r#"{"workspace_root": "/w", "target_directory": "/w/target", "packages": [
                {"id": "1", "name": "shop", "manifest_path": "/w/shop/Cargo.toml", "default_run": "serve",
                 "features": {"http": []}, "targets": [
                    {"name": "shop", "kind": ["lib"]},
                    {"name": "serve", "kind": ["bin"], "required-features": ["http"]},
                    {"name": "show", "kind": ["example"]}]}]}"#,
        );
        let shop = CargoPackage {
            binaries: [("serve".to_owned(), Binary { required_features: vec!["http".to_owned()] })].into(),
            default_run: Some("serve".to_owned()),
            features: [("http".to_owned(), Vec::new())].into(),
        };
        assert_eq!(found.packages, [("shop".to_owned(), shop)].into());
    }

    #[test]
    fn profiles_are_cargo_s_ours_the_files_and_the_variables() {
        let workspace =
            Workspace::parse(br#"{"workspace_root": "/w", "target_directory": "/w/target", "packages": []}"#);
        let files = SettingsFiles::of("[profile.small]\ninherits = 'release'");
        let environment = Environment::with(&[("CARGO_PROFILE_LOW_COST_INHERITS", "release")]);
        let found = workspace.unwrap().description(&BTreeSet::new(), &files, &environment).profiles;
        assert_eq!(
            Vec::from_iter(found),
            [
                "bench",
                "dev",
                "function",
                "function-local",
                "low-cost",
                "low_cost",
                "release",
                "small",
                "test"
            ]
        );
    }

    fn write(root: &Path, name: &str, text: &str) {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    #[test]
    fn package_that_is_excluded_or_was_never_added_is_found_and_told_apart() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "Cargo.toml", "[workspace]\nmembers = ['api']\nexclude = ['old']");
        for name in ["api", "old", "tools/new"] {
            let package = name.rsplit('/').next().unwrap_or(name);
            write(root.path(), &format!("{name}/Cargo.toml"), &format!("[package]\nname = '{package}'"));
            write(root.path(), &format!("{name}/src/main.rs"), "fn main() {}");
        }
        let found = describe(&root.path().join("api"), &["api", "old", "new", "none"].into()).unwrap();
        let outsider = |folder: &str, is_excluded| Outsider { folder: folder.to_owned(), is_excluded };
        let expected =
            [("new".to_owned(), outsider("tools/new", false)), ("old".to_owned(), outsider("old", true))];
        assert_eq!(found.outsiders, expected.into());
        let api = FunctionCrate { crate_name: "api".to_owned(), ..FunctionCrate::default() };
        assert_eq!(found.program(&api), Ok("api"));
    }

    #[test]
    fn folder_without_a_manifest_is_unknown_and_a_broken_manifest_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let asked = || describe(root.path(), &BTreeSet::new()).unwrap_err();
        assert!(matches!(asked(), Unanswered::NotAsked { .. }), "{:?}", asked());
        write(root.path(), "Cargo.toml", "[package");
        assert!(matches!(asked(), Unanswered::Refused { .. }), "{:?}", asked());
    }

    #[test]
    fn workspaces_that_share_a_target_directory_have_folders_of_their_own() {
        let output = |root: &str| {
            let json =
                format!(r#"{{"workspace_root": "{root}", "target_directory": "/cache", "packages": []}}"#);
            Workspace::parse(json.as_bytes()).unwrap().default_output()
        };
        assert_ne!(output("/one"), output("/two"));
    }
}
