//! The S3 event notification, as far as this function reads it.
//!
//! Source: Amazon S3 user guide, event message structure (read 2026-11-23).

use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};
use percent_encoding::percent_decode_str;
use serde::Deserialize;

/// An S3 event notification. The test event that S3 sends when a notification is set up has no records.
#[derive(Debug, Clone, Deserialize)]
pub struct S3Event {
    /// One entry for each object; S3 sends one, but promises a list.
    #[serde(default, rename = "Records")]
    pub records: Vec<EventRecord>,
}

/// One entry of the notification.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventRecord {
    /// Such as `ObjectCreated:Put`.
    pub event_name: String,
    /// RFC 3339 time of the event.
    #[serde(default)]
    pub event_time: String,
    /// Bucket and object.
    pub s3: S3Entity,
}

/// Bucket and object of an entry.
#[derive(Debug, Clone, Deserialize)]
pub struct S3Entity {
    /// The bucket.
    pub bucket: BucketEntity,
    /// The object.
    pub object: ObjectEntity,
}

/// Bucket of an entry.
#[derive(Debug, Clone, Deserialize)]
pub struct BucketEntity {
    /// Name of the bucket.
    pub name: String,
}

/// Object of an entry.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectEntity {
    /// Key, URL-encoded as in a form: a space is `+`.
    pub key: String,
    /// Version, in a bucket with versioning.
    pub version_id: Option<String>,
    /// Orders the events of one key. Hexadecimal; compared after padding to equal width.
    pub sequencer: Option<String>,
}

/// An object that was put into a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectCreated {
    /// Name of the bucket.
    pub bucket: String,
    /// Key, decoded.
    pub key: String,
    /// Version to read, in a bucket with versioning.
    pub version_id: Option<String>,
    /// The sequencer as 32 lower-case hexadecimal digits, which compare as text.
    pub sequencer: String,
}

impl ObjectCreated {
    /// `s3://<bucket>/<key>`.
    #[must_use]
    pub fn source(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key)
    }
}

/// Width to which sequencers are padded; AWS sends 16 to 18 digits.
const SEQUENCER_WIDTH: usize = 32;

impl EventRecord {
    /// The object of this entry; `None` for an event of another kind than a creation.
    #[must_use]
    pub fn object_created(&self) -> Option<ObjectCreated> {
        // A notification names events with or without the prefix, depending on its age.
        let name = self.event_name.trim_start_matches("s3:");
        name.starts_with("ObjectCreated:").then(|| ObjectCreated {
            bucket: self.s3.bucket.name.clone(),
            key: decode_key(&self.s3.object.key),
            version_id: self.s3.object.version_id.clone().filter(|version_id| !version_id.is_empty()),
            sequencer: self.sequencer(),
        })
    }

    fn sequencer(&self) -> String {
        match self.s3.object.sequencer.as_deref() {
            Some(sequencer) if !sequencer.is_empty() => {
                format!("{:0>SEQUENCER_WIDTH$}", sequencer.to_ascii_lowercase())
            }
            _ => sequencer_of_time(&self.event_time),
        }
    }
}

/// Stands in for a missing sequencer, in the shape of one: seconds and fraction in hexadecimal.
fn sequencer_of_time(event_time: &str) -> String {
    let time = DateTime::from_str(event_time, DateTimeFormat::DateTimeWithOffset)
        .unwrap_or_else(|_| DateTime::from_secs(0));
    format!("{:0>SEQUENCER_WIDTH$}", format!("{:010x}{:08x}", time.secs(), time.subsec_nanos()))
}

/// Key of an event as the object's key: `+` is a space, and the rest percent-encoded UTF-8.
fn decode_key(key: &str) -> String {
    percent_decode_str(&key.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(name: &str) -> EventRecord {
        serde_json::from_value(serde_json::json!({
            "eventName": name,
            "eventTime": "2026-11-23T12:00:00.500Z",
            "s3": { "bucket": { "name": "b" }, "object": { "key": "a+b%2Bc/%C3%A4%20.csv" } },
        }))
        .expect("a legal fixture")
    }

    #[test]
    fn key_is_decoded_as_in_a_form() {
        assert_eq!(record("ObjectCreated:Put").object_created().expect("created").key, "a b+c/ä .csv");
    }

    #[test]
    fn deletions_are_not_creations() {
        assert_eq!(record("ObjectRemoved:Delete").object_created(), None);
        assert!(record("s3:ObjectCreated:CompleteMultipartUpload").object_created().is_some());
    }

    #[test]
    fn sequencers_of_different_width_compare_as_numbers() {
        let with = |sequencer: &str| {
            let mut record = record("ObjectCreated:Put");
            record.s3.object.sequencer = Some(sequencer.to_owned());
            record.object_created().expect("created").sequencer
        };
        assert!(with("FF") < with("100"));
        assert!(with("0055AED6DCD90281E5") < with("0055aed6dcd90281e6"));
        assert_eq!(with("0A").len(), 32);
    }

    #[test]
    fn event_time_stands_in_for_a_missing_sequencer() {
        let sequencer = record("ObjectCreated:Put").object_created().expect("created").sequencer;
        assert_eq!(sequencer, format!("{:0>32}", "006b042ac01dcd6500"));
    }

    #[test]
    fn test_event_has_no_records() {
        let event: S3Event = serde_json::from_str(
            r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-11-23T12:00:00.000Z","Bucket":"b"}"#,
        )
        .expect("a test event is an event");
        assert!(event.records.is_empty());
    }
}
