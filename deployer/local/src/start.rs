//! Starts the engine, or finds it running.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use tokio::process::Child;

use crate::credentials::Credentials;
use crate::engine::{Located, RunningEngine, StateError, locate};
use crate::event::{LocalEvent, LocalEvents};
use crate::home::EngineHome;
use crate::launch::{Awaited, Launch, await_health, endpoint, health, last_words};
use crate::port::{self, is_free};
use crate::process::Identity;
use crate::provision::{Installation, ProvisionError, installation};
use crate::readdress::readdress;
use crate::record::{self, Mode, Record, remove_folder};
use crate::{lock, pace, private};

/// Longest wait for the first answer. It comes within a second; a loaded machine needs longer.
const FIRST_ANSWER: Duration = Duration::from_secs(60);

/// Longest wait for an engine that runs and does not answer.
const LATE_ANSWER: Duration = Duration::from_secs(15);

/// Starts tried when ports are taken between being chosen and being used.
const ATTEMPTS: usize = 3;

/// How the engine shall run. What is `None` does not matter to the caller: an engine that runs
/// already is taken as it is, and a new one gets the default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StartOptions {
    /// Port on 127.0.0.1. Default: the one of the last run if it is free, else one outside of those that
    /// the system gives to outgoing connections.
    pub port: Option<u16>,
    /// Interpreter to install the engine with. Default: found on the `PATH`.
    pub python: Option<PathBuf>,
    /// Whether resources, objects and messages are kept when the engine is stopped. Default: yes.
    pub persist: Option<bool>,
    /// Whether the policies of roles are enforced. Default: yes, so that a grant that is missing shows
    /// here and not on AWS.
    pub enforce_iam: Option<bool>,
    /// Whether the access key `test` with the secret `test` is let in besides the engine's own, so that
    /// any program that knows the port can drive the engine. Default: no.
    pub open: Option<bool>,
}

/// Why the engine could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The engine could not be installed.
    #[error("cannot provision the local engine")]
    Provision(#[from] ProvisionError),
    /// The state folder could not be used.
    #[error("cannot use the state folder of the local engine")]
    State(#[from] StateError),
    /// The engine runs, but not as asked for; stop it first.
    #[error("the local engine runs already with {setting} `{actual}`, not `{wanted}`")]
    RunsOtherwise {
        /// What differs.
        setting: Setting,
        /// Value asked for.
        wanted: String,
        /// Value it runs with.
        actual: String,
    },
    /// The port asked for is in use.
    #[error("port `{port}` on 127.0.0.1 is in use by another program")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// No port could be had: each is taken, or the system gives it to outgoing connections.
    #[error("there is no free port on 127.0.0.1 outside of those for outgoing connections")]
    NoPort,
    /// The project's folder was moved while its engine ran. The engine goes on and writes to the old place.
    #[error("process `{pid}`, the local engine of this project, was started in `{}`", from.display())]
    Moved {
        /// The engine's process.
        pid: u32,
        /// State folder that it was started with.
        from: PathBuf,
    },
    /// An engine of this project runs and does not answer. It is left alone.
    #[error("process `{pid}` is the local engine of this project and does not answer on port `{port}`")]
    Unresponsive {
        /// The engine's process.
        pid: u32,
        /// Port on 127.0.0.1.
        port: u16,
    },
    /// The engine's interpreter could not be run.
    #[error("cannot run `{}`", command.display())]
    Run {
        /// The interpreter.
        command: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The engine ended before it answered.
    #[error("the local engine ended at its start: {}", if said.is_empty() { "it wrote nothing" } else { said })]
    Exited {
        /// The last lines it wrote.
        said: String,
        /// Its log.
        log: PathBuf,
    },
    /// The engine did not answer in time, and was ended.
    #[error("the local engine did not answer within {} s: {said}", patience.as_secs())]
    Silent {
        /// How long was waited.
        patience: Duration,
        /// The last lines it wrote.
        said: String,
        /// Its log.
        log: PathBuf,
    },
}

/// A setting that an engine keeps while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// [`StartOptions::port`].
    Port,
    /// [`StartOptions::persist`].
    Persist,
    /// [`StartOptions::enforce_iam`].
    EnforceIam,
    /// [`StartOptions::open`].
    Open,
}

impl std::fmt::Display for Setting {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Port => "port",
            Self::Persist => "persist",
            Self::EnforceIam => "enforce IAM",
            Self::Open => "open",
        })
    }
}

/// Returns the project's engine, running and answering; installs and starts it if needed.
///
/// Repeating it is safe, also from two processes at once: the second waits and finds the engine
/// running. Dropping the future leaves at worst an engine that the next start finds.
///
/// # Effects
/// Writes the state and cache folders; runs Python; leaves a process that listens on 127.0.0.1.
///
/// # Errors
/// [`StartError`]; no process is left behind then.
pub async fn start(
    home: &EngineHome,
    options: &StartOptions,
    events: &dyn LocalEvents,
) -> Result<RunningEngine, StartError> {
    make_folder(home)?;
    let lock_file = home.state_lock();
    let _lock = lock::take(&lock_file, events).await.map_err(StateError::at(&lock_file))?;
    record::forget_copied(home).map_err(StateError::at(&home.record_file()))?;
    let credentials = Credentials::of(home)?;
    if let Some(record) = find_running(home, &credentials, options, events).await? {
        events.emit(LocalEvent::AlreadyRunning { endpoint: endpoint(record.port) });
        return Ok(RunningEngine::of(&record, credentials));
    }
    let installation = installation(home, options.python.as_deref(), events).await?;
    empty_temporary(home)?;
    let record = start_on_some_port(home, &installation, &credentials, options, events).await?;
    events.emit(LocalEvent::Ready { endpoint: endpoint(record.port) });
    Ok(RunningEngine::of(&record, credentials))
}

/// Makes the state folder, and keeps it out of the user's version control.
fn make_folder(home: &EngineHome) -> Result<(), StateError> {
    let folder = home.state_dir();
    private::create_folder(folder).map_err(StateError::at(folder))?;
    let ignore = folder.join(".gitignore");
    if ignore.exists() {
        return Ok(());
    }
    private::replace(&ignore, b"*\n").map_err(StateError::at(&ignore))
}

/// Removes what earlier runs unpacked.
fn empty_temporary(home: &EngineHome) -> Result<(), StateError> {
    let temporary = home.temporary_dir();
    remove_folder(&temporary).map_err(StateError::at(&temporary))?;
    for folder in [temporary, home.home_dir()] {
        private::create_folder(&folder).map_err(StateError::at(&folder))?;
    }
    Ok(())
}

/// Finds the engine that runs as asked for, and tidies up after one that does not run any more.
async fn find_running(
    home: &EngineHome,
    credentials: &Credentials,
    options: &StartOptions,
    events: &dyn LocalEvents,
) -> Result<Option<Record>, StartError> {
    let record_error = |source| StateError { path: home.record_file(), source };
    let record = match locate(home).await? {
        Located::Running(record) => record,
        Located::Lost(record) => {
            record.write(home).map_err(record_error)?;
            events.emit(LocalEvent::Adopted { pid: record.process.pid });
            record
        }
        Located::Dead(record) => {
            Record::remove(home).map_err(record_error)?;
            events.emit(LocalEvent::StaleStateRemoved { pid: record.process.pid });
            return Ok(None);
        }
        Located::Unreadable => {
            Record::remove(home).map_err(record_error)?;
            events.emit(LocalEvent::RecordUnreadable { path: home.record_file() });
            return Ok(None);
        }
        Located::Copied | Located::Nothing => return Ok(None),
    };
    if let Some(from) = record.moved_from(home) {
        return Err(StartError::Moved { pid: record.process.pid, from: from.to_owned() });
    }
    compare(options, &record)?;
    if pace::poll(LATE_ANSWER, async || health(credentials, home.state_dir(), record.port).await)
        .await
        .is_some()
    {
        return Ok(Some(record));
    }
    Err(StartError::Unresponsive { pid: record.process.pid, port: record.port })
}

/// Says what the running engine has otherwise than asked for.
fn compare(options: &StartOptions, record: &Record) -> Result<(), StartError> {
    let differs = |setting, wanted: Option<String>, actual: String| match wanted {
        Some(wanted) if wanted != actual => Err(StartError::RunsOtherwise { setting, wanted, actual }),
        _ => Ok(()),
    };
    let text = |value: bool| value.to_string();
    differs(Setting::Port, options.port.map(|port| port.to_string()), record.port.to_string())?;
    differs(Setting::Persist, options.persist.map(text), text(record.persist))?;
    differs(Setting::EnforceIam, options.enforce_iam.map(text), text(record.enforce_iam))?;
    differs(Setting::Open, options.open.map(text), text(record.open))
}

async fn start_on_some_port(
    home: &EngineHome,
    installation: &Installation,
    credentials: &Credentials,
    options: &StartOptions,
    events: &dyn LocalEvents,
) -> Result<Record, StartError> {
    let mut attempt = 1;
    loop {
        let launch = Launch {
            home,
            installation,
            port: choose_port(home, &credentials.access_key_id, options.port, events)?,
            credentials,
            mode: Mode {
                persist: options.persist.unwrap_or(true),
                enforce_iam: options.enforce_iam.unwrap_or(true),
                open: options.open.unwrap_or(false),
            },
        };
        match start_once(&launch, events).await {
            Err(StartError::Exited { .. }) if attempt < ATTEMPTS && !is_free(launch.port) => attempt += 1,
            other => return other,
        }
    }
}

fn choose_port(
    home: &EngineHome,
    seed: &str,
    wanted: Option<u16>,
    events: &dyn LocalEvents,
) -> Result<u16, StartError> {
    if let Some(port) = wanted {
        return if is_free(port) { Ok(port) } else { Err(StartError::PortTaken { port }) };
    }
    let outgoing = port::outgoing();
    match record::last_port(home) {
        Some(port) if is_free(port) && !outgoing.contains(&port) => Ok(port),
        last => {
            let mut free = port::candidates(seed, &outgoing).filter(|port| is_free(*port));
            let port = free.next().ok_or(StartError::NoPort)?;
            if let Some(wanted) = last {
                events.emit(LocalEvent::PortChanged { wanted, port });
            }
            Ok(port)
        }
    }
}

/// Starts the process and waits for its answer; ends it when there is none.
async fn start_once(launch: &Launch<'_>, events: &dyn LocalEvents) -> Result<Record, StartError> {
    let Launch { home, port, .. } = *launch;
    let services = home.services_dir();
    readdress(&services, record::last_port(home), port).map_err(StateError::at(&services))?;
    record::note_port(home, port).map_err(StateError::at(&home.port_file()))?;
    events.emit(LocalEvent::Starting { port });
    let mut child =
        launch.spawn().map_err(|source| StartError::Run { command: launch.installation.python(), source })?;
    let Some(process) = child.id().and_then(Identity::of) else { return Err(exited(home)) };
    let version = crate::ENGINE_VERSION;
    let record = Record::new(home, process, port, version, launch.mode);
    let written = record.write(home).map_err(StateError::at(&home.record_file()));
    if let Err(error) = written {
        give_up(home, &record, &mut child).await?;
        return Err(error.into());
    }
    match await_health(launch, &mut child, FIRST_ANSWER).await {
        Awaited::Ready => Ok(record),
        Awaited::Exited => {
            give_up(home, &record, &mut child).await?;
            Err(exited(home))
        }
        Awaited::Silent => {
            give_up(home, &record, &mut child).await?;
            Err(StartError::Silent { patience: FIRST_ANSWER, said: last_words(home), log: home.log_file() })
        }
    }
}

fn exited(home: &EngineHome) -> StartError {
    StartError::Exited { said: last_words(home), log: home.log_file() }
}

async fn give_up(home: &EngineHome, record: &Record, child: &mut Child) -> Result<(), StateError> {
    let path = home.record_file();
    record.process.kill_group().map_err(StateError::at(&path))?;
    child.wait().await.map_err(StateError::at(&path))?;
    Record::remove(home).map_err(StateError::at(&path))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn record() -> Record {
        let process = Identity { pid: 4242, started: "boot/1".to_owned() };
        Record::new(
            &EngineHome::new("/cache", "/state"),
            process,
            41_233,
            "1.5.33",
            Mode { persist: true, enforce_iam: false, open: false },
        )
    }

    #[test]
    fn caller_without_wishes_takes_the_running_engine() {
        assert!(compare(&StartOptions::default(), &record()).is_ok());
    }

    #[test]
    fn wish_that_the_running_engine_does_not_meet_is_named() {
        let options = StartOptions { enforce_iam: Some(true), ..StartOptions::default() };
        let error = compare(&options, &record()).unwrap_err();
        assert!(matches!(error, StartError::RunsOtherwise { setting: Setting::EnforceIam, .. }));
    }

    #[test]
    fn wanted_port_in_use_is_refused() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let home = EngineHome::new("/nowhere", "/nowhere");
        let error = choose_port(&home, "seed", Some(port), &|_| ()).unwrap_err();
        assert!(matches!(error, StartError::PortTaken { port: refused } if refused == port));
    }

    #[test]
    fn last_port_is_kept_unless_it_is_taken_or_belongs_to_outgoing_connections() {
        let folder = tempfile::tempdir().unwrap();
        let home = EngineHome::new("/nowhere", folder.path());
        let choose = || choose_port(&home, "last port", None, &|_| ()).unwrap();
        let first = choose();
        assert!(!port::outgoing().contains(&first));
        record::note_port(&home, first).unwrap();
        assert_eq!(choose(), first);
        let _taken = TcpListener::bind(("127.0.0.1", first)).unwrap();
        assert_ne!(choose(), first);
        record::note_port(&home, *port::outgoing().start()).unwrap();
        assert!(!port::outgoing().contains(&choose()));
    }
}
