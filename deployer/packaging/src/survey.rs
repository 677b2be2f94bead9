//! What this machine has for building functions, and which way a build would take.

use std::path::Path;

use pipectl_engine::package::Architecture;

use crate::toolchain::{ToolchainError, Way, choose, has_zigbuild, host, target_is_installed, triple};

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
    /// The command that a build runs, or why there is none.
    pub command: Result<String, ToolchainError>,
}

/// Finds out how the functions of an architecture would be built; `None` is this machine's own, as
/// the local engine runs them. Builds nothing.
///
/// # Effects
/// Runs `rustc`, `getconf` and `cargo-zigbuild` for their versions.
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
    Ok(ToolchainSurvey {
        host: host.triple,
        target,
        has_zigbuild,
        target_is_installed,
        command: way.map(command),
    })
}

fn command(way: Way) -> String {
    match way {
        Way::Host => "cargo build".to_owned(),
        Way::Target(triple) => format!("cargo build --target {triple}"),
        Way::Zigbuild(triple) => format!("cargo zigbuild --target {triple}"),
    }
}
