//! What differs between two templates as they are written, and is shown nowhere else.
//!
//! The comparison of resources puts values in and leaves out what a condition switches off. Whatever differs besides,
//! in any section, is listed here, so that two templates that differ never count as the same.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ValueChange;
use super::resolve::{MASK, is_secret};
use super::template::{Effect, PropertyChange, ResourceDiff, collect};

/// A place of the template that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateChange {
    /// Path from the top, for example `Mappings.Sizes.prod.Memory`; empty for the whole template.
    pub path: String,
    /// Value before, as it is written; null when it is added. Four asterisks stand for the default of a `NoEcho`
    /// parameter.
    pub before: Option<Value>,
    /// Value after, likewise; null when it is removed.
    pub after: Option<Value>,
}

/// Lists what differs and is neither part of these resources nor of these outputs.
pub(super) fn changes(
    before: &Value,
    after: &Value,
    resources: &[ResourceDiff],
    outputs: &[ValueChange],
) -> Vec<TemplateChange> {
    let (Some(old), Some(new)) = (before.as_object(), after.as_object()) else {
        let whole = TemplateChange { path: String::new(), before: None, after: None };
        return if before == after { Vec::new() } else { vec![whole] };
    };
    let nothing = Value::Object(Map::new());
    let mut found = Vec::new();
    for name in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let (old, new) = (old.get(name), new.get(name));
        // The entries of a section that is added or removed are shown one by one.
        let has_entries = old.or(new).is_some_and(Value::is_object);
        let filled = |side: Option<&'_ Value>| side.cloned().or_else(|| has_entries.then(|| nothing.clone()));
        let (old, new) = (filled(old), filled(new));
        collect(name, (old.as_ref(), new.as_ref()), Effect::Update, &mut found);
    }
    found.retain(|change| !is_shown(change, resources, outputs));
    found.into_iter().map(|change| masked(change, before, after)).collect()
}

fn is_shown(change: &PropertyChange, resources: &[ResourceDiff], outputs: &[ValueChange]) -> bool {
    let path = change.path.as_str();
    if let Some(path) = path.strip_prefix("Resources.") {
        let of_resource = |diff: &&ResourceDiff| within(path, &diff.logical_id).is_some();
        return resources.iter().find(of_resource).is_some_and(|diff| {
            let below = within(path, &diff.logical_id).unwrap_or_default();
            let is_whole = matches!(diff.effect, Effect::Add | Effect::Remove) || diff.properties.is_empty();
            let shows = |it: &PropertyChange| {
                it.because.is_none()
                    && (within(below, &it.path).is_some() || within(&it.path, below).is_some())
            };
            is_whole || below.is_empty() || below == "Type" || diff.properties.iter().any(shows)
        });
    }
    path.strip_prefix("Outputs.").is_some_and(|path| {
        outputs.iter().any(|output| {
            let below = within(path, &output.name);
            below.is_some_and(|below| {
                below.is_empty() || ["Value", "Export"].iter().any(|key| within(below, key).is_some())
            })
        })
    })
}

/// What of a path is below another one; empty for the same, `None` when it leads elsewhere.
fn within<'p>(path: &'p str, above: &str) -> Option<&'p str> {
    match path.strip_prefix(above)? {
        "" => Some(""),
        rest => rest.strip_prefix('.'),
    }
}

/// The default of a `NoEcho` parameter is no less secret than its value.
fn masked(change: PropertyChange, before: &Value, after: &Value) -> TemplateChange {
    let PropertyChange { path, before: old, after: new, .. } = change;
    let name = path.strip_prefix("Parameters.").and_then(|path| path.split('.').next());
    let secret = name.is_some_and(|name| is_secret(before, name) || is_secret(after, name));
    let mask = |value: Option<Value>| match value {
        Some(Value::Object(declared)) if secret => Some(Value::Object(without_default(declared))),
        Some(_) if secret && path.ends_with(".Default") => Some(Value::from(MASK)),
        other => other,
    };
    let (before, after) = (mask(old), mask(new));
    TemplateChange { path, before, after }
}

fn without_default(mut declared: Map<String, Value>) -> Map<String, Value> {
    if let Some(default) = declared.get_mut("Default") {
        *default = Value::from(MASK);
    }
    declared
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::diff::{Side, diff};

    fn paths(before: &Value, after: &Value) -> Vec<String> {
        let none = std::collections::BTreeMap::new();
        let side = |template| Side { template, parameters: &none };
        let found = diff(Some(side(before)), side(after));
        assert!(!found.is_empty());
        found.template.into_iter().map(|it| it.path).collect()
    }

    #[test]
    fn every_section_is_compared_as_it_is_written() {
        let before = json!({
            "AWSTemplateFormatVersion": "2010-09-09", "Description": "a", "Metadata": {"M": {"k": [1]}},
            "Parameters": {"P": {"Type": "String", "Default": "a"}}, "Rules": {"R": {"Assertions": []}},
            "Mappings": {"Unused": {"a": {"b": 1}}}, "Conditions": {"C": {"Fn::Equals": ["a", "b"]}},
            "Transform": "A", "Hooks": {"H": {"Type": "x"}},
            "Resources": {"Off": {"Type": "AWS::SQS::Queue", "Condition": "C", "Properties": {"DelaySeconds": 1}}},
            "Outputs": {"O": {"Value": "v", "Description": "d"}},
        });
        for (pointer, value, path) in [
            ("/Description", json!("b"), "Description"),
            ("/Metadata/M/k", json!([2]), "Metadata.M.k"),
            ("/Parameters/P/Default", json!("b"), "Parameters.P.Default"),
            ("/Rules/R/Assertions", json!([1]), "Rules.R.Assertions"),
            ("/Mappings/Unused/a/b", json!(2), "Mappings.Unused.a.b"),
            ("/Conditions/C", json!({"Fn::Equals": ["a", "c"]}), "Conditions.C"),
            ("/Transform", json!("B"), "Transform"),
            ("/Hooks/H/Type", json!("y"), "Hooks.H.Type"),
            ("/Resources/Off/Properties/DelaySeconds", json!(2), "Resources.Off.Properties.DelaySeconds"),
            ("/Outputs/O/Description", json!("e"), "Outputs.O.Description"),
        ] {
            let mut after = before.clone();
            *after.pointer_mut(pointer).unwrap() = value;
            assert_eq!(paths(&before, &after), [path]);
        }
    }

    #[test]
    fn what_is_shown_as_a_resource_or_an_output_is_not_shown_again() {
        let before = json!({"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 1}}},
            "Outputs": {"O": {"Value": "v"}}});
        let mut after = before.clone();
        after["Resources"]["Q"]["Properties"]["DelaySeconds"] = json!(2);
        after["Resources"]["New"] = json!({"Type": "AWS::SQS::Queue"});
        after["Outputs"]["O"]["Value"] = json!("w");
        assert_eq!(paths(&before, &after), Vec::<String>::new());
    }

    #[test]
    fn default_of_a_secret_is_masked_whether_it_changes_or_comes_with_its_parameter() {
        let with = |default: &str| json!({"Parameters": {"S": {"Type": "String", "NoEcho": true, "Default": default}}, "Resources": {}});
        let found = changes(&with("old"), &with("new"), &[], &[]);
        assert_eq!((&found[0].before, &found[0].after), (&Some(json!(MASK)), &Some(json!(MASK))));
        let added = changes(&json!({"Resources": {}}), &with("new"), &[], &[]);
        assert!(!serde_json::to_string(&added).unwrap().contains("new"));
    }
}
