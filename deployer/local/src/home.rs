//! The folders of the local engine.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// Where the local engine lives: one cache for all projects, one state folder for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineHome {
    cache: PathBuf,
    state: PathBuf,
}

impl EngineHome {
    /// Names the folders; both must be absolute. Neither needs to exist.
    ///
    /// `cache_dir` is shared by all projects of a user (`~/.cache/pipectl`); what is in it can be
    /// fetched again. `state_dir` belongs to one project (`<project>/.pipectl/local`): there is one
    /// engine for each.
    #[must_use]
    pub fn new(cache_dir: impl Into<PathBuf>, state_dir: impl Into<PathBuf>) -> Self {
        Self { cache: cache_dir.into(), state: state_dir.into() }
    }

    /// The folder shared by all projects.
    #[must_use]
    pub fn cache_dir(&self) -> &Path {
        &self.cache
    }

    /// The folder of this project's engine.
    #[must_use]
    pub fn state_dir(&self) -> &Path {
        &self.state
    }

    /// The engine's log: at most 8 MiB, and as much again in `engine.log.1`. Functions write their
    /// own logs to CloudWatch Logs inside the engine, and their last lines here.
    #[must_use]
    pub fn log_file(&self) -> PathBuf {
        self.state.join("engine.log")
    }

    /// What e-mail and SMS would have delivered: at most 8 MiB, one JSON object a line.
    pub(crate) fn inbox_file(&self) -> PathBuf {
        self.state.join("inbox.jsonl")
    }

    /// Held while the inbox is written or emptied, by the engine too.
    pub(crate) fn inbox_lock(&self) -> PathBuf {
        self.state.join("inbox.jsonl.lock")
    }

    /// What the engine says outside its log, above all when it cannot start. Emptied at each start.
    pub(crate) fn output_file(&self) -> PathBuf {
        self.state.join("engine.out")
    }

    /// Which process is the engine, and on which port.
    pub(crate) fn record_file(&self) -> PathBuf {
        self.state.join("engine.json")
    }

    /// The port of the last start, so that the next one can have the same.
    pub(crate) fn port_file(&self) -> PathBuf {
        self.state.join("port")
    }

    /// Held while an engine is started, stopped or emptied.
    pub(crate) fn state_lock(&self) -> PathBuf {
        self.state.join("lock")
    }

    /// What services keep between two runs.
    pub(crate) fn services_dir(&self) -> PathBuf {
        self.state.join("services")
    }

    /// The bytes of S3 objects.
    pub(crate) fn objects_dir(&self) -> PathBuf {
        self.state.join("objects")
    }

    /// Unpacked function code and the like; of no use to the next run.
    pub(crate) fn temporary_dir(&self) -> PathBuf {
        self.state.join("tmp")
    }

    /// The home folder that the engine and the functions see, so that neither reads the user's
    /// AWS profiles.
    pub(crate) fn home_dir(&self) -> PathBuf {
        self.state.join("home")
    }

    /// Every installation, one folder for each set of pinned packages.
    pub(crate) fn installations_dir(&self) -> PathBuf {
        self.cache.join("local-engine")
    }

    /// Tells this project's engine from another project's on the same port.
    pub(crate) fn token(&self) -> String {
        let digest = Sha256::digest(self.state.as_os_str().as_encoded_bytes());
        let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("pipectl-{hex}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_projects_have_two_tokens() {
        let one = EngineHome::new("/cache", "/one/.pipectl/local");
        let two = EngineHome::new("/cache", "/two/.pipectl/local");
        assert_ne!(one.token(), two.token());
    }
}
