//! DynamoDB tables.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar::DeletionPolicy;

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
