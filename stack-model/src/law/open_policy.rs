//! W3025: a resource policy or permission lets everyone in, without a condition.
//!
//! Source: IAM user guide, AWS JSON policy elements: Principal, all principals.

use super::found;
use crate::diagnostic::{Diagnostic, OPEN_TO_EVERYONE};
use crate::world::access::{is_everyone, statements};
use crate::world::graph::{Answer, Graph, is_set, text};

const POLICIES: [&str; 3] = ["AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy"];
/// Properties that narrow a function's permission.
const NARROWING: [&str; 5] =
    ["EventSourceToken", "FunctionUrlAuthType", "PrincipalOrgID", "SourceAccount", "SourceArn"];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let policies = graph.resources().filter(|it| POLICIES.contains(&it.resource_type()));
    let open = policies.filter(|policy| {
        let found = statements(policy.property("PolicyDocument")).unwrap_or_default();
        found.into_iter().any(|statement| {
            statement["Effect"] == "Allow"
                && statement.get("Condition").is_none()
                && is_everyone(&statement["Principal"])
        })
    });
    let permissions = graph.of_type("AWS::Lambda::Permission").filter(|permission| {
        text(*permission, "Principal") == Some("*")
            && NARROWING.iter().all(|name| is_set(*permission, name) == Answer::No)
    });
    let message = "Everyone is let in, from any account.";
    let report = open.chain(permissions).map(|resource| {
        found(&OPEN_TO_EVERYONE, resource, message)
            .help("Name the principal, or add a condition on its account or ARN.")
    });
    report.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn policy_for_everyone_needs_a_condition() {
        let with = |condition| {
            let statement = json!({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", "Principal": {"AWS": "*"}, "Condition": condition});
            codes_after(json!({"InboxPolicy": {"Properties": {"PolicyDocument": {"Statement": statement}}}}))
        };
        let account = json!({"StringEquals": {"aws:SourceAccount": "123456789012"}});
        let without =
            json!({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", "Principal": "*"});
        assert_eq!(
            codes_after(json!({"InboxPolicy": {"Properties": {"PolicyDocument": {"Statement": [without]}}}})),
            ["W3025"]
        );
        assert_eq!(with(account), NONE);
    }
}
