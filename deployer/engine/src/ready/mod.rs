//! What of a stack must be ready before its pipeline works, told from its resources.
//!
//! CloudFormation says so itself in standard mode. In express mode it is done as soon as resources are
//! configured (`DeploymentConfig.Mode`), and they become ready afterwards; then each of these is looked
//! at until it works. Only resources that become ready after their configuration are looked at: queues,
//! topics, buckets, roles and log groups are there once they are made.
//!
//! Invariant: all but the [`port`] is pure.

pub mod port;

use serde_json::Value;

use crate::deployed::StackResource;
use crate::status::ResourceStatus;

/// A resource that must be ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Logical ID.
    pub logical_id: String,
    /// What to look at.
    pub subject: Subject,
}

/// What to look at, and when it is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A function: `State` Active and `LastUpdateStatus` Successful.
    Function {
        /// Its name.
        name: String,
    },
    /// An event source mapping: `State` Enabled.
    EventSourceMapping {
        /// Its UUID.
        uuid: String,
    },
    /// A table: `TableStatus` ACTIVE, its indexes too.
    Table {
        /// Its name.
        name: String,
    },
    /// An HTTP API: its address answers a request for a route that it does not have, as API Gateway
    /// does. No function is invoked, unless the API sends every route to one.
    Api {
        /// URL of the API, without a path.
        url: String,
    },
}

/// Lists what must be ready, in the order of the logical IDs.
///
/// `stack_id` is the stack's ARN: it tells the Region and the partition. A mapping that the template
/// disables is not waited for.
#[must_use]
pub fn needs(template: &Value, resources: &[StackResource], stack_id: &str) -> Vec<Need> {
    let mut needs: Vec<Need> =
        resources.iter().filter_map(|resource| need(template, resource, stack_id)).collect();
    needs.sort_by(|one, other| one.logical_id.cmp(&other.logical_id));
    needs
}

fn need(template: &Value, resource: &StackResource, stack_id: &str) -> Option<Need> {
    let id = resource.physical_id.clone()?;
    if resource.status == ResourceStatus::DeleteComplete {
        return None;
    }
    let subject = match resource.resource_type.as_str() {
        "AWS::Lambda::Function" => Subject::Function { name: id },
        "AWS::Lambda::EventSourceMapping" if !is_disabled(template, &resource.logical_id) => {
            Subject::EventSourceMapping { uuid: id }
        }
        "AWS::DynamoDB::Table" => Subject::Table { name: id },
        "AWS::ApiGatewayV2::Api" if is_open_http(template, &resource.logical_id) => {
            Subject::Api { url: url(&id, stack_id)? }
        }
        _ => return None,
    };
    Some(Need { logical_id: resource.logical_id.clone(), subject })
}

/// Anything but a literal `false` may be enabled.
fn is_disabled(template: &Value, logical_id: &str) -> bool {
    property(template, logical_id, "Enabled") == Some(&Value::Bool(false))
}

/// A WebSocket API answers no plain request, and a closed one none at its own address.
fn is_open_http(template: &Value, logical_id: &str) -> bool {
    let is_web_socket = property(template, logical_id, "ProtocolType") == Some(&Value::from("WEBSOCKET"));
    let is_closed = property(template, logical_id, "DisableExecuteApiEndpoint") == Some(&Value::Bool(true));
    !is_web_socket && !is_closed
}

fn property<'a>(template: &'a Value, logical_id: &str, name: &str) -> Option<&'a Value> {
    template.get("Resources")?.get(logical_id)?.get("Properties")?.get(name)
}

/// The default endpoint of an API. Source: API Gateway developer guide, "Invoke HTTP APIs" (read
/// 2026-11-23).
fn url(api_id: &str, stack_id: &str) -> Option<String> {
    let mut parts = stack_id.split(':').skip(1);
    let (partition, region) = (parts.next()?, parts.nth(1)?);
    let suffix = if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    Some(format!("https://{api_id}.execute-api.{region}.{suffix}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const STACK: &str = "arn:aws:cloudformation:eu-west-1:111122223333:stack/ingest/4f1b";

    fn resource(logical_id: &str, resource_type: &str) -> StackResource {
        StackResource {
            logical_id: logical_id.to_owned(),
            physical_id: Some(format!("{logical_id}-1")),
            resource_type: resource_type.to_owned(),
            status: ResourceStatus::CreateComplete,
        }
    }

    fn subjects(template: &Value, resources: &[StackResource]) -> Vec<Subject> {
        needs(template, resources, STACK).into_iter().map(|need| need.subject).collect()
    }

    #[test]
    fn each_kind_of_resource_that_starts_late_is_looked_at() {
        let resources = [
            resource("Writer", "AWS::Lambda::Function"),
            resource("Mapping", "AWS::Lambda::EventSourceMapping"),
            resource("Records", "AWS::DynamoDB::Table"),
            resource("Api", "AWS::ApiGatewayV2::Api"),
            resource("Messages", "AWS::SQS::Queue"),
        ];
        let expected = [
            Subject::Api { url: "https://Api-1.execute-api.eu-west-1.amazonaws.com".to_owned() },
            Subject::EventSourceMapping { uuid: "Mapping-1".to_owned() },
            Subject::Table { name: "Records-1".to_owned() },
            Subject::Function { name: "Writer-1".to_owned() },
        ];
        assert_eq!(subjects(&json!({}), &resources), expected);
    }

    #[test]
    fn disabled_mapping_is_not_waited_for() {
        let template = json!({"Resources": {"Mapping": {"Properties": {"Enabled": false}}}});
        assert_eq!(subjects(&template, &[resource("Mapping", "AWS::Lambda::EventSourceMapping")]), []);
    }

    #[test]
    fn deleted_resource_is_not_waited_for() {
        let mut gone = resource("Writer", "AWS::Lambda::Function");
        gone.status = ResourceStatus::DeleteComplete;
        assert_eq!(subjects(&json!({}), &[gone]), []);
    }

    #[test]
    fn api_in_china_has_its_own_suffix() {
        let stack = "arn:aws-cn:cloudformation:cn-north-1:111122223333:stack/ingest/4f1b";
        let found = needs(&json!({}), &[resource("Api", "AWS::ApiGatewayV2::Api")], stack);
        let expected = "https://Api-1.execute-api.cn-north-1.amazonaws.com.cn".to_owned();
        assert_eq!(found[0].subject, Subject::Api { url: expected });
    }
}
