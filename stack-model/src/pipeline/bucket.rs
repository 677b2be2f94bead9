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

/// How a bucket differs from the safe default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketOptions {
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
    /// Adds a bucket named `<pipeline>-<name>-<account>-<region>-an`.
    pub fn bucket(&mut self, name: &str, options: BucketOptions) -> BucketHandle {
        let id = self.declare(name, "bucket", |pipeline, id| pipeline.buckets.contains_key(id));
        let prefix = format!("{}-{name}", self.name);
        for found in check_prefix(&prefix) {
            self.report(found.at(&id).about(name));
        }
        let handle =
            BucketHandle { id: id.clone(), name: name.to_owned(), prefix, kms_key: options.kms_key.clone() };
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
    if pipeline.buckets.is_empty() {
        return;
    }
    let is_account_regional = pipeline.bucket_name_suffix();
    for (id, draft) in std::mem::take(&mut pipeline.buckets) {
        let retention = draft.options.retention_policy.unwrap_or(pipeline.options.retention_policy);
        let attributes = ResourceAttributes::keeping(retention).after(draft.settled_before.clone());
        let bucket = pipeline.stack.add_with(id.clone(), resource(&draft, &is_account_regional), attributes);
        let policy_id = pipeline.logical_id(&[id.as_str(), "Policy"], &draft.handle.name);
        let policy = BucketPolicy { bucket: bucket.reference(), policy_document: tls_only(&draft.handle) };
        pipeline.stack.add(policy_id, policy);
        let description = format!("Bucket `{}`.", draft.handle.name);
        pipeline.output(&id, "Name", bucket.reference(), description);
    }
}

fn resource(draft: &Draft, is_account_regional: &LogicalId) -> Bucket {
    let Draft { handle, options, notifications, .. } = draft;
    let when = |regional, global| Value::if_condition(is_account_regional, regional, global);
    let status = if options.versioning { VersioningStatus::Enabled } else { VersioningStatus::Suspended };
    Bucket {
        bucket_encryption: Some(encryption(options.kms_key.as_ref())),
        bucket_name: Some(when(Value::no_value(), handle.bucket_name())),
        bucket_name_prefix: Some(when(handle.prefix.clone().into(), Value::no_value())),
        bucket_namespace: Some(Value::if_condition(
            is_account_regional,
            BucketNamespace::AccountRegional.into(),
            Value::no_value(),
        )),
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

    #[test]
    fn longest_account_regional_name_has_63_characters() {
        let name = format!("{}-123456789012-ap-northeast-1-an", "p".repeat(MAX_PREFIX));
        assert_eq!(name.len(), 63);
    }
}
