//! What can be wrong with a payload as a whole.

use std::fmt;

use serde::Deserialize;

/// A payload that cannot be read. It never carries text of the payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayloadError {
    /// Not JSON, or not a JSON object with an integer `version`.
    NotAPayload {
        /// Line of the first fault, from 1.
        line: usize,
        /// Column of the first fault, from 1.
        column: usize,
    },
    /// A version that this reader does not know.
    UnknownVersion {
        /// The version found.
        found: u64,
        /// The newest version known here.
        newest: u64,
    },
    /// The version is known, but its fields are not as that version says.
    NotOfThisVersion {
        /// The version found.
        version: u64,
        /// Line of the first fault, from 1.
        line: usize,
        /// Column of the first fault, from 1.
        column: usize,
    },
}

impl fmt::Display for PayloadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAPayload { line, column } => {
                write!(formatter, "not a versioned JSON payload (line {line}, column {column})")
            }
            Self::UnknownVersion { found, newest } => {
                write!(formatter, "payload version {found} is not known, the newest known is {newest}")
            }
            Self::NotOfThisVersion { version, line, column } => {
                write!(formatter, "payload breaks its version {version} (line {line}, column {column})")
            }
        }
    }
}

impl std::error::Error for PayloadError {}

#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

/// Reads a payload of exactly `version`, the only one known so far.
pub(crate) fn from_json<'text, Wire: Deserialize<'text>>(
    text: &'text str,
    version: u64,
) -> Result<Wire, PayloadError> {
    let found = serde_json::from_str::<Versioned>(text)
        .map_err(|fault| PayloadError::NotAPayload { line: fault.line(), column: fault.column() })?
        .version;
    if found != version {
        return Err(PayloadError::UnknownVersion { found, newest: version });
    }
    serde_json::from_str(text).map_err(|fault| PayloadError::NotOfThisVersion {
        version,
        line: fault.line(),
        column: fault.column(),
    })
}
