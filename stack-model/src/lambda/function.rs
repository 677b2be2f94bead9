//! `AWS::Lambda::Function`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::resource::UpdateBehavior::{NoInterruption, Replacement};
use crate::resource::{Property, Resource, Tag};
use crate::unit::{Count, Megabytes, Seconds, ranged};
use crate::value::Value;

ranged!(
    /// Memory of one execution environment; CPU grows with it, and 1,769 MB is one vCPU.
    ///
    /// Lambda Managed Instances take up to 32,768 MB; they are not modelled.
    /// Source: AWS::Lambda::Function, MemorySize, and Lambda quotas.
    MemorySize(Megabytes, "MemorySize", 128..=10_240)
);
ranged!(
    /// Time one invocation may take: up to 15 minutes.
    ///
    /// Source: AWS::Lambda::Function, Timeout.
    Timeout(Seconds, "Timeout", 1..=900)
);
ranged!(
    /// Size of `/tmp`.
    ///
    /// Source: AWS::Lambda::Function, EphemeralStorage.Size.
    EphemeralStorageSize(Megabytes, "EphemeralStorage.Size", 512..=10_240)
);
ranged!(
    /// Executions at the same time that are kept for the function, and are its most; 0 stops it.
    ///
    /// The upper end is the account's quota, which leaves at least 100 unreserved.
    /// Source: AWS::Lambda::Function, ReservedConcurrentExecutions.
    ReservedConcurrentExecutions(Count, "ReservedConcurrentExecutions", 0..=4_294_967_295)
);

/// Instruction set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Architecture {
    /// AWS Graviton.
    #[serde(rename = "arm64")]
    Arm64,
    /// x86-64-v2: without AVX2 guaranteed.
    #[serde(rename = "x86_64")]
    X86_64,
}

/// Operating system for a function that brings its own runtime: the ones Rust uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Runtime {
    /// Amazon Linux 2023 (glibc 2.34): runs the package's `bootstrap`.
    #[serde(rename = "provided.al2023")]
    ProvidedAl2023,
}

/// Where the deployment package is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Code {
    /// Bucket in the function's Region.
    #[serde(rename = "S3Bucket")]
    pub s3_bucket: Value<String>,
    /// Key of the zip; CloudFormation sees a change of code by it.
    #[serde(rename = "S3Key")]
    pub s3_key: Value<String>,
    /// Version of the object, in a versioned bucket.
    #[serde(rename = "S3ObjectVersion")]
    pub s3_object_version: Option<Value<String>>,
}

/// Where events go that failed for good; destinations of [`super::EventInvokeConfig`] say more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeadLetterConfig {
    /// ARN of a standard queue or topic.
    pub target_arn: Value<String>,
}

/// Environment variables.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Environment {
    /// By name: a letter, then letters, digits and `_`. Names and values hold 4 KB together.
    pub variables: BTreeMap<String, Value<String>>,
}

/// Size of `/tmp`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EphemeralStorage {
    /// In MB, `512..=10_240`.
    pub size: Value<EphemeralStorageSize>,
}

/// Form of the log lines that Lambda itself writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum LogFormat {
    /// One JSON object a line; levels can be filtered.
    #[serde(rename = "JSON")]
    Json,
    /// Plain lines: AWS's default.
    Text,
}

/// Least severe level of the function's own JSON lines that is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum ApplicationLogLevel {
    /// All.
    Trace,
    /// `DEBUG` and above.
    Debug,
    /// `INFO` and above: AWS's default.
    Info,
    /// `WARN` and above.
    Warn,
    /// `ERROR` and above.
    Error,
    /// `FATAL` only.
    Fatal,
}

/// Least severe level of Lambda's own JSON lines that is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum SystemLogLevel {
    /// All.
    Debug,
    /// `INFO` and above: AWS's default.
    Info,
    /// `WARN` only.
    Warn,
}

/// Where and how a function logs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct LoggingConfig {
    /// Least severe application level; needs [`LogFormat::Json`].
    pub application_log_level: Option<Value<ApplicationLogLevel>>,
    /// Form of the lines.
    pub log_format: Option<Value<LogFormat>>,
    /// Name of the log group. AWS default when absent: `/aws/lambda/<function name>`, made on first use.
    pub log_group: Option<Value<String>>,
    /// Least severe system level; needs [`LogFormat::Json`].
    pub system_log_level: Option<Value<SystemLogLevel>>,
}

/// What Lambda does when it sees the function invoke itself through SQS, SNS or S3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum RecursiveLoop {
    /// Lets it.
    Allow,
    /// Stops it after about 16 rounds: AWS's default.
    Terminate,
}

/// Whether requests are traced by X-Ray.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum TracingMode {
    /// Lambda samples by itself.
    Active,
    /// Only when the caller's header says so: AWS's default.
    PassThrough,
}

/// Tracing of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TracingConfig {
    /// Whether requests are traced.
    pub mode: Value<TracingMode>,
}

/// A function from a zip deployment package.
///
/// `Ref` gives its name. Source: AWS::Lambda::Function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Function {
    /// Instruction set, exactly one.
    ///
    /// AWS default when absent: `x86_64`. Update: no interruption.
    /// Source: AWS::Lambda::Function, Architectures.
    pub architectures: Option<Vec<Architecture>>,
    /// Where the deployment package is.
    ///
    /// Update: no interruption. Source: AWS::Lambda::Function, Code.
    pub code: Code,
    /// Where events go that failed for good.
    ///
    /// Update: no interruption. Source: AWS::Lambda::Function, DeadLetterConfig.
    pub dead_letter_config: Option<DeadLetterConfig>,
    /// What the function is for; at most 256 characters.
    ///
    /// Update: no interruption. Source: AWS::Lambda::Function, Description.
    pub description: Option<Value<String>>,
    /// Environment variables.
    ///
    /// Update: no interruption. Laws: E2014, W3046. Source: AWS::Lambda::Function, Environment.
    pub environment: Option<Environment>,
    /// Size of `/tmp`.
    ///
    /// AWS default when absent: 512 MB. Update: no interruption.
    /// Source: AWS::Lambda::Function, EphemeralStorage.
    pub ephemeral_storage: Option<EphemeralStorage>,
    /// Physical name: `1..=64` of letters, digits, `-` and `_`. Made by CloudFormation when absent.
    ///
    /// Update: replacement. Source: AWS::Lambda::Function, FunctionName.
    pub function_name: Option<Value<String>>,
    /// Entry point; `bootstrap` by convention for `provided.*` runtimes, which do not read it.
    ///
    /// Update: no interruption. Source: AWS::Lambda::Function, Handler.
    pub handler: Option<Value<String>>,
    /// KMS key for the environment variables; AWS's own key when absent.
    ///
    /// Update: no interruption. Source: AWS::Lambda::Function, KmsKeyArn.
    pub kms_key_arn: Option<Value<String>>,
    /// Layers by version ARN, 5 at most.
    ///
    /// Update: no interruption. Source: AWS::Lambda::Function, Layers.
    pub layers: Option<Vec<Value<String>>>,
    /// Where and how it logs.
    ///
    /// Update: no interruption. Source: AWS::Lambda::Function, LoggingConfig.
    pub logging_config: Option<LoggingConfig>,
    /// Memory.
    ///
    /// Shape: MB, `128..=10_240`. AWS default when absent: 128. Update: no interruption.
    /// Source: AWS::Lambda::Function, MemorySize.
    pub memory_size: Option<Value<MemorySize>>,
    /// What Lambda does when the function invokes itself.
    ///
    /// AWS default when absent: `Terminate`. Update: no interruption.
    /// Source: AWS::Lambda::Function, RecursiveLoop.
    pub recursive_loop: Option<Value<RecursiveLoop>>,
    /// Executions kept for the function, and its most.
    ///
    /// AWS default when absent: shares the account's. Update: no interruption. Laws: E3009, W3044.
    /// Source: AWS::Lambda::Function, ReservedConcurrentExecutions.
    pub reserved_concurrent_executions: Option<Value<ReservedConcurrentExecutions>>,
    /// ARN of the execution role.
    ///
    /// Update: no interruption. Source: AWS::Lambda::Function, Role.
    pub role: Value<String>,
    /// Operating system; needed for a zip.
    ///
    /// Update: no interruption. Source: AWS::Lambda::Function, Runtime.
    pub runtime: Option<Value<Runtime>>,
    /// Tags of the function, 50 at most.
    ///
    /// Update: no interruption. Source: AWS::Lambda::Function, Tags.
    pub tags: Option<Vec<Tag>>,
    /// Time one invocation may take.
    ///
    /// Shape: whole seconds, `1..=900`. AWS default when absent: 3. Update: no interruption.
    /// Laws: E3004, W3005, W3010. Source: AWS::Lambda::Function, Timeout.
    pub timeout: Option<Value<Timeout>>,
    /// Tracing.
    ///
    /// AWS default when absent: `PassThrough`. Update: no interruption.
    /// Source: AWS::Lambda::Function, TracingConfig.
    pub tracing_config: Option<TracingConfig>,
}

impl Function {
    /// A function with nothing but its package and role.
    #[must_use]
    pub fn new(code: Code, role: Value<String>) -> Self {
        Self {
            architectures: None,
            code,
            dead_letter_config: None,
            description: None,
            environment: None,
            ephemeral_storage: None,
            function_name: None,
            handler: None,
            kms_key_arn: None,
            layers: None,
            logging_config: None,
            memory_size: None,
            recursive_loop: None,
            reserved_concurrent_executions: None,
            role,
            runtime: None,
            tags: None,
            timeout: None,
            tracing_config: None,
        }
    }
}

impl Resource for Function {
    const TYPE: &'static str = "AWS::Lambda::Function";
    const ATTRIBUTES: &'static [&'static str] =
        &["Arn", "SnapStartResponse", "SnapStartResponse.ApplyOn", "SnapStartResponse.OptimizationStatus"];
    const PROPERTIES: &'static [Property] = &[
        Property::optional("Architectures", NoInterruption),
        Property::required("Code", NoInterruption),
        Property::optional("DeadLetterConfig", NoInterruption),
        Property::optional("Description", NoInterruption),
        Property::optional("Environment", NoInterruption),
        Property::optional("EphemeralStorage", NoInterruption),
        Property::optional("FunctionName", Replacement),
        Property::optional("Handler", NoInterruption),
        Property::optional("KmsKeyArn", NoInterruption),
        Property::optional("Layers", NoInterruption),
        Property::optional("LoggingConfig", NoInterruption),
        Property::optional("MemorySize", NoInterruption),
        Property::optional("RecursiveLoop", NoInterruption),
        Property::optional("ReservedConcurrentExecutions", NoInterruption),
        Property::required("Role", NoInterruption),
        Property::optional("Runtime", NoInterruption),
        Property::optional("Tags", NoInterruption),
        Property::optional("Timeout", NoInterruption),
        Property::optional("TracingConfig", NoInterruption),
    ];
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::{assert_properties_match, properties};

    fn code() -> Code {
        Code { s3_bucket: "b".into(), s3_key: "k".into(), s3_object_version: None }
    }

    #[test]
    fn properties_list_matches_the_fields() {
        assert_properties_match(&Function::new(code(), "r".into()));
    }

    #[test]
    fn full_function_renders_aws_names() {
        let variables = BTreeMap::from([("LOG_LEVEL".to_owned(), "info".into())]);
        let function = Function {
            architectures: Some(vec![Architecture::Arm64]),
            dead_letter_config: Some(DeadLetterConfig { target_arn: "q".into() }),
            environment: Some(Environment { variables }),
            ephemeral_storage: Some(EphemeralStorage {
                size: EphemeralStorageSize::new(Megabytes(512)).unwrap().into(),
            }),
            handler: Some("bootstrap".into()),
            logging_config: Some(LoggingConfig {
                log_format: Some(LogFormat::Json.into()),
                log_group: Some("g".into()),
                application_log_level: Some(ApplicationLogLevel::Info.into()),
                system_log_level: Some(SystemLogLevel::Warn.into()),
            }),
            memory_size: Some(MemorySize::new(Megabytes(256)).unwrap().into()),
            recursive_loop: Some(RecursiveLoop::Terminate.into()),
            reserved_concurrent_executions: Some(ReservedConcurrentExecutions::new(Count(0)).unwrap().into()),
            runtime: Some(Runtime::ProvidedAl2023.into()),
            timeout: Some(Timeout::new(Seconds(30)).unwrap().into()),
            tracing_config: Some(TracingConfig { mode: TracingMode::Active.into() }),
            ..Function::new(code(), "r".into())
        };
        let expected = json!({
            "Architectures": ["arm64"], "Code": {"S3Bucket": "b", "S3Key": "k"},
            "DeadLetterConfig": {"TargetArn": "q"}, "Environment": {"Variables": {"LOG_LEVEL": "info"}},
            "EphemeralStorage": {"Size": 512}, "Handler": "bootstrap",
            "LoggingConfig": {
                "ApplicationLogLevel": "INFO", "LogFormat": "JSON", "LogGroup": "g", "SystemLogLevel": "WARN",
            },
            "MemorySize": 256, "RecursiveLoop": "Terminate", "ReservedConcurrentExecutions": 0, "Role": "r",
            "Runtime": "provided.al2023", "Timeout": 30, "TracingConfig": {"Mode": "Active"},
        });
        assert_eq!(properties(&function), expected);
    }

    #[test]
    fn memory_edges() {
        assert!(MemorySize::new(Megabytes(127)).is_err());
        assert!(MemorySize::new(Megabytes(128)).is_ok());
        assert!(MemorySize::new(Megabytes(10_240)).is_ok());
        assert!(MemorySize::new(Megabytes(10_241)).is_err());
    }

    #[test]
    fn ephemeral_storage_edges() {
        assert!(EphemeralStorageSize::new(Megabytes(511)).is_err());
        assert!(EphemeralStorageSize::new(Megabytes(10_241)).is_err());
    }
}
