//! Values that stand at many places: names, spans of time, sizes, and what becomes of data.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;
use stack_model::unit::{Megabytes, Seconds};

/// A name of the user's: lower-case letters, digits and hyphens, at most 40 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct Name(pub String);

impl Name {
    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Shape of a [`Name`], held by the reader.
pub const NAME_PATTERN: &str = "^[a-z][a-z0-9-]{0,39}$";

/// Shape of a pipeline's name.
pub const PIPELINE_PATTERN: &str = "^[a-z][a-z0-9-]{0,30}$";

/// Shape of a stage's name, which ends the stack's name.
pub const STAGE_PATTERN: &str = "^[a-z0-9][a-z0-9-]{0,39}$";

/// A shape of names, in words.
pub(in crate::spec) struct NameRule {
    /// What the names are of.
    pub(in crate::spec) what: &'static str,
    /// The shape as a sentence says it.
    pub(in crate::spec) words: &'static str,
    pattern: &'static str,
    longest: usize,
    starts_with_letter: bool,
}

impl NameRule {
    const ALL: [Self; 3] = [
        Self {
            what: "name",
            words: "lower-case letters, digits and `-`, a letter first, 40 characters at most",
            pattern: NAME_PATTERN,
            longest: 40,
            starts_with_letter: true,
        },
        Self {
            what: "name of a pipeline",
            words: "lower-case letters, digits and `-`, a letter first, 31 characters at most",
            pattern: PIPELINE_PATTERN,
            longest: 31,
            starts_with_letter: true,
        },
        Self {
            what: "name of a stage",
            words: "lower-case letters, digits and `-`, no `-` first, 40 characters at most",
            pattern: STAGE_PATTERN,
            longest: 40,
            starts_with_letter: false,
        },
    ];

    /// Finds the rule that a pattern of the schema stands for.
    pub(in crate::spec) fn of(pattern: &str) -> Option<&'static Self> {
        const RULES: &[NameRule] = &NameRule::ALL;
        RULES.iter().find(|rule| rule.pattern == pattern)
    }

    /// Returns the name of this shape that is nearest to a text; `None` when nothing of it can stay.
    pub(in crate::spec) fn nearest(&self, text: &str) -> Option<String> {
        let mut name = String::new();
        let mut previous = None;
        for letter in text.chars() {
            // `OrderQueue` is `order-queue`, and `DLQ` is `dlq`.
            let is_word =
                letter.is_ascii_uppercase() && previous.is_some_and(|it: char| it.is_ascii_lowercase());
            if is_word || (!letter.is_ascii_alphanumeric() && !name.is_empty() && !name.ends_with('-')) {
                name.push('-');
            }
            if letter.is_ascii_alphanumeric() {
                name.push(letter.to_ascii_lowercase());
            }
            previous = Some(letter);
        }
        let unfit = |first: char| first == '-' || (self.starts_with_letter && first.is_ascii_digit());
        let name: String = name.trim_start_matches(unfit).chars().take(self.longest).collect();
        let name = name.trim_end_matches('-').to_owned();
        (!name.is_empty()).then_some(name)
    }
}

impl JsonSchema for Name {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Name".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": NAME_PATTERN})
    }
}

/// A span of time in whole seconds. Written as a number of seconds, or as `30s`, `5m`, `2h`, `14d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub struct TimeSpan {
    /// Length in seconds.
    pub seconds: u64,
}

impl TimeSpan {
    /// Returns the length as the model counts it; what is longer than it can count is refused by
    /// every range.
    #[must_use]
    pub fn get(self) -> Seconds {
        Seconds(u32::try_from(self.seconds).unwrap_or(u32::MAX))
    }
}

impl JsonSchema for TimeSpan {
    fn schema_name() -> Cow<'static, str> {
        "TimeSpan".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Seconds, or a text with a unit: 30s, 5m, 2h, 14d.",
            "anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^[0-9]{1,7}[smhd]$"}],
        })
    }
}

impl TryFrom<Value> for TimeSpan {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let wrong = "seconds, or a text such as 30s, 5m, 2h, 14d";
        if let Some(seconds) = value.as_u64() {
            return Ok(Self { seconds });
        }
        let text = value.as_str().ok_or(wrong)?;
        let (digits, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or(wrong)?;
        let factor = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => return Err(wrong),
        };
        let count: u64 = digits.parse().map_err(|_| wrong)?;
        Ok(Self { seconds: count.saturating_mul(factor) })
    }
}

/// An amount of memory or storage in whole MB. Written as a number of MB, or as `512MB`, `2GB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub struct MemorySize {
    /// Size in MB (1,048,576 bytes, as Lambda counts).
    pub megabytes: u64,
}

impl MemorySize {
    /// Returns the size as the model counts it; what is larger than it can count is refused by
    /// every range.
    #[must_use]
    pub fn get(self) -> Megabytes {
        Megabytes(u32::try_from(self.megabytes).unwrap_or(u32::MAX))
    }
}

impl JsonSchema for MemorySize {
    fn schema_name() -> Cow<'static, str> {
        "MemorySize".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "MB, or a text with a unit: 512MB, 2GB.",
            "anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^[0-9]{1,7}(MB|GB)$"}],
        })
    }
}

impl TryFrom<Value> for MemorySize {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let wrong = "MB, or a text such as 512MB, 2GB";
        if let Some(megabytes) = value.as_u64() {
            return Ok(Self { megabytes });
        }
        let text = value.as_str().ok_or(wrong)?;
        let (digits, factor) = match (text.strip_suffix("MB"), text.strip_suffix("GB")) {
            (Some(digits), _) => (digits, 1),
            (_, Some(digits)) => (digits, 1024),
            _ => return Err(wrong),
        };
        let count: u64 = digits.parse().map_err(|_| wrong)?;
        Ok(Self { megabytes: count.saturating_mul(factor) })
    }
}

/// What becomes of a stateful resource when it leaves the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum DeletionPolicy {
    /// It stays in the account, outside the stack.
    Retain,
    /// It stays, unless it was created by the deployment that now rolls back.
    RetainExceptOnCreate,
    /// It is deleted with everything in it.
    Delete,
}

/// A text, a number or a truth value; AWS takes all of them as text.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Scalar {
    /// Text.
    Text(String),
    /// Number.
    Number(serde_json::Number),
    /// Truth value.
    Bool(bool),
}

impl std::fmt::Display for Scalar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
            Self::Bool(value) => value.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_name_keeps_to_the_rule() {
        let name = NameRule::of(NAME_PATTERN).expect("a rule");
        let stage = NameRule::of(STAGE_PATTERN).expect("a rule");
        let nearest = |rule: &NameRule, text| rule.nearest(text).unwrap_or_default();
        assert_eq!(nearest(name, "OrderQueue"), "order-queue");
        assert_eq!(nearest(name, "2nd_DLQ."), "nd-dlq");
        assert_eq!(nearest(stage, "2nd stage"), "2nd-stage");
        assert_eq!(nearest(stage, "UP"), "up");
        assert_eq!(name.nearest("ü"), None);
        assert_eq!(nearest(name, &"x".repeat(60)).len(), 40);
    }
}
