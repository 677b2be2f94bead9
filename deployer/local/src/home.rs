//! The folders of the local engine.

use std::path::{Path, PathBuf};

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

    /// The access key that the engine takes.
    pub(crate) fn credentials_file(&self) -> PathBuf {
        self.state.join("credentials.json")
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
}
