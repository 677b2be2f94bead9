//! How to build for an architecture on this host: plain cargo, an installed target, or cargo-zigbuild.

use std::path::Path;
use std::process::{Output, Stdio};

use pipectl_engine::package::Architecture;
use tokio::process::Command;

use crate::environment::Environment;
use crate::loadable::{GLIBC_OF_AL2023, GlibcVersion, Loader};
use crate::settings_file::SettingsFiles;

/// What must be known of the host to choose a way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Host {
    /// Target triple that rustc builds for by default.
    pub(crate) triple: String,
    /// Version of rustc with its commit, as `rustc -vV` prints it; empty when it was not asked.
    pub(crate) rustc: String,
    /// `None` when the C library is another or its version is unknown.
    glibc: Option<GlibcVersion>,
}

/// How a build is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// `cargo build` for the host.
    Host,
    /// `cargo build --target <triple>`.
    Target(&'static str),
    /// `cargo zigbuild --target <triple>.2.34`.
    Zigbuild(&'static str),
}

impl Way {
    /// Returns the target triple.
    pub(crate) fn triple<'a>(&self, host: &'a Host) -> &'a str {
        match self {
            Self::Host => &host.triple,
            Self::Target(triple) | Self::Zigbuild(triple) => triple,
        }
    }

    /// Returns the program that builds and links.
    pub(crate) fn program(&self) -> &'static str {
        match self {
            Self::Host | Self::Target(_) => "cargo build",
            Self::Zigbuild(_) => "cargo zigbuild, glibc 2.34",
        }
    }
}

/// Why no way was found.
#[derive(Debug, thiserror::Error)]
pub enum ToolchainError {
    /// A program could not be started; cargo or rustc is not installed or not in `PATH`.
    #[error("`{program}` cannot be started")]
    Missing {
        /// The program.
        program: String,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// A program answered something else than it documents.
    #[error("`{program} {arguments}` failed: {}", .message.trim())]
    Failed {
        /// The program.
        program: String,
        /// Its arguments.
        arguments: String,
        /// What it wrote.
        message: String,
    },
    /// The standard library for the architecture is not installed.
    #[error("this toolchain cannot build for {}: the target `{triple}` is not installed", .architecture.as_str())]
    TargetMissing {
        /// The architecture asked for.
        architecture: Architecture,
        /// The target triple.
        triple: &'static str,
    },
}

impl Host {
    pub(crate) fn new(triple: String, glibc: Option<GlibcVersion>) -> Self {
        Self { triple, rustc: String::new(), glibc }
    }

    /// `None` for a host that Lambda does not have.
    pub(crate) fn architecture(&self) -> Option<Architecture> {
        match self.triple.split('-').next() {
            Some("aarch64") => Some(Architecture::Arm64),
            Some("x86_64") => Some(Architecture::X86_64),
            _ => None,
        }
    }

    fn is_linux(&self) -> bool {
        self.triple.contains("-linux-")
    }

    /// True when what this host builds by default runs on `architecture`, glibc apart.
    fn is(&self, architecture: Architecture) -> bool {
        self.is_linux() && self.has_processor(architecture)
    }

    pub(crate) fn has_processor(&self, architecture: Architecture) -> bool {
        self.architecture() == Some(architecture)
    }

    fn has_newer_glibc(&self) -> bool {
        self.glibc.is_some_and(|glibc| glibc > GLIBC_OF_AL2023)
    }

    /// True when the tools for another machine or an older glibc are worth looking for.
    pub(crate) fn differs_from(&self, architecture: Architecture) -> bool {
        !self.is(architecture) || self.has_newer_glibc()
    }

    /// Returns what loads a binary built for `architecture`; `None` when it is not to be checked,
    /// because the host's programs are not ELF files.
    pub(crate) fn loader(&self, architecture: Option<Architecture>) -> Option<Loader> {
        match architecture {
            Some(architecture) => Some(Loader::ProvidedAl2023(architecture)),
            None => self.architecture().filter(|_| self.is_linux()).map(Loader::Host),
        }
    }
}

/// Chooses the way to build for `architecture`.
///
/// A host with a newer glibc uses cargo-zigbuild when it is there. Without it the plain build is tried:
/// most programs need no newer symbol, and those that do are caught by the check of the binary.
pub(crate) fn choose(
    architecture: Option<Architecture>,
    host: &Host,
    has_zigbuild: bool,
    target_is_installed: bool,
) -> Result<Way, ToolchainError> {
    let Some(architecture) = architecture else { return Ok(Way::Host) };
    let triple = triple(architecture);
    if !host.differs_from(architecture) {
        return Ok(Way::Host);
    }
    match (has_zigbuild && target_is_installed, host.is(architecture), target_is_installed) {
        (true, _, _) => Ok(Way::Zigbuild(triple)),
        (false, true, _) => Ok(Way::Host),
        (false, false, true) => Ok(Way::Target(triple)),
        (false, false, false) => Err(ToolchainError::TargetMissing { architecture, triple }),
    }
}

/// Returns the target that the user's settings have cargo build for when none is named, and who says so.
pub(crate) fn configured_target(
    files: &SettingsFiles,
    environment: &Environment,
) -> Option<(String, String)> {
    const VARIABLE: &str = "CARGO_BUILD_TARGET";
    match environment.get(VARIABLE).filter(|target| !target.is_empty()) {
        Some(target) => Some((target.to_owned(), VARIABLE.to_owned())),
        None => files.build_target().map(|(target, file)| {
            let place = format!("`build.target` in {}", file.display());
            (target, place)
        }),
    }
}

/// Returns the target triple of an architecture.
pub(crate) fn triple(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::Arm64 => "aarch64-unknown-linux-gnu",
        Architecture::X86_64 => "x86_64-unknown-linux-gnu",
    }
}

/// Asks rustc and the C library about the host.
pub(crate) async fn host(folder: &Path) -> Result<Host, ToolchainError> {
    let version = run("rustc", &["-vV"], folder).await?;
    let said = String::from_utf8_lossy(&version.stdout);
    let triple = said.lines().find_map(|line| line.strip_prefix("host: "));
    let triple = triple.map(str::to_owned).ok_or_else(|| failed("rustc", &["-vV"], &version))?;
    let rustc = said.lines().next().unwrap_or_default().trim_start_matches("rustc ").to_owned();
    // Prints `glibc 2.36`; other C libraries do not know the name.
    let glibc = run("getconf", &["GNU_LIBC_VERSION"], folder).await.ok();
    let glibc = glibc.and_then(|output| {
        GlibcVersion::parse(String::from_utf8_lossy(&output.stdout).trim().strip_prefix("glibc ")?)
    });
    Ok(Host { rustc, ..Host::new(triple, glibc) })
}

/// True when `cargo zigbuild` is there and finds its zig.
pub(crate) async fn has_zigbuild(folder: &Path) -> bool {
    run("cargo-zigbuild", &["--version"], folder).await.is_ok()
}

/// True when the standard library for `triple` is installed.
pub(crate) async fn target_is_installed(triple: &str, folder: &Path) -> Result<bool, ToolchainError> {
    let output = run("rustc", &["--print", "target-libdir", "--target", triple], folder).await?;
    Ok(Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir())
}

async fn run(program: &str, arguments: &[&str], folder: &Path) -> Result<Output, ToolchainError> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|source| ToolchainError::Missing { program: program.to_owned(), source })?;
    if output.status.success() { Ok(output) } else { Err(failed(program, arguments, &output)) }
}

fn failed(program: &str, arguments: &[&str], output: &Output) -> ToolchainError {
    ToolchainError::Failed {
        program: program.to_owned(),
        arguments: arguments.join(" "),
        message: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(triple: &str, minor: u16) -> Host {
        Host::new(triple.to_owned(), Some(GlibcVersion { major: 2, minor }))
    }

    fn way(host: &Host, has_zigbuild: bool, target_is_installed: bool) -> Option<Way> {
        choose(Some(Architecture::X86_64), host, has_zigbuild, target_is_installed).ok()
    }

    const INTEL: &str = "x86_64-unknown-linux-gnu";
    const ARM: &str = "aarch64-unknown-linux-gnu";

    #[test]
    fn local_build_is_always_for_the_host() {
        assert_eq!(choose(None, &host(ARM, 40), true, true).unwrap(), Way::Host);
    }

    #[test]
    fn target_of_the_environment_wins_over_that_of_a_file_as_in_cargo() {
        let files = SettingsFiles::of("build.target = 'of-the-file'");
        let found = |variables: &[(&str, &str)]| configured_target(&files, &Environment::with(variables));
        let (target, place) = found(&[("CARGO_BUILD_TARGET", "of-the-variable")]).unwrap();
        assert_eq!((target.as_str(), place.as_str()), ("of-the-variable", "CARGO_BUILD_TARGET"));
        let (target, place) = found(&[]).unwrap();
        assert_eq!((target.as_str(), place.as_str()), ("of-the-file", "`build.target` in config.toml"));
    }

    #[test]
    fn same_architecture_with_an_old_glibc_is_built_plainly() {
        assert_eq!(way(&host(INTEL, 34), true, true), Some(Way::Host));
    }

    #[test]
    fn newer_glibc_uses_zigbuild_when_it_is_there_and_tries_plainly_when_not() {
        assert_eq!(way(&host(INTEL, 36), true, true), Some(Way::Zigbuild(INTEL)));
        assert_eq!(way(&host(INTEL, 36), false, true), Some(Way::Host));
    }

    #[test]
    fn other_architecture_needs_its_target_installed() {
        assert_eq!(way(&host(ARM, 34), true, true), Some(Way::Zigbuild(INTEL)));
        assert_eq!(way(&host(ARM, 34), false, true), Some(Way::Target(INTEL)));
        assert_eq!(way(&host(ARM, 34), true, false), None);
    }

    #[test]
    fn mac_of_the_same_processor_is_another_target() {
        let mac = Host::new("x86_64-apple-darwin".to_owned(), None);
        assert_eq!(way(&mac, false, true), Some(Way::Target(INTEL)));
        assert_eq!(mac.loader(None), None);
    }
}
