//! E3002: a queue and its dead-letter queue differ in kind.
//!
//! Source: SQS developer guide, configuring a dead-letter queue: the types must match (read 2026-11-23).

use super::found;
use crate::diagnostic::{Diagnostic, QUEUE_KIND_MISMATCH};
use crate::world::graph::{Answer, Graph, flag};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut report = Vec::new();
    for source in graph.of_type("AWS::SQS::Queue") {
        let path = "RedrivePolicy.deadLetterTargetArn";
        let Some(target) = graph.target(source, path, "AWS::SQS::Queue") else { continue };
        let (kind, message) = match (flag(source, "FifoQueue"), flag(target, "FifoQueue")) {
            (Answer::Yes, Answer::No) => ("FIFO", "standard"),
            (Answer::No, Answer::Yes) => ("standard", "FIFO"),
            _ => continue,
        };
        let message =
            format!("The queue is {kind}, but its dead-letter queue `{}` is {message}.", target.logical_id);
        let found = found(&QUEUE_KIND_MISMATCH, source, message);
        report.push(found.path("Properties.RedrivePolicy").help("Set `FifoQueue` on both or on none."));
    }
    report
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn standard_queue_with_a_fifo_dead_letter_queue() {
        let kind = |fifo| codes_after(json!({"Dlq": {"Properties": {"FifoQueue": fifo}}}));
        assert_eq!(kind(true), ["E3002"]);
        assert_eq!(kind(false), NONE);
    }
}
