//! What e-mail and SMS would have delivered.
//!
//! The engine sends nothing to anyone. What a topic's subscribers by e-mail and SMS would have got,
//! and what was sent to a phone number directly, is in a file of the state folder; the older half is
//! forgotten when it exceeds 8 MiB.

use std::fs::File;
use std::io;

use serde::Deserialize;

use crate::engine::StateError;
use crate::home::EngineHome;
use crate::private;

/// One message that someone would have got.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Delivery {
    /// When: RFC 3339 in UTC with milliseconds, like `2026-11-23T14:20:05.123Z`.
    pub at: String,
    /// How.
    pub protocol: Protocol,
    /// To whom: an address or a phone number.
    pub endpoint: String,
    /// ARN of the topic; `None` for an SMS that was sent to the number directly.
    pub topic_arn: Option<String>,
    /// The message's ID, which all subscribers of the topic got.
    pub message_id: String,
    /// Subject of an e-mail; `None` for an SMS.
    pub subject: Option<String>,
    /// The text; for [`Protocol::EmailJson`] the JSON document with the message in it.
    pub message: String,
}

/// How a person is reached: the protocol of a subscription, with SNS's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// An e-mail with the message as its text.
    Email,
    /// An e-mail with a JSON document.
    EmailJson,
    /// A text message.
    Sms,
}

impl Protocol {
    /// SNS's name: `email`, `email-json` or `sms`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::EmailJson => "email-json",
            Self::Sms => "sms",
        }
    }
}

/// Why the inbox could not be used.
#[derive(Debug, thiserror::Error)]
pub enum InboxError {
    /// The file could not be used.
    #[error("cannot use the inbox of the local engine")]
    State(#[from] StateError),
    /// A line is not a delivery: another version wrote it.
    #[error("line {line} of the inbox is not a delivery")]
    Unreadable {
        /// Counts from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

/// Returns what would have been delivered, oldest first. The engine need not run.
///
/// # Effects
/// Reads the state folder.
///
/// # Errors
/// [`InboxError`]; an inbox that is not there is empty.
pub fn inbox(home: &EngineHome) -> Result<Vec<Delivery>, InboxError> {
    if !home.state_dir().exists() {
        return Ok(Vec::new());
    }
    let _lock = lock(home)?;
    read(home)
}

/// Returns what would have been delivered, oldest first, and empties the inbox. What comes
/// meanwhile is in the inbox afterwards.
///
/// # Effects
/// Reads and changes the state folder.
///
/// # Errors
/// [`InboxError`]; nothing is removed then.
pub fn take_inbox(home: &EngineHome) -> Result<Vec<Delivery>, InboxError> {
    if !home.state_dir().exists() {
        return Ok(Vec::new());
    }
    let _lock = lock(home)?;
    let deliveries = read(home)?;
    remove(home)?;
    Ok(deliveries)
}

/// Empties the inbox, whatever is in it.
pub(crate) fn empty_inbox(home: &EngineHome) -> Result<(), InboxError> {
    let _lock = lock(home)?;
    remove(home)
}

/// Waits for the engine to finish a line; it holds the lock no longer.
fn lock(home: &EngineHome) -> Result<File, StateError> {
    let path = home.inbox_lock();
    let open = private::lock_file(&path);
    open.and_then(|file| file.lock().map(|()| file)).map_err(StateError::at(&path))
}

fn read(home: &EngineHome) -> Result<Vec<Delivery>, InboxError> {
    let path = home.inbox_file();
    let bytes = match std::fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(StateError::at(&path))?,
    };
    parse(&bytes)
}

/// Reads whole lines; what follows the last line feed was cut off by a crash.
fn parse(bytes: &[u8]) -> Result<Vec<Delivery>, InboxError> {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    (1..)
        .zip(lines)
        .map(|(line, text)| {
            serde_json::from_slice(text).map_err(|source| InboxError::Unreadable { line, source })
        })
        .collect()
}

fn remove(home: &EngineHome) -> Result<(), InboxError> {
    let path = home.inbox_file();
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => Ok(other.map_err(StateError::at(&path))?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"at": "2026-11-23T14:20:05.123Z", "protocol": "email-json", "endpoint": "a@example.com", "topic_arn": null, "message_id": "1", "subject": "s", "message": "m"}"#;

    fn home() -> (tempfile::TempDir, EngineHome) {
        let folder = tempfile::tempdir().unwrap();
        let home = EngineHome::new(folder.path(), folder.path());
        (folder, home)
    }

    #[test]
    fn inbox_of_an_engine_that_never_ran_is_empty() {
        let home = EngineHome::new("/nowhere", "/nowhere/state");
        assert_eq!(inbox(&home).unwrap(), []);
        assert_eq!(take_inbox(&home).unwrap(), []);
    }

    #[test]
    fn half_a_line_at_the_end_is_no_delivery() {
        let deliveries = parse(format!("{LINE}\n{LINE}\n{}", &LINE[..20]).as_bytes()).unwrap();
        assert_eq!(deliveries.len(), 2);
        assert_eq!(deliveries[0].protocol, Protocol::EmailJson);
    }

    #[test]
    fn line_that_is_no_delivery_is_named() {
        let error = parse(format!("{LINE}\n{{}}\n").as_bytes()).unwrap_err();
        assert!(matches!(error, InboxError::Unreadable { line: 2, .. }));
    }

    #[test]
    fn taken_deliveries_are_gone() {
        let (_folder, home) = home();
        std::fs::write(home.inbox_file(), format!("{LINE}\n")).unwrap();
        assert_eq!(inbox(&home).unwrap().len(), 1);
        assert_eq!(take_inbox(&home).unwrap().len(), 1);
        assert_eq!(inbox(&home).unwrap(), []);
    }
}
