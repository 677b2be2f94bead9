//! E3045: a FIFO topic with a subscription that is no queue.
//!
//! Source: SNS developer guide, message delivery for FIFO topics.

use super::found;
use crate::diagnostic::{Diagnostic, FIFO_TOPIC_TO_NO_QUEUE};
use crate::world::graph::{Answer, Graph, flag, text};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let refused = graph.of_type("AWS::SNS::Subscription").filter_map(|subscription| {
        let topic = graph.target(subscription, "TopicArn", "AWS::SNS::Topic")?;
        let protocol = text(subscription, "Protocol").filter(|protocol| *protocol != "sqs")?;
        (flag(topic, "FifoTopic") == Answer::Yes).then(|| {
            let message =
                format!("The FIFO topic `{}` takes no subscription by `{protocol}`.", topic.logical_id);
            found(&FIFO_TOPIC_TO_NO_QUEUE, subscription, message)
                .path("Properties.Protocol")
                .help("Subscribe a queue, or use a standard topic.")
        })
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
    }
}
