//! W3031: items of a table expire, but no function of the stack may write any.
//!
//! Only said when every function's grants are known and one of them reads the table.
//! Source: DynamoDB developer guide, time to live.

use std::collections::BTreeMap;

use serde_json::json;

use super::found;
use crate::diagnostic::{Diagnostic, NOTHING_WRITES_EXPIRING_ITEMS};
use crate::template::TemplateResource;
use crate::world::access::Grants;
use crate::world::graph::{Answer, Graph, is_set};

const TABLE: &str = "AWS::DynamoDB::Table";
const WRITES: [&str; 3] = ["dynamodb:BatchWriteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let expiring =
        graph.of_type(TABLE).filter(|it| is_set(*it, "TimeToLiveSpecification.AttributeName") == Answer::Yes);
    let mut expiring = expiring.peekable();
    let known = expiring.peek().and_then(|_| Access::of(graph));
    known.map(|access| expiring.filter_map(|table| access.judge(table)).collect()).unwrap_or_default()
}

/// What all functions of the template may do with tables.
struct Access<'a> {
    all: Vec<Grants<'a>>,
    /// Positions in `all` by the logical IDs that the grants name.
    naming: BTreeMap<String, Vec<usize>>,
    /// Whether a grant reaches tables without naming any.
    reads_any: bool,
    writes_any: bool,
}

impl<'a> Access<'a> {
    /// `None` when a function's role is not in the template.
    fn of(graph: &'a Graph) -> Option<Self> {
        let functions = graph.of_type("AWS::Lambda::Function");
        let all: Vec<_> = functions.map(|function| graph.grants_of(function)).collect::<Option<_>>()?;
        // No logical ID is empty: this table is named by nobody.
        let json = json!({ "Type": TABLE });
        let any = TemplateResource { logical_id: "", json: &json };
        let mut naming: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (position, grants) in all.iter().enumerate() {
            for logical_id in grants.named() {
                naming.entry(logical_id).or_default().push(position);
            }
        }
        let reads_any = all.iter().any(|grants| grants.mention(any) == Answer::Yes);
        let writes_any = all.iter().any(|grants| may_write(grants, any));
        Some(Self { all, naming, reads_any, writes_any })
    }

    fn judge(&self, table: TemplateResource<'_>) -> Option<Diagnostic> {
        let positions = self.naming.get(table.logical_id).into_iter().flatten();
        let own: Vec<_> = positions.filter_map(|position| self.all.get(*position)).collect();
        if self.writes_any || own.iter().any(|grants| may_write(grants, table)) {
            return None;
        }
        let is_read = self.reads_any || own.iter().any(|grants| grants.mention(table) == Answer::Yes);
        is_read.then(|| {
            let message = "Items expire by an attribute that no function of the stack may write.";
            let found = found(&NOTHING_WRITES_EXPIRING_ITEMS, table, message);
            found.path("Properties.TimeToLiveSpecification").help(
                "Grant `dynamodb:PutItem` or `dynamodb:UpdateItem` to what sets the attribute, or leave it out.",
            )
        })
    }
}

fn may_write(grants: &Grants<'_>, table: TemplateResource<'_>) -> bool {
    WRITES.iter().any(|action| grants.allow(action, table) != Answer::No)
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
