//! What may be written in a spec file (`pipeline.yaml`).
//!
//! These types are the one declaration of the spec's keys: the reader checks a file against the
//! JSON Schema generated from them, editors are offered the same schema, and the lowering reads
//! the values. AWS's own properties carry AWS's names in snake case and AWS's units.
//!
//! One file holds one service or one concern; start with [`SpecFile`].

mod access;
mod alarm;
mod api;
mod bucket;
mod event_source;
mod function;
mod queue;
mod scalar;
mod table;
mod template;
mod topic;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::allow::Allowed;
pub use access::{
    Access, BucketAccess, DataVerb, QueueAccess, QueueVerb, TableAccess, TopicAccess, TopicVerb,
};
pub use alarm::{Alarm, AlarmComparison, AlarmStatistic, AlarmSubject};
pub use api::{Api, AuthorizedRoute, Cors, JwtAuthorizer, Route, Throttling};
pub use bucket::Bucket;
pub use event_source::{AlarmEvents, EventSource, MessageEvents, ObjectEvents};
pub use function::{EnvironmentValue, Function, FunctionArchitecture, SecretValue};
pub use queue::{Queue, Redrive};
pub(in crate::spec) use scalar::NameRule;
pub use scalar::{
    DeletionPolicy, MemorySize, NAME_PATTERN, Name, PIPELINE_PATTERN, STAGE_PATTERN, Scalar, TimeSpan,
};
pub use table::{Index, Key, KeyKind, StreamView, Table, TypedKey};
pub use template::{Output, Parameter, ParameterValue, RawResource};
pub use topic::{Subscription, SubscriptionEndpoint, SubscriptionProtocol, Topic};

/// An event-driven pipeline: the resources, how they are wired, and what varies by stage.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "pipectl pipeline")]
pub struct SpecFile {
    /// Name of the pipeline. The stack is called `<name>`, or `<name>-<stage>` with a stage.
    #[schemars(regex(pattern = PIPELINE_PATTERN))]
    pub name: String,
    /// What the pipeline does; becomes the stack's description.
    #[schemars(length(max = 1024))]
    pub description: Option<String>,
    /// How the function crates are built.
    #[serde(default)]
    pub build: Build,
    /// Logs, tracing, alarms and dashboard of the whole pipeline.
    #[serde(default)]
    pub observability: Observability,
    /// Changes to this file by stage, chosen with `--stage`: mappings merge, `null` removes a key.
    #[serde(default)]
    pub stages: BTreeMap<String, Map<String, Value>>,
    /// Template parameters, given with `--parameter Name=value` or from their default.
    #[serde(default)]
    pub parameters: BTreeMap<String, Parameter>,
    /// Tags of the stack, which AWS passes on to its resources.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// S3 buckets by name.
    #[serde(default)]
    pub buckets: BTreeMap<Name, Bucket>,
    /// SQS queues by name.
    #[serde(default)]
    pub queues: BTreeMap<Name, Queue>,
    /// DynamoDB tables by name.
    #[serde(default)]
    pub tables: BTreeMap<Name, Table>,
    /// SNS topics by name.
    #[serde(default)]
    pub topics: BTreeMap<Name, Topic>,
    /// Lambda functions by name.
    #[serde(default)]
    pub functions: BTreeMap<Name, Function>,
    /// HTTP APIs by name.
    #[serde(default)]
    pub apis: BTreeMap<Name, Api>,
    /// CloudWatch alarms by name, beside those that every pipeline gets.
    #[serde(default)]
    pub alarms: BTreeMap<Name, Alarm>,
    /// Outputs beside those that every pipeline gets.
    #[serde(default)]
    pub outputs: BTreeMap<String, Output>,
    /// Raw CloudFormation resources by logical ID, as in a template.
    #[serde(default)]
    pub resources: BTreeMap<String, RawResource>,
    /// Changes to rendered resources by logical ID, as a JSON merge patch (RFC 7396).
    #[serde(default)]
    pub overrides: BTreeMap<String, Map<String, Value>>,
    /// Warnings that are accepted, each with the reason.
    #[serde(default)]
    pub allow: Vec<Allowed>,
}

/// How the function crates are built.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Build {
    /// Folder of the Cargo workspace, relative to the spec file. Default: the nearest folder at or
    /// above the spec file that has a `Cargo.toml`.
    pub workspace: Option<String>,
}

/// Logs, tracing, alarms and dashboard of the whole pipeline.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Observability {
    /// How long CloudWatch keeps the logs, in days; one of AWS's steps. Default: 30.
    pub log_retention_days: Option<u32>,
    /// AWS X-Ray active tracing of the functions. Default: true.
    pub tracing: Option<bool>,
    /// A CloudWatch dashboard of the pipeline. Default: true.
    pub dashboard: Option<bool>,
    /// Topics that every alarm notifies.
    #[serde(default)]
    pub notify: Vec<Name>,
}
