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
