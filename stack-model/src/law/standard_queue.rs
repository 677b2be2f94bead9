//! E3003: a FIFO queue where AWS takes a standard one only.
//!
//! Source: AWS::Lambda::EventInvokeConfig, DestinationConfig; Lambda developer guide, capturing records of
//! asynchronous invocations: to a FIFO queue delivery fails (read 2026-11-23). S3 user guide, event notification
//! types and destinations; EventBridge user guide, event retry policy and dead-letter queues: standard queues only.

use super::found;
use crate::diagnostic::{Diagnostic, STANDARD_QUEUE_NEEDED};
use crate::world::graph::{Answer, Graph, elements, flag};

const PLACES: [(&str, &str, &str); 3] = [
    (
        "AWS::Lambda::EventInvokeConfig",
        "DestinationConfig.OnFailure.Destination",
        "an on-failure destination",
    ),
    (
        "AWS::Lambda::EventInvokeConfig",
        "DestinationConfig.OnSuccess.Destination",
        "an on-success destination",
    ),
    ("AWS::Lambda::Function", "DeadLetterConfig.TargetArn", "a function's dead-letter queue"),
];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let single = PLACES.iter().flat_map(|(resource_type, path, purpose)| {
        graph
            .of_type(resource_type)
            .filter_map(move |resource| Some((graph.target(resource, path, "AWS::SQS::Queue")?, *purpose)))
    });
    let notified = graph.of_type("AWS::S3::Bucket").flat_map(|bucket| {
        elements(bucket, "NotificationConfiguration.QueueConfigurations")
            .into_iter()
            .filter_map(|entry| graph.named(entry.get("Queue")?))
            .filter(|queue| queue.resource_type() == "AWS::SQS::Queue")
            .map(|queue| (queue, "the destination of a bucket's notifications"))
    });
    let targets = graph.event_targets().into_iter();
    let failed = targets
        .filter_map(|target| graph.named(target.dead_letter_queue?))
        .filter(|queue| queue.resource_type() == "AWS::SQS::Queue")
        .map(|queue| (queue, "the dead-letter queue of a rule or schedule"));
    single
        .chain(notified)
        .chain(failed)
        .filter(|(queue, _)| flag(*queue, "FifoQueue") == Answer::Yes)
        .map(|(queue, purpose)| {
            let message = format!("The queue is FIFO, but {purpose} must be a standard queue.");
            found(&STANDARD_QUEUE_NEEDED, queue, message)
                .path("Properties.FifoQueue")
                .help("Use another queue, without `FifoQueue`, for this.")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn fifo_queue_as_dead_letter_queue_of_a_schedule() {
        let kind = |fifo| {
            let arn = json!({"Fn::GetAtt": ["Inbox", "Arn"]});
            let target = json!({"Arn": "a", "RoleArn": "r", "DeadLetterConfig": {"Arn": arn}});
            let codes = codes_after(json!({
                "Inbox": {"Properties": {"FifoQueue": fifo}},
                "InboxSubscription": null,
                "S": {"Type": "AWS::Scheduler::Schedule", "Properties": {"Target": target}},
            }));
            codes.into_iter().filter(|code| *code != "W3020").collect::<Vec<_>>()
        };
        assert_eq!(kind(true), ["E3003"]);
        assert_eq!(kind(false), NONE);
    }

    #[test]
    fn fifo_queue_as_on_failure_destination() {
        let kind = |fifo| codes_after(json!({"Failures": {"Properties": {"FifoQueue": fifo}}}));
        assert_eq!(kind(true), ["E3003"]);
        assert_eq!(kind(false), NONE);
    }
}
