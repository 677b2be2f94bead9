//! Deployment packages: a zip of one `bootstrap`, the same bytes for the same binary.

use std::fs::File;
use std::io::{self, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use rawzip::time::UtcDateTime;
use rawzip::{CompressionMethod, ZipArchiveWriter};
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use crate::whole_file;

/// The file that `provided.al2023` starts.
const ENTRY: &str = "bootstrap";
/// Part of every file name; to be raised when the way of packing changes.
pub(crate) const PACKING: &str = "pipectl package 1\n";

/// A zip on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Archive {
    pub(crate) path: PathBuf,
    /// SHA-256 of the zip in lower-case hexadecimal.
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
    /// True when the zip was there from before.
    pub(crate) fresh: bool,
}

/// Packs `binary` into `folder`, unless a zip of the same binary is there, and removes the other zips
/// of that folder.
///
/// A zip that is there is whole.
pub(crate) fn pack(binary: &[u8], folder: &Path) -> io::Result<Archive> {
    std::fs::create_dir_all(folder)?;
    let name = format!("{}.zip", hex(&Sha256::new().chain_update(PACKING).chain_update(binary).finalize()));
    let path = folder.join(&name);
    let fresh = path.is_file();
    if !fresh {
        whole_file::put(&path, |file| write(binary, file))?;
    }
    remove_others(folder, &name)?;
    let (sha256, bytes) = digest(&path)?;
    Ok(Archive { path, sha256, bytes, fresh })
}

fn write(binary: &[u8], file: &mut NamedTempFile) -> io::Result<()> {
    let mut archive = ZipArchiveWriter::new(io::BufWriter::new(file));
    let (mut entry, config) = archive
        .new_file(ENTRY)
        .compression_method(CompressionMethod::DEFLATE)
        // The oldest time that a zip can hold.
        .last_modified(
            UtcDateTime::from_components(1980, 1, 1, 0, 0, 0, 0).ok_or(io::ErrorKind::InvalidInput)?,
        )
        .unix_permissions(0o755)
        .start()
        .map_err(io::Error::other)?;
    let mut data = config.wrap(DeflateEncoder::new(&mut entry, Compression::best()));
    data.write_all(binary)?;
    let (encoder, descriptor) = data.finish().map_err(io::Error::other)?;
    encoder.finish()?;
    entry.finish(descriptor).map_err(io::Error::other)?;
    archive.finish().map_err(io::Error::other)?.flush()
}

/// Zips of earlier builds. Another process may be faster at removing one.
fn remove_others(folder: &Path, keep: &str) -> io::Result<()> {
    for file in std::fs::read_dir(folder)? {
        let file = file?.path();
        let is_zip = file.extension().is_some_and(|extension| extension == "zip");
        if is_zip && !file.ends_with(keep) {
            match std::fs::remove_file(&file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

fn digest(path: &Path) -> io::Result<(String, u64)> {
    let mut hash = Sha256::new();
    let mut bytes = 0;
    let mut file = BufReader::with_capacity(64 * 1024, File::open(path)?);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((hex(&hash.finalize()), bytes));
        }
        hash.update(&buffer[..read]);
        bytes += u64::try_from(read).unwrap_or(u64::MAX);
    }
}

/// Returns the first 64 bits of a SHA-256 in lower-case hexadecimal.
pub(crate) fn short_digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes)[..8])
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_binary_gives_the_same_bytes_in_another_folder() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [one, other] = folders.each_ref().map(|folder| pack(b"binary", folder.path()).unwrap());
        assert_eq!(std::fs::read(&one.path).unwrap(), std::fs::read(&other.path).unwrap());
        assert_eq!(one.sha256, other.sha256);
    }

    #[test]
    fn unchanged_binary_is_not_packed_again() {
        let folder = tempfile::tempdir().unwrap();
        let first = pack(b"binary", folder.path()).unwrap();
        let second = pack(b"binary", folder.path()).unwrap();
        assert_eq!([first.fresh, second.fresh], [false, true]);
        assert_eq!(first.sha256, second.sha256);
    }

    #[test]
    fn changed_binary_replaces_the_zip_of_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let old = pack(b"old", folder.path()).unwrap();
        let new = pack(b"new", folder.path()).unwrap();
        assert_ne!(old.sha256, new.sha256);
        assert_eq!([old.path.exists(), new.path.exists()], [false, true]);
    }

    #[test]
    fn zip_holds_one_executable_bootstrap_of_1980() {
        let folder = tempfile::tempdir().unwrap();
        let packed = pack(b"binary", folder.path()).unwrap();
        let bytes = std::fs::read(packed.path).unwrap();
        let archive = rawzip::ZipArchive::from_slice(&bytes).unwrap();
        let entries: Vec<_> = archive
            .entries()
            .map(|entry| {
                let entry = entry.unwrap();
                let year = entry.last_modified().year();
                (entry.file_path().as_ref().to_vec(), entry.mode().permissions(), year)
            })
            .collect();
        assert_eq!(entries, [(b"bootstrap".to_vec(), 0o755, 1980)]);
    }
}
