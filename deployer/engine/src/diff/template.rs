//! Resource by resource, property by property.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::behaviour::{Data, data, update_behaviour};
use super::follow::{self, Causes};
use super::resolve::{is_intrinsic, same};

/// One resource that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResourceDiff {
    /// Logical ID.
    pub logical_id: String,
    /// Resource type, the wanted one where both exist.
    pub resource_type: String,
    /// What happens to the resource.
    pub effect: Effect,
    /// Properties and attributes that differ, in order of path.
    pub properties: Vec<PropertyChange>,
    /// What becomes of the data of a resource that is, or may be, removed or replaced; null where it holds none.
    pub data: Option<DataFate>,
}

impl ResourceDiff {
    /// True when nothing but the place of a function's deployment package differs.
    #[must_use]
    pub fn is_code_alone(&self) -> bool {
        self.effect == Effect::Update
            && self.properties.iter().all(|change| change.path.starts_with("Properties.Code."))
    }

    /// True when a property that was there and stays has another literal; what AWS resolves may be the same to
    /// it, and an empty property the same as none.
    pub(crate) fn changes_literal(&self) -> bool {
        self.properties.iter().any(|it| {
            let is_inside = it.path.matches('.').count() > 1;
            let is_literal = |side: &Option<Value>| side.as_ref().map_or(is_inside, is_literal);
            it.path.starts_with("Properties.") && is_literal(&it.before) && is_literal(&it.after)
        })
    }

    /// True when data would be deleted: a stateful resource is removed or replaced and its policy does
    /// not keep it.
    #[must_use]
    pub fn loses_data(&self) -> bool {
        self.data.as_ref().is_some_and(|data| data.loss)
    }
}

/// What becomes of the data of a stateful resource that leaves the stack, or whose place is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataFate {
    /// The policy in force: the deployed template's `DeletionPolicy` for a removal, the wanted one's
    /// `UpdateReplacePolicy` for a replacement. Null when there is none, which means `Delete`.
    pub policy: Option<String>,
    /// True when data would be deleted. False where the policy keeps the resource, or a snapshot.
    pub loss: bool,
    /// False when the resource type is not known, so that it may hold data.
    pub is_known: bool,
}

/// What happens to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It is made.
    Add,
    /// It leaves the stack; its deletion policy says whether it is deleted.
    Remove,
    /// Whether it is changed depends on what the templates do not tell; it stays.
    MayUpdate,
    /// It is changed and stays.
    Update,
    /// Whether a new one takes its place depends on what the templates do not tell, or is not known.
    MayReplace,
    /// It may be made, or leave the stack: that depends on a condition which the templates do not decide.
    MayRemove,
    /// A new one takes its place.
    Replace,
}

impl Effect {
    /// True when a new physical resource takes, or may take, the place of the old one.
    #[must_use]
    pub fn may_replace(self) -> bool {
        matches!(self, Self::MayReplace | Self::Replace)
    }
}

/// One property, or attribute such as `DeletionPolicy`, that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PropertyChange {
    /// Path, for example `Properties.MemorySize`.
    pub path: String,
    /// Value before, with known parameters put in; null when it is added.
    pub before: Option<Value>,
    /// Value after; null when it is removed.
    pub after: Option<Value>,
    /// What the change does; `may_replace` when it is not known.
    pub effect: Effect,
    /// What the value refers to and gets another value from: the logical ID of a replaced resource, `parameter X`,
    /// `mapping X`, `condition X` or `Transform`. The template says the same of the property before and after. Null
    /// when it does not.
    pub because: Option<String>,
}

fn is_literal(value: &Value) -> bool {
    match value {
        Value::Object(members) => !is_intrinsic(members) && members.values().all(is_literal),
        Value::Array(items) => items.iter().all(is_literal),
        Value::String(text) => !text.contains("{{resolve:"),
        _ => true,
    }
}

/// Compares the resources of two templates whose parameters are put in.
pub(super) fn resources(before: &Value, after: &Value, causes: &Causes<'_>) -> Vec<ResourceDiff> {
    let nothing = Map::new();
    let (old, new) = (section(before).unwrap_or(&nothing), section(after).unwrap_or(&nothing));
    let ids: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut found: Vec<ResourceDiff> =
        ids.into_iter().filter_map(|id| resource(id, old.get(id), new.get(id))).collect();
    follow::add_consequences(old, new, causes, &mut found);
    for it in &mut found {
        it.data = fate(it, old.get(&it.logical_id), new.get(&it.logical_id));
    }
    found
}

fn section(template: &Value) -> Option<&Map<String, Value>> {
    template.get("Resources")?.as_object()
}

fn resource(logical_id: &str, before: Option<&Value>, after: Option<&Value>) -> Option<ResourceDiff> {
    if logical_id.starts_with(LOOP) {
        return members(logical_id, before, after);
    }
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
    Some(ResourceDiff {
        logical_id: logical_id.to_owned(),
        resource_type: resource_type.to_owned(),
        effect,
        properties,
        data: None,
    })
}

/// What the names of loops over resources begin with; they hold a list and no resource.
pub(super) const LOOP: &str = "Fn::ForEach::";

/// The resources of a loop as one: which there are, and what becomes of each, follows from its list.
fn members(name: &str, before: Option<&Value>, after: Option<&Value>) -> Option<ResourceDiff> {
    let effect = match (before, after) {
        (None, _) => Effect::Add,
        (_, None) => Effect::Remove,
        (Some(before), Some(after)) if same(before, after) => return None,
        _ => Effect::MayRemove,
    };
    let mut properties = Vec::new();
    if effect == Effect::MayRemove {
        collect(name, (before, after), effect, &mut properties);
    }
    let resource_type = type_of(body(after.or(before)?)).to_owned();
    Some(ResourceDiff { logical_id: name.to_owned(), resource_type, effect, properties, data: None })
}

/// The resource, or the first resource that a loop makes.
pub(super) fn body(resource: &Value) -> &Value {
    let members = resource.as_array().and_then(|parts| parts.get(2)?.as_object()?.values().next());
    members.map_or(resource, body)
}

pub(super) fn type_of(resource: &Value) -> &str {
    resource.get("Type").and_then(Value::as_str).unwrap_or("?")
}

/// True when a resource's `DeletionPolicy` or `UpdateReplacePolicy` keeps its data.
pub(crate) fn keeps(resource: &Value, attribute: &str) -> bool {
    let policy = resource.get(attribute).and_then(Value::as_str);
    policy.is_some_and(|policy| policy.starts_with("Retain") || policy == "Snapshot")
}

/// On removal the deployed template's policy counts, on replacement the wanted one's.
fn fate(diff: &ResourceDiff, before: Option<&Value>, after: Option<&Value>) -> Option<DataFate> {
    let before = body(before?);
    let is_known = match data(type_of(before)) {
        Data::None => return None,
        Data::Held => true,
        Data::Unknown => false,
    };
    let (holder, attribute) = match diff.effect {
        Effect::Remove | Effect::MayRemove => (before, "DeletionPolicy"),
        Effect::Replace | Effect::MayReplace => (body(after?), "UpdateReplacePolicy"),
        Effect::Add | Effect::MayUpdate | Effect::Update => return None,
    };
    let policy = holder.get(attribute).and_then(Value::as_str).map(str::to_owned);
    Some(DataFate { policy, loss: !keeps(holder, attribute), is_known })
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
        // A condition that is still there is not decided.
        let effect = if attribute == "Condition" { Effect::MayRemove } else { Effect::Update };
        collect(attribute, sides, effect, &mut found);
    }
    let empty = Map::new();
    let object = |resource: &Value| resource.get("Properties").and_then(Value::as_object).cloned();
    let (old, new) = (object(before).unwrap_or_default(), object(after).unwrap_or(empty));
    for name in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let first = found.len();
        collect(&format!("Properties.{name}"), (old.get(name), new.get(name)), Effect::Update, &mut found);
        for change in &mut found[first..] {
            let path = change.path.trim_start_matches("Properties.");
            change.effect = update_behaviour(resource_type, path).effect();
        }
    }
    found
}

/// Descends while both sides are plain mappings, so that a change deep inside is shown alone.
pub(super) fn collect(
    path: &str,
    sides: (Option<&Value>, Option<&Value>),
    effect: Effect,
    found: &mut Vec<PropertyChange>,
) {
    match sides {
        (Some(before), Some(after)) if same(before, after) => {}
        (None, None) => {}
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
            because: None,
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn template(resource: Value) -> Value {
        json!({"Resources": {"It": resource}})
    }

    fn compared(before: &Value, after: &Value) -> Vec<ResourceDiff> {
        resources(before, after, &Causes::default())
    }

    fn only(before: Value, after: Value) -> ResourceDiff {
        let mut found = compared(&template(before), &template(after));
        assert_eq!(found.len(), 1);
        found.remove(0)
    }

    #[test]
    fn equal_resources_do_not_differ() {
        let it = template(json!({"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 1}}));
        assert_eq!(compared(&it, &it), []);
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
        let removed = |policy: &str| compared(&table(policy), &json!({})).remove(0);
        assert_eq!(removed("Delete").effect, Effect::Remove);
        assert!(removed("Delete").loses_data());
        assert!(!removed("Retain").loses_data());
    }

    #[test]
    fn replaced_table_is_judged_by_the_wanted_policy() {
        let table = |name: &str, policy: &str| {
            json!({"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": name},
                "UpdateReplacePolicy": policy})
        };
        let kept = only(table("a", "Delete"), table("b", "Retain"));
        assert_eq!(
            kept.data,
            Some(DataFate { policy: Some("Retain".to_owned()), loss: false, is_known: true })
        );
        assert!(only(table("a", "Retain"), table("b", "Delete")).loses_data());
    }

    #[test]
    fn other_type_under_the_same_id_replaces() {
        let found = only(json!({"Type": "AWS::SQS::Queue"}), json!({"Type": "AWS::SNS::Topic"}));
        assert_eq!(found.effect, Effect::Replace);
    }

    #[test]
    fn type_or_property_that_is_not_known_may_replace_and_may_lose_data_unless_it_is_kept() {
        let thing = |size: u32, policy: &str| json!({"Type": "Acme::Store::Bin", "Properties": {"Size": size}, "UpdateReplacePolicy": policy});
        let found = only(thing(1, "Delete"), thing(2, "Delete"));
        assert_eq!(found.effect, Effect::MayReplace);
        let policy = Some("Delete".to_owned());
        assert_eq!(found.data, Some(DataFate { policy, loss: true, is_known: false }));
        assert!(!only(thing(1, "Retain"), thing(2, "Retain")).loses_data());
        assert!(compared(&template(thing(1, "Retain")), &json!({})).remove(0).loses_data());
        let new = json!({"Type": "AWS::SQS::Queue", "Properties": {"PropertyOfTomorrow": 1}});
        assert_eq!(only(json!({"Type": "AWS::SQS::Queue"}), new).effect, Effect::MayReplace);
    }

    #[test]
    fn loop_over_resources_may_remove_any_of_them_when_it_changes() {
        let tables = |names: &[&str], policy: &str| {
            let body = json!({"${Name}Table": {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": policy}});
            json!({"Resources": {"Fn::ForEach::Tables": ["Name", names, body]}})
        };
        let found = compared(&tables(&["A", "B"], "Delete"), &tables(&["A"], "Delete"));
        assert_eq!((found.len(), found[0].effect, found[0].loses_data()), (1, Effect::MayRemove, true));
        assert_eq!(found[0].resource_type, "AWS::DynamoDB::Table");
        assert!(!compared(&tables(&["A"], "Retain"), &tables(&["B"], "Retain"))[0].loses_data());
        assert_eq!(compared(&json!({}), &tables(&["A"], "Delete"))[0].effect, Effect::Add);
        assert!(compared(&tables(&["A"], "Delete"), &json!({}))[0].loses_data());
        assert_eq!(compared(&tables(&["A"], "Delete"), &tables(&["A"], "Delete")), []);
    }
}
