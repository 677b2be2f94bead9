//! Queues: encrypted, by TLS only, with dead-letter queues of their own kind.
//!
//! A dead-letter queue gets no `RedriveAllowPolicy`: naming its sources would close a circle (the source refers to
//! the dead-letter queue), and denying all would refuse them. AWS's default lets the account's own queues only.

use std::marker::PhantomData;

use super::Pipeline;
use crate::diagnostic::{
    Diagnostic, EQUAL_DEAD_LETTER_RETENTION, QUEUE_KIND_MISMATCH, SHORT_DEAD_LETTER_RETENTION,
};
use crate::handle::{AnyQueue, QueueHandle, QueueKind};
use crate::iam::{PolicyDocument, Principal, Statement};
use crate::lambda::Timeout;
use crate::logical_id::LogicalId;
use crate::sqs::{
    DeduplicationScope, DelaySeconds, FifoThroughputLimit, MaxReceiveCount, MaximumMessageSize,
    MessageRetentionPeriod, Queue, QueuePolicy, ReceiveMessageWaitTime, RedrivePolicy, VisibilityTimeout,
};
use crate::stack::{ResourceAttributes, RetentionPolicy};
use crate::unit::{Days, Seconds};
use crate::value::Value;

/// AWS's own default, written out so that E3007 can compare and readers see it.
const SOURCE_RETENTION: MessageRetentionPeriod = MessageRetentionPeriod::constant(Seconds(345_600));
const DEAD_LETTER_RETENTION: MessageRetentionPeriod = MessageRetentionPeriod::constant(Seconds(1_209_600));

/// Where messages go that are received too often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redrive<Q> {
    /// The dead-letter queue, declared before.
    pub dead_letter_queue: Q,
    /// Receives after which a message moves. AWS advises at least 5 with a Lambda consumer.
    pub max_receive_count: MaxReceiveCount,
}

/// How a queue differs from the safe default. `Q` is the handle type of its dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueOptions<Q> {
    /// Where messages go that are received too often. Default: nowhere.
    pub redrive: Option<Redrive<Q>>,
    /// Time a received message stays hidden.
    ///
    /// Default: six times the longest timeout of its consumers plus the batching window, at least 30 s; AWS's
    /// default of 30 s without a consumer.
    pub visibility_timeout: Option<VisibilityTimeout>,
    /// Time a message is kept. Default: 14 days for a dead-letter or on-failure queue, else 4 days.
    pub message_retention_period: Option<MessageRetentionPeriod>,
    /// Time every message waits. Default: 0 s.
    pub delay: Option<DelaySeconds>,
    /// Time a receive call waits. Default: 20 s, so that tools that read the queue poll long too.
    pub receive_wait_time: ReceiveMessageWaitTime,
    /// Largest message. Default: AWS's, 1 MiB.
    pub maximum_message_size: Option<MaximumMessageSize>,
    /// FIFO only: whether SQS makes deduplication IDs from bodies. Default: false.
    pub content_based_deduplication: bool,
    /// FIFO only: whether throughput and deduplication count by message group. Default: true.
    pub high_throughput: bool,
    /// ARN of a customer managed key. Default: keys owned by SQS.
    pub kms_key: Option<Value<String>>,
    /// What happens when it leaves the stack. Default: `Delete`; messages are in transit.
    pub retention_policy: RetentionPolicy,
}

impl<Q> Default for QueueOptions<Q> {
    fn default() -> Self {
        Self {
            redrive: None,
            visibility_timeout: None,
            message_retention_period: None,
            delay: None,
            receive_wait_time: ReceiveMessageWaitTime::constant(Seconds(20)),
            maximum_message_size: None,
            content_based_deduplication: false,
            high_throughput: true,
            kms_key: None,
            retention_policy: RetentionPolicy::Delete,
        }
    }
}

impl<Q> QueueOptions<Q> {
    /// The same options with another handle type of dead-letter queue.
    fn map<R>(self, convert: impl FnOnce(Q) -> R) -> QueueOptions<R> {
        QueueOptions {
            redrive: self.redrive.map(|redrive| Redrive {
                dead_letter_queue: convert(redrive.dead_letter_queue),
                max_receive_count: redrive.max_receive_count,
            }),
            visibility_timeout: self.visibility_timeout,
            message_retention_period: self.message_retention_period,
            delay: self.delay,
            receive_wait_time: self.receive_wait_time,
            maximum_message_size: self.maximum_message_size,
            content_based_deduplication: self.content_based_deduplication,
            high_throughput: self.high_throughput,
            kms_key: self.kms_key,
            retention_policy: self.retention_policy,
        }
    }
}

/// A queue being wired.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) handle: AnyQueue,
    pub(super) options: QueueOptions<AnyQueue>,
    /// What others may do, beyond TLS only.
    pub(super) policy: Vec<Statement>,
    /// Whether failed messages or events end here.
    pub(super) holds_failures: bool,
    /// Functions that consume it, with their batching windows.
    pub(super) consumers: Vec<(LogicalId, Seconds)>,
}

impl Pipeline {
    /// Adds a queue whose kind the compiler knows: a dead-letter queue of the other kind does not compile.
    pub fn queue<K: QueueKind>(
        &mut self,
        name: &str,
        options: QueueOptions<QueueHandle<K>>,
    ) -> QueueHandle<K> {
        let queue = self.any_queue(name, K::FIFO, options.map(AnyQueue::from));
        QueueHandle { queue, kind: PhantomData }
    }

    /// Adds a queue whose kind is known only now: a dead-letter queue of the other kind is reported as E3002.
    pub fn any_queue(&mut self, name: &str, fifo: bool, options: QueueOptions<AnyQueue>) -> AnyQueue {
        let id = self.declare(name, "queue", |pipeline, id| pipeline.queues.contains_key(id));
        let kms_key = options.kms_key.clone();
        let handle = AnyQueue { id: id.clone(), name: name.to_owned(), fifo, kms_key };
        if let Some(redrive) = &options.redrive {
            let dead_letter_queue = &redrive.dead_letter_queue;
            if dead_letter_queue.fifo != fifo {
                let found = kind_mismatch(&handle, dead_letter_queue);
                self.report(found);
            }
            self.keep_failures_in(&dead_letter_queue.clone());
        }
        let draft = Draft {
            handle: handle.clone(),
            options,
            policy: Vec::new(),
            holds_failures: false,
            consumers: Vec::new(),
        };
        self.queues.insert(id, draft);
        handle
    }

    /// Marks a queue as one where failures end, which sets its retention and its alarm.
    pub(super) fn keep_failures_in(&mut self, queue: &AnyQueue) {
        match self.queues.get_mut(&queue.id) {
            Some(draft) => draft.holds_failures = true,
            None => self.report_foreign("queue", &queue.name, &queue.id),
        }
    }

    /// Adds a statement to the queue's policy.
    pub(super) fn allow_on_queue(&mut self, queue: &AnyQueue, statement: Statement) {
        match self.queues.get_mut(&queue.id) {
            Some(draft) if draft.policy.contains(&statement) => {}
            Some(draft) => draft.policy.push(statement),
            None => self.report_foreign("queue", &queue.name, &queue.id),
        }
    }
}

fn kind_mismatch(queue: &AnyQueue, dead_letter_queue: &AnyQueue) -> Diagnostic {
    let kind = |queue: &AnyQueue| if queue.fifo { "FIFO" } else { "standard" };
    let message = format!(
        "`{}` is a {} queue, but its dead-letter queue `{}` is a {} queue.",
        queue.name,
        kind(queue),
        dead_letter_queue.name,
        kind(dead_letter_queue)
    );
    Diagnostic::new(&QUEUE_KIND_MISMATCH, message)
        .at(&queue.id)
        .about(&queue.name)
        .path("Properties.RedrivePolicy")
        .help("Set `fifo` on both or on none.")
}

impl Draft {
    fn retention(&self) -> MessageRetentionPeriod {
        let default = if self.holds_failures { DEAD_LETTER_RETENTION } else { SOURCE_RETENTION };
        self.options.message_retention_period.unwrap_or(default)
    }

    fn resource(&self, visibility_timeout: Option<VisibilityTimeout>) -> Queue {
        let options = &self.options;
        let fifo = self.handle.fifo;
        let high_throughput = fifo && options.high_throughput;
        Queue {
            content_based_deduplication: fifo.then(|| options.content_based_deduplication.into()),
            deduplication_scope: high_throughput.then(|| DeduplicationScope::MessageGroup.into()),
            delay_seconds: options.delay.map(Value::from),
            fifo_queue: fifo.then(|| true.into()),
            fifo_throughput_limit: high_throughput.then(|| FifoThroughputLimit::PerMessageGroupId.into()),
            kms_master_key_id: options.kms_key.clone(),
            maximum_message_size: options.maximum_message_size.map(Value::from),
            message_retention_period: Some(self.retention().into()),
            receive_message_wait_time_seconds: Some(options.receive_wait_time.into()),
            redrive_policy: options.redrive.as_ref().map(|redrive| RedrivePolicy {
                dead_letter_target_arn: redrive.dead_letter_queue.arn(),
                max_receive_count: redrive.max_receive_count.into(),
            }),
            sqs_managed_sse_enabled: options.kms_key.is_none().then(|| true.into()),
            visibility_timeout: visibility_timeout.map(Value::from),
            ..Queue::default()
        }
    }

    fn policy(&self, queue: &Value<String>) -> QueuePolicy {
        let deny = Statement::deny(&["sqs:*"], vec![self.handle.arn()])
            .named("TlsOnly")
            .to(Principal::Everyone)
            .when("Bool", "aws:SecureTransport", "false");
        let statements = std::iter::once(deny).chain(self.policy.clone()).collect();
        QueuePolicy { policy_document: PolicyDocument::new(statements), queues: vec![queue.clone()] }
    }
}

/// The visibility timeout that AWS advises: six times the function's timeout plus the batching window.
///
/// Source: Lambda developer guide, Amazon SQS event source.
pub(super) fn advised_visibility_timeout(timeout: Timeout, window: Seconds) -> VisibilityTimeout {
    let advised = timeout.get().0.saturating_mul(6).saturating_add(window.0);
    let bounded = advised.clamp(30, VisibilityTimeout::MAX.0);
    VisibilityTimeout::new(Seconds(bounded)).unwrap_or(VisibilityTimeout::constant(Seconds(30)))
}

pub(super) fn lower(pipeline: &mut Pipeline) {
    check_retention(pipeline);
    for (id, draft) in pipeline.queues.clone() {
        let computed = draft.consumers.iter().filter_map(|(function, window)| {
            let consumer = pipeline.functions.get(function)?;
            Some(advised_visibility_timeout(consumer.options.timeout, *window))
        });
        let visibility_timeout = draft.options.visibility_timeout.or(computed.max());
        let attributes = ResourceAttributes::keeping(draft.options.retention_policy);
        let queue = pipeline.stack.add_with(id.clone(), draft.resource(visibility_timeout), attributes);
        let policy_id = pipeline.logical_id(&[id.as_str(), "Policy"], &draft.handle.name);
        pipeline.stack.add(policy_id, draft.policy(&queue.reference()));
        pipeline.output(&id, "Url", queue.reference(), format!("URL of queue `{}`.", draft.handle.name));
    }
}

/// E3007 and W3050: a dead-letter queue keeps messages longer than its source.
fn check_retention(pipeline: &mut Pipeline) {
    let mut found = Vec::new();
    // A FIFO queue starts a message's age again, so its dead-letter queue may keep for any time.
    for draft in pipeline.queues.values().filter(|draft| !draft.handle.fifo) {
        let Some(redrive) = &draft.options.redrive else { continue };
        let Some(target) = pipeline.queues.get(&redrive.dead_letter_queue.id) else { continue };
        let of = |draft: &Draft| draft.retention().get();
        if of(target) <= of(draft) && of(draft) < Seconds::from(Days(14)) {
            let (source, target_name) = (&draft.handle.name, &target.handle.name);
            let message = format!(
                "`{target_name}` keeps messages for {}, but its source queue `{source}` for {}.",
                of(target),
                of(draft)
            );
            let code = if of(target) < of(draft) {
                &SHORT_DEAD_LETTER_RETENTION
            } else {
                &EQUAL_DEAD_LETTER_RETENTION
            };
            let found_here = Diagnostic::new(code, message);
            let help = "Keep them 14 days in the dead-letter queue, the longest SQS takes.";
            found.push(found_here.at(target.handle.id()).about(target_name).help(help));
        }
    }
    found.into_iter().for_each(|diagnostic| pipeline.report(diagnostic));
}
