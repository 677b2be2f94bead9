//! Lists of objects and versions, page by page.

use std::collections::BTreeSet;

use super::Request;
use crate::object_store::Version;
use crate::refusal::Refusal;
use crate::wire::http::Answer;
use crate::wire::xml::Xml;

/// S3's own page size.
const USUAL: usize = 1_000;

impl Request<'_> {
    fn query(&self, name: &str) -> &str {
        self.head.query.get(name).map_or("", String::as_str)
    }

    /// Keys of which the newest version is an object, in order; the token is the last key of the page.
    pub(super) fn list_objects(&self) -> Result<Answer, Refusal> {
        let (prefix, after) = (self.query("prefix"), self.query("continuation-token"));
        let keys: BTreeSet<String> = self.of_bucket(|bucket| {
            let there = |it: &&Version| bucket.newest(&it.key).is_some_and(|it| it.content.is_some());
            let wanted = bucket.versions.iter().filter(|it| it.key.starts_with(prefix)).filter(there);
            Ok(wanted.map(|it| it.key.clone()).filter(|key| key.as_str() > after).collect())
        })?;
        let size = self.front.page_size(USUAL);
        let page: Vec<&String> = keys.iter().take(size).collect();
        let mut xml = Xml::new();
        xml.element("ListBucketResult", |xml| {
            xml.text("Name", self.bucket).flag("IsTruncated", keys.len() > size);
            if keys.len() > size {
                xml.some("NextContinuationToken", page.last());
            }
            for key in page {
                xml.element("Contents", |xml| {
                    xml.text("Key", key);
                });
            }
        });
        Ok(Answer::new(200, xml.into_string()))
    }

    /// Versions and delete markers, by key and newest first; the markers name the last of the page.
    pub(super) fn list_versions(&self) -> Result<Answer, Refusal> {
        let after = (self.query("key-marker").to_owned(), self.query("version-id-marker").to_owned());
        let mut versions: Vec<Version> = self.of_bucket(|bucket| Ok(bucket.versions.clone()))?;
        versions.sort_by(|one, other| one.key.cmp(&other.key).then(other.id.cmp(&one.id)));
        // Version IDs rise with time, so that a page can begin after one that is gone by now.
        versions
            .retain(|it| it.key > after.0 || (it.key == after.0 && !after.1.is_empty() && it.id < after.1));
        let size = self.front.page_size(USUAL);
        let is_truncated = versions.len() > size;
        versions.truncate(size);
        let mut xml = Xml::new();
        xml.element("ListVersionsResult", |xml| {
            xml.flag("IsTruncated", is_truncated);
            if let Some(last) = versions.last().filter(|_| is_truncated) {
                xml.text("NextKeyMarker", &last.key).text("NextVersionIdMarker", &last.id);
            }
            for version in &versions {
                let tag = if version.content.is_some() { "Version" } else { "DeleteMarker" };
                xml.element(tag, |xml| {
                    xml.text("Key", &version.key).text("VersionId", &version.id);
                });
            }
        });
        Ok(Answer::new(200, xml.into_string()))
    }
}
