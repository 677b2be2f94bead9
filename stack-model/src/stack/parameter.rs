//! Values that are given when a stack is created or updated.

use serde::Serialize;

/// Type of a parameter's value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParameterType {
    /// `String`.
    String,
    /// `Number`.
    Number,
    /// `CommaDelimitedList`: `Ref` gives a list.
    CommaDelimitedList,
    /// `AWS::SSM::Parameter::Value<String>`: the value names a parameter of Systems Manager.
    SsmString,
    /// Any other type, as `AWS::EC2::Subnet::Id`.
    Other(String),
}

impl Serialize for ParameterType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::String => "String",
            Self::Number => "Number",
            Self::CommaDelimitedList => "CommaDelimitedList",
            Self::SsmString => "AWS::SSM::Parameter::Value<String>",
            Self::Other(name) => name,
        })
    }
}

/// A value that is given when the stack is created or updated.
///
/// Source: CloudFormation template anatomy, Parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Parameter {
    /// Type of the value.
    pub r#type: ParameterType,
    /// What it is for; at most 4,000 characters.
    pub description: Option<String>,
    /// Used when none is given; without it the parameter must be given on creation.
    pub default: Option<String>,
    /// The only values taken.
    pub allowed_values: Option<Vec<String>>,
    /// Regular expression the whole value must match.
    pub allowed_pattern: Option<String>,
    /// Said to the user when a constraint does not hold.
    pub constraint_description: Option<String>,
    /// Shortest text, in characters.
    pub min_length: Option<u32>,
    /// Longest text, in characters.
    pub max_length: Option<u32>,
    /// Smallest number.
    pub min_value: Option<i64>,
    /// Largest number.
    pub max_value: Option<i64>,
    /// Whether AWS hides the value in its answers. It does not hide it inside resources.
    pub no_echo: Option<bool>,
}

impl Parameter {
    /// A parameter of a type, with nothing else set.
    #[must_use]
    pub fn new(r#type: ParameterType) -> Self {
        Self {
            r#type,
            description: None,
            default: None,
            allowed_values: None,
            allowed_pattern: None,
            constraint_description: None,
            min_length: None,
            max_length: None,
            min_value: None,
            max_value: None,
            no_echo: None,
        }
    }

    /// A text that must be given, with what it is for.
    #[must_use]
    pub fn text(description: impl Into<String>) -> Self {
        Self { description: Some(description.into()), ..Self::new(ParameterType::String) }
    }
}
