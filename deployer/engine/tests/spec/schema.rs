//! The reader understands exactly the schema that editors are offered.

use std::collections::BTreeSet;

use pipectl_engine::spec::schema::schema;
use serde_json::{Map, Value};

use crate::support::assert_golden;

/// Keywords that decide what a value may be; the reader honours each.
const UNDERSTOOD: [&str; 14] = [
    "$ref",
    "additionalProperties",
    "anyOf",
    "const",
    "items",
    "maxLength",
    "maximum",
    "minimum",
    "oneOf",
    "pattern",
    "patternProperties",
    "properties",
    "required",
    "type",
];

/// Keywords that decide nothing.
const NOTES: [&str; 7] = ["$comment", "$defs", "$schema", "default", "description", "format", "title"];

/// Calls `see` with every schema inside a schema, itself first.
fn walk(schema: &Value, see: &mut impl FnMut(&Map<String, Value>)) {
    let Some(object) = schema.as_object() else { return };
    see(object);
    for (keyword, value) in object {
        match (keyword.as_str(), value) {
            ("properties" | "patternProperties" | "$defs", Value::Object(named)) => {
                named.values().for_each(|schema| walk(schema, see));
            }
            ("anyOf" | "oneOf", Value::Array(schemas)) => schemas.iter().for_each(|schema| walk(schema, see)),
            ("items" | "additionalProperties", schema) => walk(schema, see),
            _ => {}
        }
    }
}

#[test]
fn every_keyword_is_one_that_the_reader_understands() {
    let mut unknown = BTreeSet::new();
    walk(&schema(), &mut |object| {
        let keywords = object.keys().filter(|it| !UNDERSTOOD.contains(&it.as_str()));
        unknown.extend(keywords.filter(|it| !NOTES.contains(&it.as_str())).cloned());
    });
    assert_eq!(unknown, BTreeSet::new());
}

/// The reader goes on with what a reference or an alternative names and looks at nothing beside it.
#[test]
fn nothing_that_decides_stands_beside_a_reference_or_an_alternative() {
    walk(&schema(), &mut |object| {
        if ["$ref", "anyOf", "oneOf"].iter().any(|keyword| object.contains_key(*keyword)) {
            let deciding = object.keys().filter(|it| UNDERSTOOD.contains(&it.as_str())).count();
            assert_eq!(deciding, 1, "{object:?}");
        }
    });
}

#[test]
fn names_of_a_mapping_follow_one_pattern() {
    walk(&schema(), &mut |object| {
        if let Some(patterns) = object.get("patternProperties") {
            assert_eq!(patterns.as_object().map(Map::len), Some(1));
            assert_eq!(object.get("additionalProperties"), Some(&Value::Bool(false)), "{object:?}");
        }
    });
}

#[test]
fn every_reference_leads_somewhere() {
    let schema = schema();
    walk(&schema, &mut |object| {
        if let Some(target) = object.get("$ref").and_then(Value::as_str) {
            assert!(schema.pointer(target.trim_start_matches('#')).is_some(), "{target}");
        }
    });
}

#[test]
fn every_key_is_described() {
    let schema = schema();
    let undescribed = |object: &Map<String, Value>| {
        let properties = object.get("properties").and_then(Value::as_object);
        let bare = properties.into_iter().flatten().filter(|(_, it)| it.get("description").is_none());
        bare.map(|(name, _)| name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(undescribed(schema.as_object().unwrap()), [""; 0]);
}

#[test]
fn checked_in_schema_is_the_generated_one() {
    assert_golden("../../templates/pipeline.schema.json", &format!("{:#}\n", schema()));
}

#[test]
fn schema_of_a_plan_is_checked_in() {
    let schema = pipectl_engine::plan_file::schema();
    assert_golden("../../templates/plan.schema.json", &format!("{schema:#}\n"));
}
