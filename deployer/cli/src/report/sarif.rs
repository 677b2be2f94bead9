//! Diagnostics as a SARIF 2.1.0 document, for code scanning. Source: OASIS, "Static Analysis
//! Results Interchange Format (SARIF) Version 2.1.0".

use std::collections::BTreeMap;

use pipectl_engine::diagnostic::Diagnostic;
use pipectl_engine::spec::allow::Acknowledged;
use serde_json::{Value, json};
use stack_model::diagnostic::{Code, Severity};

/// Writes the document for the diagnostics of one file; those that are accepted are marked as suppressed.
pub(crate) fn document(file: &str, diagnostics: &[Diagnostic], acknowledged: &[Acknowledged]) -> Value {
    let accepted = acknowledged.iter().map(|accepted| &accepted.diagnostic);
    let rules: BTreeMap<&str, &Code> =
        diagnostics.iter().chain(accepted).map(|found| (found.code.name, found.code)).collect();
    let rules: Vec<Value> = rules.into_values().map(rule).collect();
    let results = diagnostics.iter().map(|found| result(file, found));
    let results: Vec<Value> = results.chain(acknowledged.iter().map(|it| suppressed(file, it))).collect();
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

/// Source: SARIF 2.1.0, section 3.35, "suppression object".
fn suppressed(file: &str, accepted: &Acknowledged) -> Value {
    let mut result = result(file, &accepted.diagnostic);
    let place = accepted.place;
    result["suppressions"] = json!([{
        "kind": "inSource",
        "justification": accepted.because,
        "location": {"physicalLocation": {
            "artifactLocation": {"uri": file},
            "region": {"startLine": place.line, "startColumn": place.column},
        }},
    }]);
    result
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
