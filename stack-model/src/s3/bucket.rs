//! `AWS::S3::Bucket`.

use serde::Serialize;

use super::{LifecycleConfiguration, NotificationConfiguration};
use crate::resource::UpdateBehavior::{NoInterruption, Replacement};
use crate::resource::{Property, Resource, Tag};
use crate::value::Value;

/// Whose name space the bucket's name is unique in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum BucketNamespace {
    /// That of one account in one Region: only this account can make names in it.
    AccountRegional,
    /// That of all accounts of a partition.
    Global,
}

/// How objects are encrypted when a request does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum SseAlgorithm {
    /// Keys owned by S3: AWS's default, at no price.
    #[serde(rename = "AES256")]
    Aes256,
    /// A key in KMS.
    #[serde(rename = "aws:kms")]
    AwsKms,
    /// A key in KMS, applied twice.
    #[serde(rename = "aws:kms:dsse")]
    AwsKmsDsse,
}

/// Default encryption of a bucket's objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServerSideEncryptionByDefault {
    /// Key ID or ARN, for the KMS algorithms; `aws/s3` when absent.
    #[serde(rename = "KMSMasterKeyID")]
    pub kms_master_key_id: Option<Value<String>>,
    /// How.
    #[serde(rename = "SSEAlgorithm")]
    pub sse_algorithm: SseAlgorithm,
}

/// The one rule of a bucket's encryption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ServerSideEncryptionRule {
    /// Whether S3 uses a key of the bucket to spare calls to KMS.
    pub bucket_key_enabled: Option<bool>,
    /// The default.
    pub server_side_encryption_by_default: ServerSideEncryptionByDefault,
}

/// Encryption of a bucket at rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct BucketEncryption {
    /// Exactly one rule.
    pub server_side_encryption_configuration: Vec<ServerSideEncryptionRule>,
}

/// Where access to the bucket is logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct LoggingConfiguration {
    /// Another bucket of the Region.
    pub destination_bucket_name: Value<String>,
    /// Start of the logs' keys.
    pub log_file_prefix: Option<Value<String>>,
}

/// Who owns objects that other accounts put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum ObjectOwnership {
    /// The bucket's owner, always; ACLs are out of use. AWS's default.
    BucketOwnerEnforced,
    /// The bucket's owner, when the writer's ACL says so.
    BucketOwnerPreferred,
    /// The writer.
    ObjectWriter,
}

/// The one rule of object ownership.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OwnershipControlsRule {
    /// Who owns.
    pub object_ownership: ObjectOwnership,
}

/// Object ownership.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OwnershipControls {
    /// Exactly one rule.
    pub rules: Vec<OwnershipControlsRule>,
}

/// Which ways to make the bucket public are shut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PublicAccessBlockConfiguration {
    /// Refuses public ACLs.
    pub block_public_acls: bool,
    /// Refuses public bucket policies.
    pub block_public_policy: bool,
    /// Ignores public ACLs that are there.
    pub ignore_public_acls: bool,
    /// Restricts a bucket with a public policy to AWS services and its own account.
    pub restrict_public_buckets: bool,
}

impl PublicAccessBlockConfiguration {
    /// All four shut.
    pub const ALL: Self = Self {
        block_public_acls: true,
        block_public_policy: true,
        ignore_public_acls: true,
        restrict_public_buckets: true,
    };
}

/// Whether old versions are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum VersioningStatus {
    /// Every put and delete keeps what was there.
    Enabled,
    /// No more versions are made; those there stay.
    Suspended,
}

/// Versioning of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct VersioningConfiguration {
    /// Whether old versions are kept.
    pub status: Value<VersioningStatus>,
}

/// A general purpose bucket.
///
/// `Ref` gives its name. Source: AWS::S3::Bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Bucket {
    /// Encryption at rest. AWS default when absent: `AES256`.
    ///
    /// Update: no interruption. Source: AWS::S3::Bucket, BucketEncryption.
    pub bucket_encryption: Option<BucketEncryption>,
    /// Physical name; excludes [`Self::bucket_name_prefix`].
    ///
    /// Shape: `3..=63` lower-case letters, digits, `.` and `-`. AWS default when absent: made by CloudFormation.
    /// Update: replacement. Laws: E2010, E2011. Source: AWS::S3::Bucket, BucketName.
    pub bucket_name: Option<Value<String>>,
    /// Start of the physical name, to which the account-regional name space adds `-<account>-<region>-an`.
    ///
    /// Shape: as the name, so that the whole has 63 characters at most. Update: replacement. Laws: E2010, E2011.
    /// Source: AWS::S3::Bucket, BucketNamePrefix; S3 user guide, account-regional names.
    pub bucket_name_prefix: Option<Value<String>>,
    /// Whose name space. AWS default when absent: `global`.
    ///
    /// Update: replacement. Source: AWS::S3::Bucket, BucketNamespace.
    pub bucket_namespace: Option<Value<BucketNamespace>>,
    /// What happens to objects as they age.
    ///
    /// Update: no interruption. Source: AWS::S3::Bucket, LifecycleConfiguration.
    pub lifecycle_configuration: Option<LifecycleConfiguration>,
    /// Where access is logged.
    ///
    /// Update: no interruption. Source: AWS::S3::Bucket, LoggingConfiguration.
    pub logging_configuration: Option<LoggingConfiguration>,
    /// What the bucket tells others about its objects. Laws: W3011, E3012, E3016, E3017.
    ///
    /// Update: no interruption. Source: AWS::S3::Bucket, NotificationConfiguration.
    pub notification_configuration: Option<NotificationConfiguration>,
    /// Who owns objects. AWS default when absent: `BucketOwnerEnforced`.
    ///
    /// Update: no interruption. Source: AWS::S3::Bucket, OwnershipControls.
    pub ownership_controls: Option<OwnershipControls>,
    /// Which ways to make it public are shut. AWS default when absent: all four.
    ///
    /// Update: no interruption. Source: AWS::S3::Bucket, PublicAccessBlockConfiguration.
    pub public_access_block_configuration: Option<PublicAccessBlockConfiguration>,
    /// Tags of the bucket, 50 at most.
    ///
    /// Update: no interruption. Source: AWS::S3::Bucket, Tags.
    pub tags: Option<Vec<Tag>>,
    /// Whether old versions are kept. AWS default when absent: they are not.
    ///
    /// Update: no interruption. Source: AWS::S3::Bucket, VersioningConfiguration.
    pub versioning_configuration: Option<VersioningConfiguration>,
}

impl Resource for Bucket {
    const TYPE: &'static str = "AWS::S3::Bucket";
    const STATEFUL: bool = true;
    const ATTRIBUTES: &'static [&'static str] =
        &["Arn", "DomainName", "DualStackDomainName", "RegionalDomainName", "WebsiteURL"];
    const PROPERTIES: &'static [Property] = &[
        Property::optional("BucketEncryption", NoInterruption),
        Property::optional("BucketName", Replacement),
        Property::optional("BucketNamePrefix", Replacement),
        Property::optional("BucketNamespace", Replacement),
        Property::optional("LifecycleConfiguration", NoInterruption),
        Property::optional("LoggingConfiguration", NoInterruption),
        Property::optional("NotificationConfiguration", NoInterruption),
        Property::optional("OwnershipControls", NoInterruption),
        Property::optional("PublicAccessBlockConfiguration", NoInterruption),
        Property::optional("Tags", NoInterruption),
        Property::optional("VersioningConfiguration", NoInterruption),
    ];
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::{assert_properties_match, properties};
    use crate::s3::{
        AbortIncompleteMultipartUpload, FilterRule, FilterRuleName, LambdaConfiguration, LifecycleRule,
        NotificationFilter, ObjectEvent, S3KeyFilter,
    };
    use crate::unit::Days;

    #[test]
    fn properties_list_matches_the_fields() {
        assert_properties_match(&Bucket::default());
    }

    #[test]
    fn encrypted_bucket_renders_aws_spelling_of_abbreviations() {
        let default = ServerSideEncryptionByDefault {
            kms_master_key_id: Some("k".into()),
            sse_algorithm: SseAlgorithm::AwsKms,
        };
        let rule = ServerSideEncryptionRule {
            bucket_key_enabled: Some(true),
            server_side_encryption_by_default: default,
        };
        let encryption = BucketEncryption { server_side_encryption_configuration: vec![rule] };
        let bucket = Bucket { bucket_encryption: Some(encryption), ..Bucket::default() };
        let expected = json!({"BucketEncryption": {"ServerSideEncryptionConfiguration": [{
            "BucketKeyEnabled": true,
            "ServerSideEncryptionByDefault": {"KMSMasterKeyID": "k", "SSEAlgorithm": "aws:kms"},
        }]}});
        assert_eq!(properties(&bucket), expected);
    }

    #[test]
    fn notification_renders_filter_rules() {
        let rule = FilterRule { name: FilterRuleName::Suffix, value: ".csv".into() };
        let configuration = LambdaConfiguration {
            event: ObjectEvent::ObjectCreated,
            filter: Some(NotificationFilter { s3_key: S3KeyFilter { rules: vec![rule] } }),
            function: "f".into(),
        };
        let notification = NotificationConfiguration {
            lambda_configurations: Some(vec![configuration]),
            ..NotificationConfiguration::default()
        };
        let bucket = Bucket { notification_configuration: Some(notification), ..Bucket::default() };
        let expected = json!({"NotificationConfiguration": {"LambdaConfigurations": [{
            "Event": "s3:ObjectCreated:*", "Function": "f",
            "Filter": {"S3Key": {"Rules": [{"Name": "suffix", "Value": ".csv"}]}},
        }]}});
        assert_eq!(properties(&bucket), expected);
    }

    #[test]
    fn bucket_with_everything_else_renders_aws_names() {
        let abort = AbortIncompleteMultipartUpload { days_after_initiation: Days(7) };
        let rule =
            LifecycleRule { abort_incomplete_multipart_upload: Some(abort), ..LifecycleRule::named("tidy") };
        let bucket = Bucket {
            bucket_name_prefix: Some("p".into()),
            bucket_namespace: Some(BucketNamespace::AccountRegional.into()),
            lifecycle_configuration: Some(LifecycleConfiguration { rules: vec![rule] }),
            logging_configuration: Some(LoggingConfiguration {
                destination_bucket_name: "l".into(),
                log_file_prefix: None,
            }),
            ownership_controls: Some(OwnershipControls {
                rules: vec![OwnershipControlsRule { object_ownership: ObjectOwnership::BucketOwnerEnforced }],
            }),
            public_access_block_configuration: Some(PublicAccessBlockConfiguration::ALL),
            versioning_configuration: Some(VersioningConfiguration {
                status: VersioningStatus::Enabled.into(),
            }),
            ..Bucket::default()
        };
        let expected = json!({
            "BucketNamePrefix": "p", "BucketNamespace": "account-regional",
            "LifecycleConfiguration": {"Rules": [{
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}, "Id": "tidy", "Status": "Enabled",
            }]},
            "LoggingConfiguration": {"DestinationBucketName": "l"},
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true,
                "RestrictPublicBuckets": true,
            },
            "VersioningConfiguration": {"Status": "Enabled"},
        });
        assert_eq!(properties(&bucket), expected);
    }
}
