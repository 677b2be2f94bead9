//! Keeps what each package was built from beside it, so that a later build can say why it differs.
//!
//! Records stay when the package is replaced. They are of this machine: a package that another one
//! deployed has none here, and then nothing is said.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use pipectl_engine::build_record::{BuildRecord, CrateRecord, VERSION};

use crate::archive::short_digest;
use crate::dep_info;
use crate::lock_file::{CrateId, LockFile};
use crate::whole_file;

/// Records that stay for one crate and architecture; older ones go.
const KEPT: usize = 64;

/// Features that cargo compiled each crate with, in one build.
pub(crate) type Compiled = BTreeMap<CrateId, BTreeSet<String>>;

/// What is the same for all function crates of one build.
#[derive(Debug)]
pub(crate) struct Ingredients {
    /// The workspace's folder.
    pub(crate) root: PathBuf,
    /// Cargo's target and build directories; what lies below them is generated.
    pub(crate) generated: Vec<PathBuf>,
    /// Every crate that was compiled for any function of the build.
    pub(crate) compiled: Compiled,
    /// Settings of the profile.
    pub(crate) profile: BTreeMap<String, String>,
    /// Compiler, target, linker.
    pub(crate) toolchain: BTreeMap<String, String>,
}

impl Ingredients {
    /// Finds out what one binary was built from.
    ///
    /// # Errors
    /// When a source, or cargo's list of them, cannot be read.
    fn record(&self, crate_name: &str, binary: &Path) -> io::Result<BuildRecord> {
        Ok(BuildRecord {
            version: VERSION,
            sources: self.sources(binary)?,
            crates: self.crates(crate_name),
            profile: self.profile.clone(),
            toolchain: self.toolchain.clone(),
        })
    }

    /// Cargo lists, beside the binary, the files of the workspace's own crates that went into it.
    fn sources(&self, binary: &Path) -> io::Result<BTreeMap<String, String>> {
        let listed = dep_info::files(&std::fs::read_to_string(binary.with_extension("d"))?);
        let own = listed.iter().filter(|file| !self.generated.iter().any(|folder| file.starts_with(folder)));
        own.map(|file| Ok((self.name(file), short_digest(&std::fs::read(file)?)))).collect()
    }

    fn name(&self, file: &Path) -> String {
        let below = file.strip_prefix(&self.root).unwrap_or(file);
        below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
    }

    /// The lock file knows what depends on what, the build which of it was compiled and how.
    fn crates(&self, crate_name: &str) -> BTreeMap<String, BTreeMap<String, CrateRecord>> {
        let lock = LockFile::read(&self.root);
        let used = lock.closure(crate_name);
        let mut crates: BTreeMap<String, BTreeMap<String, CrateRecord>> = BTreeMap::new();
        for (id, features) in self.compiled.iter().filter(|(id, _)| used.contains(id)) {
            let record = CrateRecord { origin: lock.origin(id), features: features.clone() };
            crates.entry(id.name.clone()).or_default().insert(id.version.clone(), record);
        }
        crates
    }
}

/// Writes the record of a package into the folder of its crate, and removes the oldest ones.
///
/// # Errors
/// When a source cannot be read, or the record not be written.
pub(crate) fn keep(
    ingredients: &Ingredients,
    crate_name: &str,
    binary: &Path,
    (folder, sha256): (&Path, &str),
) -> io::Result<()> {
    let record = ingredients.record(crate_name, binary)?;
    whole_file::put(&path(folder, sha256), |file| file.write_all(record.to_json().as_bytes()))?;
    remove_oldest(folder)
}

/// True when there is a record of the package.
pub(crate) fn is_kept(folder: &Path, sha256: &str) -> bool {
    path(folder, sha256).is_file()
}

/// Finds the record of the package with an object key below the folder of all packages.
pub(crate) fn find(output_dir: &Path, key: &str) -> Option<BuildRecord> {
    let (crate_name, file) = key.strip_prefix("packages/")?.split_once('/')?;
    let sha256 = file.strip_suffix(".zip")?;
    // The folder of the crate has one folder for each other choice of binary, features and profile.
    let of_crate = folders(output_dir).into_iter().map(|architecture| architecture.join(crate_name));
    let mut places = of_crate.flat_map(|folder| std::iter::once(folder.clone()).chain(folders(&folder)));
    places.find_map(|folder| BuildRecord::read(&std::fs::read(path(&folder, sha256)).ok()?))
}

/// Lists the folders in a folder, by name; none where it cannot be read.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn path(folder: &Path, sha256: &str) -> PathBuf {
    folder.join(format!("{sha256}.json"))
}

fn remove_oldest(folder: &Path) -> io::Result<()> {
    let mut records = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.path().extension().is_some_and(|extension| extension == "json") {
            records.push((entry.metadata()?.modified()?, entry.path()));
        }
    }
    records.sort();
    for (_, path) in records.iter().rev().skip(KEPT) {
        // Another process may be faster.
        if let Err(error) = std::fs::remove_file(path)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error);
        }
    }
    Ok(())
}
