//! W3032: a queue takes smaller messages than SNS or Lambda may send to it.
//!
//! SNS delivers up to 256 KiB; what is larger than the queue's maximum is not delivered.
//! Source: AWS::Lambda::EventInvokeConfig, OnFailure: SNS takes 256 KB; SQS API, SendMessageBatch: SQS takes 1
//! MiB (read 2026-11-23).

use super::found;
use crate::diagnostic::{Diagnostic, QUEUE_FOR_SMALL_MESSAGES};
use crate::world::graph::{Graph, as_number, value};

/// 256 KiB, in bytes.
const LARGEST_NOTIFICATION: u64 = 262_144;

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let subscribed = graph
        .subscriptions()
        .into_iter()
        .filter(|subscription| subscription.protocol == Some("sqs"))
        .filter_map(|subscription| graph.named(subscription.endpoint?))
        .filter(|named| named.resource_type() == "AWS::SQS::Queue");
    let failures = graph
        .of_type("AWS::Lambda::EventInvokeConfig")
        .filter_map(|it| graph.target(it, "DestinationConfig.OnFailure.Destination", "AWS::SQS::Queue"));
    let mut queues: Vec<_> = subscribed.chain(failures).collect();
    queues.sort_unstable_by_key(|queue| queue.logical_id);
    queues.dedup_by_key(|queue| queue.logical_id);
    let small = queues.into_iter().filter_map(|queue| {
        let size = as_number(value(queue, "MaximumMessageSize")?).filter(|it| *it < LARGEST_NOTIFICATION)?;
        let message =
            format!("It takes {size} bytes, but may be sent {LARGEST_NOTIFICATION}: such a message is lost.");
        let found = found(&QUEUE_FOR_SMALL_MESSAGES, queue, message).path("Properties.MaximumMessageSize");
        Some(found.help("Leave `MaximumMessageSize` out: SQS then takes 1 MiB."))
    });
    small.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn queue_must_take_the_largest_notification() {
        let with = |size| codes_after(json!({"Inbox": {"Properties": {"MaximumMessageSize": size}}}));
        assert_eq!(with(262_143), ["W3032"]);
        assert_eq!(with(262_144), NONE);
    }
}
