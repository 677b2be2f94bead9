//! The JSON Schema of the spec file: for editors, and for the reader itself.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::file::{STAGE_PATTERN, SpecFile};

/// The schema that every reading needs, made once for a process.
pub(super) static SCHEMA: LazyLock<Value> = LazyLock::new(schema);

/// Returns the schema (JSON Schema 2020-12), generated from [`SpecFile`].
///
/// What a stage may change is the file itself with nothing required, so each definition has a
/// twin whose name starts with `Stage`.
#[must_use]
pub fn schema() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = false;
    let mut schema = settings.into_generator().into_root_schema_for::<SpecFile>().to_value();
    let stage = partial(&schema);
    if let Some(definitions) = schema.get_mut("$defs").and_then(Value::as_object_mut) {
        let twins: Map<_, _> = definitions
            .iter()
            .map(|(name, definition)| (format!("Stage{name}"), partial(definition)))
            .collect();
        definitions.extend(twins);
        definitions.insert("Stage".to_owned(), stage_root(stage));
    }
    if let Some(stages) = schema["properties"]["stages"].as_object_mut() {
        stages.insert("patternProperties".to_owned(), json!({STAGE_PATTERN: {"$ref": "#/$defs/Stage"}}));
        stages.insert("additionalProperties".to_owned(), json!(false));
    }
    schema["$comment"] = json!("Generated from deployer/engine/src/spec/file/; do not edit.");
    schema
}

fn stage_root(mut stage: Value) -> Value {
    if let Some(root) = stage.as_object_mut() {
        for key in ["$defs", "$schema", "title", "description"] {
            root.remove(key);
        }
        if let Some(properties) = root.get_mut("properties").and_then(Value::as_object_mut) {
            properties.remove("name");
            properties.remove("stages");
        }
    }
    stage
}

/// Copies a schema with nothing required, `null` allowed for every key, and references to twins.
fn partial(schema: &Value) -> Value {
    match schema {
        Value::Object(object) => Value::Object(
            object
                .iter()
                .filter(|(key, value)| !(*key == "required" && value.is_array()))
                .map(|(key, value)| (key.clone(), partial_keyword(key, value)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(partial).collect()),
        other => other.clone(),
    }
}

fn partial_keyword(key: &str, value: &Value) -> Value {
    match (key, value) {
        ("$ref", Value::String(target)) => json!(target.replace("#/$defs/", "#/$defs/Stage")),
        ("properties", Value::Object(properties)) => Value::Object(
            properties.iter().map(|(name, schema)| (name.clone(), or_null(partial(schema)))).collect(),
        ),
        ("additionalProperties", Value::Object(_)) => or_null(partial(value)),
        ("patternProperties", Value::Object(patterns)) => Value::Object(
            patterns.iter().map(|(name, schema)| (name.clone(), or_null(partial(schema)))).collect(),
        ),
        _ => partial(value),
    }
}

fn or_null(schema: Value) -> Value {
    json!({"anyOf": [schema, {"type": "null"}]})
}
