//! Buckets, queues, tables and topics.

use std::collections::BTreeMap;

use stack_model::Value;
use stack_model::dynamodb::{AttributeType, Projection, StreamViewType};
use stack_model::handle::AnyQueue;
use stack_model::pipeline::{
    BucketOptions, IndexOptions, KeyAttribute, QueueOptions, Redrive, TableOptions, TopicKey, TopicOptions,
    TopicSubscription,
};
use stack_model::sns::Protocol;
use stack_model::sqs::{
    DelaySeconds, MaxReceiveCount, MaximumMessageSize, MessageRetentionPeriod, VisibilityTimeout,
};
use stack_model::unit::{Bytes, Count, Days};

use super::{Lowering, retention_policy};
use crate::diagnostic::REDRIVE_CIRCLE;
use crate::spec::file::{
    self, Bucket, Key, KeyKind, Name, Queue, StreamView, SubscriptionEndpoint, SubscriptionProtocol, Table,
    Topic,
};

/// How often a message is received before it goes to the dead-letter queue. AWS advises at least 5
/// for queues that invoke functions.
const MAX_RECEIVE_COUNT: u32 = 5;

impl<'a> Lowering<'a> {
    pub(super) fn stores(&mut self) {
        for (name, bucket) in &self.spec.buckets {
            self.bucket(name, bucket);
        }
        for name in self.spec.queues.keys() {
            self.queue(name, &mut Vec::new());
        }
        for (name, table) in &self.spec.tables {
            self.table(name, table);
        }
        for (name, topic) in &self.spec.topics {
            self.topic(name, topic);
        }
        for name in &self.spec.observability.notify {
            if let Some(topic) = self.topics.get(name) {
                self.pipeline.notify_alarms(topic);
            }
        }
    }

    fn bucket(&mut self, name: &'a Name, bucket: &Bucket) {
        let defaults = BucketOptions::default();
        let options = BucketOptions {
            bucket_name: bucket.bucket_name.clone(),
            versioning: bucket.versioning.unwrap_or(defaults.versioning),
            noncurrent_version_expiration: match bucket.noncurrent_version_expiration_days {
                Some(days) => Some(Days(days)),
                None => defaults.noncurrent_version_expiration,
            },
            expiration: bucket.expiration_days.map(Days),
            retention_policy: bucket.deletion_policy.map(retention_policy),
            ..defaults
        };
        let handle = self.pipeline.bucket(name.as_str(), options);
        self.places.know(handle.id().as_str(), &["buckets", name.as_str()]);
        self.buckets.insert(name, handle);
    }

    /// Declares a queue after its dead-letter queue; `users` are the queues that led here.
    fn queue(&mut self, name: &'a Name, users: &mut Vec<&'a Name>) -> Option<AnyQueue> {
        if let Some(handle) = self.queues.get(name) {
            return Some(handle.clone());
        }
        let queue = self.spec.queues.get(name)?;
        users.push(name);
        let redrive = queue.redrive.as_ref().and_then(|redrive| self.redrive(name, redrive, users));
        users.pop();
        let options = self.queue_options(name, queue, redrive);
        let handle = self.pipeline.any_queue(name.as_str(), queue.fifo, options);
        self.places.know(handle.id().as_str(), &["queues", name.as_str()]);
        self.queues.insert(name, handle.clone());
        Some(handle)
    }

    fn redrive(
        &mut self,
        name: &'a Name,
        redrive: &'a file::Redrive,
        users: &mut Vec<&'a Name>,
    ) -> Option<Redrive<AnyQueue>> {
        let target = &redrive.dead_letter_queue;
        let path = ["queues", name.as_str(), "redrive", "dead_letter_queue"];
        if users.contains(&target) {
            let way: Vec<&str> = users.iter().map(|user| user.as_str()).chain([target.as_str()]).collect();
            let message = format!("Messages that fail would go in a circle: {}.", way.join(" -> "));
            let help = Some("End the chain with a queue that has no `redrive`.".to_owned());
            self.report(&REDRIVE_CIRCLE, &path, message, help);
            return None;
        }
        let dead_letter_queue = self.queue(target, users)?;
        let count = MaxReceiveCount::new(Count(redrive.max_receive_count.unwrap_or(MAX_RECEIVE_COUNT)));
        let path = ["queues", name.as_str(), "redrive", "max_receive_count"];
        let max_receive_count = self.ranged(&path, Some(count))?;
        Some(Redrive { dead_letter_queue, max_receive_count })
    }

    fn queue_options(
        &mut self,
        name: &Name,
        queue: &Queue,
        redrive: Option<Redrive<AnyQueue>>,
    ) -> QueueOptions<AnyQueue> {
        let path = |key: &'static str| ["queues", name.as_str(), key];
        let visibility = queue.visibility_timeout.map(|span| VisibilityTimeout::new(span.get()));
        let retention = queue.message_retention_period.map(|span| MessageRetentionPeriod::new(span.get()));
        let delay = queue.delay.map(|span| DelaySeconds::new(span.get()));
        let size = queue.maximum_message_size.map(|bytes| MaximumMessageSize::new(Bytes(bytes)));
        let defaults = QueueOptions::default();
        QueueOptions {
            redrive,
            visibility_timeout: self.ranged(&path("visibility_timeout"), visibility),
            message_retention_period: self.ranged(&path("message_retention_period"), retention),
            delay: self.ranged(&path("delay"), delay),
            maximum_message_size: self.ranged(&path("maximum_message_size"), size),
            content_based_deduplication: queue.content_based_deduplication.unwrap_or(false),
            retention_policy: queue.deletion_policy.map_or(defaults.retention_policy, retention_policy),
            ..defaults
        }
    }

    fn table(&mut self, name: &'a Name, table: &Table) {
        let defaults = TableOptions::new(key(&table.partition_key));
        let index = |index: &file::Index| IndexOptions {
            partition_key: key(&index.partition_key),
            sort_key: index.sort_key.as_ref().map(key),
            projection: Projection::All,
        };
        let indexes: BTreeMap<String, IndexOptions> =
            table.global_secondary_indexes.iter().map(|(name, it)| (name.clone(), index(it))).collect();
        let options = TableOptions {
            sort_key: table.sort_key.as_ref().map(key),
            time_to_live: table.time_to_live.clone(),
            global_secondary_indexes: indexes,
            stream: table.stream.map(stream_view),
            point_in_time_recovery: table.point_in_time_recovery.unwrap_or(defaults.point_in_time_recovery),
            deletion_protection: table.deletion_protection.unwrap_or(defaults.deletion_protection),
            retention_policy: table.deletion_policy.map(retention_policy),
            ..defaults
        };
        let handle = self.pipeline.table(name.as_str(), options);
        self.places.know(handle.id().as_str(), &["tables", name.as_str()]);
        self.tables.insert(name, handle);
    }

    fn topic(&mut self, name: &'a Name, topic: &Topic) {
        let subscriptions = topic.subscriptions.iter().map(|subscription| TopicSubscription {
            protocol: protocol(subscription.protocol),
            endpoint: match &subscription.endpoint {
                SubscriptionEndpoint::Address(address) => Value::from(address.clone()),
                SubscriptionEndpoint::Parameter(value) => Value::sub(format!("${{{}}}", value.parameter)),
            },
        });
        let options = TopicOptions {
            fifo: topic.fifo,
            display_name: topic.display_name.clone(),
            key: match topic.kms_key.as_deref() {
                None => TopicKey::None,
                Some("own") => TopicKey::Own,
                Some(arn) => TopicKey::Arn(Value::from(arn.to_owned())),
            },
            subscriptions: subscriptions.collect(),
            content_based_deduplication: false,
        };
        let handle = self.pipeline.topic(name.as_str(), options);
        self.places.know(handle.id().as_str(), &["topics", name.as_str()]);
        self.topics.insert(name, handle);
    }
}

fn key(key: &Key) -> KeyAttribute {
    match key {
        Key::Text(name) => KeyAttribute::string(name.clone()),
        Key::Typed(typed) => KeyAttribute {
            name: typed.name.clone(),
            r#type: match typed.kind {
                KeyKind::S => AttributeType::S,
                KeyKind::N => AttributeType::N,
                KeyKind::B => AttributeType::B,
            },
        },
    }
}

fn stream_view(view: StreamView) -> StreamViewType {
    match view {
        StreamView::KeysOnly => StreamViewType::KeysOnly,
        StreamView::NewImage => StreamViewType::NewImage,
        StreamView::OldImage => StreamViewType::OldImage,
        StreamView::NewAndOldImages => StreamViewType::NewAndOldImages,
    }
}

fn protocol(protocol: SubscriptionProtocol) -> Protocol {
    match protocol {
        SubscriptionProtocol::Email => Protocol::Email,
        SubscriptionProtocol::EmailJson => Protocol::EmailJson,
        SubscriptionProtocol::Sms => Protocol::Sms,
        SubscriptionProtocol::Https => Protocol::Https,
    }
}
