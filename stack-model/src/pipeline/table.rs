//! Tables: on demand, encrypted, with point-in-time recovery, kept when they leave the stack.

use std::collections::{BTreeMap, BTreeSet};

use super::Pipeline;
use crate::dynamodb::{
    AttributeDefinition, AttributeType, BillingMode, GlobalSecondaryIndex, KeySchema,
    PointInTimeRecoverySpecification, Projection, SseSpecification, SseType, StreamSpecification,
    StreamViewType, Table, TimeToLiveSpecification,
};
use crate::handle::TableHandle;
use crate::stack::{ResourceAttributes, RetentionPolicy};
use crate::value::Value;

/// An attribute that is part of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyAttribute {
    /// Its name in the items; `1..=255` bytes.
    pub name: String,
    /// String, number or binary.
    pub r#type: AttributeType,
}

impl KeyAttribute {
    /// A text attribute.
    #[must_use]
    pub fn string(name: impl Into<String>) -> Self {
        Self { name: name.into(), r#type: AttributeType::S }
    }

    /// A number attribute.
    #[must_use]
    pub fn number(name: impl Into<String>) -> Self {
        Self { name: name.into(), r#type: AttributeType::N }
    }
}

/// A global secondary index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexOptions {
    /// Its partition key.
    pub partition_key: KeyAttribute,
    /// Its sort key, if it has one.
    pub sort_key: Option<KeyAttribute>,
    /// Which attributes it copies.
    pub projection: Projection,
}

/// How a table differs from the safe default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableOptions {
    /// Its partition key.
    pub partition_key: KeyAttribute,
    /// Its sort key. Default: none.
    pub sort_key: Option<KeyAttribute>,
    /// Attribute with the time, in epoch seconds, at which an item expires. Default: items stay.
    pub time_to_live: Option<String>,
    /// Global secondary indexes by name. Default: none.
    pub global_secondary_indexes: BTreeMap<String, IndexOptions>,
    /// Stream of its changes. Default: none.
    pub stream: Option<StreamViewType>,
    /// Whether it can be restored to any second of the last 35 days. Default: true.
    pub point_in_time_recovery: bool,
    /// Whether DynamoDB refuses to delete it, also for CloudFormation. Default: false.
    pub deletion_protection: bool,
    /// ARN of a customer managed key. Default: a key that AWS owns.
    pub kms_key: Option<Value<String>>,
    /// What happens when it leaves the stack. Default: the pipeline's.
    pub retention_policy: Option<RetentionPolicy>,
}

impl TableOptions {
    /// A table with that partition key, and the default for all else.
    #[must_use]
    pub fn new(partition_key: KeyAttribute) -> Self {
        Self {
            partition_key,
            sort_key: None,
            time_to_live: None,
            global_secondary_indexes: BTreeMap::new(),
            stream: None,
            point_in_time_recovery: true,
            deletion_protection: false,
            kms_key: None,
            retention_policy: None,
        }
    }
}

/// A table being wired.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    handle: TableHandle,
    options: TableOptions,
}

impl Pipeline {
    /// Adds a table.
    pub fn table(&mut self, name: &str, options: TableOptions) -> TableHandle {
        let id = self.declare(name, "table", |pipeline, id| pipeline.tables.contains_key(id));
        let handle = TableHandle {
            id: id.clone(),
            name: name.to_owned(),
            indexes: options.global_secondary_indexes.keys().cloned().collect(),
            kms_key: options.kms_key.clone(),
        };
        self.tables.insert(id, Draft { handle: handle.clone(), options });
        handle
    }
}

pub(super) fn lower(pipeline: &mut Pipeline) {
    for (id, Draft { handle, options }) in std::mem::take(&mut pipeline.tables) {
        let retention = options.retention_policy.unwrap_or(pipeline.options.retention_policy);
        let attributes = ResourceAttributes::keeping(retention);
        pipeline.stack.add_with(id.clone(), resource(&options), attributes);
        pipeline.output(&id, "Name", handle.table_name(), format!("Table `{}`.", handle.name));
    }
}

fn resource(options: &TableOptions) -> Table {
    let indexes: Vec<_> = options.global_secondary_indexes.iter().map(index).collect();
    let enabled = options.point_in_time_recovery;
    Table {
        attribute_definitions: Some(attribute_definitions(options)),
        billing_mode: Some(BillingMode::PayPerRequest.into()),
        deletion_protection_enabled: options.deletion_protection.then(|| true.into()),
        global_secondary_indexes: (!indexes.is_empty()).then_some(indexes),
        point_in_time_recovery_specification: Some(PointInTimeRecoverySpecification {
            point_in_time_recovery_enabled: enabled.into(),
            recovery_period_in_days: None,
        }),
        // Absent means encrypted with a key that AWS owns; `SSEEnabled: false` would say the same.
        sse_specification: options.kms_key.clone().map(|key| SseSpecification {
            kms_master_key_id: Some(key),
            sse_enabled: true.into(),
            sse_type: Some(SseType::Kms.into()),
        }),
        stream_specification: options.stream.map(|view| StreamSpecification {
            resource_policy: None,
            stream_view_type: view.into(),
            tags: None,
        }),
        time_to_live_specification: options.time_to_live.clone().map(|attribute| TimeToLiveSpecification {
            attribute_name: Some(attribute.into()),
            enabled: true.into(),
        }),
        ..Table::new(key_schema(&options.partition_key, options.sort_key.as_ref()))
    }
}

fn index((name, index): (&String, &IndexOptions)) -> GlobalSecondaryIndex {
    let keys = key_schema(&index.partition_key, index.sort_key.as_ref());
    GlobalSecondaryIndex::new(name.as_str(), keys, index.projection.clone())
}

fn key_schema(partition_key: &KeyAttribute, sort_key: Option<&KeyAttribute>) -> Vec<KeySchema> {
    let mut keys = vec![KeySchema::partition_key(partition_key.name.as_str())];
    keys.extend(sort_key.map(|key| KeySchema::sort_key(key.name.as_str())));
    keys
}

/// Each attribute of any key once, by name.
fn attribute_definitions(options: &TableOptions) -> Vec<AttributeDefinition> {
    let own = [Some(&options.partition_key), options.sort_key.as_ref()];
    let of_indexes = options
        .global_secondary_indexes
        .values()
        .flat_map(|index| [Some(&index.partition_key), index.sort_key.as_ref()]);
    // An attribute with two types is kept with both, for the law on keys to find.
    let types: BTreeSet<_> =
        own.into_iter().chain(of_indexes).flatten().map(|key| (key.name.as_str(), key.r#type)).collect();
    types.into_iter().map(|(name, r#type)| AttributeDefinition::new(name, r#type)).collect()
}
