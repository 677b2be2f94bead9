//! E3045: a FIFO topic with a subscription that is no queue.
//!
//! Source: SNS developer guide, message delivery for FIFO topics.

use super::found;
use crate::diagnostic::{Diagnostic, FIFO_TOPIC_TO_NO_QUEUE};
use crate::world::graph::{Answer, Graph, flag};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let refused = graph.subscriptions().into_iter().filter_map(|it| {
        let topic = it.topic.filter(|topic| flag(*topic, "FifoTopic") == Answer::Yes)?;
        let protocol = it.protocol.filter(|protocol| *protocol != "sqs")?;
        let message = format!("The FIFO topic `{}` takes no subscription by `{protocol}`.", topic.logical_id);
        let found = found(&FIFO_TOPIC_TO_NO_QUEUE, it.resource, message).path(it.path("Protocol"));
        Some(found.help("Subscribe a queue, or use a standard topic."))
    });
    refused.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn fifo_topic_delivers_to_queues_only() {
        let with = |fifo| {
            let mail = json!({"TopicArn": {"Ref": "News"}, "Protocol": "email", "Endpoint": "a@example.com"});
            codes_after(json!({
                "News": {"Type": "AWS::SNS::Topic", "Properties": {"FifoTopic": fifo}},
                "Mail": {"Type": "AWS::SNS::Subscription", "Properties": mail},
            }))
        };
        assert_eq!(with(true), ["E3045"]);
        assert_eq!(with(false), NONE);
        let listed = |fifo| {
            let mail = json!([{"Protocol": "email", "Endpoint": "a@example.com"}]);
            codes_after(
                json!({"News": {"Type": "AWS::SNS::Topic", "Properties": {"FifoTopic": fifo, "Subscription": mail}}}),
            )
        };
        assert_eq!(listed(true), ["E3045"]);
        assert_eq!(listed(false), NONE);
    }
}
