//! What would change: resources against what a template declares.

use std::collections::{BTreeMap, BTreeSet};

use pipectl_engine::change_set::{ChangeAction, Replacement, ResourceChange};
use serde_json::{Map, Value};

use super::intrinsic::references;
use super::replacement::replaces;
use super::stack::{Resource, Stack};
use super::template::Declared;

/// One resource of a change set.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) logical_id: String,
    pub(crate) physical_id: Option<String>,
    pub(crate) resource_type: String,
    pub(crate) action: Action,
    pub(crate) replacement: Replacement,
    /// What becomes of the old physical resource, for example `Retain`.
    pub(crate) policy_action: Option<&'static str>,
    pub(crate) details: Vec<Detail>,
    /// Properties before and after, as far as they are known.
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
    /// True when the account has something else than the template said.
    pub(crate) has_drifted: bool,
}

/// `Action` of a resource change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Add,
    Import,
    Modify,
    Remove,
    /// The account already has what the template asks for; only the stack's record changes.
    SyncWithActual,
}

impl Action {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Add => "Add",
            Self::Import => "Import",
            Self::Modify => "Modify",
            Self::Remove => "Remove",
            Self::SyncWithActual => "SyncWithActual",
        }
    }
}

/// One property of a change.
#[derive(Debug, Clone)]
pub(crate) struct Detail {
    pub(crate) property: String,
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
    pub(crate) recreation: Replacement,
    /// The replaced resource whose value the property follows.
    pub(crate) cause: Option<String>,
    /// The value in the account, where it is another than before.
    pub(crate) actual: Option<Value>,
}

/// What a comparison is made with besides the templates.
#[derive(Debug, Clone, Default)]
pub(super) struct Terms {
    /// Physical IDs of the resources to import, by logical ID.
    pub(super) imports: BTreeMap<String, String>,
    pub(super) reverts_drift: bool,
}

/// Lists what differs between a stack's resources and `after`, by logical ID.
pub(super) fn compare(stack: &Stack, after: &BTreeMap<String, Declared>, terms: &Terms) -> Vec<Change> {
    let before = stack.declared();
    let replaced: BTreeSet<&String> = after
        .iter()
        .filter(|(id, new)| before.get(*id).is_some_and(|old| is_replaced(old, new)))
        .map(|(id, _)| id)
        .collect();
    let ids: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let change = |id: &String| match (stack.resources.get(id).filter(|it| it.exists()), after.get(id)) {
        (Some(resource), Some(new)) => modified(resource, new, &replaced, terms.reverts_drift),
        (None, Some(new)) => Some(added(id, new, terms.imports.get(id))),
        (Some(resource), None) => Some(removed(resource)),
        (None, None) => None,
    };
    ids.into_iter().filter_map(change).collect()
}

fn added(id: &str, new: &Declared, import: Option<&String>) -> Change {
    Change {
        logical_id: id.to_owned(),
        physical_id: import.cloned(),
        resource_type: new.resource_type.clone(),
        action: if import.is_some() { Action::Import } else { Action::Add },
        replacement: Replacement::Never,
        policy_action: None,
        details: Vec::new(),
        before: None,
        after: Some(new.properties.clone()),
        has_drifted: false,
    }
}

fn removed(resource: &Resource) -> Change {
    let policy = resource.declared.deletion_policy.as_deref();
    Change {
        logical_id: resource.logical_id.clone(),
        physical_id: Some(resource.physical_id.clone()),
        resource_type: resource.resource_type.clone(),
        action: Action::Remove,
        replacement: Replacement::Never,
        policy_action: Some(if is_keeping(policy) { "Retain" } else { "Delete" }),
        details: Vec::new(),
        before: Some(resource.declared.properties.clone()),
        after: None,
        has_drifted: false,
    }
}

fn modified(
    resource: &Resource,
    new: &Declared,
    replaced: &BTreeSet<&String>,
    reverts_drift: bool,
) -> Option<Change> {
    let old = &resource.declared;
    let mut details = own_details(old, new);
    details.extend(following(new, replaced, &details));
    let drifted = if reverts_drift { drifted(resource) } else { Vec::new() };
    let is_synced = add_drift(&mut details, &drifted, new);
    if details.is_empty() && old.resource_type == new.resource_type {
        return None;
    }
    details.sort_by(|one, other| one.property.cmp(&other.property));
    let replacement = if is_replaced(old, new) {
        Replacement::Always
    } else if details.iter().any(|detail| detail.recreation != Replacement::Never) {
        Replacement::Conditional
    } else {
        Replacement::Never
    };
    let kept = is_keeping(new.update_replace_policy.as_deref());
    let policy_action = if kept { "ReplaceAndRetain" } else { "ReplaceAndDelete" };
    Some(Change {
        logical_id: resource.logical_id.clone(),
        physical_id: Some(resource.physical_id.clone()),
        resource_type: new.resource_type.clone(),
        action: if is_synced { Action::SyncWithActual } else { Action::Modify },
        replacement,
        policy_action: (replacement != Replacement::Never).then_some(policy_action),
        details,
        before: Some(old.properties.clone()),
        after: Some(new.properties.clone()),
        has_drifted: !drifted.is_empty(),
    })
}

fn own_details(old: &Declared, new: &Declared) -> Vec<Detail> {
    let detail = |property: String| Detail {
        before: old.properties.get(&property).cloned(),
        after: new.properties.get(&property).cloned(),
        recreation: recreation(replaces(&new.resource_type, &property), Replacement::Always),
        cause: None,
        actual: None,
        property,
    };
    differing(old, new).into_iter().map(detail).collect()
}

/// Lists the properties that refer to a replaced resource, whose values are known only later.
fn following(new: &Declared, replaced: &BTreeSet<&String>, own: &[Detail]) -> Vec<Detail> {
    let detail = |property: String| {
        let mut used = BTreeSet::new();
        references(&new.properties[&property], &mut used);
        let cause = used.into_iter().find(|id| replaced.contains(id))?;
        let value = new.properties.get(&property).cloned();
        Some(Detail {
            recreation: recreation(replaces(&new.resource_type, &property), Replacement::Conditional),
            before: value.clone(),
            after: value,
            cause: Some(cause),
            actual: None,
            property,
        })
    };
    let others = property_names(new).filter(|name| own.iter().all(|detail| detail.property != *name));
    others.filter_map(detail).collect()
}

fn recreation(replaces: bool, with: Replacement) -> Replacement {
    if replaces { with } else { Replacement::Never }
}

/// Lists what is otherwise in the account than the template said, with the value there.
pub(super) fn drifted(resource: &Resource) -> Vec<(String, Value)> {
    let Some(actual) = &resource.actual else { return Vec::new() };
    let expected = resource.expected.as_object().into_iter().flatten();
    let other = expected.filter(|(name, value)| actual.get(*name) != Some(value));
    other.map(|(name, _)| (name.clone(), actual.get(name).cloned().unwrap_or(Value::Null))).collect()
}

/// Adds what has drifted; true when the account has all that is asked for already.
fn add_drift(details: &mut Vec<Detail>, drifted: &[(String, Value)], new: &Declared) -> bool {
    let has = |detail: &Detail| {
        drifted.iter().any(|(name, actual)| *name == detail.property && Some(actual) == detail.after.as_ref())
    };
    let is_synced = !details.is_empty() && details.len() == drifted.len() && details.iter().all(has);
    for (property, actual) in drifted {
        match details.iter_mut().find(|detail| detail.property == *property) {
            Some(detail) => detail.actual = Some(actual.clone()),
            None => details.push(Detail {
                property: property.clone(),
                before: Some(actual.clone()),
                after: new.properties.get(property).cloned(),
                recreation: recreation(replaces(&new.resource_type, property), Replacement::Always),
                cause: None,
                actual: Some(actual.clone()),
            }),
        }
    }
    is_synced
}

fn is_replaced(old: &Declared, new: &Declared) -> bool {
    old.resource_type != new.resource_type
        || differing(old, new).iter().any(|name| replaces(&new.resource_type, name))
}

fn differing(old: &Declared, new: &Declared) -> Vec<String> {
    let names: BTreeSet<String> = property_names(old).chain(property_names(new)).collect();
    names.into_iter().filter(|name| old.properties.get(name) != new.properties.get(name)).collect()
}

/// Leaves out members that are empty objects: to a change set, one is like another.
fn without_empty(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let told = members.iter().filter(|(_, member)| **member != Value::Object(Map::new()));
            Value::Object(told.map(|(name, member)| (name.clone(), without_empty(member))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(without_empty).collect()),
        other => other.clone(),
    }
}

fn property_names(declared: &Declared) -> impl Iterator<Item = String> {
    declared.properties.as_object().into_iter().flatten().map(|(name, _): (&String, &Value)| name.clone())
}

/// True for a deletion policy that leaves the resource in the account.
pub(super) fn is_keeping(policy: Option<&str>) -> bool {
    policy.is_some_and(|policy| policy.starts_with("Retain"))
}

impl Change {
    /// True when a change set tells of it: more changes than one empty object for another.
    pub(super) fn is_told(&self) -> bool {
        let is_exchange = |detail: &Detail| {
            detail.cause.is_none()
                && detail.actual.is_none()
                && matches!((&detail.before, &detail.after), (Some(before), Some(after))
                    if without_empty(before) == without_empty(after))
        };
        self.details.is_empty() || !self.details.iter().all(is_exchange)
    }
}

impl From<&Change> for ResourceChange {
    fn from(change: &Change) -> Self {
        let action = match change.action {
            Action::Add => ChangeAction::Add,
            Action::Import => ChangeAction::Import,
            Action::Modify | Action::SyncWithActual => ChangeAction::Modify,
            Action::Remove => ChangeAction::Remove,
        };
        Self {
            logical_id: change.logical_id.clone(),
            physical_id: change.physical_id.clone(),
            resource_type: change.resource_type.clone(),
            action,
            replacement: change.replacement,
            properties: change.details.iter().map(|it| format!("/Properties/{}", it.property)).collect(),
        }
    }
}
