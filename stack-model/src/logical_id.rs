//! Names of things inside a template.

use std::borrow::Borrow;
use std::fmt;

use serde::Serialize;

/// Most characters a logical ID may have.
///
/// Source: CloudFormation quotas, template section names.
pub const MAX_LENGTH: usize = 255;

/// Names a resource, parameter, condition or output inside one template.
///
/// Shape: `1..=255` ASCII letters and digits. Compared case-sensitively, as CloudFormation does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct LogicalId(String);

impl LogicalId {
    /// Takes `text` as it is.
    ///
    /// # Errors
    /// [`LogicalIdError`] when `text` is empty, too long, or has a character that is no ASCII letter or digit.
    pub fn new(text: &str) -> Result<Self, LogicalIdError> {
        if let Some(character) = text.chars().find(|c| !c.is_ascii_alphanumeric()) {
            return Err(LogicalIdError::IllegalCharacter { text: text.to_owned(), character });
        }
        match text.len() {
            1..=MAX_LENGTH => Ok(Self(text.to_owned())),
            length => Err(LogicalIdError::IllegalLength { text: text.to_owned(), length }),
        }
    }

    /// Joins the user's names in PascalCase: `["object-extract", "role"]` becomes `ObjectExtractRole`.
    ///
    /// A pure function of the names: `-`, `_`, `.` and spaces part words; the first letter of a word is raised and
    /// the rest is kept. Two names may therefore meet in one ID (`a-b` and `aB`); [`crate::Stack`] reports that.
    ///
    /// # Errors
    /// [`LogicalIdError`] when a name holds any other character, or the result is empty or too long.
    pub fn from_names(names: &[&str]) -> Result<Self, LogicalIdError> {
        let words = names.iter().flat_map(|name| name.split(['-', '_', '.', ' ']));
        let mut id = String::new();
        for word in words {
            let mut characters = word.chars();
            id.extend(characters.next().map(|first| first.to_ascii_uppercase()));
            id.push_str(characters.as_str());
        }
        Self::new(&id)
    }

    /// The legal characters of names that [`LogicalId::from_names`] refuses, to go on with after reporting.
    pub(crate) fn from_legal_characters(names: &[&str]) -> Self {
        let legal = |c: &char| c.is_ascii_alphanumeric();
        let text: String =
            names.iter().flat_map(|name| name.chars()).filter(legal).take(MAX_LENGTH).collect();
        Self(if text.is_empty() { "Unnamed".to_owned() } else { text })
    }

    /// Appends a further word: `Messages` with `Url` is `MessagesUrl`.
    ///
    /// # Errors
    /// As [`LogicalId::from_names`].
    pub fn with(&self, word: &str) -> Result<Self, LogicalIdError> {
        Self::from_names(&[&self.0, word])
    }

    /// The ID as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LogicalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for LogicalId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for LogicalId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Why a text is no logical ID.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogicalIdError {
    /// A character is neither an ASCII letter nor a digit.
    IllegalCharacter {
        /// The refused text.
        text: String,
        /// Its first illegal character.
        character: char,
    },
    /// The text has no character or more than [`MAX_LENGTH`].
    IllegalLength {
        /// The refused text.
        text: String,
        /// Its length in characters.
        length: usize,
    },
}

impl fmt::Display for LogicalIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IllegalCharacter { text, character } => {
                write!(f, "`{text}` has `{character}`, but a logical ID takes letters and digits only")
            }
            Self::IllegalLength { text, length } => {
                write!(f, "`{text}` has {length} characters, but a logical ID takes 1 to {MAX_LENGTH}")
            }
        }
    }
}

impl std::error::Error for LogicalIdError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_dashes_become_pascal_case() {
        let id = LogicalId::from_names(&["object-extract", "role"]).unwrap();
        assert_eq!(id.as_str(), "ObjectExtractRole");
    }

    #[test]
    fn letters_inside_a_word_keep_their_case() {
        assert_eq!(LogicalId::from_names(&["aBC", "2nd"]).unwrap().as_str(), "ABC2nd");
    }

    #[test]
    fn length_of_255_is_accepted_and_256_refused() {
        assert!(LogicalId::new(&"a".repeat(255)).is_ok());
        let error = LogicalId::new(&"a".repeat(256)).unwrap_err();
        assert!(matches!(error, LogicalIdError::IllegalLength { length: 256, .. }));
    }

    #[test]
    fn empty_text_is_refused() {
        assert!(matches!(LogicalId::new(""), Err(LogicalIdError::IllegalLength { length: 0, .. })));
    }

    #[test]
    fn letter_outside_ascii_is_refused() {
        let error = LogicalId::from_names(&["größe"]).unwrap_err();
        assert!(matches!(error, LogicalIdError::IllegalCharacter { character: 'ö', .. }));
    }
}
