//! Stops and empties the engine.

use std::io;
use std::path::Path;
use std::time::Duration;

use crate::credentials::Credentials;
use crate::engine::{Located, StateError, locate};
use crate::event::{LocalEvent, LocalEvents};
use crate::home::EngineHome;
use crate::http::{RequestError, request};
use crate::inbox::{InboxError, empty_inbox};
use crate::record::{self, Record, remove_folder};
use crate::{lock, pace, private};

/// Longest wait for the engine to save its state and end.
const GOOD_BYE: Duration = Duration::from_secs(20);

/// Longest wait for a killed process to be gone.
const DEATH: Duration = Duration::from_secs(5);

/// Longest wait for the engine to empty itself; it ends the running functions first.
const EMPTYING: Duration = Duration::from_secs(60);

/// Why the engine could not be stopped.
#[derive(Debug, thiserror::Error)]
pub enum StopError {
    /// The state folder could not be used.
    #[error("cannot use the state folder of the local engine")]
    State(#[from] StateError),
    /// The process cannot be signalled: it belongs to another user.
    #[error("cannot end process `{pid}`")]
    Signal {
        /// The engine's process.
        pid: u32,
        /// What the system says.
        source: std::io::Error,
    },
    /// The process does not end, not even when killed.
    #[error("process `{pid}` does not end")]
    Survived {
        /// The engine's process.
        pid: u32,
    },
}

/// Why the engine could not be emptied.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// The state folder could not be used.
    #[error("cannot use the state folder of the local engine")]
    State(#[from] StateError),
    /// The inbox could not be emptied.
    #[error("cannot empty the inbox of the local engine")]
    Inbox(#[from] InboxError),
    /// The running engine did not do it.
    #[error("the local engine did not empty itself")]
    Request(#[from] RequestError),
}

/// Stops the project's engine; it saves its state first, if it keeps any. Repeating it is safe.
///
/// # Effects
/// Signals the engine's process and waits up to 20 s for its end; then kills it and the functions
/// it runs.
///
/// # Errors
/// [`StopError`].
pub async fn stop(home: &EngineHome, events: &dyn LocalEvents) -> Result<(), StopError> {
    if !home.state_dir().exists() {
        events.emit(LocalEvent::NotRunning);
        return Ok(());
    }
    let lock_file = home.state_lock();
    let _lock = lock::take(&lock_file, events).await.map_err(StateError::at(&lock_file))?;
    record::forget_copied(home).map_err(StateError::at(&home.record_file()))?;
    match locate(home).await? {
        Located::Running(record) | Located::Lost(record) => {
            end(&record, events).await?;
            if let Some(from) = record.moved_from(home) {
                bring_state(from, home)?;
            }
        }
        Located::Dead(record) => {
            events.emit(LocalEvent::StaleStateRemoved { pid: record.process.pid });
        }
        Located::Unreadable => events.emit(LocalEvent::RecordUnreadable { path: home.record_file() }),
        Located::Copied | Located::Nothing => events.emit(LocalEvent::NotRunning),
    }
    Ok(Record::remove(home).map_err(StateError::at(&home.record_file()))?)
}

/// Brings what an engine has saved since its project's folder was moved; it has made the old folder again.
fn bring_state(from: &Path, home: &EngineHome) -> Result<(), StateError> {
    let old = EngineHome::new(home.cache_dir(), from);
    for (old, here) in [(old.services_dir(), home.services_dir()), (old.objects_dir(), home.objects_dir())] {
        merge(&old, &here).map_err(StateError::at(&old))?;
    }
    Ok(())
}

/// Moves files into a folder, over those of the same name.
fn merge(from: &Path, into: &Path) -> io::Result<()> {
    let entries = match std::fs::read_dir(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    private::create_folder(into)?;
    for entry in entries {
        let entry = entry?;
        let target = into.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            merge(&entry.path(), &target)?;
        } else {
            std::fs::rename(entry.path(), &target)?;
        }
    }
    std::fs::remove_dir(from)
}

async fn end(record: &Record, events: &dyn LocalEvents) -> Result<(), StopError> {
    let process = &record.process;
    let pid = process.pid;
    let gone = async || (!process.is_alive()).then_some(());
    events.emit(LocalEvent::Stopping { pid });
    process.terminate().map_err(|source| StopError::Signal { pid, source })?;
    if pace::poll(GOOD_BYE, gone).await.is_none() {
        process.kill_group().map_err(|source| StopError::Signal { pid, source })?;
        pace::poll(DEATH, gone).await.ok_or(StopError::Survived { pid })?;
        events.emit(LocalEvent::Killed { pid });
    }
    process.kill_orphans().map_err(|source| StopError::Signal { pid, source })?;
    events.emit(LocalEvent::Stopped { pid });
    Ok(())
}

/// Removes every resource of the project's engine, with what is kept of them. The engine goes on
/// running if it runs. Repeating it is safe.
///
/// # Effects
/// One request to the engine; or removes its state from the state folder.
///
/// # Errors
/// [`ResetError`].
pub async fn reset(home: &EngineHome, events: &dyn LocalEvents) -> Result<(), ResetError> {
    if !home.state_dir().exists() {
        events.emit(LocalEvent::Emptied);
        return Ok(());
    }
    let lock_file = home.state_lock();
    let _lock = lock::take(&lock_file, events).await.map_err(StateError::at(&lock_file))?;
    if let Located::Running(record) | Located::Lost(record) = locate(home).await? {
        let credentials = Credentials::of(home)?;
        request(&credentials, "POST", record.port, "/_ministack/reset", EMPTYING).await?;
    } else {
        for folder in [home.services_dir(), home.objects_dir()] {
            remove_folder(&folder).map_err(StateError::at(&folder))?;
        }
    }
    empty_inbox(home)?;
    events.emit(LocalEvent::Emptied);
    Ok(())
}
