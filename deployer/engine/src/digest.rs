//! SHA-256 as text: what names packages, templates and change sets.

use sha2::{Digest as _, Sha256};

/// Returns the SHA-256 of a text in lower-case hexadecimal.
pub(crate) fn sha256_hex(text: &str) -> String {
    hex(Sha256::digest(text.as_bytes()).as_slice())
}

/// Writes bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
