//! Tells which files were saved.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::event::{EventKind, ModifyKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::change::Watched;
use crate::exit_code::Exit;
use crate::failure::Failure;

/// Silence after which a save counts as complete: editors write a file in several steps, and a save of
/// all files is a burst.
const SILENCE: Duration = Duration::from_millis(60);

/// Bursts that go on are answered after so many changes.
const BURST: usize = 10_000;

/// The system's notifications of changed files.
pub(super) struct Files {
    watcher: RecommendedWatcher,
    folders: BTreeSet<PathBuf>,
    changes: UnboundedReceiver<PathBuf>,
}

impl Files {
    pub(super) fn new() -> Result<Self, Failure> {
        let (sender, changes) = unbounded_channel();
        let tell = move |event: notify::Result<notify::Event>| {
            let Ok(event) = event else { return };
            if is_save(event.kind) {
                for path in event.paths {
                    // A watch that has ended hears nothing more.
                    let _ = sender.send(path);
                }
            }
        };
        let watcher = notify::recommended_watcher(tell).map_err(|error| failed(&error))?;
        Ok(Self { watcher, folders: BTreeSet::new(), changes })
    }

    /// Watches what is not watched yet; folders that were made since are found by calling it again.
    pub(super) fn watch(&mut self, watched: &Watched) -> Result<(), Failure> {
        let mut folders = BTreeSet::new();
        for folder in watched.folders() {
            below(folder, watched, &mut folders);
        }
        folders.extend(watched.folders_of_files().into_iter().filter(|it| it.is_dir()).map(Path::to_owned));
        for folder in folders {
            if !self.folders.contains(&folder) {
                let watching = self.watcher.watch(&folder, RecursiveMode::NonRecursive);
                watching.map_err(|error| failed(&error))?;
                self.folders.insert(folder);
            }
        }
        Ok(())
    }

    /// Waits for a save and returns all files of its burst.
    pub(super) async fn changed(&mut self) -> Result<BTreeSet<PathBuf>, Failure> {
        let Some(first) = self.changes.recv().await else {
            return Err(Failure::text(Exit::Access, "the system tells of no more changes"));
        };
        let mut paths = BTreeSet::from([first]);
        while paths.len() < BURST {
            match tokio::time::timeout(SILENCE, self.changes.recv()).await {
                Ok(Some(path)) => drop(paths.insert(path)),
                Ok(None) | Err(_) => break,
            }
        }
        Ok(paths)
    }
}

/// Adds a folder and all below it that may hold sources. Folder by folder, because a recursive watch of
/// a workspace would take in its target directory.
fn below(folder: &Path, watched: &Watched, found: &mut BTreeSet<PathBuf>) {
    if watched.is_ignored(folder) || !found.insert(folder.to_owned()) {
        return;
    }
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            below(&entry.path(), watched, found);
        }
    }
}

/// Reading a file changes nothing, nor does its time of access.
fn is_save(kind: EventKind) -> bool {
    match kind {
        EventKind::Create(_) | EventKind::Remove(_) => true,
        EventKind::Modify(kind) => !matches!(kind, ModifyKind::Metadata(_)),
        EventKind::Any | EventKind::Access(_) | EventKind::Other => false,
    }
}

fn failed(error: &notify::Error) -> Failure {
    let failure = Failure::new(Exit::Access, error);
    match error.kind {
        notify::ErrorKind::MaxFilesWatch => {
            failure.hint("allow more watches: sysctl fs.inotify.max_user_watches=524288")
        }
        _ => failure,
    }
}
