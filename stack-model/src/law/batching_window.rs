//! E3006: a batch of more than 10 messages without a batching window, or any such thing from a FIFO queue.
//!
//! Source: Lambda API, EventSourceMappingConfiguration, BatchSize; Lambda developer guide, parameters of SQS
//! event source mappings (read 2026-11-23).

use super::found;
use crate::diagnostic::{BATCH_WITHOUT_WINDOW, Diagnostic};
use crate::world::graph::{Answer, Graph, QueueMapping, flag, number};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    graph.queue_mappings().into_iter().filter_map(judge).collect()
}

fn judge(QueueMapping { mapping, queue, .. }: QueueMapping<'_>) -> Option<Diagnostic> {
    let size = number(mapping, "BatchSize", 10)?;
    let window = number(mapping, "MaximumBatchingWindowInSeconds", 0)?;
    let (message, help) = match flag(queue, "FifoQueue") {
        Answer::Yes if size > 10 || window > 0 => (
            format!("The mapping of a FIFO queue has batch size {size} and batching window {window} s."),
            "Use a batch size of at most 10 and no batching window.",
        ),
        Answer::No if size > 10 && window == 0 => (
            format!("The mapping has batch size {size}, but no batching window."),
            "Set a batching window of at least 1 s, or a batch size of at most 10.",
        ),
        _ => return None,
    };
    Some(found(&BATCH_WITHOUT_WINDOW, mapping, message).path("Properties.BatchSize").help(help))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    fn with(size: u32, window: u32) -> Vec<&'static str> {
        codes_after(json!({
            "Mapping": {"Properties": {"BatchSize": size, "MaximumBatchingWindowInSeconds": window}},
            "Messages": {"Properties": {"VisibilityTimeout": 600}},
        }))
    }

    #[test]
    fn batch_of_11_needs_a_window() {
        assert_eq!(with(11, 0), ["E3006"]);
        assert_eq!(with(11, 1), NONE);
        assert_eq!(with(10, 0), NONE);
    }

    #[test]
    fn fifo_queue_takes_no_window() {
        let fifo = json!({
            "Mapping": {"Properties": {"MaximumBatchingWindowInSeconds": 1}},
            "Messages": {"Properties": {"VisibilityTimeout": 600, "FifoQueue": true}},
            "Dlq": {"Properties": {"FifoQueue": true}},
        });
        assert_eq!(codes_after(fifo), ["E3006"]);
    }
}
