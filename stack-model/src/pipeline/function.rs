//! Functions: one role each with exact grants, an owned log group, code by parameters.

use std::collections::BTreeMap;

use super::{ARTIFACT_BUCKET, PERMISSIONS_BOUNDARY, Pipeline};
use crate::diagnostic::{DUPLICATE_VARIABLE, Diagnostic, UNKNOWN_NAME};
use crate::grant::Grant;
use crate::handle::{FunctionHandle, QueueHandle, Standard};
use crate::iam::{Policy, PolicyDocument, Role, Statement};
use crate::lambda::{
    Architecture, Code, DestinationConfig, Environment, EphemeralStorage, EphemeralStorageSize,
    EventInvokeConfig, Function, LogFormat, LoggingConfig, MaximumEventAge, MaximumRetryAttempts, MemorySize,
    OnFailure, ReservedConcurrentExecutions, Runtime, Timeout, TracingConfig, TracingMode,
};
use crate::logical_id::LogicalId;
use crate::logs::{LogGroup, Retention};
use crate::stack::{Parameter, ParameterType, ResourceAttributes, RetentionPolicy};
use crate::unit::{Megabytes, Seconds};
use crate::value::{ConditionExpression, Value};

/// Names that Lambda sets itself and refuses.
///
/// Source: Lambda developer guide, environment variables.
const RESERVED_VARIABLES: [&str; 19] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_METADATA_API",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
];

/// How a function differs from the default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionOptions {
    /// What it is for; at most 256 characters. Default: nothing.
    pub description: Option<String>,
    /// Memory. Default: 256 MB, an eighth of a vCPU with room for an SDK client.
    pub memory_size: MemorySize,
    /// Time one invocation may take. Default: 29 s, what an HTTP API waits for.
    pub timeout: Timeout,
    /// Instruction set. Default: the pipeline's.
    pub architecture: Option<Architecture>,
    /// Size of `/tmp`. Default: AWS's, 512 MB.
    pub ephemeral_storage: Option<EphemeralStorageSize>,
    /// Executions kept for it, and its most. Default: shares the account's.
    pub reserved_concurrent_executions: Option<ReservedConcurrentExecutions>,
    /// Standard queue for asynchronous events that fail for good. Default: they are lost (W3014).
    pub on_failure: Option<QueueHandle<Standard>>,
    /// Further attempts at an asynchronous event. Default: AWS's, 2.
    pub maximum_retry_attempts: Option<MaximumRetryAttempts>,
    /// Time an asynchronous event is kept. Default: AWS's, 6 hours.
    pub maximum_event_age: Option<MaximumEventAge>,
    /// Time its log events are kept. Default: the pipeline's.
    pub log_retention: Option<Retention>,
    /// Tracing. Default: the pipeline's.
    pub tracing: Option<TracingMode>,
}

impl Default for FunctionOptions {
    fn default() -> Self {
        Self {
            description: None,
            memory_size: MemorySize::constant(Megabytes(256)),
            timeout: Timeout::constant(Seconds(29)),
            architecture: None,
            ephemeral_storage: None,
            reserved_concurrent_executions: None,
            on_failure: None,
            maximum_retry_attempts: None,
            maximum_event_age: None,
            log_retention: None,
            tracing: None,
        }
    }
}

/// A function being wired.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) handle: FunctionHandle,
    pub(super) options: FunctionOptions,
    pub(super) environment: BTreeMap<String, Value<String>>,
    pub(super) statements: Vec<Statement>,
    /// Sum of the maximum concurrency of its mappings.
    pub(super) mapped_concurrency: u32,
    /// Whether S3 or SNS invokes it.
    pub(super) is_invoked_asynchronously: bool,
    /// APIs that invoke it and wait.
    pub(super) is_behind_api: bool,
}

impl Pipeline {
    /// Adds a function. Its deployment package is named by the parameters `ArtifactBucket` and
    /// [`FunctionHandle::code_key_parameter`], so that the template does not change with the code.
    pub fn function(&mut self, name: &str, options: FunctionOptions) -> FunctionHandle {
        let id = self.declare(name, "function", |pipeline, id| pipeline.functions.contains_key(id));
        let handle = FunctionHandle { id: id.clone(), name: name.to_owned() };
        let mut draft = Draft {
            handle: handle.clone(),
            options,
            environment: BTreeMap::new(),
            statements: Vec::new(),
            mapped_concurrency: 0,
            is_invoked_asynchronously: false,
            is_behind_api: false,
        };
        if let Some(queue) = draft.options.on_failure.clone() {
            draft.grant(&queue.send());
            self.keep_failures_in(&queue);
        }
        self.functions.insert(id, draft);
        handle
    }

    /// Sets an environment variable; one that is set already, illegal or reserved is reported as E2014.
    pub fn environment(
        &mut self,
        function: &FunctionHandle,
        variable: &str,
        value: impl Into<Value<String>>,
    ) {
        let Some(draft) = self.functions.get_mut(&function.id) else {
            return self.report_foreign("function", &function.name, &function.id);
        };
        let fault = if RESERVED_VARIABLES.contains(&variable) {
            Some("is set by Lambda itself")
        } else if !is_variable_name(variable) {
            Some("is no name for a variable")
        } else {
            let before = draft.environment.insert(variable.to_owned(), value.into());
            before.map(|_| "is set twice")
        };
        if let Some(fault) = fault {
            let message = format!("`{variable}` of `{}` {fault}.", function.name);
            let found = Diagnostic::new(&DUPLICATE_VARIABLE, message).at(&function.id).about(&function.name);
            self.report(found.path(format!("Properties.Environment.Variables.{variable}")));
        }
    }

    /// Adds a grant to the function's role; one it has already is not added again.
    pub fn grant(&mut self, function: &FunctionHandle, grant: Grant) {
        match self.functions.get_mut(&function.id) {
            Some(draft) => draft.grant(&grant),
            None => self.report_foreign("function", &function.name, &function.id),
        }
    }
}

impl Pipeline {
    /// E2013: a handle that another pipeline gave out. Told once for each construct.
    pub(super) fn report_foreign(&mut self, kind: &str, name: &str, id: &LogicalId) {
        let message = format!("The {kind} `{name}` belongs to another pipeline.");
        let help = "Use a handle that this pipeline gave out, or refer to the other stack's by an export or a parameter.";
        let found = Diagnostic::new(&UNKNOWN_NAME, message).at(id).about(name).help(help);
        if !self.stack.has_reported(&found) {
            self.report(found);
        }
    }
}

/// A letter, then one letter, digit or `_` at least.
fn is_variable_name(text: &str) -> bool {
    text.len() > 1
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl Draft {
    fn grant(&mut self, grant: &Grant) {
        for statement in grant.statements() {
            if !self.statements.contains(statement) {
                self.statements.push(statement.clone());
            }
        }
    }
}

/// W3010, when everything is wired.
pub(super) fn check(pipeline: &mut Pipeline) {
    let slow = |draft: &&Draft| draft.is_behind_api && draft.options.timeout.get() > Seconds(30);
    let found: Vec<_> = pipeline.functions.values().filter(slow).map(slow_behind_api).collect();
    found.into_iter().for_each(|diagnostic| pipeline.report(diagnostic));
}

fn slow_behind_api(draft: &Draft) -> Diagnostic {
    let (name, timeout) = (&draft.handle.name, draft.options.timeout.get());
    let message = format!("`{name}` may run for {timeout}, but its HTTP API waits for 30 seconds.");
    Diagnostic::new(&crate::diagnostic::API_TIMEOUT_BELOW_FUNCTION, message)
        .at(&draft.handle.id)
        .about(name)
        .path("Properties.Timeout")
        .help("Set `timeout` to at most 29.")
}

pub(super) fn lower(pipeline: &mut Pipeline) {
    if pipeline.functions.is_empty() {
        return;
    }
    let artifact_bucket_id = pipeline.logical_id(&[ARTIFACT_BUCKET], ARTIFACT_BUCKET);
    let description = "Bucket of this Region that holds the deployment packages.";
    let artifact_bucket = pipeline.stack.parameter(artifact_bucket_id, Parameter::text(description));
    let boundary = permissions_boundary(pipeline);
    for draft in pipeline.functions.clone().into_values() {
        Lowering { pipeline, draft: &draft }.lower(&artifact_bucket, &boundary);
    }
}

/// Declares the parameter that bounds what every role may do, and gives the roles' property.
///
/// Who may make roles, but only under a boundary, cannot give them more than it allows.
/// Source: IAM user guide, "Permissions boundaries for IAM entities".
fn permissions_boundary(pipeline: &mut Pipeline) -> Value<String> {
    let parameter = Parameter {
        default: Some(String::new()),
        description: Some(
            "ARN of the managed policy that bounds what the roles may do; empty for no boundary.".to_owned(),
        ),
        ..Parameter::new(ParameterType::String)
    };
    let id = pipeline.logical_id(&[PERMISSIONS_BOUNDARY], PERMISSIONS_BOUNDARY);
    let boundary: Value<String> = pipeline.stack.parameter(id, parameter);
    let condition = pipeline.logical_id(&["HasPermissionsBoundary"], PERMISSIONS_BOUNDARY);
    let is_empty = ConditionExpression::Equals(boundary.clone(), "".into());
    let condition = pipeline.stack.condition(condition, ConditionExpression::Not(Box::new(is_empty)));
    Value::if_condition(&condition, boundary, Value::no_value())
}

/// The resources of one function.
struct Lowering<'a> {
    pipeline: &'a mut Pipeline,
    draft: &'a Draft,
}

impl Lowering<'_> {
    fn lower(&mut self, artifact_bucket: &Value<String>, boundary: &Value<String>) {
        let log_group = self.log_group();
        let role = self.role(&log_group, boundary);
        let code_key = self.code_key();
        let code = Code { s3_bucket: artifact_bucket.clone(), s3_key: code_key, s3_object_version: None };
        let function = self.function(code, Value::attribute(&role, "Arn"), Value::reference(&log_group));
        let handle = &self.draft.handle;
        self.pipeline.stack.add(handle.id.clone(), function);
        self.event_invoke_config();
        let description = format!("Function `{}`.", handle.name);
        self.pipeline.output(&handle.id, "Name", handle.function_name(), description);
    }

    fn id(&mut self, word: &str) -> LogicalId {
        self.pipeline.logical_id(&[self.draft.handle.id.as_str(), word], &self.draft.handle.name)
    }

    fn code_key(&mut self) -> Value<String> {
        let handle = &self.draft.handle;
        let id = self.id("CodeKey");
        let description = format!("Key of the deployment package of function `{}`.", handle.name);
        self.pipeline.stack.parameter(id, Parameter::text(description))
    }

    /// Owned by the stack, or Lambda makes one that no stack deletes and no retention ends.
    fn log_group(&mut self) -> LogicalId {
        let id = self.id("LogGroup");
        let retention = self.draft.options.log_retention.unwrap_or(self.pipeline.options.log_retention);
        let name = format!("/aws/lambda/${{AWS::StackName}}-{}", self.draft.handle.name);
        let group = LogGroup {
            log_group_name: Some(Value::sub(name)),
            retention_in_days: Some(retention.into()),
            ..LogGroup::default()
        };
        self.pipeline.stack.add_with(id.clone(), group, ResourceAttributes::keeping(RetentionPolicy::Delete));
        id
    }

    fn role(&mut self, log_group: &LogicalId, boundary: &Value<String>) -> LogicalId {
        let id = self.id("Role");
        let mut statements = vec![
            // The attribute ends with `:*`, which stands for the group's streams.
            Statement::allow(
                &["logs:CreateLogStream", "logs:PutLogEvents"],
                vec![Value::attribute(log_group, "Arn")],
            )
            .named("Logs"),
        ];
        if self.tracing() == TracingMode::Active {
            // X-Ray has no resource to name for these two actions, so IAM takes no ARN.
            let actions = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"];
            statements.push(Statement::allow(&actions, vec!["*".into()]).named("Tracing"));
        }
        statements.extend(self.draft.statements.iter().cloned());
        let policy =
            Policy { policy_name: "grants".into(), policy_document: PolicyDocument::new(statements) };
        let role = Role {
            permissions_boundary: Some(boundary.clone()),
            policies: Some(vec![policy]),
            ..Role::assumed_by_service("lambda.amazonaws.com")
        };
        self.pipeline.stack.add(id.clone(), role);
        id
    }

    fn tracing(&self) -> TracingMode {
        self.draft.options.tracing.unwrap_or(self.pipeline.options.tracing)
    }

    fn function(&self, code: Code, role: Value<String>, log_group: Value<String>) -> Function {
        let options = &self.draft.options;
        let variables = self.draft.environment.clone();
        Function {
            architectures: Some(vec![options.architecture.unwrap_or(self.pipeline.options.architecture)]),
            description: options.description.clone().map(Value::from),
            environment: (!variables.is_empty()).then_some(Environment { variables }),
            ephemeral_storage: options.ephemeral_storage.map(|size| EphemeralStorage { size: size.into() }),
            handler: Some("bootstrap".into()),
            logging_config: Some(LoggingConfig {
                log_format: Some(LogFormat::Json.into()),
                log_group: Some(log_group),
                ..LoggingConfig::default()
            }),
            memory_size: Some(options.memory_size.into()),
            reserved_concurrent_executions: options.reserved_concurrent_executions.map(Value::from),
            runtime: Some(Runtime::ProvidedAl2023.into()),
            timeout: Some(options.timeout.into()),
            tracing_config: Some(TracingConfig { mode: self.tracing().into() }),
            ..Function::new(code, role)
        }
    }

    fn event_invoke_config(&mut self) {
        let options = &self.draft.options;
        let on_failure = options.on_failure.as_ref().map(|queue| OnFailure { destination: queue.arn() });
        let is_default = options.maximum_retry_attempts.is_none() && options.maximum_event_age.is_none();
        if on_failure.is_none() && is_default {
            return;
        }
        let config = EventInvokeConfig {
            destination_config: on_failure
                .map(|on_failure| DestinationConfig { on_failure: Some(on_failure), on_success: None }),
            function_name: self.draft.handle.function_name(),
            maximum_event_age_in_seconds: options.maximum_event_age.map(Value::from),
            maximum_retry_attempts: options.maximum_retry_attempts.map(Value::from),
            qualifier: "$LATEST".into(),
        };
        let id = self.id("AsynchronousInvocation");
        self.pipeline.stack.add(id, config);
    }
}
