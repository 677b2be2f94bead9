//! Where a project's engine is, and what it was started with.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::credentials::Credentials;
use crate::home::EngineHome;
use crate::launch::{self, endpoint, health};
use crate::process::Identity;
use crate::record::{self, Found, Mode, Record};
use crate::{ACCOUNT_ID, REGION};

/// An engine that answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningEngine {
    /// Address for SDKs (`--endpoint-url`), like `http://127.0.0.1:41233`.
    pub endpoint: String,
    /// Port on 127.0.0.1.
    pub port: u16,
    /// Process ID.
    pub pid: u32,
    /// What requests are signed with.
    pub credentials: Credentials,
    /// Account of every resource, unless the access key is another account's number.
    pub account_id: &'static str,
    /// Region of the functions' environment.
    pub region: &'static str,
    /// Version of the engine.
    pub version: String,
    /// Whether state is kept when the engine is stopped.
    pub persist: bool,
    /// Whether the policies of roles are enforced.
    pub enforce_iam: bool,
    /// Whether the access key `test` with the secret `test` is let in, too.
    pub open: bool,
}

impl RunningEngine {
    /// The environment variables by which every AWS SDK and the AWS CLI find the engine.
    #[must_use]
    pub fn environment(&self) -> [(&'static str, &str); 5] {
        [
            ("AWS_ENDPOINT_URL", &self.endpoint),
            ("AWS_ACCESS_KEY_ID", &self.credentials.access_key_id),
            ("AWS_SECRET_ACCESS_KEY", &self.credentials.secret_access_key),
            ("AWS_REGION", self.region),
            ("AWS_DEFAULT_REGION", self.region),
        ]
    }

    pub(crate) fn of(record: &Record, credentials: Credentials) -> Self {
        Self {
            endpoint: endpoint(record.port),
            port: record.port,
            pid: record.process.pid,
            credentials,
            account_id: ACCOUNT_ID,
            region: REGION,
            version: record.version.clone(),
            persist: record.persist,
            enforce_iam: record.enforce_iam,
            open: record.open,
        }
    }
}

/// What has become of a project's engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EngineStatus {
    /// It runs and answers.
    Running(RunningEngine),
    /// Its process runs and does not answer: it is overloaded, or hangs. `stop` ends it.
    Unresponsive {
        /// Process ID.
        pid: u32,
        /// Port on 127.0.0.1.
        port: u16,
    },
    /// It ended without being stopped. The next start tidies up.
    Stale {
        /// The process that was the engine.
        pid: u32,
    },
    /// It was stopped, or never started.
    Stopped,
}

/// A file or folder of the state folder could not be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot use `{}`", path.display())]
pub struct StateError {
    /// The file or folder.
    pub path: PathBuf,
    /// What the system says.
    pub source: io::Error,
}

impl StateError {
    pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self { path, source }
    }
}

/// Says whether the project's engine runs. Waits at most 2 s for its answer.
///
/// # Effects
/// Reads the state folder; one request to the engine. Changes nothing.
///
/// # Errors
/// [`StateError`] when the state folder is there and cannot be read.
pub async fn status(home: &EngineHome) -> Result<EngineStatus, StateError> {
    Ok(match locate(home).await? {
        Located::Running(record) | Located::Lost(record) => {
            let (pid, port) = (record.process.pid, record.port);
            let state_dir = record.moved_from(home).unwrap_or_else(|| home.state_dir());
            match Credentials::read(home)? {
                Some(credentials) if health(&credentials, state_dir, port).await.is_some() => {
                    EngineStatus::Running(RunningEngine::of(&record, credentials))
                }
                _ => EngineStatus::Unresponsive { pid, port },
            }
        }
        Located::Dead(record) => EngineStatus::Stale { pid: record.process.pid },
        Located::Unreadable | Located::Copied | Located::Nothing => EngineStatus::Stopped,
    })
}

/// What the state folder and the processes say together.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Located {
    /// The recorded process runs.
    Running(Record),
    /// There is no usable record, but the engine answers on its port.
    Lost(Record),
    /// The recorded process has ended.
    Dead(Record),
    /// The record came with a copy of another project's folder.
    Copied,
    /// There is a record that cannot be read, and no engine.
    Unreadable,
    /// There is no engine.
    Nothing,
}

pub(crate) async fn locate(home: &EngineHome) -> Result<Located, StateError> {
    let found = Record::read(home).map_err(StateError::at(&home.record_file()))?;
    Ok(match found {
        Found::Record(record) if record.is_copy(home) => Located::Copied,
        Found::Record(record) if record.process.is_alive() => Located::Running(record),
        Found::Record(record) => Located::Dead(record),
        Found::Unreadable => recognise(home).await.map_or(Located::Unreadable, Located::Lost),
        Found::Nothing => recognise(home).await.map_or(Located::Nothing, Located::Lost),
    })
}

/// Finds an engine whose record was lost: by the noted port, its answer, and its own pid file.
async fn recognise(home: &EngineHome) -> Option<Record> {
    let port = record::last_port(home)?;
    let credentials = Credentials::read(home).ok().flatten()?;
    let health = launch::health(&credentials, home.state_dir(), port).await?;
    let pid_file = home.temporary_dir().join(format!("ministack-{port}.pid"));
    let pid = fs::read_to_string(pid_file).ok()?.trim().parse().ok()?;
    let process = Identity::of(pid)?;
    Some(Record::new(
        home,
        process,
        port,
        &health.version,
        Mode { persist: health.persist, enforce_iam: health.enforce_iam, open: health.open },
    ))
}
