//! What a construct of a pipeline lends to others: its names, ARNs, URLs and metrics.
//!
//! Handles are cheap to clone and hold no property of the construct. What one may *do* with it is in
//! [`crate::grant`]. A handle is made by [`crate::pipeline::Pipeline`] only, so that it names something that is there.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::ops::Deref;

use crate::diagnostic::{Diagnostic, STANDARD_QUEUE_NEEDED};
use crate::logical_id::LogicalId;
use crate::value::{Intrinsic, Value};

/// Name of the parameter that ends every bucket's name: `-an`, or empty for the global name space.
pub const BUCKET_NAME_SUFFIX: &str = "BucketNameSuffix";

/// A bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketHandle {
    pub(crate) id: LogicalId,
    pub(crate) name: String,
    pub(crate) prefix: String,
    /// The name that the user sets, in the notation of `Fn::Sub`.
    pub(crate) bucket_name: Option<String>,
    pub(crate) kms_key: Option<Value<String>>,
}

impl BucketHandle {
    /// The user's name.
    #[must_use]
    pub fn user_name(&self) -> &str {
        &self.name
    }

    /// The logical ID of the `AWS::S3::Bucket`.
    #[must_use]
    pub fn id(&self) -> &LogicalId {
        &self.id
    }

    /// The physical name, computed: mentioning it makes nothing depend on the bucket, so it cannot close a circle.
    #[must_use]
    pub fn bucket_name(&self) -> Value<String> {
        match &self.bucket_name {
            Some(name) if !name.contains("${") => name.clone().into(),
            _ => Value::sub(self.physical_name()),
        }
    }

    /// The bucket's ARN, computed like the name.
    #[must_use]
    pub fn arn(&self) -> Value<String> {
        Value::sub(format!("arn:${{AWS::Partition}}:s3:::{}", self.physical_name()))
    }

    /// ARN of the objects whose keys start with `prefix`; of all objects when it is empty.
    #[must_use]
    pub fn object_arn(&self, prefix: &str) -> Value<String> {
        Value::sub(format!("arn:${{AWS::Partition}}:s3:::{}/{prefix}*", self.physical_name()))
    }

    /// `Ref`: the physical name, and a dependency on the bucket.
    #[must_use]
    pub fn reference(&self) -> Value<String> {
        Value::reference(&self.id)
    }

    /// The key prefix that an ARN made by [`Self::object_arn`] stands for.
    pub(crate) fn key_prefix_of(&self, arn: &Value<String>) -> Option<String> {
        let Value::Intrinsic(Intrinsic::Sub { template, .. }) = arn else { return None };
        let own = format!("arn:${{AWS::Partition}}:s3:::{}/", self.physical_name());
        Some(template.strip_prefix(&own)?.strip_suffix('*')?.to_owned())
    }

    fn physical_name(&self) -> String {
        if let Some(name) = &self.bucket_name {
            return name.clone();
        }
        format!("{}-${{AWS::AccountId}}-${{AWS::Region}}${{{BUCKET_NAME_SUFFIX}}}", self.prefix)
    }
}

/// A queue's kind, as a type.
pub trait QueueKind: sealed::Sealed {
    /// Whether queues of this kind are FIFO.
    const FIFO: bool;
}

/// Messages in any order, each at least once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standard {}

/// Messages in order of their group, each once in five minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fifo {}

impl QueueKind for Standard {
    const FIFO: bool = false;
}

impl QueueKind for Fifo {
    const FIFO: bool = true;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Standard {}
    impl Sealed for super::Fifo {}
}

/// A queue whose kind is known only when the program runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnyQueue {
    pub(crate) id: LogicalId,
    pub(crate) name: String,
    pub(crate) fifo: bool,
    pub(crate) kms_key: Option<Value<String>>,
}

impl AnyQueue {
    /// The user's name.
    #[must_use]
    pub fn user_name(&self) -> &str {
        &self.name
    }

    /// The logical ID of the `AWS::SQS::Queue`.
    #[must_use]
    pub fn id(&self) -> &LogicalId {
        &self.id
    }

    /// Whether it is FIFO.
    #[must_use]
    pub fn is_fifo(&self) -> bool {
        self.fifo
    }

    /// The URL that the SQS API takes.
    #[must_use]
    pub fn url(&self) -> Value<String> {
        Value::reference(&self.id)
    }

    /// The ARN.
    #[must_use]
    pub fn arn(&self) -> Value<String> {
        Value::attribute(&self.id, "Arn")
    }

    /// The physical name.
    #[must_use]
    pub fn queue_name(&self) -> Value<String> {
        Value::attribute(&self.id, "QueueName")
    }

    /// Number of messages that can be received (maximum over a period tells more than the average).
    #[must_use]
    pub fn metric_visible_messages(&self) -> Metric {
        self.metric("ApproximateNumberOfMessagesVisible")
    }

    /// Age of the oldest message in seconds.
    #[must_use]
    pub fn metric_age_of_oldest_message(&self) -> Metric {
        self.metric("ApproximateAgeOfOldestMessage")
    }

    fn metric(&self, name: &str) -> Metric {
        Metric::new("AWS/SQS", name, [("QueueName", self.queue_name())])
    }

    /// The queue as a standard one, for a use that AWS restricts to these.
    ///
    /// # Errors
    /// A diagnostic E3003 that names `purpose`, when the queue is FIFO.
    pub fn to_standard(&self, purpose: &str) -> Result<QueueHandle<Standard>, Box<Diagnostic>> {
        if !self.fifo {
            return Ok(QueueHandle { queue: self.clone(), kind: PhantomData });
        }
        let message = format!("`{}` is a FIFO queue, but {purpose} takes a standard queue only.", self.name);
        let found = Diagnostic::new(&STANDARD_QUEUE_NEEDED, message).at(&self.id).about(self.name.clone());
        Err(Box::new(found.help("Use another queue without `fifo: true` for this.")))
    }
}

/// A queue whose kind the compiler knows; it lends what [`AnyQueue`] lends.
#[derive(Debug, PartialEq, Eq)]
pub struct QueueHandle<K: QueueKind> {
    pub(crate) queue: AnyQueue,
    pub(crate) kind: PhantomData<fn() -> K>,
}

impl<K: QueueKind> Clone for QueueHandle<K> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone(), kind: PhantomData }
    }
}

impl<K: QueueKind> Deref for QueueHandle<K> {
    type Target = AnyQueue;

    fn deref(&self) -> &AnyQueue {
        &self.queue
    }
}

impl<K: QueueKind> From<QueueHandle<K>> for AnyQueue {
    fn from(handle: QueueHandle<K>) -> Self {
        handle.queue
    }
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableHandle {
    pub(crate) id: LogicalId,
    pub(crate) name: String,
    pub(crate) indexes: Vec<String>,
    pub(crate) kms_key: Option<Value<String>>,
}

impl TableHandle {
    /// The user's name.
    #[must_use]
    pub fn user_name(&self) -> &str {
        &self.name
    }

    /// The logical ID of the `AWS::DynamoDB::Table`.
    #[must_use]
    pub fn id(&self) -> &LogicalId {
        &self.id
    }

    /// The physical name.
    #[must_use]
    pub fn table_name(&self) -> Value<String> {
        Value::reference(&self.id)
    }

    /// The ARN of the table without its indexes.
    #[must_use]
    pub fn arn(&self) -> Value<String> {
        Value::attribute(&self.id, "Arn")
    }

    /// The ARNs of its secondary indexes.
    #[must_use]
    pub fn index_arns(&self) -> Vec<Value<String>> {
        let arn = |index: &String| Value::sub(format!("${{{}.Arn}}/index/{index}", self.id));
        self.indexes.iter().map(arn).collect()
    }

    /// ARN of the table's stream; only for a table that has one.
    #[must_use]
    pub fn stream_arn(&self) -> Value<String> {
        Value::attribute(&self.id, "StreamArn")
    }

    /// Requests that were throttled.
    #[must_use]
    pub fn metric_throttled_requests(&self) -> Metric {
        Metric::new("AWS/DynamoDB", "ThrottledRequests", [("TableName", self.table_name())])
    }
}

/// A topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicHandle {
    pub(crate) id: LogicalId,
    pub(crate) name: String,
    pub(crate) fifo: bool,
    pub(crate) kms_key: Option<Value<String>>,
}

impl TopicHandle {
    /// The user's name.
    #[must_use]
    pub fn user_name(&self) -> &str {
        &self.name
    }

    /// The logical ID of the `AWS::SNS::Topic`.
    #[must_use]
    pub fn id(&self) -> &LogicalId {
        &self.id
    }

    /// Whether it is FIFO.
    #[must_use]
    pub fn is_fifo(&self) -> bool {
        self.fifo
    }

    /// The ARN.
    #[must_use]
    pub fn arn(&self) -> Value<String> {
        Value::reference(&self.id)
    }

    /// Deliveries that failed for good.
    #[must_use]
    pub fn metric_failed_notifications(&self) -> Metric {
        let topic_name = Value::attribute(&self.id, "TopicName");
        Metric::new("AWS/SNS", "NumberOfNotificationsFailed", [("TopicName", topic_name)])
    }
}

/// A function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionHandle {
    pub(crate) id: LogicalId,
    pub(crate) name: String,
}

impl FunctionHandle {
    /// The user's name.
    #[must_use]
    pub fn user_name(&self) -> &str {
        &self.name
    }

    /// The logical ID of the `AWS::Lambda::Function`.
    #[must_use]
    pub fn id(&self) -> &LogicalId {
        &self.id
    }

    /// Name of the parameter that holds the key of its deployment package in the artifact bucket.
    #[must_use]
    pub fn code_key_parameter(&self) -> String {
        format!("{}CodeKey", self.id)
    }

    /// The physical name.
    #[must_use]
    pub fn function_name(&self) -> Value<String> {
        Value::reference(&self.id)
    }

    /// The ARN without version.
    #[must_use]
    pub fn arn(&self) -> Value<String> {
        Value::attribute(&self.id, "Arn")
    }

    /// Invocations that ended in an error.
    #[must_use]
    pub fn metric_errors(&self) -> Metric {
        self.metric("Errors")
    }

    /// Invocations refused for want of concurrency.
    #[must_use]
    pub fn metric_throttles(&self) -> Metric {
        self.metric("Throttles")
    }

    /// Time of an invocation in milliseconds.
    #[must_use]
    pub fn metric_duration(&self) -> Metric {
        self.metric("Duration")
    }

    fn metric(&self, name: &str) -> Metric {
        Metric::new("AWS/Lambda", name, [("FunctionName", self.function_name())])
    }
}

/// An HTTP API with its one stage, `$default`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiHandle {
    pub(crate) id: LogicalId,
    pub(crate) name: String,
}

impl ApiHandle {
    /// The user's name.
    #[must_use]
    pub fn user_name(&self) -> &str {
        &self.name
    }

    /// The logical ID of the `AWS::ApiGatewayV2::Api`.
    #[must_use]
    pub fn id(&self) -> &LogicalId {
        &self.id
    }

    /// The ID that API Gateway gives it.
    #[must_use]
    pub fn api_id(&self) -> Value<String> {
        Value::reference(&self.id)
    }

    /// The URL without a final `/`: the stage `$default` adds no path.
    #[must_use]
    pub fn url(&self) -> Value<String> {
        Value::attribute(&self.id, "ApiEndpoint")
    }

    /// Answers with a status of 500 to 599.
    #[must_use]
    pub fn metric_server_errors(&self) -> Metric {
        self.metric("5xx")
    }

    /// Time from request to answer in milliseconds.
    #[must_use]
    pub fn metric_latency(&self) -> Metric {
        self.metric("Latency")
    }

    fn metric(&self, name: &str) -> Metric {
        Metric::new("AWS/ApiGateway", name, [("ApiId", self.api_id())])
    }
}

/// A CloudWatch metric of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// Its name space, as `AWS/SQS`.
    pub namespace: String,
    /// Its name, as `ApproximateNumberOfMessagesVisible`.
    pub name: String,
    /// Which resource.
    pub dimensions: BTreeMap<String, Value<String>>,
}

impl Metric {
    /// A metric by name space, name and dimensions.
    #[must_use]
    pub fn new<const N: usize>(namespace: &str, name: &str, dimensions: [(&str, Value<String>); N]) -> Self {
        let dimensions = dimensions.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { namespace: namespace.to_owned(), name: name.to_owned(), dimensions }
    }
}
