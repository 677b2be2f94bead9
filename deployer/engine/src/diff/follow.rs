//! What follows from a replacement: resources that refer to the replaced one get another value,
//! although the template says the same.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::resolve::{is_intrinsic, names_in};
use super::template::{Effect, PropertyChange, ResourceDiff, effect_of, type_of};

/// Adds, to the resources that stay, the properties that refer to replaced ones.
///
/// A property whose change replaces makes the resource "may replace", as AWS calls it `Conditional`: a
/// resource that only may be replaced can itself give another value to others, so this goes on until
/// nothing is added.
pub(super) fn add_consequences(
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    found: &mut Vec<ResourceDiff>,
) {
    let mut by_id: BTreeMap<String, ResourceDiff> =
        found.drain(..).map(|diff| (diff.logical_id.clone(), diff)).collect();
    loop {
        let replaced: BTreeSet<String> =
            by_id.values().filter(|diff| diff.effect.may_replace()).map(|it| it.logical_id.clone()).collect();
        let mut grew = false;
        for (id, resource) in new.iter().filter(|(id, _)| old.contains_key(*id)) {
            for change in following(resource, &replaced) {
                grew |= add(&mut by_id, id, resource, change);
            }
        }
        if !grew {
            break;
        }
    }
    found.extend(by_id.into_values());
}

fn add(
    by_id: &mut BTreeMap<String, ResourceDiff>,
    id: &str,
    resource: &Value,
    change: PropertyChange,
) -> bool {
    let diff = by_id.entry(id.to_owned()).or_insert_with(|| ResourceDiff {
        logical_id: id.to_owned(),
        resource_type: type_of(resource).to_owned(),
        effect: change.effect,
        properties: Vec::new(),
        data: None,
    });
    let below = format!("{}.", change.path);
    let is_known = |it: &PropertyChange| it.path == change.path || it.path.starts_with(&below);
    if diff.properties.iter().any(is_known) {
        return false;
    }
    diff.effect = diff.effect.max(change.effect);
    diff.properties.push(change);
    diff.properties.sort_by(|one, other| one.path.cmp(&other.path));
    true
}

/// Lists the properties of a resource that refer to replaced ones.
fn following(resource: &Value, replaced: &BTreeSet<String>) -> Vec<PropertyChange> {
    let properties = resource.get("Properties").and_then(Value::as_object).into_iter().flatten();
    let found = properties.filter_map(|(name, value)| {
        let because = referred(value).into_iter().find(|id| replaced.contains(*id))?;
        let effect = match effect_of(type_of(resource), name) {
            Effect::Update => Effect::Update,
            _ => Effect::MayReplace,
        };
        Some(PropertyChange {
            path: format!("Properties.{name}"),
            before: Some(value.clone()),
            after: Some(value.clone()),
            effect,
            because: Some(because.to_owned()),
        })
    });
    found.collect()
}

/// Lists the names that a value refers to, in alphabetical order.
fn referred(value: &Value) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    collect(value, &mut names);
    names
}

fn collect<'a>(value: &'a Value, names: &mut BTreeSet<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
        Value::Object(object) if is_intrinsic(object) => match object.iter().next() {
            Some((function, Value::String(name))) if function == "Ref" => {
                names.insert(name);
            }
            Some((function, Value::String(text))) if function == "Fn::Sub" => {
                names.extend(names_in(text).into_iter().map(|name| name.split('.').next().unwrap_or(name)));
            }
            Some((function, argument)) if function == "Fn::GetAtt" => {
                names.extend(argument.get(0).and_then(Value::as_str));
            }
            Some((_, argument)) => {
                if let Some(text) = argument.get(0).and_then(Value::as_str) {
                    names.extend(names_in(text).into_iter().map(|it| it.split('.').next().unwrap_or(it)));
                }
                collect(argument, names);
            }
            None => {}
        },
        Value::Object(object) => object.values().for_each(|value| collect(value, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::template::resources;
    use super::*;

    fn pipeline(queue_name: &str) -> Value {
        json!({"Resources": {
            "Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": queue_name}},
            "Worker": {"Type": "AWS::Lambda::Function", "Properties": {
                "Environment": {"Variables": {"URL": {"Ref": "Jobs"}}}}},
            "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {
                "EventSourceArn": {"Fn::GetAtt": ["Jobs", "Arn"]}, "FunctionName": {"Ref": "Worker"}}},
            "Probe": {"Type": "AWS::Lambda::Permission", "Properties": {
                "FunctionName": {"Fn::Sub": "${Worker}"}, "SourceArn": {"Ref": "Mapping"}}},
        }})
    }

    #[test]
    fn replacement_reaches_those_that_refer_to_it_and_what_they_may_replace() {
        let found = resources(&pipeline("a"), &pipeline("b"));
        let effects: Vec<(&str, Effect)> =
            found.iter().map(|diff| (diff.logical_id.as_str(), diff.effect)).collect();
        assert_eq!(
            effects,
            [
                ("Jobs", Effect::Replace),
                ("Mapping", Effect::MayReplace),
                ("Probe", Effect::MayReplace),
                ("Worker", Effect::Update),
            ]
        );
        assert_eq!(found[2].properties[0].because.as_deref(), Some("Mapping"));
    }

    #[test]
    fn update_without_replacement_reaches_nobody() {
        let (mut one, mut other) = (pipeline("a"), pipeline("a"));
        one["Resources"]["Jobs"]["Properties"]["DelaySeconds"] = json!(1);
        other["Resources"]["Jobs"]["Properties"]["DelaySeconds"] = json!(2);
        assert_eq!(resources(&one, &other).len(), 1);
    }
}
