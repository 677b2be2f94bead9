//! E3013: a FIFO queue subscribed to a standard topic.
//!
//! Source: SNS developer guide, message delivery for FIFO topics.

use super::found;
use crate::diagnostic::{Diagnostic, TOPIC_KIND_MISMATCH};
use crate::world::graph::{Answer, Graph, flag};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mismatched = graph.subscriptions().into_iter().filter_map(|it| {
        let queue = graph.named(it.endpoint?).filter(|named| named.resource_type() == "AWS::SQS::Queue")?;
        let topic = it.topic?;
        let kinds = (flag(queue, "FifoQueue"), flag(topic, "FifoTopic"));
        (kinds == (Answer::Yes, Answer::No)).then(|| {
            let (queue, topic) = (queue.logical_id, topic.logical_id);
            let message = format!("`{queue}` is a FIFO queue, but the topic `{topic}` is standard.");
            found(&TOPIC_KIND_MISMATCH, it.resource, message)
                .path(it.path("Endpoint"))
                .help("Make both FIFO, or the queue standard.")
        })
    });
    mismatched.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn fifo_queue_on_a_standard_topic() {
        let kind = |fifo| codes_after(json!({"Inbox": {"Properties": {"FifoQueue": fifo}}}));
        assert_eq!(kind(true), ["E3013"]);
        assert_eq!(kind(false), NONE);
    }
}
