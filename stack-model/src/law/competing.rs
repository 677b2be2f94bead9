//! W3041: two functions consume one queue, so that each message reaches only one of them.
//!
//! Source: Lambda developer guide, event filtering: a record that matches no filter is discarded (read
//! 2026-11-23).

use std::collections::BTreeMap;

use super::found;
use crate::diagnostic::{COMPETING_CONSUMERS, Diagnostic};
use crate::world::graph::{Answer, Graph, flag, value};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut active = graph.queue_mappings();
    active.retain(|it| value(it.mapping, "Enabled").is_none() || flag(it.mapping, "Enabled") == Answer::Yes);
    let mut first_of: BTreeMap<&str, &str> = BTreeMap::new();
    let mut report: Vec<Diagnostic> = Vec::new();
    for second in &active {
        let two = second.mapping.logical_id;
        let one = *first_of.entry(second.queue.logical_id).or_insert(two);
        if one != two {
            let message = format!("`{one}` and `{two}` both consume it: each message reaches one of them.");
            let help = "Give each function a queue of its own, and fan out by a topic.";
            report.push(found(&COMPETING_CONSUMERS, second.queue, message).help(help));
        }
    }
    report
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn queue_has_one_consumer() {
        let with = |queue: &str| {
            let mapping = json!({"FunctionName": {"Fn::ImportValue": "function"}, "EventSourceArn": {"Fn::GetAtt": [queue, "Arn"]}, "BatchSize": 1});
            codes_after(json!({"Second": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping}}))
        };
        assert_eq!(with("Messages"), ["W3041"]);
        assert_eq!(with("Inbox"), NONE);
    }
}
