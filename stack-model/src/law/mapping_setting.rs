//! E3058: an event source mapping has a setting that its kind of source does not take.
//!
//! Source: Lambda API, CreateEventSourceMapping: ScalingConfig, Amazon SQS only; StartingPosition, streams only (read
//! 2026-12-01).

use super::found;
use crate::diagnostic::{Diagnostic, SETTING_OF_ANOTHER_SOURCE};
use crate::template::TemplateResource;
use crate::world::graph::{Answer, Graph, is_set};
use crate::world::intrinsic::to_text;

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let refused = graph.of_type("AWS::Lambda::EventSourceMapping").filter_map(|mapping| {
        let (kind, setting) = match service(graph, mapping)?.as_str() {
            "sqs" => ("a queue", "StartingPosition"),
            "dynamodb" | "kinesis" => ("a stream", "ScalingConfig"),
            _ => return None,
        };
        (is_set(mapping, setting) == Answer::Yes).then(|| {
            let message = format!("The mapping of {kind} takes no `{setting}`.");
            let help = match setting {
                "ScalingConfig" => "Set `ParallelizationFactor`, or reserve concurrency for the function.",
                _ => "Leave it out: a queue has no position.",
            };
            found(&SETTING_OF_ANOTHER_SOURCE, mapping, message)
                .path(format!("Properties.{setting}"))
                .help(help)
        })
    });
    refused.collect()
}

/// The service that the mapping reads from, by the resource of the template or the text of the ARN.
fn service(graph: &Graph, mapping: TemplateResource<'_>) -> Option<String> {
    let source = mapping.property("EventSourceArn")?;
    let known = graph.named(source).and_then(|named| match named.resource_type() {
        "AWS::DynamoDB::GlobalTable" | "AWS::DynamoDB::Table" => Some("dynamodb"),
        "AWS::Kinesis::Stream" | "AWS::Kinesis::StreamConsumer" => Some("kinesis"),
        "AWS::SQS::Queue" => Some("sqs"),
        _ => None,
    });
    known.map(str::to_owned).or_else(|| {
        let text = to_text(source)?.replace("${AWS::Partition}", "aws");
        Some(text.strip_prefix("arn:")?.split(':').nth(1)?.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn queue_has_no_starting_position() {
        let with = |position| codes_after(json!({"Mapping": {"Properties": {"StartingPosition": position}}}));
        assert_eq!(with(json!("LATEST")), ["E3058"]);
        assert_eq!(with(json!(null)), NONE);
    }

    #[test]
    fn stream_has_no_scaling() {
        let with = |service: &str| {
            let arn = json!({"Fn::Sub": format!("arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:a")});
            let mapping = json!({"FunctionName": {"Fn::ImportValue": "f"}, "EventSourceArn": arn, "ScalingConfig": {"MaximumConcurrency": 2}});
            codes_after(json!({"M": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping}}))
        };
        assert_eq!(with("kinesis"), ["E3058"]);
        assert_eq!(with("sqs"), NONE);
    }
}
