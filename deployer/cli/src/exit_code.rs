//! The documented exit codes; `--help` lists them. 1 is a panic or an error that `main` returns.

use std::process::ExitCode;

/// How the program ended, as its caller sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, also when there was nothing to change.
    Done = 0,
    /// Wrong usage.
    Usage = 2,
    /// The spec or the template has errors.
    Spec = 3,
    /// What was looked for was found: changes by `diff`, an alert that would not arrive by
    /// `alerts verify`.
    Found = 4,
    /// Declined or interrupted by the user.
    Declined = 5,
    /// Packaging failed.
    Packaging = 6,
    /// Credentials, permissions, throttling, network or the local engine.
    Access = 7,
    /// The stack operation failed and was rolled back.
    RolledBack = 8,
    /// The stack operation failed and needs recovery.
    NeedsRecovery = 9,
    /// Consent is missing.
    Refused = 10,
    /// The output, or a file that was asked for, could not be written.
    Unwritten = 11,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
