//! W3028: a table has more indexes than DynamoDB takes.
//!
//! Source: DynamoDB API, CreateTable: at most 20 global ones (read 2026-11-23), which can be raised; DynamoDB
//! developer guide, quotas.

use super::found;
use crate::diagnostic::{Diagnostic, TOO_MANY_INDEXES};
use crate::world::graph::{Graph, elements};

const LIMITS: [(&str, usize); 2] = [("GlobalSecondaryIndexes", 20), ("LocalSecondaryIndexes", 5)];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut report = Vec::new();
    for table in graph.tables() {
        for (property, limit) in LIMITS {
            let count = elements(table, property).len();
            if count > limit {
                let message = format!("{count} {property}, but DynamoDB takes {limit} by default.");
                let found = found(&TOO_MANY_INDEXES, table, message).path(format!("Properties.{property}"));
                report
                    .push(found.help("Let queries share an index whose keys hold several kinds of values."));
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
    fn twenty_global_indexes_pass_and_21_do_not() {
        let with = |count: usize| {
            let key = json!([{"AttributeName": "source", "KeyType": "HASH"}]);
            let index = |n| json!({"IndexName": format!("i{n}"), "KeySchema": key, "Projection": {"ProjectionType": "ALL"}});
            let indexes: Vec<_> = (0..count).map(index).collect();
            codes_after(json!({"Records": {"Properties": {"GlobalSecondaryIndexes": indexes}}}))
        };
        assert_eq!(with(21), ["W3028"]);
        assert_eq!(with(20), NONE);
    }
}
