//! E3042: an HTTP API takes credentials from any origin, which browsers and API Gateway refuse.
//!
//! Source: aws-cdk#9076: API Gateway answers "allow-credentials is not supported if 'allow-origin' is *" (read
//! 2026-11-23).

use super::found;
use crate::diagnostic::{CREDENTIALS_FROM_ANY_ORIGIN, Diagnostic};
use crate::world::graph::{Answer, Graph, elements, flag};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let refused = graph.of_type("AWS::ApiGatewayV2::Api").filter(|api| {
        flag(*api, "CorsConfiguration.AllowCredentials") == Answer::Yes
            && elements(*api, "CorsConfiguration.AllowOrigins").into_iter().any(|origin| origin == "*")
    });
    let report = refused.map(|api| {
        found(&CREDENTIALS_FROM_ANY_ORIGIN, api, "It allows credentials together with the origin `*`.")
            .path("Properties.CorsConfiguration")
            .help("List the origins, or do not allow credentials.")
    });
    report.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn credentials_need_named_origins() {
        let with = |origin: &str| {
            let cors = json!({"AllowCredentials": true, "AllowOrigins": [origin]});
            codes_after(json!({"Api": {"Properties": {"CorsConfiguration": cors}}}))
        };
        assert_eq!(with("*"), ["E3042"]);
        assert_eq!(with("https://example.com"), NONE);
    }
}
