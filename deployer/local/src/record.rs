//! What a project's state folder remembers of its engine.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::home::EngineHome;
use crate::private::replace;
use crate::process::Identity;

/// Layout of the record; another one is not read.
const LAYOUT: u32 = 1;

/// The engine that was started last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    layout: u32,
    pub(crate) process: Identity,
    pub(crate) port: u16,
    pub(crate) version: String,
    pub(crate) persist: bool,
    pub(crate) enforce_iam: bool,
    #[serde(default)]
    pub(crate) open: bool,
    /// State folder that the engine was started with and writes to. Absent in records of earlier versions,
    /// as is `open`.
    #[serde(default)]
    state_dir: Option<PathBuf>,
}

/// What an engine keeps to while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mode {
    /// Whether it keeps its state when it is stopped.
    pub(crate) persist: bool,
    /// Whether the policies of roles are enforced.
    pub(crate) enforce_iam: bool,
    /// Whether AWS's well-known `test` is let in, too.
    pub(crate) open: bool,
}

/// What was found where the record should be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    Unreadable,
    Record(Record),
}

impl Record {
    pub(crate) fn new(home: &EngineHome, process: Identity, port: u16, version: &str, mode: Mode) -> Self {
        let Mode { persist, enforce_iam, open } = mode;
        let state_dir = Some(home.state_dir().to_owned());
        Self {
            layout: LAYOUT,
            process,
            port,
            version: version.to_owned(),
            persist,
            enforce_iam,
            open,
            state_dir,
        }
    }

    /// The folder that the engine writes to, when the project was moved since it was started.
    pub(crate) fn moved_from(&self, home: &EngineHome) -> Option<&Path> {
        self.state_dir.as_deref().filter(|folder| *folder != home.state_dir())
    }

    /// Whether the folder of a project was copied while its engine ran: the engine is the original's.
    pub(crate) fn is_copy(&self, home: &EngineHome) -> bool {
        let Some(folder) = self.moved_from(home) else { return false };
        let original = EngineHome::new(home.cache_dir(), folder);
        matches!(Self::read(&original), Ok(Found::Record(record)) if record.process == self.process)
    }

    /// Reads the record of a home; one that cannot be read as a whole counts as unreadable.
    pub(crate) fn read(home: &EngineHome) -> io::Result<Found> {
        match std::fs::read(home.record_file()) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes)
                .ok()
                .filter(|record: &Self| record.layout == LAYOUT)
                .map_or(Found::Unreadable, Found::Record)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Found::Nothing),
            Err(error) => Err(error),
        }
    }

    /// Writes the record at once: a reader sees the old one or this one.
    pub(crate) fn write(&self, home: &EngineHome) -> io::Result<()> {
        let bytes = serde_json::to_vec(self)?;
        replace(&home.record_file(), &bytes)
    }

    /// Removes the record; one that is not there counts as removed.
    pub(crate) fn remove(home: &EngineHome) -> io::Result<()> {
        absent_is_fine(std::fs::remove_file(home.record_file()))
    }
}

/// The port of the last start, if it was noted.
pub(crate) fn last_port(home: &EngineHome) -> Option<u16> {
    std::fs::read_to_string(home.port_file()).ok()?.trim().parse().ok().filter(|port| *port != 0)
}

/// Notes the port, before the start, so that an engine is found again whatever happens then.
pub(crate) fn note_port(home: &EngineHome, port: u16) -> io::Result<()> {
    replace(&home.port_file(), port.to_string().as_bytes())
}

/// Forgets what was copied with the folder of another project, so that this one gets its own.
pub(crate) fn forget_copied(home: &EngineHome) -> io::Result<()> {
    let Found::Record(record) = Record::read(home)? else { return Ok(()) };
    if record.is_copy(home) {
        for file in [home.record_file(), home.credentials_file(), home.port_file()] {
            absent_is_fine(std::fs::remove_file(file))?;
        }
    }
    Ok(())
}

/// Removes a folder with all in it; one that is not there counts as removed.
pub(crate) fn remove_folder(path: &Path) -> io::Result<()> {
    absent_is_fine(std::fs::remove_dir_all(path))
}

fn absent_is_fine(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, EngineHome) {
        let folder = tempfile::tempdir().unwrap();
        let home = EngineHome::new(folder.path().join("cache"), folder.path());
        (folder, home)
    }

    fn record() -> Record {
        let process = Identity { pid: 4242, started: "boot/1".to_owned() };
        let home = EngineHome::new("/cache", "/state");
        Record::new(&home, process, 41_233, "1.5.33", Mode { persist: true, enforce_iam: false, open: false })
    }

    #[test]
    fn written_record_reads_the_same() {
        let (_folder, home) = home();
        record().write(&home).unwrap();
        assert_eq!(Record::read(&home).unwrap(), Found::Record(record()));
    }

    #[test]
    fn missing_record_is_nothing() {
        let (_folder, home) = home();
        assert_eq!(Record::read(&home).unwrap(), Found::Nothing);
        Record::remove(&home).unwrap();
    }

    #[test]
    fn half_written_record_is_unreadable() {
        let (_folder, home) = home();
        std::fs::write(home.record_file(), b"{\"layout\":1,\"proc").unwrap();
        assert_eq!(Record::read(&home).unwrap(), Found::Unreadable);
    }

    #[test]
    fn record_of_another_layout_is_unreadable() {
        let (_folder, home) = home();
        Record { layout: LAYOUT + 1, ..record() }.write(&home).unwrap();
        assert_eq!(Record::read(&home).unwrap(), Found::Unreadable);
    }

    #[test]
    fn record_of_an_earlier_version_is_read() {
        let (_folder, home) = home();
        let earlier = r#"{"layout": 1, "process": {"pid": 4242, "started": "boot/1"}, "port": 41233,
            "version": "1.5.33", "persist": true, "enforce_iam": false}"#;
        std::fs::write(home.record_file(), earlier).unwrap();
        assert_eq!(Record::read(&home).unwrap(), Found::Record(Record { state_dir: None, ..record() }));
    }

    #[test]
    fn copied_folder_has_the_record_of_the_original() {
        let ((_one, original), (_other, copy)) = (home(), home());
        let written = Record { state_dir: Some(original.state_dir().to_owned()), ..record() };
        written.write(&original).unwrap();
        assert!(written.is_copy(&copy) && !written.is_copy(&original));
        Record::remove(&original).unwrap();
        assert!(!written.is_copy(&copy));
        assert_eq!(written.moved_from(&copy), Some(original.state_dir()));
    }

    #[test]
    fn nonsense_in_the_port_file_is_no_port() {
        let (_folder, home) = home();
        std::fs::write(home.port_file(), "70000").unwrap();
        assert_eq!(last_port(&home), None);
        note_port(&home, 41_233).unwrap();
        assert_eq!(last_port(&home), Some(41_233));
    }
}
