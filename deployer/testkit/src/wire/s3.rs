//! S3's REST API, as far as a deployment needs it.

mod listing;
mod objects;

use std::fmt::Write as _;

use pipectl_engine::aws_error::AwsErrorCode;

use super::front::Front;
use super::http::{Answer, Head};
use super::xml::Xml;
use crate::object_store::Bucket;
use crate::refusal::Refusal;
use crate::{ACCOUNT_ID, REGION};

/// The subresources of a bucket that are kept as they were put.
const SETTINGS: &[(&str, &str, &str)] = &[
    ("policy", "GetBucketPolicy", "PutBucketPolicy"),
    ("publicAccessBlock", "GetPublicAccessBlock", "PutPublicAccessBlock"),
    ("ownershipControls", "GetBucketOwnershipControls", "PutBucketOwnershipControls"),
    ("encryption", "GetBucketEncryption", "PutBucketEncryption"),
    ("versioning", "GetBucketVersioning", "PutBucketVersioning"),
    ("lifecycle", "GetBucketLifecycleConfiguration", "PutBucketLifecycleConfiguration"),
    ("tagging", "GetBucketTagging", "PutBucketTagging"),
];

/// Splits a path-style target into bucket and key.
fn place(head: &Head) -> (&str, &str) {
    let path = head.path.strip_prefix('/').unwrap_or(&head.path);
    path.split_once('/').unwrap_or((path, ""))
}

/// Names the operation of a REST request; `None` for a request of the Query protocol, which goes to the
/// root and names its operation in the body.
pub(super) fn operation(head: &Head) -> Option<&'static str> {
    let (bucket, key) = place(head);
    let method = head.method.as_str();
    if bucket.is_empty() {
        return (method == "GET").then_some("ListBuckets");
    }
    if !key.is_empty() {
        return Some(match method {
            "PUT" => "PutObject",
            "HEAD" => "HeadObject",
            "DELETE" => "DeleteObject",
            _ => "GetObject",
        });
    }
    let setting = SETTINGS.iter().find(|(name, ..)| head.query.contains_key(*name));
    Some(match (method, setting) {
        ("GET", Some((_, get, _))) => get,
        ("PUT", Some((_, _, put))) => put,
        ("GET", None) if head.query.contains_key("versions") => "ListObjectVersions",
        ("GET", None) if head.query.contains_key("location") => "GetBucketLocation",
        ("GET", None) => "ListObjectsV2",
        ("POST", _) => "DeleteObjects",
        ("PUT", None) => "CreateBucket",
        ("HEAD", _) => "HeadBucket",
        _ => "DeleteBucket",
    })
}

pub(super) fn answer(operation: &str, head: &Head, body: &[u8], front: &Front) -> Answer {
    let (bucket, key) = place(head);
    let request = Request { head, body, bucket, key, front };
    request.answer(operation).unwrap_or_else(|refusal| {
        let status = match refusal.aws_code {
            "NoSuchBucket" | "NoSuchKey" | "NoSuchBucketPolicy" => 404,
            "BucketAlreadyExists" | "BucketAlreadyOwnedByYou" | "BucketNotEmpty" => 409,
            "PreconditionFailed" => 412,
            "AccessDenied" => 403,
            _ => 400,
        };
        error(status, refusal.aws_code, &refusal.message)
    })
}

pub(super) fn error(status: u16, code: &str, message: &str) -> Answer {
    let mut xml = Xml::new();
    xml.element("Error", |xml| {
        xml.text("Code", code).text("Message", message);
    });
    Answer::new(status, xml.into_string())
}

struct Request<'a> {
    head: &'a Head,
    body: &'a [u8],
    bucket: &'a str,
    key: &'a str,
    front: &'a Front,
}

fn refused(code: &'static str, message: &str) -> Refusal {
    Refusal::new(AwsErrorCode::Invalid, message).written_as(code)
}

impl Request<'_> {
    fn answer(&self, operation: &str) -> Result<Answer, Refusal> {
        if operation == "CreateBucket" {
            return self.create_bucket();
        }
        self.check_owner()?;
        match operation {
            "PutObject" => self.put_object(),
            "GetObject" | "HeadObject" => self.get_object(),
            "DeleteObject" => self.delete_object(),
            "DeleteObjects" => self.delete_objects(),
            "ListObjectsV2" => self.list_objects(),
            "ListObjectVersions" => self.list_versions(),
            "HeadBucket" => self.of_bucket(|_| Ok(Answer::new(200, ""))),
            "GetBucketLocation" => self.of_bucket(|_| {
                let mut xml = Xml::new();
                xml.text("LocationConstraint", REGION);
                Ok(Answer::new(200, xml.into_string()))
            }),
            "DeleteBucket" => self.delete_bucket(),
            _ => self.setting(),
        }
    }

    fn of_bucket<T>(&self, work: impl FnOnce(&mut Bucket) -> Result<T, Refusal>) -> Result<T, Refusal> {
        work(self.front.store.lock().of_ours(self.bucket)?)
    }

    /// `x-amz-expected-bucket-owner` must name the account. Source: S3 user guide, "Verifying bucket
    /// ownership" (read 2026-11-23).
    fn check_owner(&self) -> Result<(), Refusal> {
        match self.head.header("x-amz-expected-bucket-owner") {
            Some(owner) if owner != ACCOUNT_ID => Err(refused("AccessDenied", "Access Denied")),
            _ => Ok(()),
        }
    }

    fn create_bucket(&self) -> Result<Answer, Refusal> {
        if self.front.store.has_bucket(self.bucket) {
            let message =
                "Your previous request to create the named bucket succeeded and you already own it.";
            return Err(refused("BucketAlreadyOwnedByYou", message));
        }
        if !self.front.store.make(self.bucket) {
            return Err(refused("BucketAlreadyExists", "The requested bucket name is not available."));
        }
        Ok(Answer::new(200, "").with("location", format!("/{}", self.bucket)))
    }

    fn delete_bucket(&self) -> Result<Answer, Refusal> {
        if self.of_bucket(|bucket| Ok(!bucket.versions.is_empty()))? {
            return Err(refused("BucketNotEmpty", "The bucket you tried to delete is not empty"));
        }
        self.front.store.remove(self.bucket);
        Ok(Answer::new(204, ""))
    }

    /// Puts or gets a subresource.
    fn setting(&self) -> Result<Answer, Refusal> {
        let name = SETTINGS.iter().find(|(name, ..)| self.head.query.contains_key(*name));
        let Some((name, ..)) = name else { return Err(refused("MethodNotAllowed", "not in this double")) };
        self.of_bucket(|bucket| match self.head.method.as_str() {
            "PUT" => {
                bucket.settings.insert((*name).to_owned(), self.body.to_vec());
                Ok(Answer::new(200, ""))
            }
            _ => match bucket.settings.get(*name) {
                Some(body) => Ok(Answer::new(200, body.clone())),
                None if *name == "policy" => {
                    Err(refused("NoSuchBucketPolicy", "The bucket policy does not exist"))
                }
                None => Ok(Answer::new(200, "")),
            },
        })
    }
}

/// An entity tag: any that differs between versions.
fn etag(version_id: &str) -> String {
    let mut tag = String::from("\"");
    for byte in version_id.bytes() {
        // Writing to a string cannot fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}
