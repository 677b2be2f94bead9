//! E3052: a function's role may not read the stream that its event source mapping reads.
//!
//! Lambda reads with the function's role and refuses the mapping.
//! Source: Lambda developer guide, using Lambda with DynamoDB and with Kinesis, execution role permissions (read
//! 2026-12-01).

use super::found;
use crate::diagnostic::{Diagnostic, STREAM_WITHOUT_GRANT};
use crate::template::TemplateResource;
use crate::world::graph::{Answer, Graph};

/// Actions that the role needs, each in one of several forms.
const OF_TABLES: &[&[&str]] =
    &[&["dynamodb:DescribeStream"], &["dynamodb:GetRecords"], &["dynamodb:GetShardIterator"]];
const OF_KINESIS: &[&[&str]] = &[
    &["kinesis:DescribeStream", "kinesis:DescribeStreamSummary"],
    &["kinesis:GetRecords"],
    &["kinesis:GetShardIterator"],
];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    graph.of_type("AWS::Lambda::EventSourceMapping").filter_map(|mapping| judge(graph, mapping)).collect()
}

fn judge(graph: &Graph, mapping: TemplateResource<'_>) -> Option<Diagnostic> {
    let source = graph.named(mapping.property("EventSourceArn")?)?;
    let (needed, attribute) = match source.resource_type() {
        "AWS::DynamoDB::GlobalTable" | "AWS::DynamoDB::Table" => (OF_TABLES, "StreamArn"),
        "AWS::Kinesis::Stream" => (OF_KINESIS, "Arn"),
        _ => return None,
    };
    let grants = graph.grants_of(graph.function(mapping, "FunctionName")?)?;
    let arn = format!("${{{}.{attribute}}}", source.logical_id);
    let is_missing = |forms: &&[&str]| forms.iter().all(|action| grants.allow_on(action, &arn) == Answer::No);
    let missing: Vec<_> =
        needed.iter().copied().filter(is_missing).filter_map(<[&str]>::first).copied().collect();
    (!missing.is_empty()).then(|| {
        let (actions, source) = (missing.join(", "), source.logical_id);
        let message = format!("The function's role does not allow {actions} on the stream of `{source}`.");
        found(&STREAM_WITHOUT_GRANT, mapping, message)
            .path("Properties.FunctionName")
            .help(format!("Allow these actions in the role's policy, on `!GetAtt {source}.{attribute}`."))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::fixture::{NONE, codes_after};

    const ALL: [&str; 3] = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"];

    fn with(actions: &[&str], resource: Json) -> Vec<&'static str> {
        let statement = json!({"Effect": "Allow", "Action": actions, "Resource": resource});
        let policy = json!({"PolicyName": "p", "RoleName": {"Ref": "WriterRole"}, "PolicyDocument": {"Statement": [statement]}});
        let mapping = json!({"FunctionName": {"Ref": "Writer"}, "EventSourceArn": {"Fn::GetAtt": ["Records", "StreamArn"]}, "StartingPosition": "LATEST"});
        codes_after(json!({
            "Changes": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping},
            "Own": {"Type": "AWS::IAM::RolePolicy", "Properties": policy},
            "Records": {"Properties": {"StreamSpecification": {"StreamViewType": "KEYS_ONLY"}}},
        }))
    }

    #[test]
    fn role_must_allow_to_read_the_stream() {
        let stream = || json!({"Fn::GetAtt": ["Records", "StreamArn"]});
        assert_eq!(with(&["dynamodb:ListTables"], stream()), ["E3052"]);
        assert_eq!(with(&ALL[..2], stream()), ["E3052"]);
        assert_eq!(with(&ALL, json!({"Fn::GetAtt": ["Records", "Arn"]})), ["E3052"]);
        assert_eq!(with(&ALL, stream()), NONE);
        assert_eq!(with(&ALL, json!({"Fn::Sub": "${Records.Arn}/stream/*"})), NONE);
        assert_eq!(with(&ALL, json!({"Fn::ImportValue": "stream"})), NONE);
    }

    #[test]
    fn role_must_allow_to_read_from_kinesis() {
        let with = |describe: &str| {
            let actions = [describe, "kinesis:GetRecords", "kinesis:GetShardIterator"];
            let arn = json!({"Fn::GetAtt": ["Clicks", "Arn"]});
            let statement = json!({"Effect": "Allow", "Action": actions, "Resource": arn});
            let policy = json!({"PolicyName": "p", "RoleName": {"Ref": "WriterRole"}, "PolicyDocument": {"Statement": [statement]}});
            let mapping = json!({"FunctionName": {"Ref": "Writer"}, "EventSourceArn": arn, "StartingPosition": "LATEST"});
            codes_after(json!({
                "Clicks": {"Type": "AWS::Kinesis::Stream", "Properties": {}},
                "ClicksMapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping},
                "Own": {"Type": "AWS::IAM::RolePolicy", "Properties": policy},
            }))
        };
        assert_eq!(with("kinesis:ListShards"), ["E3052"]);
        assert_eq!(with("kinesis:DescribeStreamSummary"), NONE);
    }
}
