//! Files and folders that only the user can read: they hold secrets.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

const FILE: u32 = 0o600;
const FOLDER: u32 = 0o700;

/// Makes a folder with all above it, and closes it to other users if it is there already.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER).create(path)?;
    std::fs::set_permissions(path, Permissions::from_mode(FOLDER))
}

/// Opens an empty file for writing.
pub(crate) fn create_file(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().create(true).write(true).truncate(true).mode(FILE).open(path)?;
    file.set_permissions(Permissions::from_mode(FILE))?;
    Ok(file)
}

/// Opens a lock file, which is empty and stays behind.
pub(crate) fn lock_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).truncate(false).read(true).write(true).mode(FILE).open(path)
}

/// Replaces a file in one step. Callers hold the lock, so one temporary name is enough.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("new");
    create_file(&temporary)?.write_all(bytes)?;
    std::fs::rename(&temporary, path)
}

/// Whether the file is this user's and closed to everybody else.
pub(crate) fn is_private(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = file.metadata()?;
    let own = metadata.uid() == rustix::process::geteuid().as_raw();
    Ok(own && metadata.mode() & 0o077 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn folder_that_was_open_to_all_is_closed() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("a/b");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        create_folder(&folder).unwrap();
        assert_eq!(mode(&folder), 0o700);
    }

    #[test]
    fn replaced_file_is_the_users_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("record.json");
        std::fs::write(&path, "old").unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        assert!(!is_private(&File::open(&path).unwrap()).unwrap());
        replace(&path, b"new").unwrap();
        assert_eq!((mode(&path), std::fs::read(&path).unwrap().as_slice()), (0o600, &b"new"[..]));
        assert!(is_private(&File::open(&path).unwrap()).unwrap());
    }
}
