//! S3 in memory.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use pipectl_engine::aws_error::{AwsError, AwsErrorCode};
use pipectl_engine::port::{Content, ObjectStore};

use crate::journal::{Journal, Refusal};
use crate::{ACCOUNT_ID, REGION};

/// The buckets of an account. Clones share them.
#[derive(Debug, Clone)]
pub struct FakeObjectStore {
    journal: Journal,
    buckets: Rc<RefCell<Buckets>>,
}

#[derive(Debug, Default)]
struct Buckets {
    ours: BTreeMap<String, Vec<Version>>,
    of_others: BTreeSet<String>,
    refills: BTreeMap<String, u32>,
}

#[derive(Debug)]
struct Version {
    key: String,
    content: Content,
}

impl FakeObjectStore {
    pub(crate) fn new(journal: Journal) -> Self {
        Self { journal, buckets: Rc::default() }
    }

    /// Returns the name of the artifact bucket.
    #[must_use]
    pub fn artifact_bucket_name() -> String {
        format!("pipectl-artifacts-{ACCOUNT_ID}-{REGION}")
    }

    /// True when the account has the bucket.
    #[must_use]
    pub fn has_bucket(&self, bucket: &str) -> bool {
        self.buckets.borrow().ours.contains_key(bucket)
    }

    /// Counts the versions in a bucket; 0 when there is no such bucket.
    #[must_use]
    pub fn versions(&self, bucket: &str) -> usize {
        self.buckets.borrow().ours.get(bucket).map_or(0, Vec::len)
    }

    /// Returns the newest version of an object.
    #[must_use]
    pub fn object(&self, bucket: &str, key: &str) -> Option<Content> {
        let buckets = self.buckets.borrow();
        let newest = buckets.ours.get(bucket)?.iter().rev().find(|version| version.key == key)?;
        Some(newest.content.clone())
    }

    /// Puts an object as a user of the bucket would; the bucket is made when it is missing.
    pub fn write(&self, bucket: &str, key: &str, bytes: &[u8]) {
        let version = Version { key: key.to_owned(), content: Content::Bytes(bytes.to_vec()) };
        self.buckets.borrow_mut().ours.entry(bucket.to_owned()).or_default().push(version);
    }

    /// Makes a late writer put one object right after each of the next `times` emptyings.
    pub fn refill_after_emptying(&self, bucket: &str, times: u32) {
        self.buckets.borrow_mut().refills.insert(bucket.to_owned(), times);
    }

    /// Gives a bucket's name to another account.
    pub fn give_away(&self, bucket: &str) {
        self.remove(bucket);
        self.buckets.borrow_mut().of_others.insert(bucket.to_owned());
    }

    /// Deletes a bucket with all it holds.
    pub fn remove(&self, bucket: &str) {
        self.buckets.borrow_mut().ours.remove(bucket);
    }

    /// Makes a bucket; false when its name is taken by anybody.
    pub(crate) fn make(&self, bucket: &str) -> bool {
        let mut buckets = self.buckets.borrow_mut();
        let taken = buckets.ours.contains_key(bucket) || buckets.of_others.contains(bucket);
        if !taken {
            buckets.ours.insert(bucket.to_owned(), Vec::new());
        }
        !taken
    }
}

impl Buckets {
    fn of_ours(&mut self, bucket: &str) -> Result<&mut Vec<Version>, Refusal> {
        if self.of_others.contains(bucket) {
            let message = format!("{bucket} belongs to another account");
            return Err(Refusal::new(AwsErrorCode::ForeignBucket, message));
        }
        let missing = || Refusal::new(AwsErrorCode::NotFound, "The specified bucket does not exist");
        self.ours.get_mut(bucket).ok_or_else(missing)
    }

    fn empty(&mut self, bucket: &str) -> u64 {
        let Some(versions) = self.ours.get_mut(bucket) else { return 0 };
        let count = versions.len() as u64;
        versions.clear();
        if let Some(left) = self.refills.get_mut(bucket).filter(|left| **left > 0) {
            *left -= 1;
            versions.push(Version { key: "late".to_owned(), content: Content::Bytes(Vec::new()) });
        }
        count
    }
}

impl ObjectStore for FakeObjectStore {
    async fn artifact_bucket(&self) -> Result<String, AwsError> {
        self.journal.call("STS", "GetCallerIdentity", || Ok(Self::artifact_bucket_name()))
    }

    async fn ensure_artifact_bucket(&self, bucket: &str) -> Result<bool, AwsError> {
        self.journal.call("S3", "CreateBucket", || {
            let mut buckets = self.buckets.borrow_mut();
            match buckets.of_ours(bucket) {
                Ok(_) => Ok(false),
                Err(refusal) if refusal.code == AwsErrorCode::NotFound => {
                    buckets.ours.insert(bucket.to_owned(), Vec::new());
                    Ok(true)
                }
                Err(refusal) => Err(refusal),
            }
        })
    }

    async fn keys(&self, bucket: &str, prefix: &str) -> Result<BTreeSet<String>, AwsError> {
        self.journal.call("S3", "ListObjectsV2", || {
            let mut buckets = self.buckets.borrow_mut();
            let keys = buckets.of_ours(bucket)?.iter().map(|version| version.key.clone());
            Ok(keys.filter(|key| key.starts_with(prefix)).collect())
        })
    }

    async fn put(&self, bucket: &str, key: &str, content: Content) -> Result<(), AwsError> {
        self.journal.call("S3", "PutObject", || {
            let version = Version { key: key.to_owned(), content: content.clone() };
            self.buckets.borrow_mut().of_ours(bucket)?.push(version);
            Ok(())
        })
    }

    async fn empty_bucket(&self, bucket: &str) -> Result<u64, AwsError> {
        self.journal.call("S3", "DeleteObjects", || Ok(self.buckets.borrow_mut().empty(bucket)))
    }
}
