//! What the local engine has to say while it is worked on.

use std::path::PathBuf;

/// One thing that happened. Each names the thing and the numbers; sentences are the reporter's.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LocalEvent {
    /// Another process holds the lock; this one goes on when it is released. At most once a lock.
    WaitingForLock {
        /// The lock file.
        path: PathBuf,
    },
    /// The engine is not in the cache and will be installed. Followed by `PackageFound`s.
    Provisioning {
        /// Version of the engine, like `1.5.33`.
        version: &'static str,
        /// Interpreter that makes the environment.
        python: PathBuf,
        /// Where it will be.
        into: PathBuf,
    },
    /// pip found one of the pinned packages, on the network or in its cache.
    PackageFound {
        /// Name and version, like `botocore==1.43.106`.
        package: String,
        /// Counts from 1.
        number: usize,
        /// Packages in all.
        total: usize,
    },
    /// pip has everything and unpacks it.
    Unpacking {
        /// Packages in all.
        total: usize,
    },
    /// The engine is in the cache.
    Provisioned {
        /// Where it is.
        path: PathBuf,
    },
    /// An engine is recorded that no longer runs: it was killed, or the machine was restarted.
    /// What it had not saved is lost: it saves a second after requests pause.
    StaleStateRemoved {
        /// The process that was the engine.
        pid: u32,
    },
    /// The record of the running engine could not be read and is thrown away.
    RecordUnreadable {
        /// The record.
        path: PathBuf,
    },
    /// A running engine without a usable record was recognised by its answer and taken over.
    Adopted {
        /// The engine's process.
        pid: u32,
    },
    /// The port of the last run is taken by something else, or is one that the system gives to outgoing
    /// connections, so the engine gets another one. Addresses in its state are changed.
    PortChanged {
        /// The port of the last run.
        wanted: u16,
        /// The port of this run.
        port: u16,
    },
    /// The engine's process is being started.
    Starting {
        /// Port on 127.0.0.1.
        port: u16,
    },
    /// The engine was running already; nothing was started.
    AlreadyRunning {
        /// Its endpoint, like `http://127.0.0.1:41233`.
        endpoint: String,
    },
    /// The engine answers.
    Ready {
        /// Its endpoint, like `http://127.0.0.1:41233`.
        endpoint: String,
    },
    /// The engine was asked to save its state and end.
    Stopping {
        /// The engine's process.
        pid: u32,
    },
    /// The engine did not end in time and was killed; what it had not saved is lost.
    Killed {
        /// The engine's process.
        pid: u32,
    },
    /// The engine has ended.
    Stopped {
        /// The engine's process.
        pid: u32,
    },
    /// There was no engine to stop.
    NotRunning,
    /// Every resource of the engine is gone, and what was kept of them.
    Emptied,
}

/// Receives what happens, as it happens. Must not block: the engine's start waits for it.
pub trait LocalEvents {
    /// Takes one event.
    fn emit(&self, event: LocalEvent);
}

impl<F: Fn(LocalEvent)> LocalEvents for F {
    fn emit(&self, event: LocalEvent) {
        self(event);
    }
}
