//! W3026: a role may do everything with a service, or something with every resource of it.
//!
//! Source: IAM user guide, security best practices, least privilege.

use serde_json::Value as Json;

use super::found;
use crate::diagnostic::{Diagnostic, WILDCARD_GRANT};
use crate::world::access::statements;
use crate::world::graph::{Graph, elements, one_or_many};

/// Services whose resources can be named; of others some actions take `*` only.
const SERVICES: [&str; 4] = ["dynamodb", "s3", "sns", "sqs"];
/// Actions of these services that take no resource; text messages have none either.
const NAMELESS: [&str; 4] =
    ["dynamodb:describelimits", "s3:getaccountpublicaccessblock", "sns:publish", "sns:getsmsattributes"];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut report = Vec::new();
    for resource in graph.resources() {
        let documents: Vec<&Json> = match resource.resource_type() {
            "AWS::IAM::Role" => {
                elements(resource, "Policies").into_iter().filter_map(|it| it.get("PolicyDocument")).collect()
            }
            "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" | "AWS::IAM::RolePolicy" => {
                resource.property("PolicyDocument").into_iter().collect()
            }
            _ => continue,
        };
        let all = documents.into_iter().filter_map(|document| statements(Some(document))).flatten();
        if let Some(message) = all.filter_map(wildcard).next() {
            report.push(
                found(&WILDCARD_GRANT, resource, message)
                    .help("Name the actions and the ARNs that are needed."),
            );
        }
    }
    report
}

/// What is wide about a statement. A condition narrows it in ways that are not judged.
fn wildcard(statement: &Json) -> Option<String> {
    if statement["Effect"] != "Allow" || statement.get("Condition").is_some() {
        return None;
    }
    let actions: Vec<_> =
        one_or_many(statement.get("Action")?).into_iter().filter_map(Json::as_str).collect();
    if let Some(action) = actions.iter().find(|action| **action == "*" || action.ends_with(":*")) {
        return Some(format!("It allows `{action}`."));
    }
    let is_wide = one_or_many(statement.get("Resource")?).into_iter().any(|resource| resource == "*");
    let named = actions.iter().find(|action| takes_a_resource(&action.to_lowercase()))?;
    is_wide.then(|| format!("It allows `{named}` on every resource."))
}

fn takes_a_resource(action: &str) -> bool {
    let Some((service, verb)) = action.split_once(':') else { return false };
    SERVICES.contains(&service) && !verb.starts_with("list") && !NAMELESS.contains(&action)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    fn with(action: &str, resource: &str) -> Vec<&'static str> {
        let statement = json!({"Effect": "Allow", "Action": [action], "Resource": resource});
        let document = json!({"PolicyName": "p", "RoleName": {"Ref": "ExtractRole"}, "PolicyDocument": {"Statement": [statement]}});
        codes_after(json!({"Own": {"Type": "AWS::IAM::RolePolicy", "Properties": document}}))
    }

    #[test]
    fn every_action_of_a_service_is_wide() {
        assert_eq!(with("sqs:*", "arn:aws:sqs:eu-west-1:123456789012:a"), ["W3026"]);
        assert_eq!(with("sqs:Send*", "arn:aws:sqs:eu-west-1:123456789012:a"), NONE);
    }

    #[test]
    fn every_resource_is_wide_where_resources_can_be_named() {
        assert_eq!(with("dynamodb:GetItem", "*"), ["W3026"]);
        assert_eq!(with("xray:PutTraceSegments", "*"), NONE);
        assert_eq!(with("sqs:ListQueues", "*"), NONE);
    }
}
