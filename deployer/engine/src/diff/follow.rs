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
    let replaced = found.iter().filter(|diff| diff.effect.may_replace());
    let mut replaced: BTreeSet<String> = replaced.map(|diff| diff.logical_id.clone()).collect();
    if replaced.is_empty() {
        return;
    }
    let referring = referring(old, new);
    let mut by_id: BTreeMap<String, ResourceDiff> =
        found.drain(..).map(|diff| (diff.logical_id.clone(), diff)).collect();
    while !replaced.is_empty() {
        let mut next = BTreeSet::new();
        for (place, because) in following(&referring, &replaced) {
            let was_replaced = by_id.get(place.id).is_some_and(|diff| diff.effect.may_replace());
            let effect = add(&mut by_id, place.id, place.resource, place.change(because));
            if effect.may_replace() && !was_replaced {
                next.insert(place.id.to_owned());
            }
        }
        replaced = next;
    }
    found.extend(by_id.into_values());
}

/// A property of a resource that stays.
#[derive(Clone, Copy)]
struct Place<'a> {
    id: &'a str,
    name: &'a str,
    resource: &'a Value,
    value: &'a Value,
}

impl Place<'_> {
    /// The property gets another value because of a replaced resource.
    fn change(&self, because: &str) -> PropertyChange {
        let effect = match effect_of(type_of(self.resource), self.name) {
            Effect::Update => Effect::Update,
            _ => Effect::MayReplace,
        };
        PropertyChange {
            path: format!("Properties.{}", self.name),
            before: Some(self.value.clone()),
            after: Some(self.value.clone()),
            effect,
            because: Some(because.to_owned()),
        }
    }
}

/// Sorts the properties of the resources that stay by the names that they refer to.
fn referring<'a>(old: &Map<String, Value>, new: &'a Map<String, Value>) -> BTreeMap<&'a str, Vec<Place<'a>>> {
    let mut referring: BTreeMap<&str, Vec<Place<'_>>> = BTreeMap::new();
    for (id, resource) in new.iter().filter(|(id, _)| old.contains_key(*id)) {
        let properties = resource.get("Properties").and_then(Value::as_object).into_iter().flatten();
        for (name, value) in properties {
            let place = Place { id, name, resource, value };
            referred(value).into_iter().for_each(|target| referring.entry(target).or_default().push(place));
        }
    }
    referring
}

/// Lists the properties that refer to replaced resources, each once, with the first of these in
/// alphabetical order.
fn following<'a>(
    referring: &BTreeMap<&str, Vec<Place<'a>>>,
    replaced: &'a BTreeSet<String>,
) -> Vec<(Place<'a>, &'a str)> {
    let mut told = BTreeSet::new();
    let mut found = Vec::new();
    for id in replaced {
        let places = referring.get(id.as_str()).into_iter().flatten();
        let new = places.filter(|place| told.insert((place.id, place.name)));
        found.extend(new.map(|place| (*place, id.as_str())));
    }
    found
}

/// Adds a change that is not known yet; what happens to the resource then.
fn add(
    by_id: &mut BTreeMap<String, ResourceDiff>,
    id: &str,
    resource: &Value,
    change: PropertyChange,
) -> Effect {
    let diff = by_id.entry(id.to_owned()).or_insert_with(|| ResourceDiff {
        logical_id: id.to_owned(),
        resource_type: type_of(resource).to_owned(),
        effect: change.effect,
        properties: Vec::new(),
        data: None,
    });
    let below = format!("{}.", change.path);
    let is_known = |it: &PropertyChange| it.path == change.path || it.path.starts_with(&below);
    if !diff.properties.iter().any(is_known) {
        diff.effect = diff.effect.max(change.effect);
        diff.properties.push(change);
        diff.properties.sort_by(|one, other| one.path.cmp(&other.path));
    }
    diff.effect
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
