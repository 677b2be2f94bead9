//! W3037: a table is deleted with its items when it leaves the stack, and nobody said so.
//!
//! Buckets are free: S3 deletes none that holds objects. So are tables with deletion protection.
//! Source: CloudFormation template reference, DeletionPolicy attribute: deleted by default (read 2026-11-23);
//! AWS::S3::Bucket: you can only delete empty buckets; AWS::DynamoDB::Table, DeletionProtectionEnabled (read
//! 2026-12-01).

use super::found;
use crate::diagnostic::{DATA_DELETED_WITH_STACK, Diagnostic};
use crate::template::TemplateResource;
use crate::world::graph::{Answer, Graph, elements, flag};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let undecided =
        graph.tables().filter(|it| it.attribute("DeletionPolicy").is_none() && !is_protected(*it));
    let report = undecided.map(|resource| {
        found(&DATA_DELETED_WITH_STACK, resource, "It has no `DeletionPolicy`: its items go with the stack.")
            .path("DeletionPolicy")
            .help("Set `DeletionPolicy` and `UpdateReplacePolicy` to `Retain`, or to `Delete` on purpose.")
    });
    report.collect()
}

/// Whether DynamoDB refuses, or may refuse, to delete the table; a global table says so for each replica.
fn is_protected(table: TemplateResource<'_>) -> bool {
    let name = "DeletionProtectionEnabled";
    let of_replicas = elements(table, "Replicas").into_iter().filter_map(|replica| replica.get(name));
    flag(table, name) != Answer::No || of_replicas.into_iter().any(|flag| flag != false && flag != "false")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn table_says_what_becomes_of_it() {
        assert_eq!(codes_after(json!({"Records": {"DeletionPolicy": null}})), ["W3037"]);
        assert_eq!(codes_after(json!({"Records": {"DeletionPolicy": "Delete"}})), NONE);
    }

    #[test]
    fn data_that_aws_does_not_delete_needs_no_policy() {
        assert_eq!(codes_after(json!({"Uploads": {"DeletionPolicy": null}})), NONE);
        let protected =
            |flag| json!({"DeletionPolicy": null, "Properties": {"DeletionProtectionEnabled": flag}});
        assert_eq!(codes_after(json!({"Records": protected(false)})), ["W3037"]);
        assert_eq!(codes_after(json!({"Records": protected(true)})), NONE);
    }
}
