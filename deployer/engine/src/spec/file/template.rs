//! What goes into the template as it is: parameters, outputs, raw resources.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::scalar::{DeletionPolicy, Scalar};

/// A template parameter. Source: CloudFormation user guide, "Parameters".
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// CloudFormation parameter type. Default: `String`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Value when none is given.
    pub default: Option<Scalar>,
    /// The values that are allowed.
    #[serde(default)]
    pub allowed_values: Vec<Scalar>,
    /// Regular expression that the whole value must match.
    pub allowed_pattern: Option<String>,
    /// Whether CloudFormation masks the value. Not for secrets: use a dynamic reference.
    #[serde(default)]
    pub no_echo: bool,
}

/// The value of a template parameter.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ParameterValue {
    /// Name of the parameter.
    pub parameter: String,
}

/// An output of the stack.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// The value: text or an intrinsic function (`!GetAtt`, `!Ref`, `!Sub`).
    pub value: Value,
    /// What it is for.
    pub description: Option<String>,
    /// Name under which other stacks import it; CloudFormation puts in `${...}`, such as `${AWS::StackName}`.
    pub export: Option<String>,
}

/// A CloudFormation resource, as in a template.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawResource {
    /// Resource type, for example `AWS::SSM::Parameter`.
    #[serde(rename = "Type")]
    #[schemars(regex(pattern = r"^[A-Za-z0-9]+(::[A-Za-z0-9]+){1,3}$"))]
    pub kind: String,
    /// Properties of the type.
    #[serde(rename = "Properties", default)]
    pub properties: Map<String, Value>,
    /// Logical IDs of resources that must be there first.
    #[serde(rename = "DependsOn", default)]
    pub depends_on: Vec<String>,
    /// Name of a condition.
    #[serde(rename = "Condition")]
    pub condition: Option<String>,
    /// What becomes of it when it leaves the stack.
    #[serde(rename = "DeletionPolicy")]
    pub deletion_policy: Option<DeletionPolicy>,
    /// What becomes of it when it is replaced.
    #[serde(rename = "UpdateReplacePolicy")]
    pub update_replace_policy: Option<DeletionPolicy>,
    /// Free data about the resource.
    #[serde(rename = "Metadata")]
    pub metadata: Option<Map<String, Value>>,
}
