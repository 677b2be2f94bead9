//! `AWS::DynamoDB::Table`.

use serde::Serialize;

use super::{
    AttributeDefinition, ContributorInsightsSpecification, GlobalSecondaryIndex, ImportSourceSpecification,
    KeySchema, KinesisStreamSpecification, LocalSecondaryIndex, OnDemandThroughput,
    PointInTimeRecoverySpecification, ProvisionedThroughput, ResourcePolicy, SseSpecification,
    StreamSpecification, TimeToLiveSpecification, VectorIndex, WarmThroughput,
};
use crate::resource::{
    Property, Resource, Tag, UpdateBehavior,
    UpdateBehavior::{NoInterruption, Replacement, SomeInterruption},
};
use crate::value::Value;

/// How reads and writes are charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum BillingMode {
    /// By request (on demand).
    PayPerRequest,
    /// By capacity provisioned, used or not.
    Provisioned,
}

/// How storage is charged against requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum TableClass {
    /// For tables that are read and written often.
    Standard,
    /// Cheaper storage and dearer requests.
    StandardInfrequentAccess,
}

/// A table.
///
/// `Ref` gives its name. Tables with secondary indexes that are created at the same time can exceed a limit of
/// DynamoDB: let them depend on each other.
/// Source: AWS::DynamoDB::Table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Table {
    /// Names and types of all attributes that are part of a key, and of no other.
    ///
    /// Required but for an import. Update: no interruption to add one; replacement when a type changes.
    /// Source: AWS::DynamoDB::Table, AttributeDefinitions.
    pub attribute_definitions: Option<Vec<AttributeDefinition>>,
    /// How reads and writes are charged.
    ///
    /// AWS default when absent: `PROVISIONED`. Update: no interruption.
    /// Source: AWS::DynamoDB::Table, BillingMode.
    pub billing_mode: Option<Value<BillingMode>>,
    /// Count of the most used keys of the table.
    ///
    /// AWS default when absent: off. Update: no interruption.
    /// Source: AWS::DynamoDB::Table, ContributorInsightsSpecification.
    pub contributor_insights_specification: Option<ContributorInsightsSpecification>,
    /// Whether DynamoDB refuses to delete the table, also when the stack is deleted.
    ///
    /// AWS default when absent: false. Update: no interruption.
    /// Source: AWS::DynamoDB::Table, DeletionProtectionEnabled.
    pub deletion_protection_enabled: Option<Value<bool>>,
    /// Indexes with partition keys of their own.
    ///
    /// Shape: 20 at most by default quota. Update: no interruption, and only as [`GlobalSecondaryIndex`] says.
    /// The stack's update ends before a new index is filled.
    /// Source: AWS::DynamoDB::Table, GlobalSecondaryIndexes.
    pub global_secondary_indexes: Option<Vec<GlobalSecondaryIndex>>,
    /// Objects whose records become the first items.
    ///
    /// AWS default when absent: the table starts empty. Update: replacement.
    /// Source: AWS::DynamoDB::Table, ImportSourceSpecification.
    pub import_source_specification: Option<ImportSourceSpecification>,
    /// The primary key: a partition key, or a partition key and then a sort key.
    ///
    /// Update: replacement for another key.
    /// Source: AWS::DynamoDB::Table, KeySchema.
    pub key_schema: Vec<KeySchema>,
    /// Kinesis data stream that gets the table's changes.
    ///
    /// AWS default when absent: none. Update: no interruption.
    /// Source: AWS::DynamoDB::Table, KinesisStreamSpecification.
    pub kinesis_stream_specification: Option<KinesisStreamSpecification>,
    /// Indexes with the table's partition key and other sort keys.
    ///
    /// Shape: 5 at most; the table needs a sort key. Update: made with the table only.
    /// Source: AWS::DynamoDB::Table, LocalSecondaryIndexes.
    pub local_secondary_indexes: Option<Vec<LocalSecondaryIndex>>,
    /// Ceilings in on-demand mode.
    ///
    /// AWS default when absent: no ceiling but the account's quotas. Update: no interruption.
    /// Source: AWS::DynamoDB::Table, OnDemandThroughput.
    pub on_demand_throughput: Option<OnDemandThroughput>,
    /// Continuous backups.
    ///
    /// AWS default when absent: off. Update: no interruption.
    /// Source: AWS::DynamoDB::Table, PointInTimeRecoverySpecification.
    pub point_in_time_recovery_specification: Option<PointInTimeRecoverySpecification>,
    /// Capacity in provisioned mode: required there, refused in on-demand mode.
    ///
    /// Update: no interruption. Source: AWS::DynamoDB::Table, ProvisionedThroughput.
    pub provisioned_throughput: Option<ProvisionedThroughput>,
    /// Who else may use the table and its indexes; drift is not detected.
    ///
    /// Shape: a policy document of at most 20 KB. Update: no interruption.
    /// Source: AWS::DynamoDB::Table, ResourcePolicy.
    pub resource_policy: Option<ResourcePolicy>,
    /// Which key encrypts the table at rest.
    ///
    /// AWS default when absent: a key that AWS owns. Update: some interruptions.
    /// Source: AWS::DynamoDB::Table, SSESpecification.
    #[serde(rename = "SSESpecification")]
    pub sse_specification: Option<SseSpecification>,
    /// Stream of the table's changes.
    ///
    /// AWS default when absent: none. Update: no interruption.
    /// Source: AWS::DynamoDB::Table, StreamSpecification.
    pub stream_specification: Option<StreamSpecification>,
    /// How storage is charged.
    ///
    /// AWS default when absent: `STANDARD`. Update: no interruption.
    /// Source: AWS::DynamoDB::Table, TableClass.
    pub table_class: Option<Value<TableClass>>,
    /// Physical name.
    ///
    /// Shape: `3..=255` of letters, digits, `_`, `.` and `-`. AWS default when absent: made by CloudFormation.
    /// Update: replacement. Source: AWS::DynamoDB::Table, TableName.
    pub table_name: Option<Value<String>>,
    /// Tags of the table, 50 at most.
    ///
    /// Update: no interruption. Source: AWS::DynamoDB::Table, Tags.
    pub tags: Option<Vec<Tag>>,
    /// Attribute by which items expire.
    ///
    /// AWS default when absent: items stay. Update: no interruption.
    /// Source: AWS::DynamoDB::Table, TimeToLiveSpecification.
    pub time_to_live_specification: Option<TimeToLiveSpecification>,
    /// Indexes for nearest vectors.
    ///
    /// Update: no interruption. Source: AWS::DynamoDB::Table, VectorIndexes.
    pub vector_indexes: Option<Vec<VectorIndex>>,
    /// Capacity that is there from the start.
    ///
    /// AWS default when absent: 12,000 reads and 4,000 writes on demand; what is provisioned otherwise.
    /// Update: no interruption. Source: AWS::DynamoDB::Table, WarmThroughput.
    pub warm_throughput: Option<WarmThroughput>,
}

impl Table {
    /// A table with a primary key, and everything else absent.
    #[must_use]
    pub fn new(key_schema: Vec<KeySchema>) -> Self {
        Self {
            attribute_definitions: None,
            billing_mode: None,
            contributor_insights_specification: None,
            deletion_protection_enabled: None,
            global_secondary_indexes: None,
            import_source_specification: None,
            key_schema,
            kinesis_stream_specification: None,
            local_secondary_indexes: None,
            on_demand_throughput: None,
            point_in_time_recovery_specification: None,
            provisioned_throughput: None,
            resource_policy: None,
            sse_specification: None,
            stream_specification: None,
            table_class: None,
            table_name: None,
            tags: None,
            time_to_live_specification: None,
            vector_indexes: None,
            warm_throughput: None,
        }
    }
}

const DEFINITIONS: UpdateBehavior = UpdateBehavior::Conditional {
    rule: "Adding a definition interrupts nothing; changing the type of one replaces the table.",
};
const KEY: UpdateBehavior = UpdateBehavior::Conditional {
    rule: "Another primary key replaces the table; the same key written otherwise changes nothing.",
};
const LOCAL_INDEXES: UpdateBehavior = UpdateBehavior::Conditional {
    rule: "A local secondary index is made with its table only: a change is refused or replaces the table.",
};

impl Resource for Table {
    const TYPE: &'static str = "AWS::DynamoDB::Table";
    const STATEFUL: bool = true;
    const ATTRIBUTES: &'static [&'static str] = &["Arn", "StreamArn"];
    const PROPERTIES: &'static [Property] = &[
        Property::optional("AttributeDefinitions", DEFINITIONS),
        Property::optional("BillingMode", NoInterruption),
        Property::optional("ContributorInsightsSpecification", NoInterruption),
        Property::optional("DeletionProtectionEnabled", NoInterruption),
        Property::optional("GlobalSecondaryIndexes", NoInterruption),
        Property::optional("ImportSourceSpecification", Replacement),
        Property::required("KeySchema", KEY),
        Property::optional("KinesisStreamSpecification", NoInterruption),
        Property::optional("LocalSecondaryIndexes", LOCAL_INDEXES),
        Property::optional("OnDemandThroughput", NoInterruption),
        Property::optional("PointInTimeRecoverySpecification", NoInterruption),
        Property::optional("ProvisionedThroughput", NoInterruption),
        Property::optional("ResourcePolicy", NoInterruption),
        Property::optional("SSESpecification", SomeInterruption),
        Property::optional("StreamSpecification", NoInterruption),
        Property::optional("TableClass", NoInterruption),
        Property::optional("TableName", Replacement),
        Property::optional("Tags", NoInterruption),
        Property::optional("TimeToLiveSpecification", NoInterruption),
        Property::optional("VectorIndexes", NoInterruption),
        Property::optional("WarmThroughput", NoInterruption),
    ];
}

#[cfg(test)]
mod tests;
