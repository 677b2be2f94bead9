//! W3046: a function is told of a queue, table or topic that its role may not touch.
//!
//! Source: Lambda developer guide, execution role.

use serde_json::Value as Json;

use super::found;
use crate::diagnostic::{Diagnostic, VARIABLE_WITHOUT_GRANT};
use crate::template::TemplateResource;
use crate::world::access::{QUEUE_POLICIES, TOPIC_POLICIES, is_everyone, statements};
use crate::world::graph::{Answer, Graph, value};

const TYPES: [&str; 3] = ["AWS::DynamoDB::Table", "AWS::SNS::Topic", "AWS::SQS::Queue"];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut report = Vec::new();
    for function in graph.of_type("AWS::Lambda::Function") {
        let path = "Environment.Variables";
        let (Some(Json::Object(variables)), Some(grants)) =
            (value(function, path), graph.grants_of(function))
        else {
            continue;
        };
        let mut variables: Vec<_> = variables.iter().collect();
        variables.sort_unstable_by_key(|(name, _)| *name);
        for (name, json) in variables {
            // Only a reference says that the function works with the resource; a text may hold anything.
            let named = if json.is_object() { graph.named(json) } else { None };
            let Some(resource) = named.filter(|it| TYPES.contains(&it.resource_type())) else { continue };
            if grants.mention(resource) == Answer::No && !shares(graph, resource) {
                let message = format!(
                    "`{name}` names `{}`, which the function's role may not touch.",
                    resource.logical_id
                );
                let found = found(&VARIABLE_WITHOUT_GRANT, function, message)
                    .path(format!("Properties.{path}.{name}"));
                report.push(
                    found.help("Grant the actions that the function needs on it, or remove the variable."),
                );
            }
        }
    }
    report
}

/// Whether a resource policy lets accounts or roles in, the function's perhaps among them.
fn shares(graph: &Graph, resource: TemplateResource<'_>) -> bool {
    let policies =
        [QUEUE_POLICIES, TOPIC_POLICIES].into_iter().flat_map(|kind| graph.policies_on(kind, resource));
    let statements =
        policies.flat_map(|policy| statements(policy.property("PolicyDocument")).unwrap_or_default());
    let own = resource.property("ResourcePolicy").is_some();
    own || statements.into_iter().any(|statement| {
        statement["Effect"] == "Allow"
            && (is_everyone(&statement["Principal"]) || statement["Principal"]["AWS"] != Json::Null)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn what_a_variable_names_must_be_granted() {
        let with = |queue: &str| {
            codes_after(
                json!({"Extract": {"Properties": {"Environment": {"Variables": {"QUEUE_URL": {"Ref": queue}}}}}}),
            )
        };
        assert_eq!(with("Inbox"), ["W3046"]);
        assert_eq!(with("Messages"), NONE);
    }

    #[test]
    fn statement_on_every_resource_grants_its_own_service_only() {
        let with = |action: &str| {
            let statement = json!({"Effect": "Allow", "Action": action, "Resource": "*"});
            let policy = json!({"PolicyName": "p", "RoleName": {"Ref": "ExtractRole"}, "PolicyDocument": {"Statement": [statement]}});
            codes_after(json!({
                "Own": {"Type": "AWS::IAM::RolePolicy", "Properties": policy},
                "Extract": {"Properties": {"Environment": {"Variables": {"QUEUE_URL": {"Ref": "Inbox"}}}}},
            }))
        };
        assert_eq!(with("xray:PutTraceSegments"), ["W3046"]);
        assert_eq!(with("sqs:ListQueues"), NONE);
    }
}
