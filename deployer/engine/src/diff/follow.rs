//! What follows from a change elsewhere: resources that refer to a replaced resource, or to a parameter, mapping or
//! condition that changed, get or may get another value, although the template says the same of them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value};
use stack_model::order::of_conditions;
use stack_model::reference::{Reference, ReferenceKind, find_references};

use super::Side;
use super::behaviour::update_behaviour;
use super::resolve::{is_secret, same};
use super::template::{Effect, LOOP, PropertyChange, ResourceDiff, type_of};

/// Things of a template that have, or may have, another value than before, while what refers to them is written as
/// before. What could be resolved is no matter here: it does not refer to them any more.
#[derive(Debug, Default)]
pub(super) struct Causes<'a> {
    parameters: BTreeSet<&'a str>,
    mappings: BTreeSet<&'a str>,
    conditions: BTreeSet<&'a str>,
    transform: bool,
}

impl<'a> Causes<'a> {
    pub(super) fn new(before: Side<'a>, after: Side<'a>) -> Self {
        let section = |side: Side<'a>, name: &str| side.template.get(name).and_then(Value::as_object);
        let changed = |name: &str| -> BTreeSet<&'a str> {
            let (old, new) = (section(before, name), section(after, name));
            let names = old.into_iter().chain(new).flat_map(Map::keys);
            let differs =
                |key: &&String| differ(old.and_then(|it| it.get(*key)), new.and_then(|it| it.get(*key)));
            names.filter(differs).map(String::as_str).collect()
        };
        let mut parameters = changed("Parameters");
        // A value that is known was put in.
        parameters.retain(|name| !after.parameters.contains_key(*name) && changes_value(before, after, name));
        let is_new = |(name, value): &(&String, &String)| {
            is_secret(after.template, name) && before.parameters.get(*name).is_some_and(|old| old != *value)
        };
        parameters.extend(after.parameters.iter().filter(is_new).map(|(name, _)| name.as_str()));
        let transform = differ(before.template.get("Transform"), after.template.get("Transform"));
        let mut causes =
            Self { parameters, mappings: changed("Mappings"), conditions: changed("Conditions"), transform };
        let conditions = after.template.get("Conditions");
        for name in of_conditions(conditions).settled {
            let references = conditions.and_then(|all| all.get(name)).map(find_references);
            if references.into_iter().flatten().any(|it| causes.because(&it).is_some()) {
                causes.conditions.insert(name);
            }
        }
        causes
    }

    fn is_empty(&self) -> bool {
        self.parameters.is_empty()
            && self.mappings.is_empty()
            && self.conditions.is_empty()
            && !self.transform
    }

    /// Names the cause that a reference leads to.
    fn because(&self, reference: &Reference) -> Option<String> {
        let target = reference.target.as_str();
        let (names, kind) = match &reference.kind {
            ReferenceKind::Ref => (&self.parameters, "parameter"),
            ReferenceKind::Mapping => (&self.mappings, "mapping"),
            ReferenceKind::Condition => (&self.conditions, "condition"),
            _ => return None,
        };
        names.contains(target).then(|| format!("{kind} {target}"))
    }

    /// Names what an output, say, refers to that may have another value.
    pub(super) fn of(&self, value: &Value) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        find_references(value).iter().find_map(|it| self.because(it))
    }
}

fn differ(one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => !same(one, other),
        (one, other) => one.is_some() != other.is_some(),
    }
}

/// True when the default or the type of a parameter differs, and not only what is said about it.
fn changes_value(before: Side<'_>, after: Side<'_>, name: &str) -> bool {
    let declared = |side: Side<'_>, key: &str| {
        side.template.get("Parameters").and_then(|all| all.get(name)?.get(key)).cloned()
    };
    let differs = |key| differ(declared(before, key).as_ref(), declared(after, key).as_ref());
    differs("Default") || differs("Type")
}

/// Adds, to the resources that stay, the properties that refer to what is replaced or may have another value.
///
/// Where the value that follows is another one for sure, as the `Ref` of a resource that is replaced for sure, so is
/// the replacement that it causes. A resource that only may be replaced can itself give another value to others, so
/// this goes on until nothing is added.
pub(super) fn add_consequences(
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    causes: &Causes<'_>,
    found: &mut Vec<ResourceDiff>,
) {
    // The physical IDs of resources of different types may be the same name.
    let is_sure = |diff: &ResourceDiff| {
        let old_type = old.get(&diff.logical_id).map(type_of);
        diff.effect == Effect::Replace && old_type == Some(diff.resource_type.as_str())
    };
    let replaced = found.iter().filter(|diff| diff.effect.may_replace());
    let due: VecDeque<_> = replaced.map(|diff| (diff.logical_id.clone(), is_sure(diff))).collect();
    if due.is_empty() && causes.is_empty() {
        return;
    }
    let places = places(old, new);
    let by_id = found.drain(..).map(|diff| (diff.logical_id.clone(), diff)).collect();
    let mut following = Following { by_id, due };
    for place in &places {
        if let Some(because) = causes.because(&place.reference) {
            following.add(place.id, place.resource, place.change(because, place.perhaps()));
        }
    }
    if causes.transform {
        for (id, resource) in new.iter().filter(|(id, _)| old.contains_key(*id)) {
            following.add(id, resource, of_transform());
        }
    }
    let mut by_target: BTreeMap<&str, Vec<&Place<'_>>> = BTreeMap::new();
    for place in &places {
        if matches!(place.reference.kind, ReferenceKind::Ref | ReferenceKind::Attribute(_)) {
            by_target.entry(place.reference.target.as_str()).or_default().push(place);
        }
    }
    while let Some((target, is_sure)) = following.due.pop_front() {
        for place in by_target.get(target.as_str()).into_iter().flatten() {
            let change = place.change(target.clone(), place.after_replacement(is_sure));
            following.add(place.id, place.resource, change);
        }
    }
    found.extend(following.by_id.into_values());
}

/// A mention of something in a resource that stays.
struct Place<'a> {
    id: &'a str,
    resource: &'a Value,
    /// Path of the property or attribute as a whole.
    path: String,
    value: &'a Value,
    reference: Reference,
}

/// Lists the mentions in the resources that stay, in order of resource.
fn places<'a>(old: &Map<String, Value>, new: &'a Map<String, Value>) -> Vec<Place<'a>> {
    let mut places = Vec::new();
    for (id, resource) in new.iter().filter(|(id, _)| old.contains_key(*id)) {
        for reference in find_references(resource) {
            let mut steps = reference.path.split('.');
            let attribute = steps.next().unwrap_or_default();
            let found = match (resource.get(attribute), steps.next()) {
                (Some(properties), Some(name)) if attribute == "Properties" => {
                    properties.get(name).map(|value| (format!("Properties.{name}"), value))
                }
                (Some(value), _) => Some((attribute.to_owned(), value)),
                // A loop is a list.
                (None, _) => Some((id.clone(), resource)),
            };
            places.extend(found.map(|(path, value)| Place { id, resource, path, value, reference }));
        }
    }
    places
}

impl Place<'_> {
    fn change(&self, because: String, effect: Effect) -> PropertyChange {
        let (path, value) = (self.path.clone(), Some(self.value.clone()));
        PropertyChange { path, before: value.clone(), after: value, effect, because: Some(because) }
    }

    /// What a change of the whole property or attribute does.
    fn effect(&self) -> Effect {
        match self.path.strip_prefix("Properties.") {
            Some(name) => update_behaviour(type_of(self.resource), name).effect(),
            None if self.path == "Condition" || self.id.starts_with(LOOP) => Effect::MayRemove,
            None => Effect::Update,
        }
    }

    /// What happens when the value may be another one.
    fn perhaps(&self) -> Effect {
        match self.effect() {
            Effect::Update => Effect::MayUpdate,
            Effect::Replace => Effect::MayReplace,
            other => other,
        }
    }

    /// What happens when the resource that is mentioned is replaced.
    fn after_replacement(&self, is_sure: bool) -> Effect {
        let is_other = match &self.reference.kind {
            ReferenceKind::Ref => true,
            ReferenceKind::Attribute(attribute) => attribute == "Arn",
            _ => false,
        };
        match self.effect() {
            Effect::Replace if !(is_sure && is_other && is_put_together(self.value)) => Effect::MayReplace,
            other => other,
        }
    }
}

/// True when another value of any part makes another whole.
fn is_put_together(value: &Value) -> bool {
    match value {
        Value::Object(object) => object.iter().all(|(key, value)| {
            let is_known = matches!(key.as_str(), "Ref" | "Fn::GetAtt" | "Fn::Sub" | "Fn::Join");
            (is_known || !key.starts_with("Fn::")) && is_put_together(value)
        }),
        Value::Array(items) => items.iter().all(is_put_together),
        _ => true,
    }
}

/// Nothing is known of what another transform makes of a resource.
fn of_transform() -> PropertyChange {
    let (path, because) = ("Transform".to_owned(), Some("Transform".to_owned()));
    PropertyChange { path, before: None, after: None, effect: Effect::MayReplace, because }
}

struct Following {
    by_id: BTreeMap<String, ResourceDiff>,
    /// Replaced resources whose mentions have not been looked at, and whether they are replaced for sure.
    due: VecDeque<(String, bool)>,
}

impl Following {
    /// Adds a change that is not known yet, or does more than is known.
    fn add(&mut self, id: &str, resource: &Value, change: PropertyChange) {
        let diff = self.by_id.entry(id.to_owned()).or_insert_with(|| ResourceDiff {
            logical_id: id.to_owned(),
            resource_type: type_of(resource).to_owned(),
            effect: change.effect,
            properties: Vec::new(),
            data: None,
        });
        let was = Some(diff.effect).filter(|effect| effect.may_replace() && !diff.properties.is_empty());
        let below = format!("{}.", change.path);
        let known =
            diff.properties.iter().position(|it| it.path == change.path || it.path.starts_with(&below));
        match known {
            Some(known) if diff.properties[known].because.is_none() => return,
            Some(known) if diff.properties[known].effect >= change.effect => return,
            Some(known) => {
                diff.effect = diff.effect.max(change.effect);
                diff.properties[known] = change;
            }
            None => {
                diff.effect = diff.effect.max(change.effect);
                diff.properties.push(change);
                diff.properties.sort_by(|one, other| one.path.cmp(&other.path));
            }
        }
        let is = diff.effect;
        if is.may_replace() && was.is_none_or(|was| was < is) {
            self.due.push_back((id.to_owned(), is == Effect::Replace));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::template::resources;
    use super::*;

    fn compared(before: &Value, after: &Value) -> Vec<ResourceDiff> {
        resources(before, after, &Causes::default())
    }

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
        let found = compared(&pipeline("a"), &pipeline("b"));
        let effects: Vec<(&str, Effect)> =
            found.iter().map(|diff| (diff.logical_id.as_str(), diff.effect)).collect();
        assert_eq!(
            effects,
            [
                ("Jobs", Effect::Replace),
                ("Mapping", Effect::Replace),
                ("Probe", Effect::Replace),
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
        assert_eq!(compared(&one, &other).len(), 1);
    }

    fn effects(before: &Value, after: &Value) -> Vec<(String, Effect, Option<String>)> {
        let none = BTreeMap::new();
        let side = |template| Side { template, parameters: &none };
        let found = crate::diff::diff(Some(side(before)), side(after)).resources;
        let because = |diff: &ResourceDiff| diff.properties.first().and_then(|it| it.because.clone());
        found.into_iter().map(|it| (it.logical_id.clone(), it.effect, because(&it))).collect()
    }

    /// Everything that a queue can get its properties from without naming a resource.
    fn sections() -> Value {
        json!({
            "Parameters": {"Stage": {"Type": "String", "Default": "dev"}},
            "Mappings": {"Sizes": {"dev": {"Delay": 1}, "prod": {"Delay": 2}}},
            "Conditions": {
                "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
                "IsLive": {"Fn::Not": [{"Condition": "IsProd"}]},
            },
            "Resources": {
                "Mapped": {"Type": "AWS::SQS::Queue", "Properties": {
                    "DelaySeconds": {"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "Delay"]}}},
                "Named": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Sub": "a-${Stage}"}}},
                "Optional": {"Type": "AWS::SQS::Queue", "Condition": "IsLive"},
                "Plain": {"Type": "AWS::SQS::Queue"},
                "Reader": {"Type": "AWS::Lambda::Function", "Properties": {
                    "Environment": {"Variables": {"Q": {"Ref": "Named"}}}}},
            },
        })
    }

    #[test]
    fn what_refers_to_a_changed_mapping_parameter_or_condition_may_change_and_nothing_else() {
        let before = sections();
        let with = |pointer: &str, value: Value| {
            let mut after = before.clone();
            *after.pointer_mut(pointer).unwrap() = value;
            effects(&before, &after)
        };
        let owned = |id: &str, effect, because: &str| (id.to_owned(), effect, Some(because.to_owned()));
        assert_eq!(
            with("/Mappings/Sizes/dev/Delay", json!(3)),
            [owned("Mapped", Effect::MayUpdate, "mapping Sizes")]
        );
        assert_eq!(
            with("/Conditions/IsProd", json!({"Fn::Equals": [{"Ref": "AWS::Region"}, "x"]})),
            [owned("Optional", Effect::MayRemove, "condition IsLive")]
        );
        assert_eq!(
            with("/Parameters/Stage/Default", json!("prod")),
            [
                owned("Named", Effect::MayReplace, "parameter Stage"),
                owned("Optional", Effect::MayRemove, "condition IsLive"),
                owned("Reader", Effect::Update, "Named"),
            ]
        );
        assert_eq!(
            with("/Parameters/Stage", json!({"Type": "String", "Default": "dev", "Description": "x"})),
            []
        );
    }

    #[test]
    fn another_transform_may_make_anything_of_every_resource() {
        let before = sections();
        let mut after = before.clone();
        after["Transform"] = json!("Acme::Macro");
        let found = effects(&before, &after);
        assert_eq!(found.len(), 5);
        assert!(found.iter().all(|(_, effect, _)| *effect == Effect::MayReplace), "{found:?}");
    }

    #[test]
    fn replacement_is_sure_only_where_the_value_is_another_one_for_sure() {
        let with = |value: Value| {
            let template = |name: &str| {
                json!({"Resources": {
                    "Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}},
                    "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"EventSourceArn": value}},
                }})
            };
            compared(&template("a"), &template("b"))[1].effect
        };
        assert_eq!(with(json!({"Fn::Sub": "${Jobs.Arn}/x"})), Effect::Replace);
        assert_eq!(with(json!({"Fn::GetAtt": ["Jobs", "QueueName"]})), Effect::MayReplace);
        assert_eq!(
            with(json!({"Fn::Select": [0, {"Fn::Split": ["/", {"Ref": "Jobs"}]}]})),
            Effect::MayReplace
        );
    }
}
