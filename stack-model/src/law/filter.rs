//! E3054: a filter of messages or events is no JSON object, or does not stand as AWS reads it.
//!
//! Source: SNS developer guide, subscription filter policies; Lambda API, Filter, Pattern: JSON as text; EventBridge user
//! guide, event patterns (read 2026-12-01).

use serde_json::Value as Json;

use super::found;
use crate::diagnostic::{Diagnostic, FILTER_NO_JSON};
use crate::world::graph::{Graph, elements, is_unresolved, value};

/// Where a JSON object stands, or a text that is one.
const PLACES: [(&str, &str); 2] =
    [("AWS::Events::Rule", "EventPattern"), ("AWS::SNS::Subscription", "FilterPolicy")];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut report = Vec::new();
    for (resource_type, path) in PLACES {
        for resource in graph.of_type(resource_type) {
            // A text that is a JSON object was read as one.
            let is_refused =
                |json: &&Json| !json.is_object() || json.get("Fn::Sub").is_some_and(has_no_brace);
            if value(resource, path).filter(is_refused).is_some() {
                let message = format!("`{path}` is no JSON object.");
                let found = found(&FILTER_NO_JSON, resource, message).path(format!("Properties.{path}"));
                report
                    .push(found.help("Write the pattern as an object, with a list of values for each key."));
            }
        }
    }
    for mapping in graph.of_type("AWS::Lambda::EventSourceMapping") {
        for (index, filter) in elements(mapping, "FilterCriteria.Filters").into_iter().enumerate() {
            let is_refused = filter.get("Pattern").is_some_and(|pattern| match pattern {
                Json::String(text) => !serde_json::from_str(text).is_ok_and(|json: Json| json.is_object()),
                json => !is_unresolved(json) && json.get("Ref").is_none(),
            });
            if is_refused {
                let path = format!("Properties.FilterCriteria.Filters.{index}.Pattern");
                let found = found(&FILTER_NO_JSON, mapping, "The pattern is no JSON object written as text.")
                    .path(path);
                report.push(
                    found.help("Write the pattern as text, such as `{\"body\": {\"kind\": [\"order\"]}}`."),
                );
            }
        }
    }
    report
}

/// Whether a text with references cannot become an object, whatever they come to.
fn has_no_brace(text: &Json) -> bool {
    text.as_str().is_some_and(|text| !text.trim_start().starts_with(['{', '$']))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn filter_policy_is_an_object_or_the_text_of_one() {
        let with = |policy: Json| {
            codes_after(json!({"InboxSubscription": {"Properties": {"FilterPolicy": policy}}}))
        };
        assert_eq!(with(json!("{kind: [order]}")), ["E3054"]);
        assert_eq!(with(json!(["order"])), ["E3054"]);
        assert_eq!(with(json!("{\"kind\": [\"order\"]}")), NONE);
        assert_eq!(with(json!({"kind": ["order"]})), NONE);
        assert_eq!(with(json!({"Ref": "ArtifactBucket"})), NONE);
    }

    #[test]
    fn pattern_of_a_mapping_is_the_text_of_an_object() {
        let with = |pattern: Json| {
            codes_after(
                json!({"Mapping": {"Properties": {"FilterCriteria": {"Filters": [{"Pattern": pattern}]}}}}),
            )
        };
        assert_eq!(with(json!("body.kind = order")), ["E3054"]);
        assert_eq!(with(json!({"body": {"kind": ["order"]}})), ["E3054"]);
        assert_eq!(with(json!("{\"body\": {\"kind\": [\"order\"]}}")), NONE);
        assert_eq!(with(json!({"Fn::Sub": "{\"body\": [\"${Dlq}\"]}"})), NONE);
    }
}
