//! The header by which a client marks a repeated request.

use std::fmt;

/// Value of `Idempotency-Key`: names one submission, however often it is sent.
///
/// Shape: 16 to 128 visible ASCII characters without `"`, with or without quotes around them. The lower bound
/// keeps clients from counting: two customers with the same key and the same feedback would be taken for one.
/// Source: draft-ietf-httpapi-idempotency-key-header-07, section 2, where it is a quoted string; most clients
/// leave the quotes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

/// A value that is no [`IdempotencyKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAKey;

impl fmt::Display for NotAKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(
            "`Idempotency-Key` has 16 to 128 visible ASCII characters without `\"`, such as a UUID",
        )
    }
}

impl std::error::Error for NotAKey {}

impl IdempotencyKey {
    /// The shape as a regular expression of ECMA-262, for API descriptions.
    pub const PATTERN: &str = r##"^("[!#-~]{16,128}"|[!#-~]{16,128})$"##;

    /// Reads the header's value.
    ///
    /// # Errors
    /// [`NotAKey`] when it has another shape.
    pub fn read(value: &str) -> Result<Self, NotAKey> {
        let quoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let key = quoted.unwrap_or(value);
        let is_legal = |byte: u8| byte.is_ascii_graphic() && byte != b'"';
        if (16..=128).contains(&key.len()) && key.bytes().all(is_legal) {
            Ok(Self(key.to_owned()))
        } else {
            Err(NotAKey)
        }
    }

    /// The key without quotes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_no_part_of_the_key() {
        let uuid = "8e03978e-40d5-43dd-bc93-6894a57f9324";
        assert_eq!(IdempotencyKey::read(uuid), IdempotencyKey::read(&format!("\"{uuid}\"")));
    }

    #[test]
    fn length_is_bounded_on_both_sides() {
        for (length, is_accepted) in [(0, false), (15, false), (16, true), (128, true), (129, false)] {
            assert_eq!(IdempotencyKey::read(&"k".repeat(length)).is_ok(), is_accepted, "{length}");
        }
    }

    #[test]
    fn other_characters_are_refused() {
        for value in ["0123456789 abcdef", "0123456789ä012345", "\"0123456789abcdef", "0123456789\"abcdef"] {
            assert_eq!(IdempotencyKey::read(value), Err(NotAKey), "{value}");
        }
    }
}
