//! Resource by resource, property by property.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use stack_model::resource::{self, UpdateBehavior};

/// One resource that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceDiff {
    /// Logical ID.
    pub logical_id: String,
    /// Resource type, the wanted one where both exist.
    pub resource_type: String,
    /// What happens to the resource.
    pub effect: Effect,
    /// Properties and attributes that differ, in order of path.
    pub properties: Vec<PropertyChange>,
    /// True when data would be deleted: a stateful resource is removed or replaced and its policy
    /// does not keep it.
    pub loses_data: bool,
}

/// What happens to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// It is made.
    Add,
    /// It leaves the stack; its deletion policy says whether it is deleted.
    Remove,
    /// It is changed and stays.
    Update,
    /// Whether it stays depends on the values.
    MayReplace,
    /// A new one takes its place.
    Replace,
}

/// One property, or attribute such as `DeletionPolicy`, that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct PropertyChange {
    /// Path, for example `Properties.MemorySize`.
    pub path: String,
    /// Value before; `None` when it is added.
    pub before: Option<Value>,
    /// Value after; `None` when it is removed.
    pub after: Option<Value>,
    /// What the change does; [`Effect::Update`] when the model does not know the property.
    pub effect: Effect,
}

/// Compares the resources of two templates.
#[must_use]
pub fn resources(before: &Value, after: &Value) -> Vec<ResourceDiff> {
    let empty = Map::new();
    let section = |template: &'_ Value| template.get("Resources").and_then(Value::as_object).cloned();
    let (old, new) = (section(before).unwrap_or_default(), section(after).unwrap_or(empty));
    let ids: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    ids.into_iter().filter_map(|id| resource(id, old.get(id), new.get(id))).collect()
}

fn resource(logical_id: &str, before: Option<&Value>, after: Option<&Value>) -> Option<ResourceDiff> {
    let old_type = before.map(type_of);
    let resource_type = after.map(type_of).or(old_type)?;
    let properties = match (before, after) {
        (Some(before), Some(after)) => changes(resource_type, before, after),
        _ => Vec::new(),
    };
    let effect = match (before, after) {
        (None, _) => Effect::Add,
        (_, None) => Effect::Remove,
        _ if old_type != Some(resource_type) => Effect::Replace,
        _ => properties.iter().map(|change| change.effect).max()?,
    };
    let stateful = resource::is_stateful(old_type.unwrap_or(resource_type));
    let loses_data = stateful && before.is_some_and(|before| !is_kept(before, after, effect));
    Some(ResourceDiff {
        logical_id: logical_id.to_owned(),
        resource_type: resource_type.to_owned(),
        effect,
        properties,
        loses_data,
    })
}

fn type_of(resource: &Value) -> &str {
    resource.get("Type").and_then(Value::as_str).unwrap_or("?")
}

/// True when a resource's `DeletionPolicy` or `UpdateReplacePolicy` keeps its data.
pub(crate) fn keeps(resource: &Value, attribute: &str) -> bool {
    let policy = resource.get(attribute).and_then(Value::as_str);
    policy.is_some_and(|policy| policy.starts_with("Retain") || policy == "Snapshot")
}

/// True when the policy in force keeps the old physical resource, or nothing happens to it. On
/// removal the deployed template's policy counts, on replacement the wanted one's.
fn is_kept(before: &Value, after: Option<&Value>, effect: Effect) -> bool {
    match effect {
        Effect::Remove => keeps(before, "DeletionPolicy"),
        Effect::Replace | Effect::MayReplace => {
            after.is_some_and(|after| keeps(after, "UpdateReplacePolicy"))
        }
        Effect::Add | Effect::Update => true,
    }
}

/// Attributes of a resource that a template can set beside `Type` and `Properties`.
const ATTRIBUTES: [&str; 7] = [
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "UpdatePolicy",
    "UpdateReplacePolicy",
];

fn changes(resource_type: &str, before: &Value, after: &Value) -> Vec<PropertyChange> {
    let mut found = Vec::new();
    for attribute in ATTRIBUTES {
        let sides = (before.get(attribute), after.get(attribute));
        collect(attribute, sides, Effect::Update, &mut found);
    }
    let empty = Map::new();
    let object = |resource: &Value| resource.get("Properties").and_then(Value::as_object).cloned();
    let (old, new) = (object(before).unwrap_or_default(), object(after).unwrap_or(empty));
    for name in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let effect = effect_of(resource_type, name);
        collect(&format!("Properties.{name}"), (old.get(name), new.get(name)), effect, &mut found);
    }
    found
}

fn effect_of(resource_type: &str, property: &str) -> Effect {
    match resource::update_behavior(resource_type, property) {
        Some(UpdateBehavior::Replacement) => Effect::Replace,
        Some(UpdateBehavior::Conditional { .. }) => Effect::MayReplace,
        _ => Effect::Update,
    }
}

/// Descends while both sides are plain mappings, so that a change deep inside is shown alone.
fn collect(
    path: &str,
    sides: (Option<&Value>, Option<&Value>),
    effect: Effect,
    found: &mut Vec<PropertyChange>,
) {
    match sides {
        (before, after) if before == after => {}
        (Some(Value::Object(before)), Some(Value::Object(after)))
            if !is_intrinsic(before) && !is_intrinsic(after) =>
        {
            for key in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
                collect(&format!("{path}.{key}"), (before.get(key), after.get(key)), effect, found);
            }
        }
        (before, after) => found.push(PropertyChange {
            path: path.to_owned(),
            before: before.cloned(),
            after: after.cloned(),
            effect,
        }),
    }
}

fn is_intrinsic(object: &Map<String, Value>) -> bool {
    object.len() == 1 && object.keys().all(|key| key == "Ref" || key.starts_with("Fn::"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn template(resource: Value) -> Value {
        json!({"Resources": {"It": resource}})
    }

    fn only(before: Value, after: Value) -> ResourceDiff {
        let mut found = resources(&template(before), &template(after));
        assert_eq!(found.len(), 1);
        found.remove(0)
    }

    #[test]
    fn equal_resources_do_not_differ() {
        let it = template(json!({"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 1}}));
        assert_eq!(resources(&it, &it), []);
    }

    #[test]
    fn change_deep_inside_is_shown_alone() {
        let queue = |count: u32| {
            json!({"Type": "AWS::SQS::Queue", "Properties":
            {"RedrivePolicy": {"maxReceiveCount": count, "deadLetterTargetArn": {"Fn::GetAtt": ["D", "Arn"]}}}})
        };
        let found = only(queue(3), queue(5));
        assert_eq!(found.effect, Effect::Update);
        let paths: Vec<_> = found.properties.iter().map(|change| change.path.as_str()).collect();
        assert_eq!(paths, ["Properties.RedrivePolicy.maxReceiveCount"]);
    }

    #[test]
    fn queue_name_replaces_the_queue() {
        let queue = |name: &str| json!({"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}});
        assert_eq!(only(queue("a"), queue("b")).effect, Effect::Replace);
    }

    #[test]
    fn removed_table_loses_data_unless_retained() {
        let table =
            |policy: &str| template(json!({"Type": "AWS::DynamoDB::Table", "DeletionPolicy": policy}));
        let removed = |policy: &str| resources(&table(policy), &json!({})).remove(0);
        assert_eq!(removed("Delete").effect, Effect::Remove);
        assert!(removed("Delete").loses_data);
        assert!(!removed("Retain").loses_data);
    }

    #[test]
    fn other_type_under_the_same_id_replaces() {
        let found = only(json!({"Type": "AWS::SQS::Queue"}), json!({"Type": "AWS::SNS::Topic"}));
        assert_eq!(found.effect, Effect::Replace);
    }
}
