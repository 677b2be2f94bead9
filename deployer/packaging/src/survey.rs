//! What this machine has for building functions, and which way a build would take.

use std::path::{Path, PathBuf};

use pipectl_engine::package::Architecture;

use crate::environment::Environment;
use crate::settings_file::SettingsFiles;
use crate::toolchain::{
    Host, ToolchainError, Way, choose, configured_target, has_zigbuild, host, target_is_installed, triple,
};
use crate::workspace;

/// What was found, and what follows.
#[derive(Debug)]
pub struct ToolchainSurvey {
    /// Target triple of this machine, as rustc names it.
    pub host: String,
    /// Target triple of the functions.
    pub target: String,
    /// Whether cargo-zigbuild is there.
    pub has_zigbuild: bool,
    /// Whether the standard library for the target is installed.
    pub target_is_installed: bool,
    /// A target in cargo's settings that builds of functions do not follow, and who sets it.
    pub configured_target: Option<(String, String)>,
    /// Where cargo writes, when it is outside of the workspace.
    pub moved_target_directory: Option<PathBuf>,
    /// The way that a build takes, or why there is none.
    pub command: Result<Choice, ToolchainError>,
}

/// A way to build, and the reason for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The command that a build runs.
    pub command: String,
    /// Why this one: a clause without a period.
    pub because: &'static str,
}

/// Finds out how the functions of an architecture would be built; `None` is this machine's own, as
/// the local engine runs them. Builds nothing.
///
/// # Effects
/// Runs `rustc`, `getconf` and `cargo-zigbuild` for their versions, and `cargo metadata`.
///
/// # Errors
/// When rustc is not there or does not answer.
pub async fn survey(
    folder: &Path,
    architecture: Option<Architecture>,
) -> Result<ToolchainSurvey, ToolchainError> {
    let host = host(folder).await?;
    let target = architecture.map_or_else(|| host.triple.clone(), |it| triple(it).to_owned());
    let has_zigbuild = has_zigbuild(folder).await;
    let target_is_installed = target_is_installed(&target, folder).await?;
    let way = choose(architecture, &host, has_zigbuild, target_is_installed);
    let environment = Environment::of_process();
    let workspace = workspace::ask(folder, true).await.ok();
    let root = workspace.as_ref().map_or(folder, |workspace| workspace.root.as_path());
    let files = SettingsFiles::read(root, environment.cargo_home().as_deref());
    let configured_target = configured_target(&files, &environment).filter(|(it, _)| *it != target);
    let target_directory = workspace.as_ref().map(|workspace| workspace.target_directory.clone());
    let moved_target_directory = target_directory.filter(|directory| !directory.starts_with(root));
    Ok(ToolchainSurvey {
        host: host.triple.clone(),
        target,
        configured_target,
        moved_target_directory,
        has_zigbuild,
        target_is_installed,
        command: way
            .map(|way| Choice { because: because(&way, architecture, &host), command: command(&way) }),
    })
}

fn command(way: &Way) -> String {
    match way {
        Way::Host => "cargo build".to_owned(),
        Way::Target(triple) => format!("cargo build --target {triple}"),
        Way::Zigbuild(triple) => format!("cargo zigbuild --target {triple}.2.34"),
    }
}

fn because(way: &Way, architecture: Option<Architecture>, host: &Host) -> &'static str {
    let Some(architecture) = architecture else { return "the local engine runs them on this machine" };
    match way {
        Way::Host if host.differs_from(architecture) => {
            "glibc is newer here than the 2.34 of the runtime and cargo-zigbuild is not there: most programs \
             need nothing newer, and a binary that does is refused before it is uploaded"
        }
        Way::Host => "this machine has the processor of the functions and no newer glibc than the runtime",
        Way::Zigbuild(_) if host.has_processor(architecture) => {
            "glibc is newer here than the 2.34 of the runtime, and zig links against that one"
        }
        Way::Zigbuild(_) => "zig links for the other machine, against the runtime's glibc 2.34",
        Way::Target(_) => {
            "the target is installed and cargo-zigbuild is not there: a linker for it must be set up, and the \
             binary is checked before it is uploaded"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loadable::GlibcVersion;

    fn reason(triple: &str, minor: u16, way: &Way) -> &'static str {
        let host = Host::new(triple.to_owned(), Some(GlibcVersion { major: 2, minor }));
        because(way, Some(Architecture::X86_64), &host)
    }

    const INTEL: &str = "x86_64-unknown-linux-gnu";

    #[test]
    fn newer_glibc_is_named_where_it_decides() {
        assert!(reason(INTEL, 36, &Way::Zigbuild(INTEL)).contains("links against"));
        assert!(reason(INTEL, 36, &Way::Host).contains("is refused before"));
        assert!(!reason(INTEL, 34, &Way::Host).contains("zig"));
    }

    #[test]
    fn other_machine_is_named_where_it_decides() {
        assert!(reason("aarch64-unknown-linux-gnu", 34, &Way::Zigbuild(INTEL)).contains("other machine"));
    }

    #[test]
    fn command_names_the_glibc_that_it_links_against() {
        assert_eq!(command(&Way::Zigbuild(INTEL)), "cargo zigbuild --target x86_64-unknown-linux-gnu.2.34");
    }
}
