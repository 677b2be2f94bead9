//! W3040: a function drains a dead-letter queue, so that nothing is left to look at and to redrive.
//!
//! Source: SQS developer guide, dead-letter queues: what they are for (read 2026-11-23).

use std::collections::BTreeSet;

use super::found;
use crate::diagnostic::{DEAD_LETTER_QUEUE_DRAINED, Diagnostic};
use crate::world::graph::{Answer, Graph, flag, value};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let dead: BTreeSet<_> = graph
        .of_type("AWS::SQS::Queue")
        .filter_map(|source| graph.target(source, "RedrivePolicy.deadLetterTargetArn", "AWS::SQS::Queue"))
        .map(|queue| queue.logical_id)
        .collect();
    let draining = graph.queue_mappings().into_iter().filter(|it| dead.contains(it.queue.logical_id));
    let active = draining
        .filter(|it| value(it.mapping, "Enabled").is_none() || flag(it.mapping, "Enabled") == Answer::Yes);
    active
        .map(|it| {
            let message = format!(
                "It drains the dead-letter queue `{}`: nothing is left to redrive.",
                it.queue.logical_id
            );
            found(&DEAD_LETTER_QUEUE_DRAINED, it.mapping, message)
                .path("Properties.EventSourceArn")
                .help("Alert by an alarm on the queue's depth, and leave the messages where they are.")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn dead_letter_queue_is_not_to_be_consumed() {
        let with = |enabled| {
            let mapping = json!({"FunctionName": {"Fn::ImportValue": "function"}, "EventSourceArn": {"Fn::GetAtt": ["Dlq", "Arn"]}, "BatchSize": 1, "Enabled": enabled});
            codes_after(json!({"Drains": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping}}))
        };
        assert_eq!(with(true), ["W3040"]);
        assert_eq!(with(false), NONE);
    }
}
