//! W3010: a function behind an API may run longer than the API waits.
//!
//! Source: API Gateway developer guide, quotas of HTTP APIs (30 s, fixed) and of REST APIs (29 s, can be raised
//! for Regional and private ones; re:Post answers of AWS, read 2026-11-23).

use super::found;
use crate::diagnostic::{API_TIMEOUT_BELOW_FUNCTION, Diagnostic};
use crate::world::graph::{Graph, number};

/// Type of the integration, path of the function, path of the time waited, and its default in milliseconds.
const INTEGRATIONS: [(&str, &str, &str, u64); 2] = [
    ("AWS::ApiGatewayV2::Integration", "IntegrationUri", "TimeoutInMillis", 30_000),
    ("AWS::ApiGateway::Method", "Integration.Uri", "Integration.TimeoutInMillis", 29_000),
];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut report: Vec<Diagnostic> = Vec::new();
    for (resource_type, uri, waits, default) in INTEGRATIONS {
        for integration in graph.of_type(resource_type) {
            let Some(function) = graph.function(integration, uri) else { continue };
            let (Some(waited), Some(timeout)) =
                (number(integration, waits, default), number(function, "Timeout", 3))
            else {
                continue;
            };
            if timeout * 1_000 > waited {
                let message = format!("It may run for {timeout} s, but its API waits for {waited} ms.");
                let found = found(&API_TIMEOUT_BELOW_FUNCTION, function, message).path("Properties.Timeout");
                report.push(found.help("Set `Timeout` below the time that the API waits."));
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
    fn function_may_not_outlast_its_api() {
        let with = |timeout| {
            codes_after(json!({
                "Writer": {"Properties": {"Timeout": timeout}},
                "Messages": {"Properties": {"VisibilityTimeout": 600}},
            }))
        };
        assert_eq!(with(31), ["W3010"]);
        assert_eq!(with(30), NONE);
    }

    #[test]
    fn shorter_wait_of_the_integration_counts() {
        let with = |waits| codes_after(json!({"Integration": {"Properties": {"TimeoutInMillis": waits}}}));
        assert_eq!(with(28_999), ["W3010"]);
        assert_eq!(with(29_000), NONE);
    }
}
