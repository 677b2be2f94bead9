//! S3 in memory.

use std::collections::{BTreeMap, BTreeSet};

use pipectl_engine::aws_error::{AwsError, AwsErrorCode};
use pipectl_engine::port::{Content, ObjectStore};

use crate::refusal::Refusal;
use crate::shared::Shared;
use crate::{ACCOUNT_ID, Journal, REGION};

/// The buckets of an account. Clones share them.
#[derive(Debug, Clone)]
pub struct FakeObjectStore {
    journal: Journal,
    buckets: Shared<Buckets>,
}

/// All buckets, and the names that other accounts hold.
#[derive(Debug, Default)]
pub(crate) struct Buckets {
    ours: BTreeMap<String, Bucket>,
    of_others: BTreeSet<String>,
    refills: BTreeMap<String, u32>,
    serial: u64,
}

/// A bucket that keeps versions.
#[derive(Debug, Default)]
pub(crate) struct Bucket {
    /// Oldest first.
    pub(crate) versions: Vec<Version>,
    /// Policies and configurations as they were put, by subresource, for example `policy`.
    pub(crate) settings: BTreeMap<String, Vec<u8>>,
}

/// A version of an object, or a delete marker.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub(crate) key: String,
    pub(crate) id: String,
    /// `None` for a delete marker.
    pub(crate) content: Option<Content>,
    /// SHA-256 in Base64, when it came with the object.
    pub(crate) checksum: Option<String>,
}

impl FakeObjectStore {
    pub(crate) fn new(journal: Journal) -> Self {
        Self { journal, buckets: Shared::default() }
    }

    /// Returns the name of the artifact bucket.
    #[must_use]
    pub fn artifact_bucket_name() -> String {
        format!("pipectl-artifacts-{ACCOUNT_ID}-{REGION}")
    }

    /// True when the account has the bucket.
    #[must_use]
    pub fn has_bucket(&self, bucket: &str) -> bool {
        self.lock().ours.contains_key(bucket)
    }

    /// Counts the versions in a bucket, delete markers too; 0 when there is no such bucket.
    #[must_use]
    pub fn versions(&self, bucket: &str) -> usize {
        self.lock().ours.get(bucket).map_or(0, |bucket| bucket.versions.len())
    }

    /// Returns the newest version of an object; `None` when that is a delete marker.
    #[must_use]
    pub fn object(&self, bucket: &str, key: &str) -> Option<Content> {
        self.lock().ours.get(bucket)?.newest(key)?.content.clone()
    }

    /// Puts an object as a user of the bucket would; the bucket is made when it is missing.
    pub fn write(&self, bucket: &str, key: &str, bytes: &[u8]) {
        let mut buckets = self.lock();
        buckets.ours.entry(bucket.to_owned()).or_default();
        buckets.put(bucket, key, Some(Content::Bytes(bytes.to_vec())), None);
    }

    /// Makes a late writer put one object right after each of the next `times` emptyings.
    pub fn refill_after_emptying(&self, bucket: &str, times: u32) {
        self.lock().refills.insert(bucket.to_owned(), times);
    }

    /// Gives a bucket's name to another account.
    pub fn give_away(&self, bucket: &str) {
        self.remove(bucket);
        self.lock().of_others.insert(bucket.to_owned());
    }

    /// Deletes a bucket with all it holds.
    pub fn remove(&self, bucket: &str) {
        self.lock().ours.remove(bucket);
    }

    /// Makes a bucket; false when its name is taken by anybody.
    pub(crate) fn make(&self, bucket: &str) -> bool {
        let mut buckets = self.lock();
        let taken = buckets.ours.contains_key(bucket) || buckets.of_others.contains(bucket);
        if !taken {
            buckets.ours.insert(bucket.to_owned(), Bucket::default());
        }
        !taken
    }

    pub(crate) fn lock(&self) -> std::sync::MutexGuard<'_, Buckets> {
        self.buckets.lock()
    }
}

impl Bucket {
    pub(crate) fn newest(&self, key: &str) -> Option<&Version> {
        self.versions.iter().rev().find(|version| version.key == key)
    }
}

impl Buckets {
    pub(crate) fn of_ours(&mut self, bucket: &str) -> Result<&mut Bucket, Refusal> {
        if self.of_others.contains(bucket) {
            let message = format!("{bucket} belongs to another account");
            return Err(Refusal::new(AwsErrorCode::ForeignBucket, message).written_as("AccessDenied"));
        }
        let message = "The specified bucket does not exist";
        let missing = || Refusal::new(AwsErrorCode::NotFound, message).written_as("NoSuchBucket");
        self.ours.get_mut(bucket).ok_or_else(missing)
    }

    /// Adds a version, or a delete marker, to a bucket of ours; the version's ID.
    pub(crate) fn put(
        &mut self,
        bucket: &str,
        key: &str,
        content: Option<Content>,
        checksum: Option<String>,
    ) -> String {
        self.serial += 1;
        let id = format!("version-{:08}", self.serial);
        if let Some(bucket) = self.ours.get_mut(bucket) {
            bucket.versions.push(Version { key: key.to_owned(), id: id.clone(), content, checksum });
        }
        id
    }

    /// Lets a late writer put its object after an emptying that left nothing.
    pub(crate) fn refill(&mut self, bucket: &str) {
        let is_empty = self.ours.get(bucket).is_some_and(|bucket| bucket.versions.is_empty());
        if let Some(left) = self.refills.get_mut(bucket).filter(|left| **left > 0 && is_empty) {
            *left -= 1;
            self.put(bucket, "late", Some(Content::Bytes(Vec::new())), None);
        }
    }

    fn empty(&mut self, name: &str) -> u64 {
        let Some(bucket) = self.ours.get_mut(name) else { return 0 };
        let count = bucket.versions.len() as u64;
        bucket.versions.clear();
        self.refill(name);
        count
    }
}

impl ObjectStore for FakeObjectStore {
    async fn artifact_bucket(&self) -> Result<String, AwsError> {
        self.journal.answer("STS", "GetCallerIdentity", || Ok(Self::artifact_bucket_name())).await
    }

    async fn ensure_artifact_bucket(&self, bucket: &str) -> Result<bool, AwsError> {
        self.journal
            .answer("S3", "CreateBucket", || {
                let mut buckets = self.lock();
                match buckets.of_ours(bucket) {
                    Ok(_) => Ok(false),
                    Err(refusal) if refusal.code == AwsErrorCode::NotFound => {
                        buckets.ours.insert(bucket.to_owned(), Bucket::default());
                        Ok(true)
                    }
                    Err(refusal) => Err(refusal),
                }
            })
            .await
    }

    async fn keys(&self, bucket: &str, prefix: &str) -> Result<BTreeSet<String>, AwsError> {
        self.journal
            .answer("S3", "ListObjectsV2", || {
                let mut buckets = self.lock();
                let bucket = buckets.of_ours(bucket)?;
                let keys = bucket.versions.iter().map(|version| version.key.clone());
                let there = |key: &String| bucket.newest(key).is_some_and(|it| it.content.is_some());
                Ok(keys.filter(|key| key.starts_with(prefix) && there(key)).collect())
            })
            .await
    }

    async fn put(&self, bucket: &str, key: &str, content: Content) -> Result<bool, AwsError> {
        self.journal
            .answer("S3", "PutObject", || {
                let mut buckets = self.lock();
                let there = buckets.of_ours(bucket)?.newest(key).and_then(|it| it.content.as_ref());
                if there == Some(&content) {
                    return Ok(false);
                }
                buckets.put(bucket, key, Some(content.clone()), None);
                Ok(true)
            })
            .await
    }

    async fn delete(&self, bucket: &str, keys: &[String]) -> Result<(), AwsError> {
        self.journal
            .answer("S3", "DeleteObjects", || {
                let mut buckets = self.lock();
                buckets.of_ours(bucket)?;
                for key in keys {
                    buckets.put(bucket, key, None, None);
                }
                Ok(())
            })
            .await
    }

    async fn empty_bucket(&self, bucket: &str) -> Result<u64, AwsError> {
        self.journal.answer("S3", "DeleteObjects", || Ok(self.lock().empty(bucket))).await
    }
}
