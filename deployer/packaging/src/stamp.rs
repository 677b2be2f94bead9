//! Remembers what was packed last in a folder, so that a build with nothing changed reads no binary again.
//!
//! Trusts what cargo trusts: a file of the same size and modification time is the same file.

use std::fs::{File, Metadata};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::archive::{Archive, PACKING};
use crate::loadable::CHECKING;
use crate::whole_file;

/// The name does not end like a record's, of which there are many in the folder.
const FILE: &str = "newest.stamp";

/// A file as it was once.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    path: PathBuf,
    bytes: u64,
    modified: SystemTime,
}

impl Seen {
    /// Looks at a file.
    ///
    /// # Errors
    /// When it is not there, or the file system keeps no times.
    fn now(path: &Path) -> io::Result<Self> {
        Self::of(path, &path.metadata()?)
    }

    /// Looks at a file and reads it. Another one can take the place of it at any time, with an older time even.
    ///
    /// # Errors
    /// When it cannot be read, or the file system keeps no times.
    pub(crate) fn read(path: &Path) -> io::Result<(Self, Vec<u8>)> {
        let mut file = File::open(path)?;
        let seen = Self::of(path, &file.metadata()?)?;
        let mut content = Vec::with_capacity(usize::try_from(seen.bytes).unwrap_or_default());
        file.read_to_end(&mut content)?;
        Ok((seen, content))
    }

    fn of(path: &Path, found: &Metadata) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), bytes: found.len(), modified: found.modified()? })
    }

    fn is_unchanged(&self) -> bool {
        Self::now(&self.path).is_ok_and(|now| now == *self)
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Stamp {
    /// The program that checked and packed.
    by: String,
    binary: Seen,
    zip: Seen,
    /// SHA-256 of the zip in lower-case hexadecimal.
    sha256: String,
}

/// Notes that `binary` has been checked and packed.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn keep(folder: &Path, binary: Seen, archive: &Archive) -> io::Result<()> {
    let stamp = Stamp { by: by(), binary, zip: Seen::now(&archive.path)?, sha256: archive.sha256.clone() };
    let text = serde_json::to_vec(&stamp)?;
    whole_file::put(&folder.join(FILE), |file| file.write_all(&text))
}

/// Finds the zip of a binary, when neither has changed since.
pub(crate) fn find(folder: &Path, binary: &Path) -> Option<Archive> {
    let stamp: Stamp = serde_json::from_slice(&std::fs::read(folder.join(FILE)).ok()?).ok()?;
    let holds = stamp.by == by()
        && stamp.binary.path == binary
        && stamp.binary.is_unchanged()
        && stamp.zip.is_unchanged();
    holds.then_some(Archive {
        path: stamp.zip.path,
        sha256: stamp.sha256,
        bytes: stamp.zip.bytes,
        fresh: true,
    })
}

fn by() -> String {
    format!("{}, {CHECKING}, {}", env!("CARGO_PKG_VERSION"), PACKING.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive;

    fn packed() -> (tempfile::TempDir, PathBuf, Archive) {
        let folder = tempfile::tempdir().unwrap();
        let binary = folder.path().join("function");
        std::fs::write(&binary, "binary").unwrap();
        let (seen, content) = Seen::read(&binary).unwrap();
        let archive = archive::pack(&content, folder.path()).unwrap();
        keep(folder.path(), seen, &archive).unwrap();
        (folder, binary, archive)
    }

    #[test]
    fn unchanged_binary_gives_the_zip_of_before() {
        let (folder, binary, archive) = packed();
        assert_eq!(find(folder.path(), &binary), Some(Archive { fresh: true, ..archive }));
    }

    #[test]
    fn binary_of_another_time_is_another_one() {
        let (folder, binary, _archive) = packed();
        let file = std::fs::File::options().write(true).open(&binary).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(find(folder.path(), &binary), None);
    }

    #[test]
    fn zip_that_is_gone_is_not_found() {
        let (folder, binary, archive) = packed();
        std::fs::remove_file(archive.path).unwrap();
        assert_eq!(find(folder.path(), &binary), None);
    }

    #[test]
    fn binary_in_another_place_is_another_one() {
        let (folder, binary, _archive) = packed();
        assert_eq!(find(folder.path(), &binary.with_extension("other")), None);
    }
}
