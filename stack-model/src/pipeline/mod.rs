//! The opinion: an event-driven pipeline wired from handles and grants, with safe defaults.
//!
//! Constructs are kept as data while they are wired, because much is known only at the end: a queue's visibility
//! timeout follows from its consumers' timeouts, a role from every grant, a bucket's notifications from every use.
//! [`Pipeline::into_stack`] lowers them all. Start reading at [`Pipeline`].
//!
//! What every pipeline gets without asking: encryption at rest, requests by TLS only, no public access, versioned
//! buckets, point-in-time recovery, kept tables and buckets, owned log groups with a retention, active tracing, one
//! role per function with exact ARNs, partial batch responses, visibility timeouts of six times the consumer's
//! timeout, alarms on dead-letter queues, function errors and server errors of APIs, outputs for what comes next.
//!
//! Physical names are given only where an ARN must be computed (buckets, log groups) or AWS demands one (FIFO
//! topics); CloudFormation makes all others, so that a replacement never meets its own name.

mod alarm;
mod bucket;
mod function;
mod http_api;
mod message;
mod notification;
mod queue;
mod table;
mod topic;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value as Json;

pub use alarm::AlarmOptions;
pub use bucket::BucketOptions;
pub use function::FunctionOptions;
pub use http_api::{
    AccessLog, ApiOptions, Authorization, JwtAuthorizer, RouteKey, RouteKeyError, Throttling,
};
pub use message::MessageOptions;
pub use notification::ObjectEvents;
pub use queue::{QueueOptions, Redrive};
pub use table::{IndexOptions, KeyAttribute, TableOptions};
pub use topic::{TopicKey, TopicOptions, TopicSubscription};

use crate::diagnostic::{DUPLICATE_LOGICAL_ID, Diagnostic, ILLEGAL_NAME};
use crate::handle::{AnyQueue, BUCKET_NAME_SUFFIX, TopicHandle};
use crate::lambda::{Architecture, TracingMode};
use crate::logical_id::LogicalId;
use crate::logs::Retention;
use crate::stack::{Output, Parameter, ParameterType, RetentionPolicy, Stack};
use crate::value::{ConditionExpression, PseudoParameter, Value};

/// Name of the parameter that holds the bucket with the deployment packages.
pub const ARTIFACT_BUCKET: &str = "ArtifactBucket";

/// Name of the parameter with the ARN of the managed policy that bounds what the roles may do; empty, the default,
/// for no boundary. It must allow what the roles are granted, as the one does that `pipectl permissions` prints.
pub const PERMISSIONS_BOUNDARY: &str = "PermissionsBoundary";

/// A pipeline's name, which is also its stack's: `ingest-dev`.
///
/// Shape: `1..=128` lower-case letters, digits and `-`, a letter first. Bucket names start with it.
/// Source: CloudFormation CreateStack, StackName; S3 bucket naming rules.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PipelineName(String);

impl PipelineName {
    /// Takes `text` as it is.
    ///
    /// # Errors
    /// [`PipelineNameError`] when `text` has not the shape.
    pub fn new(text: &str) -> Result<Self, PipelineNameError> {
        let shaped = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if shaped && (1..=128).contains(&text.len()) && text.starts_with(|c: char| c.is_ascii_lowercase()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(PipelineNameError { name: text.to_owned() })
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PipelineName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is no pipeline name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PipelineNameError {
    /// The refused text.
    pub name: String,
}

impl fmt::Display for PipelineNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = "1 to 128 lower-case letters, digits and `-`, a letter first";
        write!(f, "`{}` is no pipeline name, which is {rule}", self.name)
    }
}

impl std::error::Error for PipelineNameError {}

/// What holds for the whole pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PipelineOptions {
    /// The stack's description; at most 1,024 bytes. Default: empty.
    pub description: String,
    /// Time the log groups keep log events, unless a function says otherwise. Default: 30 days.
    pub log_retention: Retention,
    /// Tracing of functions, unless one says otherwise. Default: active.
    pub tracing: TracingMode,
    /// Instruction set of functions, unless one says otherwise. Default: arm64.
    pub architecture: Architecture,
    /// What happens to tables and buckets that leave the stack, unless one says otherwise.
    ///
    /// Default: `RetainExceptOnCreate`. It keeps data like `Retain`, but a first deployment that fails leaves no
    /// empty bucket behind whose fixed name would make the next attempt fail.
    pub retention_policy: RetentionPolicy,
    /// Whether the alarms that every pipeline needs are made. Default: true.
    pub default_alarms: bool,
    /// Tags of the stack, which CloudFormation puts on its resources. Default: none.
    pub tags: BTreeMap<String, String>,
}

impl Default for PipelineOptions {
    fn default() -> Self {
        Self {
            description: String::new(),
            log_retention: Retention::ONE_MONTH,
            tracing: TracingMode::Active,
            architecture: Architecture::Arm64,
            retention_policy: RetentionPolicy::RetainExceptOnCreate,
            default_alarms: true,
            tags: BTreeMap::new(),
        }
    }
}

/// A pipeline being wired. It owns the stack and hands out handles.
///
/// Nothing fails while wiring: what is wrong is collected and told by [`Stack::check`]. A handle's construct must be
/// declared before it is used, so a dead-letter queue comes before its source queue.
///
/// ```
/// use stack_model::handle::Standard;
/// use stack_model::pipeline::{FunctionOptions, MessageOptions, Pipeline, PipelineName, PipelineOptions, QueueOptions};
///
/// let mut pipeline = Pipeline::new(PipelineName::new("ingest")?, PipelineOptions::default());
/// let messages = pipeline.queue::<Standard>("messages", QueueOptions::default());
/// let writer = pipeline.function("message-writer", FunctionOptions::default());
/// pipeline.environment(&writer, "QUEUE_URL", messages.url());
/// pipeline.on_message(&writer, &messages, MessageOptions::default());
/// let stack = pipeline.into_stack();
/// assert_eq!(stack.check(), []);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Pipeline {
    name: PipelineName,
    options: PipelineOptions,
    stack: Stack,
    buckets: BTreeMap<LogicalId, bucket::Draft>,
    queues: BTreeMap<LogicalId, queue::Draft>,
    tables: BTreeMap<LogicalId, table::Draft>,
    topics: BTreeMap<LogicalId, topic::Draft>,
    functions: BTreeMap<LogicalId, function::Draft>,
    apis: BTreeMap<LogicalId, http_api::Draft>,
    alarms: BTreeMap<LogicalId, AlarmOptions>,
    alarm_topics: Vec<TopicHandle>,
    dashboards: BTreeMap<LogicalId, (String, Json)>,
}

impl Pipeline {
    /// An empty pipeline.
    #[must_use]
    pub fn new(name: PipelineName, options: PipelineOptions) -> Self {
        let mut stack = Stack::new(options.description.clone());
        for (key, value) in &options.tags {
            stack.tag(key, value);
        }
        Self {
            name,
            options,
            stack,
            buckets: BTreeMap::new(),
            queues: BTreeMap::new(),
            tables: BTreeMap::new(),
            topics: BTreeMap::new(),
            functions: BTreeMap::new(),
            apis: BTreeMap::new(),
            alarms: BTreeMap::new(),
            alarm_topics: Vec::new(),
            dashboards: BTreeMap::new(),
        }
    }

    /// The pipeline's name.
    #[must_use]
    pub fn name(&self) -> &PipelineName {
        &self.name
    }

    /// The stack below, for parameters, conditions, raw resources, outputs and overrides of the user's own.
    ///
    /// Constructs are not in it before [`Pipeline::into_stack`]; overrides may name them all the same.
    pub fn stack_mut(&mut self) -> &mut Stack {
        &mut self.stack
    }

    /// Adds a dashboard named `<stack>-<name>`, with a body that may hold `${LogicalId}` and `${AWS::Region}`.
    ///
    /// Source: AWS::CloudWatch::Dashboard; CloudWatch dashboard body structure.
    pub fn dashboard(&mut self, name: &str, body: Json) {
        let id = self.declare(name, "dashboard", |pipeline, id| pipeline.dashboards.contains_key(id));
        self.dashboards.insert(id, (name.to_owned(), body));
    }

    /// Lowers every construct and gives the stack, to be checked and rendered.
    #[must_use]
    pub fn into_stack(mut self) -> Stack {
        notification::check(&mut self);
        message::check(&mut self);
        function::check(&mut self);
        self.add_alarms();
        bucket::lower(&mut self);
        queue::lower(&mut self);
        table::lower(&mut self);
        topic::lower(&mut self);
        http_api::lower(&mut self);
        function::lower(&mut self);
        alarm::lower(&mut self);
        self.stack
    }

    /// Makes the logical ID of a construct and reports an illegal or taken name.
    fn declare(&mut self, name: &str, kind: &str, is_taken: impl Fn(&Self, &LogicalId) -> bool) -> LogicalId {
        let id = self.logical_id(&[name, kind], name);
        if is_taken(self, &id) {
            let message =
                format!("The {kind} `{name}` gets the logical ID `{id}`, which another {kind} has.");
            let help = "Rename one of the two; names differ in more than `-`, `_`, `.` and the case of first letters.";
            self.stack.report(Diagnostic::new(&DUPLICATE_LOGICAL_ID, message).at(&id).about(name).help(help));
        }
        id
    }

    /// Joins names to a logical ID; an illegal one is reported, and its legal characters stand in for it.
    fn logical_id(&mut self, names: &[&str], subject: &str) -> LogicalId {
        LogicalId::from_names(names).unwrap_or_else(|error| {
            let found = Diagnostic::new(&ILLEGAL_NAME, format!("{error}.")).about(subject);
            self.stack.report(found.help("Use ASCII letters, digits, `-`, `_` and `.`."));
            LogicalId::from_legal_characters(names)
        })
    }

    /// Declares the output `<id><what>`.
    fn output(&mut self, id: &LogicalId, what: &str, value: Value<String>, description: String) {
        let output_id = self.logical_id(&[id.as_str(), what], id.as_str());
        self.stack.output(output_id, Output::new(value).described(description));
    }

    /// Declares the parameter that ends every bucket's name, and the condition on it.
    fn bucket_name_suffix(&mut self) -> LogicalId {
        let parameter = Parameter {
            default: Some("-an".to_owned()),
            allowed_values: Some(vec!["-an".to_owned(), String::new()]),
            ..Parameter::new(ParameterType::String)
        };
        let parameter = Parameter {
            description: Some(
                "End of every bucket's name: -an for the account-regional name space, empty for the global one."
                    .to_owned(),
            ),
            ..parameter
        };
        let id = self.logical_id(&[BUCKET_NAME_SUFFIX], BUCKET_NAME_SUFFIX);
        let suffix = self.stack.parameter(id, parameter);
        let condition = self.logical_id(&["HasAccountRegionalBucketNames"], BUCKET_NAME_SUFFIX);
        self.stack.condition(condition, ConditionExpression::Equals(suffix, "-an".into()))
    }

    /// Reports a finding about one of the user's names.
    fn report(&mut self, diagnostic: Diagnostic) {
        self.stack.report(diagnostic);
    }
}

/// `arn:<partition>:<service>:<region>:<account>:<rest>`, where `rest` may hold `${...}`.
fn arn(service: &str, rest: &str) -> Value<String> {
    Value::sub(format!("arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{rest}"))
}

/// `Ref` of the stack's account.
fn account() -> Value<String> {
    Value::pseudo(PseudoParameter::AccountId)
}

/// The queue behind a handle of any kind.
fn any(queue: &(impl Clone + Into<AnyQueue>)) -> AnyQueue {
    queue.clone().into()
}
