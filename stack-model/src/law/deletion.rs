//! W3037: a table or bucket is deleted with its data when it leaves the stack, and nobody said so.
//!
//! Source: CloudFormation template reference, DeletionPolicy attribute: deleted by default (read 2026-11-23).

use super::found;
use crate::diagnostic::{DATA_DELETED_WITH_STACK, Diagnostic};
use crate::world::graph::Graph;

const HOLDS_DATA: [&str; 3] = ["AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table", "AWS::S3::Bucket"];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let undecided = graph
        .resources()
        .filter(|it| HOLDS_DATA.contains(&it.resource_type()) && it.attribute("DeletionPolicy").is_none());
    let report = undecided.map(|resource| {
        found(&DATA_DELETED_WITH_STACK, resource, "It has no `DeletionPolicy`: its data goes with the stack.")
            .path("DeletionPolicy")
            .help("Set `DeletionPolicy` and `UpdateReplacePolicy` to `Retain`, or to `Delete` on purpose.")
    });
    report.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn what_holds_data_says_what_becomes_of_it() {
        assert_eq!(codes_after(json!({"Records": {"DeletionPolicy": null}})), ["W3037"]);
        assert_eq!(codes_after(json!({"Records": {"DeletionPolicy": "Delete"}})), NONE);
    }
}
