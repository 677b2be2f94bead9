//! What a function does with a resource; its least privilege follows from it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar::Name;

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
