//! Buckets: private, encrypted, versioned, by TLS only, with a name that needs no reference to them.

use std::collections::BTreeSet;

use super::Pipeline;
use super::notification::Notification;
use crate::diagnostic::{BUCKET_NAME_TOO_LONG, Diagnostic, ILLEGAL_BUCKET_NAME};
use crate::handle::BucketHandle;
use crate::iam::{PolicyDocument, Principal, Statement};
use crate::logical_id::LogicalId;
use crate::s3::{
    AbortIncompleteMultipartUpload, Bucket, BucketEncryption, BucketNamespace, BucketPolicy,
    LifecycleConfiguration, LifecycleRule, NoncurrentVersionExpiration, ObjectOwnership, OwnershipControls,
    OwnershipControlsRule, PublicAccessBlockConfiguration, ServerSideEncryptionByDefault,
    ServerSideEncryptionRule, SseAlgorithm, VersioningConfiguration, VersioningStatus,
};
use crate::stack::{ResourceAttributes, RetentionPolicy};
use crate::unit::Days;
use crate::value::Value;

/// What is left of 63 characters for pipeline and bucket: `-<12 digits>-<14>-an` takes 31. No Region of the
/// partitions `aws`, `aws-cn`, `aws-us-gov` and `aws-eusc` has a longer name than `ap-northeast-1`.
///
/// Source: S3 user guide, account-regional names.
const MAX_PREFIX: usize = 32;

/// The properties that make the name.
const NAME_PROPERTIES: [&str; 3] = ["BucketName", "BucketNamePrefix", "BucketNamespace"];

/// How a bucket differs from the safe default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketOptions {
    /// Its name: `3..=63` lower-case letters, digits, `.` and `-`, unique among all buckets of the partition; it may
    /// hold `${AWS::AccountId}` and `${AWS::Region}`. Default: computed in the account-regional name space.
    pub bucket_name: Option<String>,
    /// Whether old versions are kept. Default: true.
    pub versioning: bool,
    /// Days after which old versions go; kept for ever when `None`. Default: 90.
    pub noncurrent_version_expiration: Option<Days>,
    /// Days after which objects expire. Default: never.
    pub expiration: Option<Days>,
    /// ARN of a customer managed key. Default: keys owned by S3.
    pub kms_key: Option<Value<String>>,
    /// What happens when it leaves the stack. Default: the pipeline's.
    pub retention_policy: Option<RetentionPolicy>,
}

impl Default for BucketOptions {
    fn default() -> Self {
        Self {
            bucket_name: None,
            versioning: true,
            noncurrent_version_expiration: Some(Days(90)),
            expiration: None,
            kms_key: None,
            retention_policy: None,
        }
    }
}

/// A bucket being wired.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) handle: BucketHandle,
    pub(super) options: BucketOptions,
    pub(super) notifications: Vec<Notification>,
    /// Permissions and policies that S3 tests when it takes the notifications.
    pub(super) settled_before: BTreeSet<LogicalId>,
}

impl Pipeline {
    /// Adds a bucket named `<pipeline>-<name>-<account>-<region>-an`, unless the options name it.
    ///
    /// Grants, permissions and policies compute the name, so that an override of it is refused (E2016).
    pub fn bucket(&mut self, name: &str, options: BucketOptions) -> BucketHandle {
        let id = self.declare(name, "bucket", |pipeline, id| pipeline.buckets.contains_key(id));
        let prefix = format!("{}-{name}", self.name);
        let found = match &options.bucket_name {
            Some(bucket_name) => check_name(bucket_name),
            None => check_prefix(&prefix),
        };
        for found in found {
            self.report(found.at(&id).about(name));
        }
        let way = format!("Set `bucket_name` of the bucket `{name}`, which every part of the stack follows.");
        self.stack.hold(id.clone(), &NAME_PROPERTIES, way);
        let handle = BucketHandle {
            id: id.clone(),
            name: name.to_owned(),
            prefix,
            bucket_name: options.bucket_name.clone(),
            kms_key: options.kms_key.clone(),
        };
        let draft = Draft {
            handle: handle.clone(),
            options,
            notifications: Vec::new(),
            settled_before: BTreeSet::new(),
        };
        self.buckets.insert(id, draft);
        handle
    }
}

/// Source: S3 user guide, general purpose bucket naming rules.
fn check_name(name: &str) -> Vec<Diagnostic> {
    // As long as an account and the longest Region.
    let longest =
        name.replace("${AWS::AccountId}", "000000000000").replace("${AWS::Region}", "ap-northeast-1");
    let report = |code, message: String, help: &str| {
        Diagnostic::new(code, message).path("Properties.BucketName").help(help)
    };
    let mut found = Vec::new();
    if !(3..=63).contains(&longest.len()) {
        let message = format!("`{name}` has {} characters, but a bucket's name has 3 to 63.", longest.len());
        found.push(report(
            &BUCKET_NAME_TOO_LONG,
            message,
            "Choose a name of 3 to 63 characters; an account takes 12, a Region 14.",
        ));
    }
    let is_end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_legal = |c: char| is_end(c) || c == '-' || c == '.';
    if !longest.chars().all(is_legal)
        || !longest.starts_with(is_end)
        || !longest.ends_with(is_end)
        || longest.contains("..")
    {
        let message = format!("`{name}` is no name for a bucket.");
        let help = "Use lower-case letters, digits, `-` and single `.`, with a letter or digit first and last; of `${...}`, \
                    `${AWS::AccountId}` and `${AWS::Region}`.";
        found.push(report(&ILLEGAL_BUCKET_NAME, message, help));
    }
    found
}

fn check_prefix(prefix: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if prefix.len() > MAX_PREFIX {
        let message = format!(
            "`{prefix}` has {} characters, but pipeline and bucket name take {MAX_PREFIX} together, with `-`.",
            prefix.len()
        );
        found.push(Diagnostic::new(&BUCKET_NAME_TOO_LONG, message).help("Shorten one of the two names."));
    }
    let is_legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if let Some(character) = prefix.chars().find(|&c| !is_legal(c)) {
        let message = format!("`{prefix}` has `{character}`, which bucket names do not take.");
        let help = "Use lower-case letters, digits and `-`.";
        found.push(Diagnostic::new(&ILLEGAL_BUCKET_NAME, message).help(help));
    }
    found
}

pub(super) fn lower(pipeline: &mut Pipeline) {
    let any_computed = pipeline.buckets.values().any(|draft| draft.handle.bucket_name.is_none());
    let is_account_regional = any_computed.then(|| pipeline.bucket_name_suffix());
    for (id, draft) in std::mem::take(&mut pipeline.buckets) {
        let retention = draft.options.retention_policy.unwrap_or(pipeline.options.retention_policy);
        let attributes = ResourceAttributes::keeping(retention).after(draft.settled_before.clone());
        let bucket =
            pipeline.stack.add_with(id.clone(), resource(&draft, is_account_regional.as_ref()), attributes);
        let policy_id = pipeline.logical_id(&[id.as_str(), "Policy"], &draft.handle.name);
        let policy = BucketPolicy { bucket: bucket.reference(), policy_document: tls_only(&draft.handle) };
        pipeline.stack.add(policy_id, policy);
        let description = format!("Bucket `{}`.", draft.handle.name);
        pipeline.output(&id, "Name", bucket.reference(), description);
    }
}

fn resource(draft: &Draft, is_account_regional: Option<&LogicalId>) -> Bucket {
    let Draft { handle, options, notifications, .. } = draft;
    let is_account_regional = is_account_regional.filter(|_| handle.bucket_name.is_none());
    let status = if options.versioning { VersioningStatus::Enabled } else { VersioningStatus::Suspended };
    Bucket {
        bucket_encryption: Some(encryption(options.kms_key.as_ref())),
        bucket_name: Some(match is_account_regional {
            Some(condition) => Value::if_condition(condition, Value::no_value(), handle.bucket_name()),
            None => handle.bucket_name(),
        }),
        bucket_name_prefix: is_account_regional
            .map(|condition| Value::if_condition(condition, handle.prefix.clone().into(), Value::no_value())),
        bucket_namespace: is_account_regional.map(|condition| {
            Value::if_condition(condition, BucketNamespace::AccountRegional.into(), Value::no_value())
        }),
        lifecycle_configuration: Some(lifecycle(options)),
        notification_configuration: Notification::configure(notifications),
        ownership_controls: Some(OwnershipControls {
            rules: vec![OwnershipControlsRule { object_ownership: ObjectOwnership::BucketOwnerEnforced }],
        }),
        public_access_block_configuration: Some(PublicAccessBlockConfiguration::ALL),
        // A bucket that never had versions stays without when the property is absent.
        versioning_configuration: options
            .versioning
            .then(|| VersioningConfiguration { status: status.into() }),
        ..Bucket::default()
    }
}

fn encryption(kms_key: Option<&Value<String>>) -> BucketEncryption {
    let sse_algorithm = if kms_key.is_some() { SseAlgorithm::AwsKms } else { SseAlgorithm::Aes256 };
    let rule = ServerSideEncryptionRule {
        bucket_key_enabled: kms_key.map(|_| true),
        server_side_encryption_by_default: ServerSideEncryptionByDefault {
            kms_master_key_id: kms_key.cloned(),
            sse_algorithm,
        },
    };
    BucketEncryption { server_side_encryption_configuration: vec![rule] }
}

/// Uploads in parts that nobody completes cost money and show in no listing, so they always end after a week.
fn lifecycle(options: &BucketOptions) -> LifecycleConfiguration {
    let noncurrent_version_expiration =
        options.noncurrent_version_expiration.filter(|_| options.versioning).map(|noncurrent_days| {
            NoncurrentVersionExpiration { newer_noncurrent_versions: None, noncurrent_days }
        });
    let rule = LifecycleRule {
        abort_incomplete_multipart_upload: Some(AbortIncompleteMultipartUpload {
            days_after_initiation: Days(7),
        }),
        expiration_in_days: options.expiration,
        noncurrent_version_expiration,
        ..LifecycleRule::named("pipectl")
    };
    LifecycleConfiguration { rules: vec![rule] }
}

fn tls_only(handle: &BucketHandle) -> PolicyDocument {
    let deny = Statement::deny(&["s3:*"], vec![handle.arn(), handle.object_arn("")])
        .named("TlsOnly")
        .to(Principal::Everyone)
        .when("Bool", "aws:SecureTransport", "false");
    PolicyDocument::new(vec![deny])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{PipelineName, PipelineOptions};

    fn codes(pipeline: &str, bucket: &str) -> Vec<&'static str> {
        let name = PipelineName::new(pipeline).unwrap();
        let mut pipeline = Pipeline::new(name, PipelineOptions::default());
        pipeline.bucket(bucket, BucketOptions::default());
        pipeline.into_stack().check().iter().map(|found| found.code.name).collect()
    }

    #[test]
    fn names_of_32_characters_pass_and_33_do_not() {
        assert!(codes("ingest", &"u".repeat(25)).is_empty());
        assert_eq!(codes("ingest", &"u".repeat(26)), ["E2010"]);
    }

    #[test]
    fn upper_case_bucket_is_refused() {
        assert_eq!(codes("ingest", "Uploads"), ["E2011"]);
    }

    fn named(bucket_name: &str) -> Pipeline {
        let mut pipeline = Pipeline::new(PipelineName::new("ingest").unwrap(), PipelineOptions::default());
        let options = BucketOptions { bucket_name: Some(bucket_name.to_owned()), ..BucketOptions::default() };
        let bucket = pipeline.bucket("uploads", options);
        let function = pipeline.function("reader", crate::pipeline::FunctionOptions::default());
        pipeline.on_object(&function, &bucket, crate::pipeline::ObjectEvents::default());
        pipeline
    }

    #[test]
    fn name_of_the_users_flows_everywhere() {
        let template = named("acme-${AWS::Region}").into_stack().template();
        let bucket = template.resource("UploadsBucket").unwrap();
        let properties = bucket.attribute("Properties").unwrap();
        assert_eq!(properties["BucketName"], serde_json::json!({"Fn::Sub": "acme-${AWS::Region}"}));
        assert!(properties.get("BucketNamePrefix").is_none() && properties.get("BucketNamespace").is_none());
        assert!(template.section("Parameters").unwrap().get("BucketNameSuffix").is_none());
        let text = template.to_json().to_string();
        assert_eq!(text.matches("arn:${AWS::Partition}:s3:::acme-${AWS::Region}").count(), 4);
        assert!(!text.contains("ingest-uploads"));
    }

    #[test]
    fn name_of_the_users_is_held_to_the_rules_of_s3() {
        let codes = |name: &str| -> Vec<_> {
            let found = named(name).into_stack().check();
            found.iter().map(|found| found.code.name).filter(|code| code.starts_with('E')).collect()
        };
        let none: [&str; 0] = [];
        assert_eq!(codes("acme-${AWS::AccountId}-${AWS::Region}"), none);
        assert_eq!(codes("ab"), ["E2010"]);
        assert_eq!(codes(&"a".repeat(63)), none);
        assert_eq!(codes(&"a".repeat(64)), ["E2010"]);
        assert_eq!(codes("Acme"), ["E2011"]);
        assert_eq!(codes("acme-"), ["E2011"]);
        assert_eq!(codes("acme-${AWS::StackName}"), ["E2011"]);
    }

    #[test]
    fn longest_account_regional_name_has_63_characters() {
        let name = format!("{}-123456789012-ap-northeast-1-an", "p".repeat(MAX_PREFIX));
        assert_eq!(name.len(), 63);
    }
}
