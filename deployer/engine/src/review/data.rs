//! What becomes of data: which stateful resources go, why, and what their policies do.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::change_set::{ChangeAction, Replacement, ResourceChange};
use crate::diff::behaviour::{self, Data, UpdateBehaviour, update_behaviour};
use crate::diff::template::keeps;
use crate::diff::{DataFate, Diff, Effect};

/// A stateful resource that leaves the stack, or whose place is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataChange {
    /// Logical ID.
    pub logical_id: String,
    /// Resource type.
    pub resource_type: String,
    /// What happens to the resource.
    pub cause: DataCause,
    /// The policy in force, `DeletionPolicy` or `UpdateReplacePolicy`; null when there is none, which
    /// means `Delete`.
    pub policy: Option<String>,
    /// True when the data would be deleted. When false, a replacement still begins with an empty
    /// resource: the old one, or its snapshot, stays in the account with the data.
    pub loss: bool,
    /// False when the resource type is not known, so that it may hold data.
    pub is_known: bool,
}

/// What happens to a stateful resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DataCause {
    /// It leaves the stack.
    Removed,
    /// A new one takes its place.
    Replaced,
    /// A new one may take its place; that depends on values known only while the change runs, or is not known.
    MayBeReplaced,
    /// It may leave the stack; that depends on a condition which the templates do not decide.
    MayBeRemoved,
}

/// Lists the stateful resources that go, by the comparison or by AWS, in order of logical ID.
///
/// What the comparison judged stands, but for resource types that it does not know; from AWS comes what only AWS
/// sees, such as a value that changes because another resource is replaced. `template` is the wanted one.
pub(crate) fn changes(diff: &Diff, described: &[ResourceChange], template: &Value) -> Vec<DataChange> {
    let mut found: BTreeMap<&str, DataChange> = BTreeMap::new();
    for change in described {
        if let Some(data) = of_change(change, template) {
            found.insert(&change.logical_id, data);
        }
    }
    for it in &diff.resources {
        let cause = match it.effect {
            Effect::Remove => DataCause::Removed,
            Effect::Replace => DataCause::Replaced,
            Effect::MayReplace => DataCause::MayBeReplaced,
            Effect::MayRemove => DataCause::MayBeRemoved,
            Effect::Add | Effect::MayUpdate | Effect::Update => continue,
        };
        let Some(data) = &it.data else { continue };
        let is_guess = it.effect == Effect::MayReplace && !data.is_known;
        if is_guess && described.iter().any(|change| says_it_stays(change, &it.logical_id)) {
            continue;
        }
        let (logical_id, resource_type) = (it.logical_id.clone(), it.resource_type.clone());
        let DataFate { policy, loss, is_known } = data.clone();
        let change = DataChange { logical_id, resource_type, cause, policy, loss, is_known };
        found.insert(&it.logical_id, change);
    }
    found.into_values().collect()
}

fn says_it_stays(change: &ResourceChange, logical_id: &str) -> bool {
    let is_updated = change.action == ChangeAction::Modify && change.replacement == Replacement::Never;
    is_updated && change.logical_id == logical_id
}

/// A resource that only AWS sees go has the policy of the wanted template, where it is still in it.
fn of_change(change: &ResourceChange, template: &Value) -> Option<DataChange> {
    let (cause, attribute) = match (change.action, change.replacement) {
        (ChangeAction::Remove, _) => (DataCause::Removed, "DeletionPolicy"),
        (ChangeAction::Modify, Replacement::Always) => (DataCause::Replaced, "UpdateReplacePolicy"),
        (ChangeAction::Modify, _) if may_be_replaced(change) => {
            (DataCause::MayBeReplaced, "UpdateReplacePolicy")
        }
        _ => return None,
    };
    let is_known = match behaviour::data(&change.resource_type) {
        Data::None => return None,
        Data::Held => true,
        Data::Unknown => false,
    };
    let declared = template.get("Resources").and_then(|all| all.get(&change.logical_id));
    let policy = declared.and_then(|it| it.get(attribute)).and_then(Value::as_str);
    Some(DataChange {
        logical_id: change.logical_id.clone(),
        resource_type: change.resource_type.clone(),
        cause,
        policy: policy.map(str::to_owned),
        loss: !declared.is_some_and(|it| keeps(it, attribute)),
        is_known,
    })
}

/// "Conditional" is narrowed by what the model knows of the properties: AWS says it of any property
/// whose new value it cannot know yet.
pub(crate) fn may_be_replaced(change: &ResourceChange) -> bool {
    let stays = |path: &String| {
        let property = path.trim_start_matches("/Properties/").split('/').next().unwrap_or_default();
        update_behaviour(&change.resource_type, property) == UpdateBehaviour::NoReplacement
    };
    match change.replacement {
        Replacement::Never => false,
        Replacement::Always => true,
        Replacement::Conditional => change.properties.is_empty() || !change.properties.iter().all(stays),
    }
}
