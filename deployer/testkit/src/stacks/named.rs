//! Resources of which an account has one under a name.

use serde_json::Value;

use super::template::Declared;
use crate::{ACCOUNT_ID, REGION};

/// The property that names a resource, by type: such a resource exists once in an account and Region.
/// Source: CloudFormation template reference, each type's name property (read 2026-11-23).
const UNIQUE: &[(&str, &str)] = &[
    ("AWS::CloudWatch::Alarm", "AlarmName"),
    ("AWS::CloudWatch::Dashboard", "DashboardName"),
    ("AWS::DynamoDB::Table", "TableName"),
    ("AWS::IAM::Role", "RoleName"),
    ("AWS::Lambda::Function", "FunctionName"),
    ("AWS::Logs::LogGroup", "LogGroupName"),
    (BUCKET, "BucketName"),
    ("AWS::SNS::Topic", "TopicName"),
    ("AWS::SQS::Queue", "QueueName"),
];

/// The type of a bucket.
pub(super) const BUCKET: &str = "AWS::S3::Bucket";

/// The property that identifies a resource of this type, for example `TableName`.
pub(crate) fn identifier(resource_type: &str) -> Option<&'static str> {
    UNIQUE.iter().find(|(name, _)| *name == resource_type).map(|(_, property)| *property)
}

/// The name that a template gives a resource of which there can be one only.
pub(super) fn unique_name(declared: &Declared) -> Option<String> {
    let property = identifier(&declared.resource_type)?;
    let given = declared.properties.get(property).and_then(Value::as_str).map(str::to_owned);
    given.or_else(|| bucket_of_prefix(declared))
}

/// The name that a template gives a resource, unique or not.
pub(super) fn given_name(resource_type: &str, properties: &Value) -> Option<String> {
    let kind = resource_type.rsplit("::").next().unwrap_or_default();
    properties.get(format!("{kind}Name")).and_then(Value::as_str).map(str::to_owned)
}

/// The name of a bucket in the account-regional namespace.
pub(super) fn bucket_of_prefix(declared: &Declared) -> Option<String> {
    let prefix = declared.properties.get("BucketNamePrefix").and_then(Value::as_str)?;
    Some(format!("{prefix}-{ACCOUNT_ID}-{REGION}-an"))
}
