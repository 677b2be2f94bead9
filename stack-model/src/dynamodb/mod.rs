//! `AWS::DynamoDB::*`: tables with their keys, indexes, capacity and protection.
//!
//! Read [`Table`] first. Deliberately absent: global tables (`AWS::DynamoDB::GlobalTable`).
//!
//! Source: CloudFormation template reference, AWS::DynamoDB.

mod capacity;
mod import;
mod index;
mod key;
mod setting;
mod table;

pub use capacity::{
    MaxReadRequestUnits, MaxWriteRequestUnits, OnDemandThroughput, ProvisionedThroughput, ReadCapacityUnits,
    ReadUnitsPerSecond, WarmThroughput, WriteCapacityUnits, WriteUnitsPerSecond,
};
pub use import::{
    Csv, ImportSourceSpecification, InputCompressionType, InputFormat, InputFormatOptions, S3BucketSource,
};
pub use index::{
    Dimensions, DistanceFunction, GlobalSecondaryIndex, LocalSecondaryIndex, Projection, SearchSchemaElement,
    SearchSchemaElementType, VectorAttribute, VectorIndex,
};
pub use key::{AttributeDefinition, AttributeType, KeySchema, KeyType};
pub use setting::{
    ContributorInsightsMode, ContributorInsightsSpecification, KinesisStreamSpecification,
    PointInTimeRecoverySpecification, RecoveryPeriodInDays, ResourcePolicy, SseSpecification, SseType,
    StreamSpecification, StreamViewType, TimeToLiveSpecification, TimestampPrecision,
};
pub use table::{BillingMode, Table, TableClass};

use crate::resource::ResourceType;

pub(crate) const TYPES: &[ResourceType] = &[ResourceType::of::<Table>()];
