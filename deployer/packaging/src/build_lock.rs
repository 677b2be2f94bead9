//! Keeps the builds of several processes in one target directory apart.
//!
//! Cargo's own lock ends with cargo, and the next build may then write another binary to the same path
//! before the first has been packed.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::packager::PackageError;

/// Marks a folder that backups leave out, as cargo marks a target directory that it creates.
/// Source: Cache Directory Tagging Specification (read 2026-12-01).
const CACHE_TAG: (&str, &str) = ("CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n");

/// Held while a build runs and its binaries are packed.
#[derive(Debug)]
pub(crate) struct BuildLock {
    /// Closing it gives the lock back.
    _file: File,
}

impl BuildLock {
    /// Waits until no other process builds functions in the target directory.
    ///
    /// # Errors
    /// [`PackageError::Lock`] when the directory cannot be written.
    pub(crate) async fn wait(target_directory: &Path) -> Result<Self, PackageError> {
        let folder = target_directory.to_owned();
        let taken = tokio::task::spawn_blocking(move || Self::take(&folder)).await;
        match taken {
            Ok(taken) => {
                taken.map_err(|source| PackageError::Lock { folder: target_directory.to_owned(), source })
            }
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    }

    fn take(target_directory: &Path) -> io::Result<Self> {
        let is_new = !target_directory.exists();
        std::fs::create_dir_all(target_directory.join("pipectl"))?;
        if is_new {
            std::fs::write(target_directory.join(CACHE_TAG.0), CACHE_TAG.1)?;
        }
        let file = File::create(target_directory.join("pipectl").join("build.lock"))?;
        file.lock()?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn second_build_waits_for_the_first() {
        let target = tempfile::tempdir().unwrap();
        let first = BuildLock::take(target.path()).unwrap();
        let path = target.path().join("pipectl/build.lock");
        assert!(File::open(&path).unwrap().try_lock().is_err());
        drop(first);
        assert!(File::open(&path).unwrap().try_lock().is_ok());
    }
}
