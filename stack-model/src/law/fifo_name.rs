//! E3021: the name of a FIFO queue or topic does not end with `.fifo`, or that of a standard one does.
//!
//! Source: SQS API, CreateQueue, QueueName (read 2026-11-23); AWS::SNS::Topic, TopicName.

use super::found;
use crate::diagnostic::{Diagnostic, FIFO_NAME_MISMATCH};
use crate::world::graph::{Answer, Graph, flag, value};
use crate::world::intrinsic::to_text;

const KINDS: [(&str, &str, &str); 2] =
    [("AWS::SQS::Queue", "QueueName", "FifoQueue"), ("AWS::SNS::Topic", "TopicName", "FifoTopic")];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut report = Vec::new();
    for (resource_type, property, kind) in KINDS {
        for resource in graph.of_type(resource_type) {
            // What a name ends with is not known when it ends with a reference.
            let text = value(resource, property).and_then(to_text).filter(|text| !text.ends_with('}'));
            let Some(name) = text else { continue };
            let message = match (flag(resource, kind), name.ends_with(".fifo")) {
                (Answer::Yes, false) => {
                    format!("It is FIFO, but its name `{name}` does not end with `.fifo`.")
                }
                (Answer::No, true) => format!("It is standard, but its name `{name}` ends with `.fifo`."),
                _ => continue,
            };
            let found = found(&FIFO_NAME_MISMATCH, resource, message).path(format!("Properties.{property}"));
            report.push(
                found.help("Let the name of a FIFO queue or topic, and of no other, end with `.fifo`."),
            );
        }
    }
    report
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn name_and_kind_go_together() {
        let with = |name: &str| codes_after(json!({"Inbox": {"Properties": {"QueueName": name}}}));
        assert_eq!(with("inbox.fifo"), ["E3021"]);
        assert_eq!(with("inbox"), NONE);
        let fifo = |name: &str| {
            codes_after(json!({
                "Dlq": {"Properties": {"QueueName": name, "FifoQueue": true}},
                "Messages": {"Properties": {"FifoQueue": true}},
            }))
        };
        assert_eq!(fifo("dlq"), ["E3021"]);
        assert_eq!(fifo("dlq.fifo"), NONE);
    }
}
