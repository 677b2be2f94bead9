//! E3022: a function behind an API does not let API Gateway in, so that every request gets a 500.
//!
//! Source: re:Post knowledge centre, "Internal Server Error" of HTTP APIs with Lambda integrations (read
//! 2026-11-23).

use super::found;
use crate::diagnostic::{API_WITHOUT_PERMISSION, Diagnostic};
use crate::world::graph::{Answer, Graph, is_set, text};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let refused = graph.of_type("AWS::ApiGatewayV2::Integration").filter_map(|integration| {
        let function = graph.function(integration, "IntegrationUri")?;
        let is_proxy = text(integration, "IntegrationType") == Some("AWS_PROXY");
        let by_role = is_set(integration, "CredentialsArn");
        let (answer, _) = graph.permissions(function, "apigateway.amazonaws.com");
        (is_proxy && by_role == Answer::No && answer == Answer::No).then(|| {
            let message =
                format!("The API invokes `{}`, which does not let API Gateway in.", function.logical_id);
            found(&API_WITHOUT_PERMISSION, integration, message)
                .path("Properties.IntegrationUri")
                .help("Add an `AWS::Lambda::Permission` for `apigateway.amazonaws.com`.")
        })
    });
    refused.collect()
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
}
