//! What may be written in a spec file (`pipeline.yaml`).
//!
//! These types are the one declaration of the spec's keys: the reader checks a file against the
//! JSON Schema generated from them, editors are offered the same schema, and the lowering reads
//! the values. AWS's own properties carry AWS's names in snake case and AWS's units.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Map, Value};
use stack_model::unit::{Megabytes, Seconds};

/// An event-driven pipeline: the resources, how they are wired, and what varies by stage.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "pipectl pipeline")]
pub struct SpecFile {
    /// Name of the pipeline. The stack is called `<name>`, or `<name>-<stage>` with a stage.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9-]{0,30}$"))]
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
}

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

/// An S3 bucket: private, encrypted, TLS-only, versioned.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// Whether old versions of objects are kept. Default: true.
    pub versioning: Option<bool>,
    /// Days after which an old version is deleted. Default: 30.
    pub noncurrent_version_expiration_days: Option<u32>,
    /// Days after which an object is deleted. Default: never.
    pub expiration_days: Option<u32>,
    /// What becomes of the bucket when it leaves the stack. Default: `Retain`.
    pub deletion_policy: Option<DeletionPolicy>,
}

/// An SQS queue: encrypted, TLS-only.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// Whether the queue is FIFO. Default: false.
    #[serde(default)]
    pub fifo: bool,
    /// Whether SQS takes the SHA-256 of the body as deduplication ID; FIFO only. Default: false.
    pub content_based_deduplication: Option<bool>,
    /// Time a received message stays hidden, 0 s to 12 h. Default: six times the timeout of the
    /// function it invokes, at least 30 s.
    pub visibility_timeout: Option<TimeSpan>,
    /// How long a message is kept, 60 s to 14 d. Default: 4 d, for a dead-letter queue 14 d.
    pub message_retention_period: Option<TimeSpan>,
    /// Time a new message stays hidden, 0 s to 15 min. Default: 0.
    pub delay: Option<TimeSpan>,
    /// Largest message in bytes, 1,024 to 1,048,576. Default: 1,048,576.
    pub maximum_message_size: Option<u32>,
    /// Where messages go that could not be processed.
    pub redrive: Option<Redrive>,
    /// What becomes of the queue when it leaves the stack. Default: `Delete`.
    pub deletion_policy: Option<DeletionPolicy>,
}

/// A redrive policy.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Redrive {
    /// Name of the dead-letter queue; FIFO if and only if this queue is.
    pub dead_letter_queue: Name,
    /// How often a message is received before it goes there, 1 to 1,000. Default: 5.
    #[schemars(range(min = 1, max = 1000))]
    pub max_receive_count: Option<u32>,
}

/// A DynamoDB table: on demand, encrypted, with point-in-time recovery.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Partition key.
    pub partition_key: Key,
    /// Sort key.
    pub sort_key: Option<Key>,
    /// Name of the attribute that holds the time to live, in epoch seconds.
    pub time_to_live: Option<String>,
    /// Global secondary indexes by name.
    #[serde(default)]
    pub global_secondary_indexes: BTreeMap<String, Index>,
    /// Point-in-time recovery. Default: true.
    pub point_in_time_recovery: Option<bool>,
    /// Whether AWS refuses to delete the table. Default: false.
    pub deletion_protection: Option<bool>,
    /// What the stream of changes holds. Default: no stream.
    pub stream: Option<StreamView>,
    /// What becomes of the table when it leaves the stack. Default: `Retain`.
    pub deletion_policy: Option<DeletionPolicy>,
}

/// A key attribute: its name when it is a string, otherwise name and type.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Key {
    /// A string attribute of that name.
    Text(String),
    /// An attribute with its type.
    Typed(TypedKey),
}

/// A key attribute with its type.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TypedKey {
    /// Attribute name.
    pub name: String,
    /// Attribute type.
    #[serde(rename = "type")]
    pub kind: KeyKind,
}

/// `AttributeType` of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum KeyKind {
    /// String.
    S,
    /// Number.
    N,
    /// Binary.
    B,
}

/// A global secondary index; all attributes are projected.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// Partition key.
    pub partition_key: Key,
    /// Sort key.
    pub sort_key: Option<Key>,
}

/// `StreamViewType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StreamView {
    /// The keys only.
    KeysOnly,
    /// The item after the change.
    NewImage,
    /// The item before the change.
    OldImage,
    /// Both.
    NewAndOldImages,
}

/// An SNS topic: TLS-only.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Whether the topic is FIFO. Default: false.
    #[serde(default)]
    pub fifo: bool,
    /// Sender name of e-mail and SMS, at most 100 characters.
    #[schemars(length(max = 100))]
    pub display_name: Option<String>,
    /// Who is told.
    #[serde(default)]
    pub subscriptions: Vec<Subscription>,
}

/// A subscription of a topic.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// How it is delivered.
    pub protocol: SubscriptionProtocol,
    /// Where to: an address or phone number (`+` and digits), or a parameter.
    pub endpoint: SubscriptionEndpoint,
}

/// `Protocol` of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SubscriptionProtocol {
    /// E-mail.
    Email,
    /// E-mail, the message as JSON.
    EmailJson,
    /// Text message to a phone.
    Sms,
    /// HTTPS POST.
    Https,
}

/// Where a subscription delivers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum SubscriptionEndpoint {
    /// The address itself.
    Address(String),
    /// The value of a template parameter.
    Parameter(ParameterValue),
}

/// The value of a template parameter.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ParameterValue {
    /// Name of the parameter.
    pub parameter: String,
}

/// A Lambda function on `provided.al2023`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// Cargo package whose binary of the same name is the function.
    #[serde(rename = "crate")]
    pub crate_name: String,
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

/// The use of a resource by a function, from which its least privilege follows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Access {
    /// Use of a queue.
    Queue(QueueAccess),
    /// Use of a table.
    Table(TableAccess),
    /// Use of a bucket.
    Bucket(BucketAccess),
    /// Use of a topic.
    Topic(TopicAccess),
}

/// Use of a queue.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QueueAccess {
    /// Name of the queue.
    pub queue: Name,
    /// What the function does with it.
    pub access: QueueVerb,
}

/// What a function does with a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QueueVerb {
    /// Sends messages.
    Send,
    /// Receives messages without deleting them.
    Receive,
    /// Receives and deletes messages.
    Consume,
}

/// Use of a table and its indexes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableAccess {
    /// Name of the table.
    pub table: Name,
    /// What the function does with it.
    pub access: DataVerb,
    /// The only DynamoDB actions allowed, for example `[PutItem, UpdateItem]`. Default: all of the
    /// access.
    #[serde(default)]
    pub actions: Vec<String>,
}

/// Use of a bucket's objects.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BucketAccess {
    /// Name of the bucket.
    pub bucket: Name,
    /// What the function does with it.
    pub access: DataVerb,
    /// Only keys that start so. Default: all.
    pub prefix: Option<String>,
}

/// What a function does with data at rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DataVerb {
    /// Reads.
    Read,
    /// Writes and deletes.
    Write,
    /// Both.
    ReadWrite,
}

/// Use of a topic.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TopicAccess {
    /// Name of the topic.
    pub topic: Name,
    /// What the function does with it.
    pub access: TopicVerb,
}

/// What a function does with a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TopicVerb {
    /// Publishes messages.
    Publish,
}

/// What invokes a function.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum EventSource {
    /// Objects of a bucket; grants reading them.
    Bucket(ObjectEvents),
    /// Messages of a queue; grants consuming them.
    Queue(MessageEvents),
    /// An alarm that goes off.
    Alarm(AlarmEvents),
}

/// Objects of a bucket that invoke a function.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectEvents {
    /// Name of the bucket.
    pub bucket: Name,
    /// S3 event types. Default: `s3:ObjectCreated:*`.
    #[serde(default)]
    pub events: Vec<String>,
    /// Only keys that start so.
    pub prefix: Option<String>,
    /// Only keys that end so.
    pub suffix: Option<String>,
}

/// Messages of a queue that invoke a function; failed ones are reported one by one.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageEvents {
    /// Name of the queue.
    pub queue: Name,
    /// Most messages in one invocation: 1 to 10,000, for FIFO to 10. Default: 10.
    #[schemars(range(min = 1, max = 10000))]
    pub batch_size: Option<u32>,
    /// How long to wait for a full batch, 0 s to 5 min. Default: 0; above 10 messages it must be
    /// at least 1 s.
    pub batching_window: Option<TimeSpan>,
    /// Most concurrent invocations by this queue, 2 to 1,000. Default: no limit of its own.
    #[schemars(range(min = 2, max = 1000))]
    pub maximum_concurrency: Option<u32>,
    /// Whether messages are taken. Default: true.
    pub enabled: Option<bool>,
}

/// An alarm that invokes a function when it goes off.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlarmEvents {
    /// Name of the alarm.
    pub alarm: Name,
}

/// An HTTP API (API Gateway v2) with an access log.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// Cross-origin requests. Default: none allowed.
    pub cors: Option<Cors>,
    /// Limits of the whole stage. Default: 100 requests a second, bursts of 200.
    pub throttling: Option<Throttling>,
    /// JWT authorizers by name.
    #[serde(default)]
    pub authorizers: BTreeMap<Name, JwtAuthorizer>,
    /// Functions by route key (`GET /records/{id}`), with or without authorization.
    pub routes: BTreeMap<String, Route>,
}

/// CORS configuration of an API.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cors {
    /// Origins, for example `https://example.com`, or `*`.
    pub allow_origins: Vec<String>,
    /// Methods. Default: those of the routes.
    #[serde(default)]
    pub allow_methods: Vec<String>,
    /// Request headers. Default: `content-type`.
    #[serde(default)]
    pub allow_headers: Vec<String>,
    /// Response headers that scripts may read.
    #[serde(default)]
    pub expose_headers: Vec<String>,
    /// Whether cookies and credentials may be sent; not together with the origin `*`.
    pub allow_credentials: Option<bool>,
    /// How long a browser may keep the answer, 0 s to 1 d.
    pub max_age: Option<TimeSpan>,
}

/// Limits on requests.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Throttling {
    /// Requests a second in the long run.
    #[schemars(range(min = 1))]
    pub rate_limit: u32,
    /// Requests at once.
    #[schemars(range(min = 1))]
    pub burst_limit: u32,
}

/// A JWT authorizer.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JwtAuthorizer {
    /// Issuer URL of the tokens.
    pub issuer: String,
    /// Accepted audiences.
    pub audience: Vec<String>,
}

/// What answers a route.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Route {
    /// The function of that name, open to everybody.
    Function(Name),
    /// A function behind authorization.
    Authorized(AuthorizedRoute),
}

/// A route with its authorization.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthorizedRoute {
    /// Name of the function.
    pub function: Name,
    /// `none`, `aws_iam`, or the name of a JWT authorizer of the API. Default: `none`.
    pub authorization: Option<String>,
    /// OAuth scopes, one of which the token must have; JWT only.
    #[serde(default)]
    pub scopes: Vec<String>,
}

/// A CloudWatch alarm on a metric of one resource.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alarm {
    /// What it watches.
    pub on: AlarmSubject,
    /// Metric name as AWS writes it, for example `ApproximateAgeOfOldestMessage`.
    pub metric: String,
    /// How the values of a period become one. Default: `Sum`.
    pub statistic: Option<AlarmStatistic>,
    /// How the value is compared. Default: `GreaterThanThreshold`.
    pub comparison: Option<AlarmComparison>,
    /// What it is compared with.
    pub threshold: f64,
    /// Length of a period: 10 s, 30 s or a multiple of 60 s. Default: 60 s.
    pub period: Option<TimeSpan>,
    /// Periods that must breach. Default: 1.
    #[schemars(range(min = 1))]
    pub evaluation_periods: Option<u32>,
    /// Topics to notify beside those of `observability.notify`.
    #[serde(default)]
    pub notify: Vec<Name>,
    /// What to do when it rings.
    pub description: Option<String>,
}

/// What an alarm watches: exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlarmSubject {
    /// A queue.
    Queue(Name),
    /// A function.
    Function(Name),
    /// A table.
    Table(Name),
    /// An API.
    Api(Name),
}

/// `Statistic` of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum AlarmStatistic {
    /// Mean.
    Average,
    /// Largest.
    Maximum,
    /// Smallest.
    Minimum,
    /// Number of samples.
    SampleCount,
    /// Total.
    Sum,
}

/// `ComparisonOperator` of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum AlarmComparison {
    /// At least.
    GreaterThanOrEqualToThreshold,
    /// More than.
    GreaterThanThreshold,
    /// At most.
    LessThanOrEqualToThreshold,
    /// Less than.
    LessThanThreshold,
}

/// An output of the stack.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// The value: text or an intrinsic function (`!GetAtt`, `!Ref`, `!Sub`).
    pub value: Value,
    /// What it is for.
    pub description: Option<String>,
    /// Name under which other stacks import it.
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
