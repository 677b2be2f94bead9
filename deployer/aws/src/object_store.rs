//! The engine's `ObjectStore` port on S3.
//!
//! Every call names the account that must own the bucket, so that a bucket somebody else made under
//! the expected name is refused by S3 itself.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumMode, Delete, ObjectIdentifier};
use aws_smithy_types::base64;
use pipectl_engine::aws_error::{AwsError, AwsErrorCode};
use pipectl_engine::port::{Content, ObjectStore};
use sha2::{Digest as _, Sha256};

use crate::account::Account;
use crate::artifact_bucket::ArtifactBucket;
use crate::sdk_error::{Call, code_of_refusal};

/// Time from the start of an upload to S3's answer: 50 MB, the largest package, at 170 kB/s.
const UPLOAD_ANSWER: Duration = Duration::from_secs(300);

/// Objects that one call deletes. Source: S3 API reference, DeleteObjects (read 2026-11-23).
const KEYS_AT_ONCE: usize = 1_000;

/// S3 by the AWS SDK. Made by [`Session::object_store`](crate::Session::object_store).
#[derive(Debug, Clone)]
pub struct SdkObjectStore {
    client: Client,
    account: Arc<Account>,
    region: String,
}

impl SdkObjectStore {
    pub(crate) fn new(client: Client, account: Arc<Account>, region: String) -> Self {
        Self { client, account, region }
    }

    /// Puts the object if there is none under its key; returns whether it is there now by this call.
    async fn put_if_absent(
        &self,
        bucket: &str,
        key: &str,
        body: ByteStream,
        checksum: &str,
        only_if_absent: bool,
    ) -> Result<bool, AwsError> {
        let call = Call::s3("PutObject");
        let timeouts = TimeoutConfig::builder().read_timeout(UPLOAD_ANSWER).build();
        let sent = self
            .client
            .put_object()
            .bucket(bucket)
            .key(key)
            .expected_bucket_owner(self.account.id().await?)
            .checksum_sha256(checksum)
            .set_if_none_match(only_if_absent.then(|| "*".to_owned()))
            .body(body)
            .customize()
            .config_override(aws_sdk_s3::config::Builder::new().timeout_config(timeouts))
            .send()
            .await
            .map_err(|error| call.failed(error));
        match sent {
            Ok(_) => Ok(true),
            Err(error) if only_if_absent && is_taken(&error.code) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// True when the object under `key` has this SHA-256. An object without one counts as different.
    async fn holds(&self, bucket: &str, key: &str, checksum: &str) -> Result<bool, AwsError> {
        let call = Call::s3("HeadObject");
        let head = self
            .client
            .head_object()
            .bucket(bucket)
            .key(key)
            .expected_bucket_owner(self.account.id().await?)
            .checksum_mode(ChecksumMode::Enabled)
            .send()
            .await
            .map_err(|error| call.failed(error));
        match head {
            Ok(object) => Ok(object.checksum_sha256.as_deref() == Some(checksum)),
            Err(error) if error.code == AwsErrorCode::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn versions(
        &self,
        bucket: &str,
        after: Option<&ListObjectVersionsOutput>,
    ) -> Result<ListObjectVersionsOutput, AwsError> {
        let call = Call::s3("ListObjectVersions");
        self.client
            .list_object_versions()
            .bucket(bucket)
            .expected_bucket_owner(self.account.id().await?)
            .set_key_marker(after.and_then(|page| page.next_key_marker.clone()))
            .set_version_id_marker(after.and_then(|page| page.next_version_id_marker.clone()))
            .send()
            .await
            .map_err(|error| call.failed(error))
    }

    /// Deletes up to 1,000 objects. S3 answers 200 even when it kept some; those are an error here.
    async fn delete_all(&self, bucket: &str, objects: Vec<ObjectIdentifier>) -> Result<(), AwsError> {
        let call = Call::s3("DeleteObjects");
        let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build();
        let delete = delete.map_err(|error| call.error(AwsErrorCode::Invalid, error.to_string()))?;
        let answer = self
            .client
            .delete_objects()
            .bucket(bucket)
            .expected_bucket_owner(self.account.id().await?)
            .delete(delete)
            .send()
            .await
            .map_err(|error| call.failed(error))?;
        kept(&call, answer.errors.unwrap_or_default())
    }
}

impl ObjectStore for SdkObjectStore {
    async fn artifact_bucket(&self) -> Result<String, AwsError> {
        Ok(format!("pipectl-artifacts-{}-{}", self.account.id().await?, self.region))
    }

    async fn ensure_artifact_bucket(&self, bucket: &str) -> Result<bool, AwsError> {
        let owner = self.account.id().await?;
        ArtifactBucket { client: &self.client, name: bucket, owner, region: &self.region }.ensure().await
    }

    async fn keys(&self, bucket: &str, prefix: &str) -> Result<BTreeSet<String>, AwsError> {
        let call = Call::s3("ListObjectsV2");
        let mut pages = self
            .client
            .list_objects_v2()
            .bucket(bucket)
            .prefix(prefix)
            .expected_bucket_owner(self.account.id().await?)
            .into_paginator()
            .send();
        let mut keys = BTreeSet::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| call.failed(error))?;
            keys.extend(page.contents.unwrap_or_default().into_iter().filter_map(|object| object.key));
        }
        Ok(keys)
    }

    /// Sends nothing a second time: an object that is there with the same SHA-256 is left alone.
    async fn put(&self, bucket: &str, key: &str, content: Content) -> Result<bool, AwsError> {
        let checksum = sha256_base64(&content).await?;
        if self.put_if_absent(bucket, key, body(&content).await?, &checksum, true).await? {
            return Ok(true);
        }
        if self.holds(bucket, key, &checksum).await? {
            return Ok(false);
        }
        self.put_if_absent(bucket, key, body(&content).await?, &checksum, false).await
    }

    async fn delete(&self, bucket: &str, keys: &[String]) -> Result<(), AwsError> {
        let call = Call::s3("DeleteObjects");
        for keys in keys.chunks(KEYS_AT_ONCE) {
            let objects = keys.iter().map(|key| ObjectIdentifier::builder().key(key).build());
            let objects = objects.collect::<Result<_, _>>();
            let objects = objects.map_err(|error| call.error(AwsErrorCode::Invalid, error.to_string()))?;
            self.delete_all(bucket, objects).await?;
        }
        Ok(())
    }

    async fn empty_bucket(&self, bucket: &str) -> Result<u64, AwsError> {
        let mut deleted = 0;
        let mut last: Option<ListObjectVersionsOutput> = None;
        loop {
            let mut page = match self.versions(bucket, last.as_ref()).await {
                Ok(page) => page,
                Err(error) if error.code == AwsErrorCode::NotFound => return Ok(deleted),
                Err(error) => return Err(error),
            };
            let objects = identifiers(&mut page);
            // A page has at most 1,000 entries, which is also the most that one call deletes.
            let count = objects.len();
            if count > 0 {
                self.delete_all(bucket, objects).await?;
            }
            deleted += u64::try_from(count).unwrap_or(u64::MAX);
            if page.is_truncated != Some(true) {
                return Ok(deleted);
            }
            last = Some(page);
        }
    }
}

/// 412: an object is there. 409: a writer or deleter of the same key was faster.
fn is_taken(code: &AwsErrorCode) -> bool {
    matches!(code, AwsErrorCode::Other(code) if code == "PreconditionFailed" || code == "ConditionalRequestConflict")
}

fn identifiers(page: &mut ListObjectVersionsOutput) -> Vec<ObjectIdentifier> {
    let versions = page.versions.take().unwrap_or_default().into_iter();
    let markers = page.delete_markers.take().unwrap_or_default().into_iter();
    versions
        .map(|version| (version.key, version.version_id))
        .chain(markers.map(|marker| (marker.key, marker.version_id)))
        .filter_map(|(key, version)| {
            ObjectIdentifier::builder().key(key?).set_version_id(version).build().ok()
        })
        .collect()
}

fn kept(call: &Call, errors: Vec<aws_sdk_s3::types::Error>) -> Result<(), AwsError> {
    let count = errors.len();
    let Some(first) = errors.into_iter().next() else { return Ok(()) };
    let key = first.key.unwrap_or_default();
    let reason = first.message.unwrap_or_default();
    let code = code_of_refusal(first.code.as_deref().unwrap_or_default(), &reason);
    Err(call.error(code, format!("{count} objects were kept, the first is `{key}`: {reason}")))
}

async fn body(content: &Content) -> Result<ByteStream, AwsError> {
    match content {
        Content::Bytes(bytes) => Ok(ByteStream::from(bytes.clone())),
        Content::File(path) => {
            ByteStream::from_path(path).await.map_err(|error| unreadable(path, &error.to_string()))
        }
    }
}

/// The checksum is sent as a header of its own: computed in passing, it would need the chunked
/// encoding that not every endpoint understands.
async fn sha256_base64(content: &Content) -> Result<String, AwsError> {
    let digest = match content {
        Content::Bytes(bytes) => Sha256::digest(bytes),
        Content::File(path) => {
            let file = path.clone();
            let hashed = tokio::task::spawn_blocking(move || hash_file(&file)).await;
            let hashed = hashed.unwrap_or_else(|error| Err(std::io::Error::other(error)));
            hashed.map_err(|error| unreadable(path, &error.to_string()))?
        }
    };
    Ok(base64::encode(digest))
}

fn hash_file(path: &Path) -> std::io::Result<sha2::digest::Output<Sha256>> {
    let mut hash = Sha256::new();
    let mut file = std::fs::File::open(path)?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = std::io::Read::read(&mut file, &mut buffer)?;
        if read == 0 {
            return Ok(hash.finalize());
        }
        hash.update(&buffer[..read]);
    }
}

fn unreadable(path: &Path, reason: &str) -> AwsError {
    let message = format!("cannot read `{}`: {reason}", path.display());
    Call::s3("PutObject").error(AwsErrorCode::Invalid, message)
}
