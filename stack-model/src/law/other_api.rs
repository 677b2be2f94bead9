//! E3043: a route uses the integration or authorizer of another API.
//!
//! Source: AWS::ApiGatewayV2::Route, Target and AuthorizerId.

use super::found;
use crate::diagnostic::{Diagnostic, PART_OF_ANOTHER_API};
use crate::world::graph::{Graph, value};

const PARTS: [(&str, &str); 2] =
    [("Target", "AWS::ApiGatewayV2::Integration"), ("AuthorizerId", "AWS::ApiGatewayV2::Authorizer")];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut report = Vec::new();
    for route in graph.of_type("AWS::ApiGatewayV2::Route") {
        for (property, resource_type) in PARTS {
            let Some(part) = graph.target(route, property, resource_type) else { continue };
            let api = |of| value(of, "ApiId").and_then(|json| graph.named(json)).map(|api| api.logical_id);
            if let (Some(own), Some(other)) = (api(route), api(part))
                && own != other
            {
                let message =
                    format!("The route belongs to `{own}`, but `{}` to `{other}`.", part.logical_id);
                let found =
                    found(&PART_OF_ANOTHER_API, route, message).path(format!("Properties.{property}"));
                report.push(found.help("Make one for the route's own API."));
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
    fn route_and_integration_share_an_api() {
        let with = |api: &str| {
            codes_after(json!({
                "Second": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "second", "ProtocolType": "HTTP"}},
                "Route": {"Properties": {"ApiId": {"Ref": api}}},
            }))
        };
        assert_eq!(with("Second"), ["E3043"]);
        assert_eq!(with("Api"), NONE);
    }
}
