//! What a bucket tells others about its objects.

use serde::Serialize;

use crate::value::Value;

/// What happened to an object. Source: S3 event notification types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub enum ObjectEvent {
    /// Put, posted, copied, or uploaded in parts.
    #[serde(rename = "s3:ObjectCreated:*")]
    ObjectCreated,
    /// Put by one request.
    #[serde(rename = "s3:ObjectCreated:Put")]
    ObjectCreatedPut,
    /// Posted by an HTML form.
    #[serde(rename = "s3:ObjectCreated:Post")]
    ObjectCreatedPost,
    /// Copied by S3.
    #[serde(rename = "s3:ObjectCreated:Copy")]
    ObjectCreatedCopy,
    /// Uploaded in parts, and completed.
    #[serde(rename = "s3:ObjectCreated:CompleteMultipartUpload")]
    ObjectCreatedCompleteMultipartUpload,
    /// Deleted, or hidden by a delete marker.
    #[serde(rename = "s3:ObjectRemoved:*")]
    ObjectRemoved,
    /// Deleted for good, or a version of it.
    #[serde(rename = "s3:ObjectRemoved:Delete")]
    ObjectRemovedDelete,
    /// Hidden by a delete marker in a versioned bucket.
    #[serde(rename = "s3:ObjectRemoved:DeleteMarkerCreated")]
    ObjectRemovedDeleteMarkerCreated,
    /// Being restored, restored, or expired again from an archive class.
    #[serde(rename = "s3:ObjectRestore:*")]
    ObjectRestore,
    /// Expired by a lifecycle rule.
    #[serde(rename = "s3:LifecycleExpiration:*")]
    LifecycleExpiration,
}

impl ObjectEvent {
    /// Every event that the model knows, as S3 spells it.
    pub const ALL: [(&'static str, Self); 10] = [
        ("s3:ObjectCreated:*", Self::ObjectCreated),
        ("s3:ObjectCreated:Put", Self::ObjectCreatedPut),
        ("s3:ObjectCreated:Post", Self::ObjectCreatedPost),
        ("s3:ObjectCreated:Copy", Self::ObjectCreatedCopy),
        ("s3:ObjectCreated:CompleteMultipartUpload", Self::ObjectCreatedCompleteMultipartUpload),
        ("s3:ObjectRemoved:*", Self::ObjectRemoved),
        ("s3:ObjectRemoved:Delete", Self::ObjectRemovedDelete),
        ("s3:ObjectRemoved:DeleteMarkerCreated", Self::ObjectRemovedDeleteMarkerCreated),
        ("s3:ObjectRestore:*", Self::ObjectRestore),
        ("s3:LifecycleExpiration:*", Self::LifecycleExpiration),
    ];

    /// The event that S3 spells so.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, event)| event)
    }

    /// S3's spelling.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, event)| *event == self).map_or("", |(name, _)| name)
    }

    /// Whether one occurrence can raise both events: equal, or one the wildcard of the other.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        let covers = |wildcard: &str, name: &str| {
            wildcard == name || wildcard.strip_suffix('*').is_some_and(|family| name.starts_with(family))
        };
        covers(self.name(), other.name()) || covers(other.name(), self.name())
    }
}

/// Which end of the key a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum FilterRuleName {
    /// The key's start.
    Prefix,
    /// The key's end.
    Suffix,
}

/// A text that the key starts or ends with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FilterRule {
    /// Start or end, each once at most.
    pub name: FilterRuleName,
    /// The text, at most 1,024 characters.
    pub value: Value<String>,
}

/// Rules that must all hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct S3KeyFilter {
    /// One prefix and one suffix at most.
    pub rules: Vec<FilterRule>,
}

/// Which objects are told about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotificationFilter {
    /// By key.
    #[serde(rename = "S3Key")]
    pub s3_key: S3KeyFilter,
}

/// Invokes a function, asynchronously.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct LambdaConfiguration {
    /// What happened.
    pub event: ObjectEvent,
    /// Which objects; all when absent.
    pub filter: Option<NotificationFilter>,
    /// ARN of the function, whose resource policy must let the bucket in before the notification is put.
    pub function: Value<String>,
}

/// Sends a message to a standard queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct QueueConfiguration {
    /// What happened.
    pub event: ObjectEvent,
    /// Which objects; all when absent.
    pub filter: Option<NotificationFilter>,
    /// ARN of the queue, whose policy must let the bucket in before the notification is put.
    pub queue: Value<String>,
}

/// Publishes to a standard topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TopicConfiguration {
    /// What happened.
    pub event: ObjectEvent,
    /// Which objects; all when absent.
    pub filter: Option<NotificationFilter>,
    /// ARN of the topic, whose policy must let the bucket in before the notification is put.
    pub topic: Value<String>,
}

/// Sends all events to the account's default event bus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EventBridgeConfiguration {
    /// Whether it does.
    pub event_bridge_enabled: Value<bool>,
}

/// Everything a bucket tells others about its objects.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct NotificationConfiguration {
    /// The event bus.
    pub event_bridge_configuration: Option<EventBridgeConfiguration>,
    /// Functions.
    pub lambda_configurations: Option<Vec<LambdaConfiguration>>,
    /// Queues.
    pub queue_configurations: Option<Vec<QueueConfiguration>>,
    /// Topics.
    pub topic_configurations: Option<Vec<TopicConfiguration>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_names_match_the_serialised_ones() {
        for (name, event) in ObjectEvent::ALL {
            assert_eq!(serde_json::to_value(event).unwrap(), name);
            assert_eq!(ObjectEvent::from_name(name), Some(event));
        }
    }

    #[test]
    fn wildcard_overlaps_its_family_only() {
        assert!(ObjectEvent::ObjectCreated.overlaps(ObjectEvent::ObjectCreatedPut));
        assert!(ObjectEvent::ObjectCreatedPut.overlaps(ObjectEvent::ObjectCreated));
        assert!(!ObjectEvent::ObjectCreatedPut.overlaps(ObjectEvent::ObjectCreatedPost));
        assert!(!ObjectEvent::ObjectCreated.overlaps(ObjectEvent::ObjectRemoved));
    }
}
