//! E3029: the attributes that a table defines are not those of its keys.
//!
//! Source: AWS::DynamoDB::Table, AttributeDefinitions; DynamoDB's own refusals, "Some AttributeDefinitions are
//! not used" among them (read 2026-11-23).

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::found;
use crate::diagnostic::{Diagnostic, KEY_ATTRIBUTE_MISMATCH};
use crate::template::TemplateResource;
use crate::world::graph::{Graph, elements, is_unresolved, one_or_many};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    graph.tables().filter_map(judge).collect()
}

fn judge(table: TemplateResource<'_>) -> Option<Diagnostic> {
    let defined = names(elements(table, "AttributeDefinitions"))?;
    let indexes = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"];
    let indexes = indexes.iter().flat_map(|property| elements(table, property));
    let mut keys = names(elements(table, "KeySchema"))?;
    for index in indexes {
        if is_unresolved(index) {
            return None;
        }
        keys.extend(names(index.get("KeySchema").map(one_or_many).unwrap_or_default())?);
    }
    let message = if let Some(missing) = keys.difference(&defined).next() {
        format!("`{missing}` is part of a key, but not defined.")
    } else if let Some(unused) = defined.difference(&keys).next() {
        format!("`{unused}` is defined, but part of no key.")
    } else {
        return None;
    };
    let found = found(&KEY_ATTRIBUTE_MISMATCH, table, message).path("Properties.AttributeDefinitions");
    Some(found.help("Define the attributes of the table's and its indexes' keys, and no others."))
}

/// The attribute names in a list; `None` when one is not known.
fn names(list: Vec<&Json>) -> Option<BTreeSet<&str>> {
    list.into_iter().map(|entry| entry["AttributeName"].as_str()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    fn with(names: &[&str]) -> Vec<&'static str> {
        let define = |name: &&str| json!({"AttributeName": name, "AttributeType": "S"});
        let definitions: Vec<_> = names.iter().map(define).collect();
        codes_after(json!({"Records": {"Properties": {"AttributeDefinitions": definitions}}}))
    }

    #[test]
    fn keys_and_only_keys_are_defined() {
        assert_eq!(with(&["id"]), ["E3029"]);
        assert_eq!(with(&["id", "source", "body"]), ["E3029"]);
        assert_eq!(with(&["id", "source"]), NONE);
    }
}
