//! What a person approves before anything changes.

use crate::change_set::{ChangeAction, ChangeSet, Replacement};
use crate::deployed::StackResource;
use crate::diff::Diff;
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
}

impl Review {
    /// Lists the stateful resources whose data may be lost, by either account, sorted.
    #[must_use]
    pub fn data_losses(&self) -> Vec<&str> {
        let ours = self.diff.data_losses().map(|resource| resource.logical_id.as_str());
        let theirs = self.change_set.changes.iter().filter(|change| {
            let goes = change.action == ChangeAction::Modify && change.replacement != Replacement::Never;
            let unexplained =
                !self.diff.resources.iter().any(|resource| resource.logical_id == change.logical_id);
            goes && unexplained && stack_model::resource::is_stateful(&change.resource_type)
        });
        let mut ids: Vec<&str> = ours.chain(theirs.map(|change| change.logical_id.as_str())).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
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
