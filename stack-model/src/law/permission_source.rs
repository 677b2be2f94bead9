//! W3027: a permission lets a service invoke a function for anyone's resources.
//!
//! Source: Lambda developer guide, granting function access to AWS services.

use super::found;
use crate::diagnostic::{Diagnostic, PERMISSION_WITHOUT_SOURCE};
use crate::world::access::service_principal;
use crate::world::graph::{Answer, Graph, is_set, value};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let wide = graph.of_type("AWS::Lambda::Permission").filter_map(|permission| {
        let service = value(permission, "Principal").and_then(service_principal)?;
        let service = service.as_str();
        if !service.ends_with(".amazonaws.com") {
            return None;
        }
        let has = |name| is_set(permission, name) != Answer::No;
        let (message, help) = if has("SourceAccount") {
            return None;
        } else if !has("SourceArn") {
            (format!("`{service}` may invoke it for resources of any account."), "Set `SourceArn`.")
        } else if service == "s3.amazonaws.com" {
            // A bucket's ARN has no account, and its name can pass to another one.
            ("A bucket's ARN names no account.".to_owned(), "Set `SourceAccount` beside `SourceArn`.")
        } else {
            return None;
        };
        Some(found(&PERMISSION_WITHOUT_SOURCE, permission, message).path("Properties.SourceArn").help(help))
    });
    wide.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn permission_needs_its_source() {
        assert_eq!(codes_after(json!({"ApiPermission": {"Properties": {"SourceArn": null}}})), ["W3027"]);
        assert_eq!(codes_after(json!({})), NONE);
        let by_suffix = json!({"Fn::Sub": "apigateway.${AWS::URLSuffix}"});
        let without = json!({"Properties": {"SourceArn": null, "Principal": by_suffix}});
        assert_eq!(codes_after(json!({"ApiPermission": without})), ["W3027"]);
    }

    #[test]
    fn permission_of_a_bucket_needs_the_account_too() {
        let without = json!({"UploadsPermission": {"Properties": {"SourceAccount": null}}});
        assert_eq!(codes_after(without), ["W3027"]);
    }
}
