//! E3022: a function behind an API does not let API Gateway in, so that every request gets a 500.
//!
//! Source: re:Post knowledge centre, "Internal Server Error" of HTTP APIs with Lambda integrations (read
//! 2026-11-23); API Gateway developer guide, Lambda integrations of REST APIs.

use super::found;
use crate::diagnostic::{API_WITHOUT_PERMISSION, Diagnostic};
use crate::world::graph::{Answer, Graph, is_set, text};

/// Type, and the paths of its function, its kind and the role that it calls with.
const INTEGRATIONS: [(&str, &str, &str, &str); 2] = [
    ("AWS::ApiGateway::Method", "Integration.Uri", "Integration.Type", "Integration.Credentials"),
    ("AWS::ApiGatewayV2::Integration", "IntegrationUri", "IntegrationType", "CredentialsArn"),
];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut report = Vec::new();
    for (resource_type, uri, kind, credentials) in INTEGRATIONS {
        for integration in graph.of_type(resource_type) {
            let Some(function) = graph.function(integration, uri) else { continue };
            let calls = matches!(text(integration, kind), Some("AWS" | "AWS_PROXY"));
            let by_role = is_set(integration, credentials);
            let (answer, _) = graph.permissions(function, "apigateway.amazonaws.com");
            if calls && by_role == Answer::No && answer == Answer::No {
                let message =
                    format!("The API invokes `{}`, which does not let API Gateway in.", function.logical_id);
                let found =
                    found(&API_WITHOUT_PERMISSION, integration, message).path(format!("Properties.{uri}"));
                report.push(found.help("Add an `AWS::Lambda::Permission` for `apigateway.amazonaws.com`."));
            }
        }
    }
    report
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn function_must_let_api_gateway_in() {
        assert_eq!(codes_after(json!({"ApiPermission": null})), ["E3022"]);
        assert_eq!(codes_after(json!({})), NONE);
    }

    #[test]
    fn function_must_let_a_rest_api_in() {
        let with = |function: &str, role: bool| {
            let uri = format!(
                "arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/${{{function}.Arn}}/invocations"
            );
            let mut integration =
                json!({"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": {"Fn::Sub": uri}});
            if role {
                integration["Credentials"] = json!({"Fn::GetAtt": ["ExtractRole", "Arn"]});
            }
            let method =
                json!({"HttpMethod": "GET", "ResourceId": "r", "RestApiId": "a", "Integration": integration});
            let short = json!({"Properties": {"Timeout": 20}});
            codes_after(
                json!({"M": {"Type": "AWS::ApiGateway::Method", "Properties": method}, "Extract": short}),
            )
        };
        assert_eq!(with("Extract", false), ["E3022"]);
        assert_eq!(with("Extract", true), NONE);
        assert_eq!(with("Writer", false), NONE);
    }
}
