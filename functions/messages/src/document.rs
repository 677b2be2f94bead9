//! A JSON value as a DynamoDB attribute can hold it.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::number;

/// A JSON value that fits a DynamoDB attribute; numbers keep their written digits.
///
/// `serde_json::Value` is not used because it turns numbers into `f64`, and its exact mode is switched on for
/// a whole build at once. Serialising works with `serde_json` only, for the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    /// JSON `null`.
    Null,
    /// JSON `true` or `false`.
    Bool(bool),
    /// A JSON number as written; zero is always `0`.
    Number(String),
    /// A JSON string.
    String(String),
    /// A JSON array.
    List(Vec<Document>),
    /// A JSON object; of members with the same name the last one counts.
    Map(BTreeMap<String, Document>),
}

/// Why a text is not a storable [`Document`]. It never carries text of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentError {
    /// Not JSON.
    NotJson {
        /// Line of the first fault, from 1.
        line: usize,
        /// Column of the first fault, from 1.
        column: usize,
    },
    /// Nested deeper than [`Document::MAX_DEPTH`].
    TooDeep,
    /// A number with more than 38 significant digits or outside of DynamoDB's range.
    NumberOutOfRange,
    /// An object member with an empty name, which DynamoDB refuses.
    EmptyName,
}

impl fmt::Display for DocumentError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson { line, column } => write!(formatter, "not JSON (line {line}, column {column})"),
            Self::TooDeep => write!(formatter, "nested deeper than {} levels", Document::MAX_DEPTH),
            Self::NumberOutOfRange => formatter.write_str(
                "a number has more than 38 significant digits or is outside of 1E-130 to 9.9E+125",
            ),
            Self::EmptyName => formatter.write_str("an object member has an empty name"),
        }
    }
}

impl std::error::Error for DocumentError {}

impl Document {
    /// Deepest nesting of lists and maps. DynamoDB holds 32 levels and the attribute itself is the first.
    /// Source: DynamoDB developer guide, quotas, nested attribute depth (read 2026-11-23).
    pub const MAX_DEPTH: usize = 31;

    /// Most bytes, as [`Document::stored_size`] counts them, so that the item with its other attributes stays
    /// under DynamoDB's limit of 400 KB (409,600 bytes).
    pub const MAX_STORED_SIZE: usize = 405_504;

    /// Reads one JSON value.
    ///
    /// # Errors
    /// [`DocumentError`] when `text` is not JSON or DynamoDB cannot hold it. The size is not checked here, see
    /// [`Document::stored_size`].
    pub fn from_json(text: &str) -> Result<Self, DocumentError> {
        let raw: &RawValue = serde_json::from_str(text).map_err(|fault| not_json(&fault))?;
        read(raw, 0).map_err(|fault| fault.within(text))
    }

    /// The document as compact JSON; members in order of their names, so equal documents have equal text.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a document has text keys and valid numbers only")
    }

    /// Bytes the document takes in a DynamoDB item.
    /// Source: DynamoDB developer guide, item sizes and formats (read 2026-11-23).
    #[must_use]
    pub fn stored_size(&self) -> usize {
        match self {
            Self::Null | Self::Bool(_) => 1,
            Self::Number(text) => number::stored_size(text),
            Self::String(text) => text.len(),
            Self::List(elements) => {
                3 + elements.iter().map(|element| 1 + element.stored_size()).sum::<usize>()
            }
            Self::Map(members) => {
                3 + members.iter().map(|(name, value)| 1 + name.len() + value.stored_size()).sum::<usize>()
            }
        }
    }
}

fn not_json(fault: &serde_json::Error) -> DocumentError {
    DocumentError::NotJson { line: fault.line(), column: fault.column() }
}

/// A fault in a part of the text, which is read by itself: its place counts from the part's start.
enum PartFault<'text> {
    NotJson { part: &'text str, fault: serde_json::Error },
    Unstorable(DocumentError),
}

impl PartFault<'_> {
    /// The fault with its place in `text`, of which the part is a slice.
    fn within(self, text: &str) -> DocumentError {
        let (part, fault) = match self {
            Self::NotJson { part, fault } => (part, fault),
            Self::Unstorable(error) => return error,
        };
        let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let before = &text.as_bytes()[..start.min(text.len())];
        let lines = before.iter().filter(|byte| **byte == b'\n').count();
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let columns = if fault.line() == 1 { before.len() - line_start } else { 0 };
        DocumentError::NotJson { line: lines + fault.line(), column: columns + fault.column() }
    }
}

impl From<DocumentError> for PartFault<'_> {
    fn from(error: DocumentError) -> Self {
        Self::Unstorable(error)
    }
}

/// Reads a part with `serde_json`.
fn part<'text, T: Deserialize<'text>>(text: &'text str) -> Result<T, PartFault<'text>> {
    serde_json::from_str(text).map_err(|fault| PartFault::NotJson { part: text, fault })
}

fn read(raw: &RawValue, depth: usize) -> Result<Document, PartFault<'_>> {
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'{') => read_map(text, depth),
        Some(b'[') => read_list(text, depth),
        Some(b'"') => part(text).map(Document::String),
        Some(b't') => Ok(Document::Bool(true)),
        Some(b'f') => Ok(Document::Bool(false)),
        Some(b'n') => Ok(Document::Null),
        _ => Ok(read_number(text)?),
    }
}

fn read_map(text: &str, depth: usize) -> Result<Document, PartFault<'_>> {
    deeper(depth)?;
    let members: BTreeMap<String, &RawValue> = part(text)?;
    members
        .into_iter()
        .map(|(name, raw)| {
            if name.is_empty() {
                Err(DocumentError::EmptyName.into())
            } else {
                Ok((name, read(raw, depth + 1)?))
            }
        })
        .collect::<Result<_, _>>()
        .map(Document::Map)
}

fn read_list(text: &str, depth: usize) -> Result<Document, PartFault<'_>> {
    deeper(depth)?;
    let elements: Vec<&RawValue> = part(text)?;
    elements.into_iter().map(|raw| read(raw, depth + 1)).collect::<Result<_, _>>().map(Document::List)
}

fn deeper(depth: usize) -> Result<(), DocumentError> {
    if depth < Document::MAX_DEPTH { Ok(()) } else { Err(DocumentError::TooDeep) }
}

fn read_number(text: &str) -> Result<Document, DocumentError> {
    match (number::is_storable(text), number::is_zero(text)) {
        (false, _) => Err(DocumentError::NumberOutOfRange),
        // DynamoDB has one zero; other spellings of it may name an exponent out of range.
        (true, true) => Ok(Document::Number("0".to_owned())),
        (true, false) => Ok(Document::Number(text.to_owned())),
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        read(&raw, 0).map_err(|fault| D::Error::custom(fault.within(raw.get())))
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(text) => {
                RawValue::from_string(text.clone()).map_err(S::Error::custom)?.serialize(serializer)
            }
            Self::String(text) => serializer.serialize_str(text),
            Self::List(elements) => serializer.collect_seq(elements),
            Self::Map(members) => serializer.collect_map(members),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_every_digit() {
        let text = r#"{"a":12345678901234567890.12345678901234567,"b":[1e5,-0.10]}"#;
        assert_eq!(Document::from_json(text).unwrap().to_json(), text);
    }

    #[test]
    fn members_are_written_in_order_of_their_names() {
        assert_eq!(
            Document::from_json(r#"{"b": 1, "a": null, "b": 2}"#).unwrap().to_json(),
            r#"{"a":null,"b":2}"#
        );
    }

    #[test]
    fn escapes_are_resolved() {
        assert_eq!(Document::from_json(r#""\u00e4\n""#), Ok(Document::String("ä\n".to_owned())));
    }

    #[test]
    fn text_after_the_value_is_refused() {
        assert_eq!(Document::from_json("{} {}"), Err(DocumentError::NotJson { line: 1, column: 4 }));
    }

    #[test]
    fn a_lone_surrogate_is_refused() {
        assert!(matches!(Document::from_json(r#"{"a":"\ud800"}"#), Err(DocumentError::NotJson { .. })));
    }

    #[test]
    fn a_fault_within_nested_parts_has_its_place_in_the_whole_text() {
        for text in [
            "{\n \"a\": {\n  \"b\":\n   [1, \"\\udc00\"] } }",
            r#"{"a":[{"b":"\ud800"}]}"#,
            r#"[1,{"\udfff":2}]"#,
            "[\"ä\", \"\\ud800\"]",
        ] {
            let whole = serde_json::from_str::<serde_json::Value>(text).expect_err("a lone surrogate");
            let place = DocumentError::NotJson { line: whole.line(), column: whole.column() };
            assert_eq!(Document::from_json(text), Err(place), "{text}");
        }
        let text = "[\n  \"\\udc00\"]";
        assert_eq!(Document::from_json(text), Err(DocumentError::NotJson { line: 2, column: 9 }));
    }

    #[test]
    fn deepest_nesting_fits_and_one_more_level_does_not() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(Document::from_json(&nested(31)).is_ok());
        assert_eq!(Document::from_json(&nested(32)), Err(DocumentError::TooDeep));
        assert_eq!(Document::from_json(&nested(100_000)), Err(DocumentError::TooDeep));
    }

    #[test]
    fn numbers_and_names_that_the_table_refuses_are_errors() {
        assert_eq!(Document::from_json("[1e999]"), Err(DocumentError::NumberOutOfRange));
        assert_eq!(Document::from_json(r#"{"":1}"#), Err(DocumentError::EmptyName));
    }

    #[test]
    fn stored_size_counts_as_the_table_does() {
        assert_eq!(
            Document::from_json(r#"{"ab":[true,"xyz"]}"#).unwrap().stored_size(),
            3 + 1 + 2 + 3 + 1 + 1 + 1 + 3
        );
    }
}
