//! Files that are whole when they are there.

use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

/// Writes a file under another name beside its place, and renames it.
///
/// # Errors
/// When it cannot be written there; what was there stays.
pub(crate) fn put(path: &Path, write: impl FnOnce(&mut NamedTempFile) -> io::Result<()>) -> io::Result<()> {
    let mut file = NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    write(&mut file)?;
    file.persist(path)?;
    Ok(())
}
