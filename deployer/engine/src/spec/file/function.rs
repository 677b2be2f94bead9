//! Lambda functions and their environment.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::access::Access;
use super::event_source::EventSource;
use super::scalar::{MemorySize, Name, Scalar, TimeSpan};
use super::template::ParameterValue;

/// A Lambda function on `provided.al2023`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// Cargo package whose binary is the function.
    #[serde(rename = "crate")]
    pub crate_name: String,
    /// Binary of the package. Default: the only one; of several `default-run`, else the one named as the
    /// package.
    #[schemars(regex(pattern = r"^\S+$"))]
    pub bin: Option<String>,
    /// Features of the package to turn on besides its default ones. Default: none.
    #[serde(default)]
    #[schemars(inner(regex(pattern = r"^[^\s,/]+$")))]
    pub features: Vec<String>,
    /// Cargo profile to build with, on AWS and on the local engine. Default: `function` on AWS and
    /// `function-local` on the local engine, which pipectl brings along.
    #[schemars(regex(pattern = r"^[A-Za-z0-9_-]+$"))]
    pub profile: Option<String>,
    /// What it does.
    #[schemars(length(max = 256))]
    pub description: Option<String>,
    /// Memory, 128 MB to 10,240 MB; CPU grows with it. Default: 256 MB.
    pub memory_size: Option<MemorySize>,
    /// Longest run, 1 s to 15 min. Default: 30 s.
    pub timeout: Option<TimeSpan>,
    /// Instruction set. Default: `arm64`.
    pub architecture: Option<FunctionArchitecture>,
    /// Concurrent runs set aside for, and allowed to, this function. Default: none.
    pub reserved_concurrency: Option<u32>,
    /// Size of `/tmp`, 512 MB to 10,240 MB. Default: 512 MB.
    pub ephemeral_storage: Option<MemorySize>,
    /// Environment variables: a literal, or a binding that also grants the access it names.
    #[serde(default)]
    pub environment: BTreeMap<String, EnvironmentValue>,
    /// Further access, without an environment variable.
    #[serde(default)]
    pub access: Vec<Access>,
    /// What invokes the function.
    #[serde(default)]
    pub events: Vec<EventSource>,
    /// Queue (standard) for asynchronous events that failed for good, such as those of a bucket.
    pub on_failure: Option<Name>,
    /// Retries of an asynchronous event, 0 to 2. Default: 2.
    #[schemars(range(min = 0, max = 2))]
    pub maximum_retry_attempts: Option<u32>,
}

/// `Architectures` of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum FunctionArchitecture {
    /// AWS Graviton.
    #[serde(rename = "arm64")]
    Arm64,
    /// x86-64.
    #[serde(rename = "x86_64")]
    X86_64,
}

/// The value of an environment variable.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum EnvironmentValue {
    /// The value itself. Not for secrets.
    Literal(Scalar),
    /// The queue's URL, the table's or bucket's name or the topic's ARN, together with the access.
    Access(Access),
    /// The value of a template parameter.
    Parameter(ParameterValue),
    /// A secret, resolved by AWS when it deploys; the template holds the reference only.
    Secret(SecretValue),
}

/// A value in AWS Secrets Manager.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretValue {
    /// Name or ARN of the secret.
    pub secret: String,
    /// Key within a secret that is a JSON object. Default: the whole secret.
    pub field: Option<String>,
}
