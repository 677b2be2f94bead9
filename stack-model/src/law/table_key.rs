//! E3059: a table or an index has a key that DynamoDB refuses.
//!
//! Source: DynamoDB API, CreateTable: AttributeDefinition and KeySchemaElement, and its refusals "Both the Hash Key and
//! the Range Key element in the KeySchema have the same name" and "Duplicate AttributeName" (read 2026-12-01).

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::found;
use crate::diagnostic::{Diagnostic, ILLEGAL_KEY};
use crate::template::TemplateResource;
use crate::world::graph::{Graph, elements, one_or_many};

/// Longest name of a key attribute in bytes.
const MAX_NAME: usize = 255;

const INDEXES: [&str; 2] = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    graph.tables().flat_map(judge).collect()
}

fn judge(table: TemplateResource<'_>) -> Vec<Diagnostic> {
    let report = |path: String, message: String, help: &str| {
        found(&ILLEGAL_KEY, table, message).path(format!("Properties.{path}")).help(help)
    };
    let mut report_all: Vec<_> = definitions(elements(table, "AttributeDefinitions"))
        .into_iter()
        .map(|message| {
            let help =
                "Give the attribute one type; an index that needs another type needs another attribute.";
            report("AttributeDefinitions".to_owned(), message, help)
        })
        .collect();
    let own = keys(elements(table, "KeySchema"))
        .map(|message| report("KeySchema".to_owned(), format!("The table's key {message}."), HELP));
    report_all.extend(own);
    for property in INDEXES {
        for index in elements(table, property) {
            let schema = index.get("KeySchema").map(one_or_many).unwrap_or_default();
            let name = index["IndexName"].as_str().map_or_else(String::new, |name| format!(" `{name}`"));
            report_all.extend(keys(schema).map(|message| {
                report(
                    format!("{property}.KeySchema"),
                    format!("The key of the index{name} {message}."),
                    HELP,
                )
            }));
        }
    }
    report_all
}

const HELP: &str = "Name two different attributes of the items, of 1 to 255 bytes each.";

/// What is wrong with the definitions: an attribute that stands there twice.
fn definitions(entries: Vec<&Json>) -> Vec<String> {
    let mut types: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for entry in entries {
        if let (Some(name), Some(kind)) = (entry["AttributeName"].as_str(), entry["AttributeType"].as_str()) {
            types.entry(name).or_default().push(kind);
        }
    }
    let twice = types.into_iter().filter(|(_, types)| types.len() > 1);
    twice
        .map(|(name, types)| {
            format!("`{name}` is defined {} times, as {}.", types.len(), types.join(" and "))
        })
        .collect()
}

/// What is wrong with a key, as far as its names are known.
fn keys(entries: Vec<&Json>) -> Option<String> {
    let names: Vec<&str> = entries.iter().filter_map(|entry| entry["AttributeName"].as_str()).collect();
    if names.iter().any(|name| name.is_empty()) {
        return Some("has an attribute without a name".to_owned());
    }
    if let Some(long) = names.iter().find(|name| name.len() > MAX_NAME) {
        return Some(format!("has an attribute whose name takes {} bytes, {MAX_NAME} at most", long.len()));
    }
    let repeated = names.iter().enumerate().find(|(index, name)| names[..*index].contains(name));
    repeated.map(|(_, name)| format!("has the attribute `{name}` twice"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::fixture::{NONE, codes_after, found_after};

    fn messages(properties: Json) -> Vec<String> {
        let found = found_after(json!({"Records": {"Properties": properties}}));
        found.into_iter().filter(|found| found.code.name == "E3059").map(|found| found.message).collect()
    }

    fn key(names: &[&str]) -> Json {
        names.iter().map(|name| json!({"AttributeName": name, "KeyType": "HASH"})).collect()
    }

    #[test]
    fn attribute_has_one_type() {
        let define = |kind: &str| json!({"AttributeName": "id", "AttributeType": kind});
        let found = messages(json!({"AttributeDefinitions": [define("S"), define("N")]}));
        assert_eq!(found, ["`id` is defined 2 times, as S and N."]);
        let with = |kinds: &[&str]| {
            let source = json!({"AttributeName": "source", "AttributeType": "S"});
            let all: Vec<_> = kinds.iter().map(|kind| define(kind)).chain([source]).collect();
            codes_after(json!({"Records": {"Properties": {"AttributeDefinitions": all}}}))
        };
        assert_eq!(with(&["S", "N"]), ["E3059"]);
        assert_eq!(with(&["N"]), NONE);
    }

    #[test]
    fn key_names_each_attribute_once_and_by_a_name() {
        assert_eq!(
            messages(json!({"KeySchema": key(&["id", "id"])})),
            ["The table's key has the attribute `id` twice."]
        );
        assert_eq!(
            messages(json!({"KeySchema": key(&[""])})),
            ["The table's key has an attribute without a name."]
        );
        let index = json!([{"IndexName": "by-source", "KeySchema": key(&["source", "source"])}]);
        let found = messages(json!({"GlobalSecondaryIndexes": index}));
        assert_eq!(found, ["The key of the index `by-source` has the attribute `source` twice."]);
    }

    #[test]
    fn name_of_a_key_attribute_has_255_bytes_at_most() {
        assert_eq!(messages(json!({"KeySchema": key(&["x".repeat(255).as_str()])})), [""; 0]);
        let found = messages(json!({"KeySchema": key(&["x".repeat(256).as_str()])}));
        assert_eq!(found, ["The table's key has an attribute whose name takes 256 bytes, 255 at most."]);
    }
}
