//! What a person approves before anything changes.

use std::collections::BTreeSet;

use serde_json::Value;
use stack_model::resource::{self, UpdateBehavior};

use crate::change_set::{ChangeAction, ChangeSet, Replacement, ResourceChange};
use crate::deployed::StackResource;
use crate::diff::template::keeps;
use crate::diff::{Diff, Effect};
use crate::outcome::Retained;

/// A change of a stack as it will happen: our own comparison and AWS's, together.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    /// Stack name.
    pub stack: String,
    /// True when the stack does not exist yet.
    pub creates: bool,
    /// What differs, by comparing templates.
    pub diff: Diff,
    /// What AWS says would happen.
    pub change_set: ChangeSet,
    /// Logical IDs of the resources whose `UpdateReplacePolicy` keeps the old one.
    pub kept_on_replacement: BTreeSet<String>,
    /// Logical IDs of the resources whose `DeletionPolicy` keeps them when they leave the stack.
    pub kept_on_removal: BTreeSet<String>,
}

impl Review {
    /// Lists the stateful resources whose data may be lost, by either account, sorted.
    #[must_use]
    pub fn data_losses(&self) -> Vec<&str> {
        let ours = self.diff.data_losses().map(|resource| resource.logical_id.as_str());
        let theirs = self.change_set.changes.iter().filter(|change| self.loses_data(change));
        let ids: BTreeSet<&str> = ours.chain(theirs.map(|change| change.logical_id.as_str())).collect();
        ids.into_iter().collect()
    }

    /// A going that the comparison sees it has judged; here is what only AWS sees, such as a value that
    /// changes because another resource is replaced, or a condition that no longer holds.
    fn loses_data(&self, change: &ResourceChange) -> bool {
        let judged = self.diff.resources.iter().any(|resource| {
            resource.logical_id == change.logical_id
                && matches!(resource.effect, Effect::Remove | Effect::MayReplace | Effect::Replace)
        });
        let kept = match change.action {
            ChangeAction::Modify if may_be_replaced(change) => &self.kept_on_replacement,
            ChangeAction::Remove => &self.kept_on_removal,
            _ => return false,
        };
        !judged && !kept.contains(&change.logical_id) && resource::is_stateful(&change.resource_type)
    }
}

/// "Conditional" is narrowed by what the model knows of the properties: AWS says it of any property
/// whose new value it cannot know yet.
fn may_be_replaced(change: &ResourceChange) -> bool {
    let stays = |path: &String| {
        let property = path.trim_start_matches("/Properties/").split('/').next().unwrap_or_default();
        let update = resource::update_behavior(&change.resource_type, property);
        matches!(update, Some(UpdateBehavior::NoInterruption | UpdateBehavior::SomeInterruption))
    };
    match change.replacement {
        Replacement::Never => false,
        Replacement::Always => true,
        Replacement::Conditional => change.properties.is_empty() || !change.properties.iter().all(stays),
    }
}

/// Lists the resources of a template whose `UpdateReplacePolicy` keeps the old one.
#[must_use]
pub fn kept_on_replacement(template: &Value) -> BTreeSet<String> {
    kept(template, "UpdateReplacePolicy")
}

/// Lists the resources of a template whose `DeletionPolicy` keeps them.
#[must_use]
pub fn kept_on_removal(template: &Value) -> BTreeSet<String> {
    kept(template, "DeletionPolicy")
}

fn kept(template: &Value, attribute: &str) -> BTreeSet<String> {
    let resources = template.get("Resources").and_then(Value::as_object);
    resources.into_iter().flatten().filter(|(_, it)| keeps(it, attribute)).map(|(id, _)| id.clone()).collect()
}

/// What the deletion of a stack would touch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    /// Stack name.
    pub stack: String,
    /// Resources that would be deleted.
    pub deletes: Vec<StackResource>,
    /// Resources that their deletion policy keeps.
    pub retains: Vec<Retained>,
    /// Buckets among the deleted ones: they are emptied first.
    pub empties: Vec<String>,
    /// Logical IDs of the deleted ones that hold data.
    pub loses_data: Vec<String>,
}
