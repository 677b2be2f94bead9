//! E3003: a FIFO queue where AWS takes a standard one only.
//!
//! Source: AWS::Lambda::EventInvokeConfig, DestinationConfig; Lambda developer guide, capturing records of
//! asynchronous invocations: to a FIFO queue delivery fails (read 2026-11-23). S3 user guide, event notification
//! types and destinations.

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
            .map(|queue| (queue, "a bucket notification"))
    });
    single
        .chain(notified)
        .filter(|(queue, _)| flag(*queue, "FifoQueue") == Answer::Yes)
        .map(|(queue, purpose)| {
            let message = format!("The queue is FIFO, but {purpose} takes a standard queue only.");
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
    fn fifo_queue_as_on_failure_destination() {
        let kind = |fifo| codes_after(json!({"Failures": {"Properties": {"FifoQueue": fifo}}}));
        assert_eq!(kind(true), ["E3003"]);
        assert_eq!(kind(false), NONE);
    }
}
