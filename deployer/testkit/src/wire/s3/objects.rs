//! Single objects.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use pipectl_engine::port::Content;
use sha2::{Digest as _, Sha256};

use super::{Request, etag, refused};
use crate::object_store::Version;
use crate::refusal::Refusal;
use crate::wire::http::Answer;
use crate::wire::xml::{Xml, inside, text_of};

impl Request<'_> {
    /// `If-None-Match: *` is honoured, and `x-amz-checksum-sha256` verified.
    pub(super) fn put_object(&self) -> Result<Answer, Refusal> {
        let checksum = BASE64_STANDARD.encode(Sha256::digest(self.body));
        let sent = self.head.header("x-amz-checksum-sha256");
        if sent.is_some_and(|sent| sent != checksum) {
            return Err(refused(
                "BadDigest",
                "The SHA256 you specified did not match the calculated checksum.",
            ));
        }
        let mut buckets = self.front.store.lock();
        let bucket = buckets.of_ours(self.bucket)?;
        let is_there = bucket.newest(self.key).is_some_and(|newest| newest.content.is_some());
        if is_there && self.head.header("if-none-match") == Some("*") {
            let message = "At least one of the pre-conditions you specified did not hold";
            return Err(refused("PreconditionFailed", message));
        }
        let content = Some(Content::Bytes(self.body.to_vec()));
        let id = buckets.put(self.bucket, self.key, content, sent.map(str::to_owned));
        Ok(Answer::new(200, "").with("etag", etag(&id)).with("x-amz-version-id", id))
    }

    pub(super) fn get_object(&self) -> Result<Answer, Refusal> {
        let found = self.of_bucket(|bucket| Ok(bucket.newest(self.key).cloned()))?;
        let missing = || refused("NoSuchKey", "The specified key does not exist.");
        let Version { id, content, checksum, .. } = found.ok_or_else(missing)?;
        let Some(Content::Bytes(bytes)) = content else { return Err(missing()) };
        let mut answer = Answer::new(200, bytes).with("etag", etag(&id)).with("x-amz-version-id", id);
        if let Some(checksum) = checksum {
            answer = answer.with("x-amz-checksum-sha256", checksum);
        }
        Ok(answer)
    }

    /// Deletes a version, or puts a delete marker on top of them.
    pub(super) fn delete_object(&self) -> Result<Answer, Refusal> {
        let version = self.head.query.get("versionId").cloned();
        self.delete(&[(self.key.to_owned(), version)])?;
        Ok(Answer::new(204, ""))
    }

    pub(super) fn delete_objects(&self) -> Result<Answer, Refusal> {
        let body = String::from_utf8_lossy(self.body);
        let objects = inside(&body, "Object").into_iter();
        let objects: Vec<_> =
            objects.filter_map(|it| Some((text_of(it, "Key")?, text_of(it, "VersionId")))).collect();
        if objects.len() > 1_000 {
            return Err(refused("MalformedXML", "more than 1000 objects"));
        }
        self.delete(&objects)?;
        let mut xml = Xml::new();
        xml.element("DeleteResult", |_| {});
        Ok(Answer::new(200, xml.into_string()))
    }

    fn delete(&self, objects: &[(String, Option<String>)]) -> Result<(), Refusal> {
        let mut buckets = self.front.store.lock();
        let bucket = buckets.of_ours(self.bucket)?;
        bucket.versions.retain(|it| !objects.contains(&(it.key.clone(), Some(it.id.clone()))));
        for (key, _) in objects.iter().filter(|(_, version)| version.is_none()) {
            buckets.put(self.bucket, key, None, None);
        }
        buckets.refill(self.bucket);
        Ok(())
    }
}
