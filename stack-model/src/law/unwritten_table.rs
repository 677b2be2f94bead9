//! W3031: items of a table expire, but no function of the stack may write any.
//!
//! Only said when every function's grants are known and one of them reads the table.
//! Source: DynamoDB developer guide, time to live.

use super::found;
use crate::diagnostic::{Diagnostic, NOTHING_WRITES_EXPIRING_ITEMS};
use crate::template::TemplateResource;
use crate::world::graph::{Answer, Graph, is_set};

const WRITES: [&str; 3] = ["dynamodb:BatchWriteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let expiring = graph
        .of_type("AWS::DynamoDB::Table")
        .filter(|table| is_set(*table, "TimeToLiveSpecification.AttributeName") == Answer::Yes);
    expiring.filter_map(|table| judge(graph, table)).collect()
}

fn judge(graph: &Graph, table: TemplateResource<'_>) -> Option<Diagnostic> {
    let mut is_read = false;
    for function in graph.of_type("AWS::Lambda::Function") {
        let grants = graph.grants_of(function)?;
        if WRITES.iter().any(|action| grants.allow(action, table) != Answer::No) {
            return None;
        }
        is_read |= grants.mention(table) == Answer::Yes;
    }
    is_read.then(|| {
        let message = "Items expire by an attribute that no function of the stack may write.";
        found(&NOTHING_WRITES_EXPIRING_ITEMS, table, message).path("Properties.TimeToLiveSpecification").help(
            "Grant `dynamodb:PutItem` or `dynamodb:UpdateItem` to what sets the attribute, or leave it out.",
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    fn with(action: &str) -> Vec<&'static str> {
        let consume = json!({
            "Effect": "Allow", "Resource": {"Fn::GetAtt": ["Messages", "Arn"]},
            "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
        });
        let own =
            json!({"Effect": "Allow", "Action": action, "Resource": {"Fn::GetAtt": ["Records", "Arn"]}});
        let policy = json!({"PolicyName": "p", "PolicyDocument": {"Statement": [consume, own]}});
        codes_after(json!({"WriterRole": {"Properties": {"Policies": [policy]}}}))
    }

    #[test]
    fn someone_must_write_what_expires() {
        assert_eq!(with("dynamodb:GetItem"), ["W3031"]);
        assert_eq!(with("dynamodb:UpdateItem"), NONE);
    }
}
