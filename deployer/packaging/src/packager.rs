//! The engine's `Packager` port: build, check, pack.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use pipectl_engine::build_record::BuildRecord;
use pipectl_engine::package::{Architecture, FunctionCrate, Package};
use pipectl_engine::port::Packager;
use pipectl_engine::program::CargoWorkspace;

use crate::archive::{self, Archive};
use crate::build_lock::BuildLock;
use crate::calls::{self, Grounds};
use crate::compile::{Build, Built, CompileError, Executable};
use crate::environment::Environment;
use crate::loadable::{self, LoadError, Loader};
use crate::path_remap::{self, Folders};
use crate::profile::{self, Profile};
use crate::program::Program;
use crate::progress::{PackagingProgress, Silent};
use crate::record::{self, Ingredients};
use crate::settings_file::SettingsFiles;
use crate::stamp::{self, Seen};
use crate::toolchain::{self, Host, ToolchainError, Way};
use crate::workspace::{self, Workspace, WorkspaceError};

/// What cargo's own talk (standard error) becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CargoOutput {
    /// It goes to this process's standard error, progress bar and colours included.
    Inherit,
    /// It is kept and, when the build fails, handed back in the error.
    #[default]
    Capture,
}

/// Where and how to build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackagerOptions {
    /// A folder of the cargo workspace that has the function crates; cargo looks upwards from it.
    pub manifest_dir: PathBuf,
    /// Where zips go. Default: `pipectl/packages` in cargo's target directory.
    pub output_dir: Option<PathBuf>,
    /// Fail when `Cargo.lock` would change. Default: false.
    pub locked: bool,
    /// Use no network. Default: false.
    pub offline: bool,
    /// What cargo's own talk becomes. Default: captured.
    pub cargo_output: CargoOutput,
}

impl PackagerOptions {
    /// The defaults for the workspace around `manifest_dir`.
    #[must_use]
    pub fn new(manifest_dir: impl Into<PathBuf>) -> Self {
        Self {
            manifest_dir: manifest_dir.into(),
            output_dir: None,
            locked: false,
            offline: false,
            cargo_output: CargoOutput::default(),
        }
    }
}

/// Largest size of a function's code, unzipped, in bytes. Source: AWS Lambda Developer Guide, Lambda quotas
/// (read 2026-12-01).
const LARGEST: u64 = 262_144_000;

/// Why packaging failed.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The function crates could not be found.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// Nothing here can build for the architecture.
    #[error(transparent)]
    Toolchain(#[from] ToolchainError),
    /// The build failed.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// The runtime could not start the binary.
    #[error("the binary of crate `{crate_name}` would not start: `{}`", .binary.display())]
    NotLoadable {
        /// Name of the crate.
        crate_name: String,
        /// The binary.
        binary: PathBuf,
        /// What is wrong with it.
        #[source]
        source: LoadError,
    },
    /// Lambda takes no binary of this size.
    #[error(
        "the binary of crate `{crate_name}` has {bytes} bytes, and a function may have {LARGEST} bytes unzipped: \
         `{}`", .binary.display()
    )]
    TooLarge {
        /// Name of the crate.
        crate_name: String,
        /// The binary.
        binary: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// The lock that keeps builds apart could not be taken.
    #[error("the target directory `{}` cannot be locked", .folder.display())]
    Lock {
        /// Cargo's target directory.
        folder: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// The binary could not be read, or its zip not be written.
    #[error("the binary of crate `{crate_name}` cannot be packed into `{}`", .folder.display())]
    Pack {
        /// Name of the crate.
        crate_name: String,
        /// Folder of its zips.
        folder: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
}

impl PackageError {
    /// Returns what cargo and rustc wrote about a failed build; `None` when the user has seen it
    /// ([`CargoOutput::Inherit`]) or no build failed.
    #[must_use]
    pub fn diagnostics(&self) -> Option<&str> {
        match self {
            Self::Compile(CompileError::Failed { diagnostics, .. }) => diagnostics.as_deref(),
            _ => None,
        }
    }

    /// Returns what the user can do about it, one step per line; `None` when the error says it all.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        match self {
            Self::Toolchain(ToolchainError::Missing { .. }) => {
                Some("install Rust from https://rustup.rs, or put it into PATH".to_owned())
            }
            Self::Toolchain(ToolchainError::TargetMissing { triple, .. }) => {
                Some(format!("rustup target add {triple}\n{INSTALL_ZIGBUILD}"))
            }
            Self::Compile(CompileError::Failed { triple: Some(triple), .. }) => {
                Some(format!("when the linker failed:\nrustup target add {triple}\n{INSTALL_ZIGBUILD}"))
            }
            Self::NotLoadable {
                source: LoadError::GlibcTooNew { .. } | LoadError::WrongLoader { .. },
                ..
            } => Some(format!("{INSTALL_ZIGBUILD}\nwith it, pipectl links against the runtime's glibc")),
            Self::NotLoadable { source: LoadError::MissingLibraries { .. }, .. } => Some(
                "link these libraries statically, usually by a `vendored` or `static` feature".to_owned(),
            ),
            Self::Workspace(WorkspaceError::Program(wrong)) => {
                let helps: BTreeSet<String> = wrong.iter().map(|(_, error)| error.help()).collect();
                Some(Vec::from_iter(helps).join("\n"))
            }
            Self::TooLarge { .. } => {
                Some("set `strip = true` and `opt-level = \"s\"` in the function's profile".to_owned())
            }
            _ => None,
        }
    }
}

/// cargo-zigbuild brings its linker along when it is installed from PyPI.
const INSTALL_ZIGBUILD: &str = "pip install cargo-zigbuild";

/// Builds by cargo and packs.
pub struct CargoPackager {
    options: PackagerOptions,
    environment: Environment,
    progress: Box<dyn PackagingProgress>,
    /// Folder of all packages, once it is known.
    output_dir: OnceLock<PathBuf>,
}

impl std::fmt::Debug for CargoPackager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CargoPackager").field("options", &self.options).finish_non_exhaustive()
    }
}

/// What is the same for all builds of one call.
struct Surroundings {
    workspace: Workspace,
    description: CargoWorkspace,
    host: Host,
    files: SettingsFiles,
    output_dir: PathBuf,
}

impl Surroundings {
    /// Lists the names of the binaries of each package.
    fn binaries(&self) -> BTreeMap<String, BTreeSet<String>> {
        let packages = self.description.packages.iter();
        packages.map(|(name, package)| (name.clone(), package.binaries.keys().cloned().collect())).collect()
    }
}

impl CargoPackager {
    /// Makes a packager; nothing is read or started yet.
    #[must_use]
    pub fn new(options: PackagerOptions) -> Self {
        Self {
            options,
            environment: Environment::of_process(),
            progress: Box::new(Silent),
            output_dir: OnceLock::new(),
        }
    }

    /// Tells `progress` what happens from now on.
    #[must_use]
    pub fn with_progress(mut self, progress: impl PackagingProgress + 'static) -> Self {
        self.progress = Box::new(progress);
        self
    }

    async fn surroundings(&self, crates: &[FunctionCrate]) -> Result<Surroundings, PackageError> {
        let folder = &self.options.manifest_dir;
        let (workspace, host) =
            tokio::join!(workspace::ask(folder, self.options.offline), toolchain::host(folder));
        let (workspace, host) = (workspace?, host?);
        let files = SettingsFiles::read(&workspace.root, self.environment.cargo_home().as_deref());
        let output_dir = self.options.output_dir.clone().unwrap_or_else(|| workspace.default_output());
        let names = crates.iter().map(|function| function.crate_name.as_str()).collect();
        let description = workspace.description(&names, &files, &self.environment);
        Ok(Surroundings { workspace, description, host, files, output_dir })
    }

    async fn way(
        &self,
        architecture: Option<Architecture>,
        around: &Surroundings,
    ) -> Result<Way, ToolchainError> {
        let folder = &around.workspace.root;
        let Some(wanted) = architecture.filter(|wanted| around.host.differs_from(*wanted)) else {
            return Ok(Way::Host);
        };
        let (has_zigbuild, is_installed) = tokio::join!(
            toolchain::has_zigbuild(folder),
            toolchain::target_is_installed(toolchain::triple(wanted), folder),
        );
        toolchain::choose(architecture, &around.host, has_zigbuild, is_installed?)
    }

    /// Builds the programs of one architecture in as few calls as possible, and packs each.
    async fn build_and_pack(
        &self,
        architecture: Option<Architecture>,
        programs: &BTreeSet<Program>,
        around: &Surroundings,
    ) -> Result<BTreeMap<Program, Archive>, PackageError> {
        let way = self.way(architecture, around).await?;
        let folder = around.output_dir.join(architecture.map_or("host", Architecture::as_str));
        let triple = way.triple(&around.host);
        let grounds = Grounds {
            root: &around.workspace.root,
            manifests: around.workspace.manifests(),
            triple,
            toolchain: format!(
                "{} {}",
                around.host.rustc,
                path_remap::flags_of_user(triple, &self.environment, &around.files)
            ),
            folder: &folder,
            locked: self.options.locked,
            offline: self.options.offline,
        };
        let mut archives = BTreeMap::new();
        for call in calls::calls(programs, &around.binaries(), &grounds).await {
            // Binaries of one name have one path: nobody else may build before these are packed.
            let lock = BuildLock::wait(&around.workspace.target_directory).await?;
            archives.extend(self.call(architecture, &call, &way, around, &folder).await?);
            drop(lock);
        }
        Ok(archives)
    }

    /// Builds and packs the programs of one call.
    async fn call(
        &self,
        architecture: Option<Architecture>,
        programs: &[&Program],
        way: &Way,
        around: &Surroundings,
        folder: &Path,
    ) -> Result<BTreeMap<Program, Archive>, PackageError> {
        let profile = programs.iter().find_map(|program| program.profile.as_deref());
        let profile = profile::chosen(profile, architecture);
        let Built { executables, compiled } =
            self.build(architecture, programs, profile, way, around).await?;
        let ingredients = Arc::new(self.ingredients(profile, way, around, compiled));
        let loader = around.host.loader(architecture);
        let tasks: Vec<_> = executables
            .into_iter()
            .map(|(program, executable)| {
                let package = Unpacked { folder: program.folder(folder), program, executable, loader };
                let ingredients = Arc::clone(&ingredients);
                tokio::task::spawn_blocking(move || {
                    let archive = package.check_and_pack(&ingredients)?;
                    Ok::<_, PackageError>((package.program, archive))
                })
            })
            .collect();
        let mut archives = BTreeMap::new();
        for task in tasks {
            let (program, archive) = match task.await {
                Ok(packed) => packed?,
                Err(panic) => std::panic::resume_unwind(panic.into_panic()),
            };
            self.progress.packed(&program.package, archive.bytes, archive.fresh);
            archives.insert(program, archive);
        }
        Ok(archives)
    }

    /// What the packages of one call have in common.
    fn ingredients(
        &self,
        profile: Profile<'_>,
        way: &Way,
        around: &Surroundings,
        compiled: record::Compiled,
    ) -> Ingredients {
        let Surroundings { workspace, host, files, .. } = around;
        let triple = way.triple(host);
        let mut profile = profile.described(files, &self.environment);
        let flags = path_remap::flags_of_user(triple, &self.environment, files);
        profile.extend((!flags.trim().is_empty()).then(|| ("rustflags".to_owned(), flags)));
        let toolchain = [("rustc", host.rustc.as_str()), ("target", triple), ("build", way.program())];
        Ingredients {
            root: workspace.root.clone(),
            generated: workspace.generated().map(Path::to_owned).collect(),
            compiled,
            profile,
            toolchain: toolchain.map(|(part, value)| (part.to_owned(), value.to_owned())).into(),
        }
    }

    async fn build(
        &self,
        architecture: Option<Architecture>,
        programs: &[&Program],
        profile: Profile<'_>,
        way: &Way,
        around: &Surroundings,
    ) -> Result<Built, CompileError> {
        let Surroundings { workspace, host, files, .. } = around;
        let names: Vec<&str> = programs.iter().map(|program| program.package.as_str()).collect();
        self.progress.building(&names, architecture);
        let cargo_home = self.environment.cargo_home();
        let folders = Folders {
            workspace: &workspace.root,
            generated: workspace.generated().collect(),
            cargo_home: cargo_home.as_deref(),
        };
        let triple = way.triple(host);
        let redirected = toolchain::configured_target(files, &self.environment).is_some();
        let build = Build {
            manifest: &workspace.manifest(),
            folder: &workspace.root,
            target_directory: &workspace.target_directory,
            programs,
            way,
            host_target: redirected.then_some(host.triple.as_str()),
            profile: profile.name,
            settings: profile.settings(files),
            remap: &path_remap::join(&folders.flags(), triple, &self.environment, files),
            environment: &self.environment,
            locked: self.options.locked,
            offline: self.options.offline,
            output: self.options.cargo_output,
        };
        build.run(self.progress.as_ref()).await
    }
}

impl Packager for CargoPackager {
    type Error = PackageError;

    /// # Effects
    /// Starts `cargo metadata`, `rustc -vV`, `getconf`, `cargo tree` where manifests have changed, and
    /// `cargo build` or `cargo zigbuild`, once for all programs of an architecture that get the same features
    /// together as alone. Writes into cargo's target directory and the output folder.
    async fn package(&self, crates: &[FunctionCrate]) -> Result<Vec<Package>, PackageError> {
        if crates.is_empty() {
            return Ok(Vec::new());
        }
        let around = self.surroundings(crates).await?;
        let _ = self.output_dir.set(around.output_dir.clone());
        let programs = Program::of(crates, &around.workspace, &around.description)?;
        let mut wanted: BTreeMap<Option<Architecture>, BTreeSet<Program>> = BTreeMap::new();
        for (function, program) in crates.iter().zip(&programs) {
            wanted.entry(function.architecture).or_default().insert(program.clone());
        }
        let mut archives = BTreeMap::new();
        for (architecture, programs) in wanted {
            archives.insert(architecture, self.build_and_pack(architecture, &programs, &around).await?);
        }
        Ok(crates
            .iter()
            .zip(&programs)
            .filter_map(|(function, program)| {
                let archive = archives.get(&function.architecture)?.get(program)?;
                Some(answer(function, archive))
            })
            .collect())
    }

    /// Knows the packages that this machine has built for the workspace, the newest of each program; only
    /// after [`CargoPackager::package`](Packager::package).
    fn build_record(&self, key: &str) -> Option<BuildRecord> {
        record::find(self.output_dir.get()?, key)
    }
}

/// A binary that is to become a package.
struct Unpacked {
    program: Program,
    executable: Executable,
    loader: Option<Loader>,
    /// Folder of the program's packages.
    folder: PathBuf,
}

impl Unpacked {
    fn check_and_pack(&self, ingredients: &Ingredients) -> Result<Archive, PackageError> {
        let binary = &self.executable.path;
        if self.executable.fresh
            && let Some(archive) = stamp::find(&self.folder, binary)
            && record::is_kept(&self.folder, &archive.sha256)
        {
            return Ok(archive);
        }
        let size = binary.metadata().map_err(|source| self.unpackable(source))?.len();
        if size > LARGEST {
            let (crate_name, binary) = (self.program.package.clone(), binary.clone());
            return Err(PackageError::TooLarge { crate_name, binary, bytes: size });
        }
        let (seen, bytes) = Seen::read(binary).map_err(|source| self.unpackable(source))?;
        if let Some(loader) = self.loader {
            loadable::check(&bytes, loader).map_err(|source| PackageError::NotLoadable {
                crate_name: self.program.package.clone(),
                binary: binary.clone(),
                source,
            })?;
        }
        let archive = archive::pack(&bytes, &self.folder).map_err(|source| self.unpackable(source))?;
        if !(self.executable.fresh && archive.fresh && record::is_kept(&self.folder, &archive.sha256)) {
            // A package is good without its record; only the reason of a later change is lost.
            drop(record::keep(ingredients, &self.program.package, binary, (&self.folder, &archive.sha256)));
        }
        // And without its stamp; only the next build takes longer.
        drop(stamp::keep(&self.folder, seen, &archive));
        Ok(archive)
    }

    fn unpackable(&self, source: std::io::Error) -> PackageError {
        PackageError::Pack { crate_name: self.program.package.clone(), folder: self.folder.clone(), source }
    }
}

fn answer(function: &FunctionCrate, archive: &Archive) -> Package {
    Package {
        function: function.function.clone(),
        crate_name: function.crate_name.clone(),
        path: archive.path.clone(),
        sha256: archive.sha256.clone(),
        bytes: archive.bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_of_more_than_lambda_takes_is_refused_unread() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("huge");
        // A file with a hole: it takes no space.
        std::fs::File::create(&path).unwrap().set_len(LARGEST + 1).unwrap();
        let package = Unpacked {
            program: Program {
                package: "huge".to_owned(),
                id: String::new(),
                bin: "huge".to_owned(),
                features: BTreeSet::new(),
                profile: None,
                is_plain: true,
            },
            executable: Executable { path, fresh: false },
            loader: None,
            folder: folder.path().join("packages"),
        };
        let ingredients = Ingredients {
            root: PathBuf::new(),
            generated: Vec::new(),
            compiled: record::Compiled::new(),
            profile: BTreeMap::new(),
            toolchain: BTreeMap::new(),
        };
        let error = package.check_and_pack(&ingredients).unwrap_err();
        let said = error.to_string();
        assert!(said.starts_with(
            "the binary of crate `huge` has 262144001 bytes, and a function may have 262144000 bytes unzipped: "
        ));
        assert!(!package.folder.exists());
    }
}
