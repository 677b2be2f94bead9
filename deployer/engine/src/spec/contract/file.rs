//! The file in which a function's crate says what it asks of its infrastructure.
//!
//! It stands beside the crate's `Cargo.toml` and is called [`FILE_NAME`]. Rust crates may generate it
//! from the constant that their own code reads by; any other way of writing it is as good.

use std::borrow::Cow;
use std::collections::BTreeMap;

use regex_lite::Regex;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::spec::file::{DataVerb, QueueVerb};

/// Name of the file, beside the `Cargo.toml` of the function's crate.
pub const FILE_NAME: &str = "pipectl-contract.json";

/// The version of the format that is read.
const VERSION: u32 = 1;

/// What a function asks of its infrastructure: the variables it reads, the events it takes, and the
/// payloads that cross its queues.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "pipectl contract of a function")]
pub struct Contract {
    /// The JSON Schema of this file, for editors.
    #[serde(rename = "$schema")]
    pub schema: Option<String>,
    /// Version of the format: 1.
    #[schemars(range(min = 1, max = 1))]
    pub version: u32,
    /// Every environment variable that the function reads, besides those that Lambda and the AWS
    /// SDK define, by name.
    #[serde(default)]
    pub environment: BTreeMap<String, Variable>,
    /// Every kind of event that the function takes. Default: not said, and not checked.
    pub events: Option<Vec<Event>>,
}

/// An environment variable. An empty value counts as none.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// One sentence for people: what it sets.
    pub documentation: Option<String>,
    /// Whether the function refuses to start without it. Default: false.
    #[serde(default)]
    pub required: bool,
    /// What stands in for it. Default: nothing.
    pub default: Option<String>,
    /// What its value is. Default: any text.
    #[serde(default)]
    pub value: ValueKind,
}

/// What the value of a variable is, and for a resource what the function does with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ValueKind {
    /// Any text.
    #[default]
    Text,
    /// One of these words.
    Choice(Vec<String>),
    /// A whole number.
    Number {
        /// Smallest number.
        minimum: u64,
        /// Largest number.
        maximum: u64,
    },
    /// Something that must not stand in a template.
    Secret,
    /// URL of an SQS queue.
    QueueUrl {
        /// What the function does with the queue.
        access: QueueVerb,
        /// What it sends there, or can read from there. Default: not said.
        #[serde(default)]
        payloads: Vec<Payload>,
    },
    /// Name of a DynamoDB table.
    TableName {
        /// What the function does with the table.
        access: DataVerb,
        /// Every DynamoDB action that it calls, without the prefix, as `UpdateItem`. Default: not said.
        #[serde(default)]
        actions: Vec<String>,
    },
    /// Name of an S3 bucket.
    BucketName {
        /// What the function does with the objects.
        access: DataVerb,
    },
    /// ARN of an SNS topic, to which the function publishes.
    TopicArn,
}

/// A kind of event that invokes a function.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// Request of an HTTP API, payload format 2.0.
    Api,
    /// Notification of a bucket.
    Bucket,
    /// Batch of a queue.
    Queue {
        /// Every payload that the function can read. Default: not said.
        #[serde(default)]
        payloads: Vec<Payload>,
    },
    /// An alarm that goes off.
    Alarm,
}

/// A kind of message with its version, as `shop.order/2`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Payload(String);

/// Shape of a [`Payload`].
const PAYLOAD_PATTERN: &str = "^[a-z][a-z0-9._-]*/[1-9][0-9]{0,8}$";

impl Payload {
    /// Returns the name without the version.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit_once('/').map_or(self.0.as_str(), |(name, _)| name)
    }
}

impl std::fmt::Display for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Payload {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match Regex::new(PAYLOAD_PATTERN).is_ok_and(|pattern| pattern.is_match(&text)) {
            true => Ok(Self(text)),
            false => Err(format!("`{text}` is not a payload: name and version, such as `shop.order/2`")),
        }
    }
}

impl JsonSchema for Payload {
    fn schema_name() -> Cow<'static, str> {
        "Payload".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Name and version of a kind of message, as shop.order/2.",
            "type": "string",
            "pattern": PAYLOAD_PATTERN,
        })
    }
}

/// Why the file of a contract cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ContractError {
    /// Not JSON, or not of the schema; the text names line and column.
    #[error("{0}")]
    Format(#[from] serde_json::Error),
    /// A version of the format that is not known here.
    #[error("version {found} of the format is not known, only {VERSION}")]
    Version {
        /// The version found.
        found: u32,
    },
    /// A variable's default is not a value that the variable takes.
    #[error("the default of `{variable}` must be {expected}")]
    Default {
        /// Name of the variable.
        variable: String,
        /// What it takes.
        expected: String,
    },
}

/// Reads the text of a contract's file.
///
/// # Errors
/// [`ContractError`] with the first fault.
pub fn read(text: &str) -> Result<Contract, ContractError> {
    let contract: Contract = serde_json::from_str(text)?;
    if contract.version != VERSION {
        return Err(ContractError::Version { found: contract.version });
    }
    for (name, variable) in &contract.environment {
        let default = variable.default.as_deref().unwrap_or_default();
        if !default.is_empty() && !variable.value.takes(default) {
            let expected = variable.value.to_string();
            return Err(ContractError::Default { variable: name.clone(), expected });
        }
    }
    Ok(contract)
}

impl ValueKind {
    /// True unless the text is certainly not a value of this kind.
    #[must_use]
    pub fn takes(&self, text: &str) -> bool {
        match self {
            Self::Choice(names) => names.iter().any(|name| name == text),
            Self::Number { minimum, maximum } => {
                text.parse().is_ok_and(|number| (*minimum..=*maximum).contains(&number))
            }
            Self::QueueUrl { .. } => text.starts_with("https://") || text.starts_with("http://"),
            Self::TopicArn => text.starts_with("arn:"),
            Self::Text | Self::Secret | Self::TableName { .. } | Self::BucketName { .. } => true,
        }
    }
}

impl std::fmt::Display for ValueKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text => f.write_str("a text"),
            Self::Choice(names) => write!(f, "one of {}", names.join(", ")),
            Self::Number { minimum, maximum } => write!(f, "a whole number from {minimum} to {maximum}"),
            Self::Secret => f.write_str("a secret"),
            Self::QueueUrl { .. } => f.write_str("the URL of a queue"),
            Self::TableName { .. } => f.write_str("the name of a table"),
            Self::BucketName { .. } => f.write_str("the name of a bucket"),
            Self::TopicArn => f.write_str("the ARN of a topic"),
        }
    }
}

/// Returns the JSON Schema (2020-12) of the file, generated from [`Contract`].
#[must_use]
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Contract>().to_value();
    schema["$comment"] = json!("Generated from deployer/engine/src/spec/contract/file.rs; do not edit.");
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        read(text).unwrap_err().to_string()
    }

    #[test]
    fn smallest_contract_asks_for_nothing() {
        let contract = read(r#"{"version": 1}"#).unwrap();
        assert!(contract.environment.is_empty() && contract.events.is_none());
    }

    #[test]
    fn unknown_key_is_refused_with_its_line() {
        let text = "{\"version\": 1,\n \"enviroment\": {}}";
        assert!(fault(text).contains("unknown field `enviroment`") && fault(text).contains("line 2"));
    }

    #[test]
    fn unknown_version_is_refused() {
        assert_eq!(fault(r#"{"version": 2}"#), "version 2 of the format is not known, only 1");
    }

    #[test]
    fn default_must_be_a_value_that_the_variable_takes() {
        let with = |default: &str| {
            let value = r#"{"number": {"minimum": 1, "maximum": 9}}"#;
            format!(
                r#"{{"version": 1, "environment": {{"N": {{"default": "{default}", "value": {value}}}}}}}"#
            )
        };
        assert_eq!(fault(&with("10")), "the default of `N` must be a whole number from 1 to 9");
        assert!(read(&with("9")).is_ok());
    }

    #[test]
    fn payload_has_a_name_and_a_version() {
        let with = |payload: &str| {
            format!(r#"{{"version": 1, "events": [{{"queue": {{"payloads": ["{payload}"]}}}}]}}"#)
        };
        assert!(read(&with("shop.order/2")).is_ok());
        for wrong in ["shop.order", "shop.order/0", "Shop/1", "/1"] {
            assert!(fault(&with(wrong)).contains("is not a payload"), "{wrong}");
        }
    }
}
