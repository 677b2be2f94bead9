//! Which programs one call of cargo may build together.
//!
//! Cargo compiles a dependency once for all packages of a call, with the features of all of them. So that
//! the package of a function never depends on what else is built, programs share a call only when each of
//! them gets exactly the features that it resolves to on its own. `cargo tree` tells these features, once
//! for each package and once for all packages of a call, which proves the call. The answer is kept beside
//! the packages for as long as the lock file, the manifests, the toolchain and the programs stay the same.
//!
//! Cargo also writes binaries of the same name to the same path, and applies each `--bin` to all packages of
//! a call. Programs that would get in each other's way are therefore in calls of their own, too.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::process::Command;
use tokio::task::JoinSet;

use crate::archive::hex;
use crate::program::Program;
use crate::whole_file;

/// Part of the key; to be raised when calls are made otherwise.
const GROUPING: &str = "calls 1";
const FILE: &str = "calls.json";

/// The features of each crate of a dependency tree, as `cargo tree` writes them. A crate that is compiled
/// for the target and for build scripts may have two sets.
type Features = BTreeMap<String, BTreeSet<String>>;

/// A package with the features that are asked for, which decide all others.
type Root = (String, BTreeSet<String>);

/// What decides the calls besides the programs.
#[derive(Debug)]
pub(crate) struct Grounds<'a> {
    /// The workspace's folder.
    pub(crate) root: &'a Path,
    /// The manifests of the workspace.
    pub(crate) manifests: BTreeSet<PathBuf>,
    /// Target triple of the functions.
    pub(crate) triple: &'a str,
    /// Compiler and flags, which decide what `cfg` in manifests means.
    pub(crate) toolchain: String,
    /// Where the answer is kept.
    pub(crate) folder: &'a Path,
    pub(crate) locked: bool,
    pub(crate) offline: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    key: String,
    /// Manifests of crates outside of the workspace that are found by path.
    manifests: BTreeSet<PathBuf>,
    calls: Vec<Vec<String>>,
}

/// Divides programs into as few calls as are proven to give each program what it gets on its own.
///
/// # Effects
/// Starts `cargo tree` unless the answer is kept, which then writes a lock file where there is none, as a
/// build does.
pub(crate) async fn calls<'a>(
    programs: &'a BTreeSet<Program>,
    bins: &BTreeMap<String, BTreeSet<String>>,
    grounds: &Grounds<'_>,
) -> Vec<Vec<&'a Program>> {
    let roots: BTreeSet<Root> = programs.iter().map(Program::root).collect();
    if roots.len() < 2 {
        // One root has one set of features, however it is divided.
        return divided(programs, bins, &BTreeMap::new());
    }
    if let Some(kept) = kept(programs, grounds) {
        return kept;
    }
    let trees = trees(roots.into_iter().map(|root| vec![root]), grounds).await;
    let trees: BTreeMap<Root, Features> =
        trees.into_iter().filter_map(|(mut roots, tree)| Some((roots.pop()?, tree?))).collect();
    let calls = proven(divided(programs, bins, &trees), &trees, grounds).await;
    // Without it the next build asks again.
    drop(keep(&calls, programs, &trees, grounds));
    calls
}

/// Puts each program into the first call that takes it. A package whose features are not known has a call
/// of its own.
fn divided<'a>(
    programs: &'a BTreeSet<Program>,
    bins: &BTreeMap<String, BTreeSet<String>>,
    trees: &BTreeMap<Root, Features>,
) -> Vec<Vec<&'a Program>> {
    let mut calls: Vec<Vec<&Program>> = Vec::new();
    for program in programs {
        let fits = |call: &&mut Vec<&Program>| {
            call.iter().all(|other| has_equal_features(other, program, trees))
                && has_own_names(call.iter().copied().chain([program]), bins)
        };
        match calls.iter_mut().find(fits) {
            Some(call) => call.push(program),
            None => calls.push(vec![program]),
        }
    }
    calls
}

fn has_equal_features(one: &Program, other: &Program, trees: &BTreeMap<Root, Features>) -> bool {
    if one.profile != other.profile || (one.package == other.package && one.features != other.features) {
        return false;
    }
    if one.root() == other.root() {
        return true;
    }
    match (trees.get(&one.root()), trees.get(&other.root())) {
        (Some(one), Some(other)) => {
            one.iter().all(|(name, features)| other.get(name).is_none_or(|others| others == features))
        }
        _ => false,
    }
}

/// True when `--package` and `--bin` for all of these programs choose these alone, and no two of them have
/// the same path. Some file systems do not tell upper case from lower.
fn has_own_names<'a>(
    programs: impl Iterator<Item = &'a Program>,
    bins: &BTreeMap<String, BTreeSet<String>>,
) -> bool {
    let programs: Vec<&Program> = programs.collect();
    let names: BTreeSet<String> = programs.iter().map(|program| program.bin.to_lowercase()).collect();
    let packages: BTreeSet<&String> = programs.iter().map(|program| &program.package).collect();
    let chosen = packages.iter().filter_map(|package| bins.get(*package)).flatten();
    names.len() == programs.len()
        && chosen.filter(|bin| names.contains(&bin.to_lowercase())).count() == programs.len()
}

/// Breaks up the calls in which cargo would give a package other features than it has on its own.
async fn proven<'a>(
    calls: Vec<Vec<&'a Program>>,
    trees: &BTreeMap<Root, Features>,
    grounds: &Grounds<'_>,
) -> Vec<Vec<&'a Program>> {
    let roots = |call: &[&Program]| -> Vec<Root> {
        call.iter().map(|program| program.root()).collect::<BTreeSet<_>>().into_iter().collect()
    };
    let several = calls.iter().map(|call| roots(call)).filter(|roots| roots.len() > 1);
    let together: BTreeMap<Vec<Root>, Option<Features>> = trees_of_calls(several, grounds).await;
    let mut result = Vec::new();
    for call in calls {
        let roots = roots(&call);
        let is_proven =
            roots.len() < 2 || together.get(&roots).is_some_and(|tree| tree == &sum(&roots, trees));
        if is_proven {
            result.push(call);
            continue;
        }
        let mut alone: BTreeMap<Root, Vec<&Program>> = BTreeMap::new();
        for program in call {
            alone.entry(program.root()).or_default().push(program);
        }
        result.extend(alone.into_values());
    }
    result
}

async fn trees_of_calls(
    calls: impl Iterator<Item = Vec<Root>>,
    grounds: &Grounds<'_>,
) -> BTreeMap<Vec<Root>, Option<Features>> {
    trees(calls, grounds).await.into_iter().collect()
}

fn sum(roots: &[Root], trees: &BTreeMap<Root, Features>) -> Option<Features> {
    let mut sum = Features::new();
    for root in roots {
        for (name, features) in trees.get(root)? {
            sum.entry(name.clone()).or_default().extend(features.iter().cloned());
        }
    }
    Some(sum)
}

/// Asks for several trees at once; `None` for one that cargo refuses, of which the build will say why.
async fn trees(
    calls: impl Iterator<Item = Vec<Root>>,
    grounds: &Grounds<'_>,
) -> Vec<(Vec<Root>, Option<Features>)> {
    let mut tasks = JoinSet::new();
    for roots in calls {
        let mut command = tree_command(&roots, grounds);
        tasks.spawn(async move {
            let output = command.output().await.ok().filter(|output| output.status.success());
            (roots, output.map(|output| features(&String::from_utf8_lossy(&output.stdout))))
        });
    }
    tasks.join_all().await
}

fn tree_command(roots: &[Root], grounds: &Grounds<'_>) -> Command {
    let mut command = Command::new("cargo");
    command.args(["tree", "--quiet", "--edges", "normal,build", "--prefix", "none", "--format", "{p}\t{f}"]);
    command.args(["--target", grounds.triple]);
    for (package, features) in roots {
        command.args(["--package", package]);
        for feature in features {
            command.args(["--features", &format!("{package}/{feature}")]);
        }
    }
    command.args(grounds.locked.then_some("--locked")).args(grounds.offline.then_some("--offline"));
    command.current_dir(grounds.root).stdin(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// Reads `name version\tfeature,feature`, one crate a line; one that was listed before ends with ` (*)`.
fn features(tree: &str) -> Features {
    let mut features = Features::new();
    for line in tree.lines() {
        let line = line.strip_suffix(" (*)").unwrap_or(line);
        if let Some((name, of_crate)) = line.split_once('\t') {
            features.entry(name.to_owned()).or_default().insert(of_crate.to_owned());
        }
    }
    features
}

/// Finds the folder in the name of a crate that is found by path: `name v1.0.0 (/folder)`.
fn manifest(name: &str) -> Option<PathBuf> {
    let (_, folder) = name.split_once(" (/")?;
    let folder = format!("/{}", folder.strip_suffix(')')?);
    Some(Path::new(&folder).join("Cargo.toml"))
}

fn kept<'a>(programs: &'a BTreeSet<Program>, grounds: &Grounds<'_>) -> Option<Vec<Vec<&'a Program>>> {
    let kept: Kept = serde_json::from_slice(&std::fs::read(grounds.folder.join(FILE)).ok()?).ok()?;
    if kept.key != key(programs, &kept.manifests, grounds)? {
        return None;
    }
    let by_label: BTreeMap<String, &Program> =
        programs.iter().map(|program| (program.label(), program)).collect();
    kept.calls.iter().map(|call| call.iter().map(|label| by_label.get(label).copied()).collect()).collect()
}

fn keep(
    calls: &[Vec<&Program>],
    programs: &BTreeSet<Program>,
    trees: &BTreeMap<Root, Features>,
    grounds: &Grounds<'_>,
) -> std::io::Result<()> {
    let by_path = trees.values().flat_map(Features::keys).filter_map(|name| manifest(name));
    let manifests: BTreeSet<PathBuf> =
        by_path.filter(|manifest| !grounds.manifests.contains(manifest)).collect();
    let labels = |call: &Vec<&Program>| call.iter().map(|program| program.label()).collect();
    let is_known = trees.len() == programs.iter().map(Program::root).collect::<BTreeSet<_>>().len();
    // What cargo refused today it may answer tomorrow.
    let Some(key) = key(programs, &manifests, grounds).filter(|_| is_known) else { return Ok(()) };
    let kept = Kept { key, manifests, calls: calls.iter().map(labels).collect() };
    std::fs::create_dir_all(grounds.folder)?;
    whole_file::put(&grounds.folder.join(FILE), |file| Ok(serde_json::to_writer(file, &kept)?))
}

/// A digest of all that decides the calls; `None` without a lock file.
fn key(programs: &BTreeSet<Program>, manifests: &BTreeSet<PathBuf>, grounds: &Grounds<'_>) -> Option<String> {
    let lock = std::fs::read(grounds.root.join("Cargo.lock")).ok()?;
    let mut digest = Sha256::new();
    let mut add = |part: &[u8]| {
        digest.update(part.len().to_le_bytes());
        digest.update(part);
    };
    [GROUPING, grounds.triple, &grounds.toolchain].iter().for_each(|part| add(part.as_bytes()));
    programs.iter().for_each(|program| add(program.label().as_bytes()));
    add(&lock);
    for manifest in grounds.manifests.iter().chain(manifests) {
        add(manifest.to_string_lossy().as_bytes());
        add(&std::fs::read(manifest).ok()?);
    }
    Some(hex(&digest.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(package: &str, bin: &str) -> Program {
        Program {
            package: package.to_owned(),
            id: package.to_owned(),
            bin: bin.to_owned(),
            features: BTreeSet::new(),
            profile: None,
            is_plain: true,
        }
    }

    fn bins(of: &[(&str, &[&str])]) -> BTreeMap<String, BTreeSet<String>> {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        of.iter().map(|(package, names)| ((*package).to_owned(), set(names))).collect()
    }

    /// Divides programs whose dependencies have these lines of `cargo tree`.
    fn labels(
        programs: &[Program],
        bins: &BTreeMap<String, BTreeSet<String>>,
        trees: &[(&Program, &str)],
    ) -> Vec<Vec<String>> {
        let programs: BTreeSet<Program> = programs.iter().cloned().collect();
        let trees = trees.iter().map(|(program, tree)| (program.root(), features(tree))).collect();
        let calls = divided(&programs, bins, &trees);
        calls.iter().map(|call| call.iter().map(|program| program.label()).collect()).collect()
    }

    #[test]
    fn equal_features_share_a_call_and_others_do_not() {
        let [one, two, three] = ["one", "two", "three"].map(|name| program(name, name));
        let bins = bins(&[("one", &["one"]), ("two", &["two"]), ("three", &["three"])]);
        let trees = [
            (&one, "one v1\t\nserde v1\tstd\nlibc v1\t\n"),
            (&two, "two v1\t\nserde v1\tstd\nserde v1\tstd (*)\n"),
            (&three, "three v1\t\nserde v1\tderive,std\n"),
        ];
        let found = labels(&[one.clone(), two.clone(), three.clone()], &bins, &trees);
        assert_eq!(
            found,
            [vec!["one/one", "two/two"], vec!["three/three"]]
                .map(|call| { call.into_iter().map(str::to_owned).collect::<Vec<_>>() })
        );
    }

    #[test]
    fn package_whose_features_are_not_known_is_built_alone() {
        let [one, two] = ["one", "two"].map(|name| program(name, name));
        let bins = bins(&[("one", &["one"]), ("two", &["two"])]);
        assert_eq!(labels(&[one.clone(), two], &bins, &[(&one, "one v1\t\n")]).len(), 2);
    }

    #[test]
    fn binaries_of_one_name_are_built_one_after_the_other() {
        let [one, two] = ["one", "two"].map(|name| program(name, "bootstrap"));
        let bins = bins(&[("one", &["bootstrap"]), ("two", &["bootstrap"])]);
        let trees = [(&one, "one v1\t\n"), (&two, "two v1\t\n")];
        assert_eq!(labels(&[one.clone(), two.clone()], &bins, &trees).len(), 2);
    }

    #[test]
    fn binary_that_another_package_has_unasked_counts_as_well() {
        let [api, worker] = ["api", "worker"].map(|name| program(name, name));
        let bins = bins(&[("api", &["api", "Worker"]), ("worker", &["worker"])]);
        let trees = [(&api, "api v1\t\n"), (&worker, "worker v1\t\n")];
        assert_eq!(labels(&[api.clone(), worker.clone()], &bins, &trees).len(), 2);
    }

    #[test]
    fn two_binaries_of_one_package_share_a_call_unless_features_or_profile_differ() {
        let bins = bins(&[("shop", &["migrate", "serve"])]);
        let [migrate, serve] = ["migrate", "serve"].map(|bin| program("shop", bin));
        assert_eq!(labels(&[migrate.clone(), serve.clone()], &bins, &[]).len(), 1);
        let with_feature = Program { features: ["tls".to_owned()].into(), ..serve.clone() };
        assert_eq!(labels(&[migrate.clone(), with_feature], &bins, &[]).len(), 2);
        let of_profile = Program { profile: Some("release".to_owned()), ..serve };
        assert_eq!(labels(&[migrate, of_profile], &bins, &[]).len(), 2);
    }

    #[test]
    fn crate_that_is_found_by_path_names_its_manifest() {
        let found = manifest("shared v0.1.0 (/w/my folder/shared)");
        assert_eq!(found, Some(PathBuf::from("/w/my folder/shared/Cargo.toml")));
        assert_eq!(manifest("serde_derive v1.0.0 (proc-macro)"), None);
    }
}
