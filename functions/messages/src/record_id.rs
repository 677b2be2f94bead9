//! The id of a record.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Id of a record: partition key of its table item and last segment of its URL.
///
/// Shape: 1 to 128 characters of `A-Z a-z 0-9 . _ ~ : @ -`, the first one not `.`, `~`, `:` or `@`. These need
/// no escaping in a URL path, cannot form a `.` or `..` segment, and are legal in a `MessageGroupId`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RecordId(String);

impl RecordId {
    /// Longest id, in characters.
    pub const MAX_LENGTH: usize = 128;

    /// The shape as a regular expression of ECMA-262, for API descriptions.
    pub const PATTERN: &str = "^[A-Za-z0-9_-][A-Za-z0-9._~:@-]{0,127}$";

    /// Returns the id when `text` has the shape of one.
    ///
    /// # Errors
    /// [`RecordIdError`] with the length when `text` is empty, too long or has a character that is not allowed.
    pub fn new(text: impl Into<String>) -> Result<Self, RecordIdError> {
        let text = text.into();
        let mut characters = text.chars();
        let is_legal = text.len() <= Self::MAX_LENGTH
            && characters.next().is_some_and(|first| first.is_ascii_alphanumeric() || "_-".contains(first))
            && characters.all(|other| other.is_ascii_alphanumeric() || "._~:@-".contains(other));
        if is_legal { Ok(Self(text)) } else { Err(RecordIdError { length: text.len() }) }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for RecordId {
    type Error = RecordIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(text)
    }
}

impl From<RecordId> for String {
    fn from(id: RecordId) -> Self {
        id.0
    }
}

/// A text that cannot be a [`RecordId`]. It does not carry the text, which may be payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordIdError {
    /// Length of the refused text, in bytes.
    pub length: usize,
}

impl fmt::Display for RecordIdError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "an id has 1 to {} characters of A-Z a-z 0-9 . _ ~ : @ - and starts with a letter, a digit, _ or -; this one of {} bytes does not",
            RecordId::MAX_LENGTH,
            self.length
        )
    }
}

impl std::error::Error for RecordIdError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_id_is_accepted_and_one_more_character_is_not() {
        assert!(RecordId::new("x".repeat(128)).is_ok());
        assert_eq!(RecordId::new("x".repeat(129)), Err(RecordIdError { length: 129 }));
    }

    #[test]
    fn ids_that_would_change_a_url_path_are_refused() {
        for text in ["", ".", "..", "a/b", "a b", "a%2Fb", "a+b", "ä", "a?b"] {
            assert!(RecordId::new(text).is_err(), "{text}");
        }
    }

    #[test]
    fn usual_keys_are_accepted() {
        for text in ["1", "-5", "_x", "order:17", "me@example.org", "01JD.v2~a"] {
            assert!(RecordId::new(text).is_ok(), "{text}");
        }
    }
}
