//! Diagnostics as a SARIF 2.1.0 document, for code scanning. Source: OASIS, "Static Analysis
//! Results Interchange Format (SARIF) Version 2.1.0".

use std::collections::BTreeMap;

use pipectl_engine::diagnostic::Diagnostic;
use serde_json::{Value, json};
use stack_model::diagnostic::{Code, Severity};

/// Writes the document for the diagnostics of one file.
pub(crate) fn document(file: &str, diagnostics: &[Diagnostic]) -> Value {
    let rules: BTreeMap<&str, &Code> =
        diagnostics.iter().map(|found| (found.code.name, found.code)).collect();
    let rules: Vec<Value> = rules.into_values().map(rule).collect();
    let results: Vec<Value> = diagnostics.iter().map(|found| result(file, found)).collect();
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "pipectl", "version": env!("CARGO_PKG_VERSION"), "rules": rules}},
            "results": results,
        }],
    })
}

fn rule(code: &Code) -> Value {
    let mut rule = json!({
        "id": code.name,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": code.documentation},
    });
    if let Some(source) = code.source {
        rule["helpUri"] = json!(source);
    }
    rule
}

fn result(file: &str, found: &Diagnostic) -> Value {
    let level = match found.code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "note",
    };
    let text = match &found.help {
        Some(help) => format!("{} {help}", found.message),
        None => found.message.clone(),
    };
    let mut location = json!({"physicalLocation": {"artifactLocation": {"uri": file}}});
    if let Some(place) = found.place {
        location["physicalLocation"]["region"] =
            json!({"startLine": place.line, "startColumn": place.column});
    }
    if !found.subject.is_empty() {
        location["logicalLocations"] = json!([{"fullyQualifiedName": found.subject}]);
    }
    json!({"ruleId": found.code.name, "level": level, "message": {"text": text}, "locations": [location]})
}
