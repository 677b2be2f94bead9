//! E3036: an event source mapping reads a stream that the table does not have, or from no position.
//!
//! Source: Lambda API, CreateEventSourceMapping, StartingPosition: required for streams (read 2026-11-23);
//! AWS::DynamoDB::Table, StreamSpecification.

use super::found;
use crate::diagnostic::{Diagnostic, STREAM_NOT_READABLE};
use crate::world::graph::{Answer, Graph, is_set};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let unreadable = graph.of_type("AWS::Lambda::EventSourceMapping").filter_map(|mapping| {
        let table = graph.target(mapping, "EventSourceArn", "AWS::DynamoDB::Table")?;
        let (message, help) = if is_set(table, "StreamSpecification") == Answer::No {
            let message = format!("The table `{}` has no stream.", table.logical_id);
            (message, "Set `StreamSpecification` on the table.")
        } else if is_set(mapping, "StartingPosition") == Answer::No {
            let message = "The mapping of a stream has no starting position.".to_owned();
            (message, "Set `StartingPosition` to `TRIM_HORIZON` or `LATEST`.")
        } else {
            return None;
        };
        Some(found(&STREAM_NOT_READABLE, mapping, message).path("Properties.EventSourceArn").help(help))
    });
    unreadable.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    fn with(stream: bool, position: bool) -> Vec<&'static str> {
        let mut mapping = json!({
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {"FunctionName": {"Fn::ImportValue": "reader"}, "EventSourceArn": {"Fn::GetAtt": ["Records", "StreamArn"]}},
        });
        if position {
            mapping["Properties"]["StartingPosition"] = json!("LATEST");
        }
        let stream = if stream { json!({"StreamViewType": "KEYS_ONLY"}) } else { json!(null) };
        codes_after(json!({"Changes": mapping, "Records": {"Properties": {"StreamSpecification": stream}}}))
    }

    #[test]
    fn stream_must_be_there_and_read_from_a_position() {
        assert_eq!(with(false, true), ["E3036"]);
        assert_eq!(with(true, false), ["E3036"]);
        assert_eq!(with(true, true), NONE);
    }
}
