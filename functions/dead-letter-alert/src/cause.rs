//! Why a message is where it is, as far as the message tells.

use std::fmt;

use pipectl_messages::{PayloadError, Record, RejectCode, RejectedRecord};

/// Why a message ended in a dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// A record that its consumer could not work on in all its attempts.
    NotConsumed,
    /// A record that was left out before it became a message.
    Rejected(RejectCode),
    /// No payload that the consumer reads.
    Unreadable(PayloadError),
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotConsumed => formatter.write_str("record that the consumer failed on"),
            Self::Rejected(code) => {
                let code = serde_json::to_value(code).unwrap_or_default();
                write!(formatter, "record rejected as {}", code.as_str().unwrap_or("unusable"))
            }
            // Without line and column, by which no two messages would be alike.
            Self::Unreadable(PayloadError::NotAPayload { .. }) => {
                formatter.write_str("not a versioned JSON payload")
            }
            Self::Unreadable(PayloadError::UnknownVersion { found, .. }) => {
                write!(formatter, "payload of the unknown version {found}")
            }
            Self::Unreadable(PayloadError::NotOfThisVersion { version, .. }) => {
                write!(formatter, "payload that breaks its version {version}")
            }
        }
    }
}

/// What a message tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Why it is where it is.
    pub cause: Cause,
    /// What its payload is called by, if by anything.
    pub name: Option<String>,
    /// What is worth quoting: the record without its envelope, the reason of a rejection, or the whole message.
    pub content: String,
}

/// Reads a message's body.
#[must_use]
pub fn read(body: &str) -> Reading {
    if let Ok(rejected) = RejectedRecord::from_json(body) {
        return Reading {
            name: Some(format!("{}#{}", rejected.source, rejected.position.number)),
            content: rejected.reason.message,
            cause: Cause::Rejected(rejected.reason.code),
        };
    }
    match Record::from_json(body) {
        Ok(record) => Reading {
            content: record.body.to_json(),
            name: Some(record.id.into()),
            cause: Cause::NotConsumed,
        },
        Err(error) => Reading { cause: Cause::Unreadable(error), name: None, content: body.to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(body: &str) -> String {
        read(body).cause.to_string()
    }

    #[test]
    fn unreadable_messages_are_alike_wherever_their_fault_is() {
        assert_eq!(cause("no json"), "not a versioned JSON payload");
        assert_eq!(cause("\n\n{}"), "not a versioned JSON payload");
        assert_eq!(cause(r#"{"version":7}"#), "payload of the unknown version 7");
        assert_eq!(cause(r#"{"version":1}"#), "payload that breaks its version 1");
    }

    #[test]
    fn rejected_record_is_called_by_its_place() {
        let body = r#"{"version":1,"kind":"rejected_record","source":"s3://b/k","position":{"number":3,"offset":9},"reason":{"code":"not_json","message":"no"},"size":1}"#;
        let Reading { cause, name, content } = read(body);
        assert_eq!((cause.to_string().as_str(), content.as_str()), ("record rejected as not_json", "no"));
        assert_eq!(name.as_deref(), Some("s3://b/k#3"));
    }
}
