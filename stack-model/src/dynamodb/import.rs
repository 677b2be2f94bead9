//! Items that a new table takes over from a bucket.

use serde::Serialize;

use crate::value::Value;

/// How the source objects are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum InputCompressionType {
    /// gzip.
    Gzip,
    /// Not at all.
    None,
    /// Zstandard.
    Zstd,
}

/// Format of the source objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum InputFormat {
    /// Comma-separated values; every attribute but the keys becomes a string.
    Csv,
    /// DynamoDB JSON, as an export writes it.
    DynamodbJson,
    /// Amazon Ion.
    Ion,
}

/// How CSV objects are read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Csv {
    /// One of comma, semicolon, colon, pipe, tab and space; comma when absent.
    pub delimiter: Option<Value<String>>,
    /// Attribute names, `1..=255`, for objects without a header line; the first line when absent.
    pub header_list: Option<Vec<Value<String>>>,
}

/// Options by format.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct InputFormatOptions {
    /// Options of [`InputFormat::Csv`].
    pub csv: Option<Csv>,
}

/// Where the source objects are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct S3BucketSource {
    /// Name of the bucket.
    pub s3_bucket: Value<String>,
    /// Account of the bucket; this account when absent.
    pub s3_bucket_owner: Option<Value<String>>,
    /// Prefix that the objects' keys share; every object when absent.
    pub s3_key_prefix: Option<Value<String>>,
}

/// Objects whose records become the first items of the table.
///
/// Source: AWS::DynamoDB::Table, ImportSourceSpecification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ImportSourceSpecification {
    /// How the objects are compressed; not at all when absent.
    pub input_compression_type: Option<Value<InputCompressionType>>,
    /// Format of the objects.
    pub input_format: Value<InputFormat>,
    /// Options of the format.
    pub input_format_options: Option<InputFormatOptions>,
    /// Where the objects are.
    pub s3_bucket_source: S3BucketSource,
}
