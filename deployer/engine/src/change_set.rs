//! Change sets: what is asked of AWS and what AWS says would happen.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::deployed::DeploymentMode;
use crate::status::ChangeSetStatus;

/// What a change set is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSetRequest {
    /// Stack name.
    pub stack: String,
    /// Change set name, derived from the digest of what it holds.
    pub name: String,
    /// Whether the stack is made or changed.
    pub kind: ChangeSetKind,
    /// The template.
    pub template: TemplateSource,
    /// Values of parameters; `kept` has the others.
    pub parameters: BTreeMap<String, String>,
    /// Parameters that keep the stack's value, which cannot be read (`UsePreviousValue`).
    pub kept: BTreeSet<String>,
    /// Tags of the stack.
    pub tags: BTreeMap<String, String>,
    /// How the change is carried out. A stack that failed in express mode takes no other.
    pub mode: DeploymentMode,
    /// Whether resources that exist under the name the template gives them, and that belong to no
    /// stack, are taken into this one (`ImportExistingResources`).
    pub import_existing: bool,
}

/// `ChangeSetType` of CreateChangeSet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeSetKind {
    /// The stack does not exist, or waits in `REVIEW_IN_PROGRESS`.
    Create,
    /// The stack exists.
    Update,
}

/// How the template travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateSource {
    /// In the request itself: at most 51,200 bytes.
    Body(String),
    /// As an object of the artifact bucket: at most 1 MB.
    Object {
        /// Bucket name.
        bucket: String,
        /// Object key.
        key: String,
    },
}

/// A described change set, all pages merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSet {
    /// Change set ID (an ARN).
    pub id: String,
    /// ID of the stack that it belongs to.
    pub stack_id: String,
    /// Status of its making.
    pub status: ChangeSetStatus,
    /// AWS's reason for the status.
    pub status_reason: Option<String>,
    /// True when AWS made none because nothing differs.
    pub is_empty: bool,
    /// True while it can be executed; false when it was executed, or became obsolete.
    pub is_executable: bool,
    /// Changes in AWS's order.
    pub changes: Vec<ResourceChange>,
}

/// A change set as `ListChangeSets` lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSetSummary {
    /// Its name.
    pub name: String,
    /// Status of its making.
    pub status: ChangeSetStatus,
    /// True while it can be executed.
    pub is_executable: bool,
}

impl ChangeSetSummary {
    /// True while the change set is being made or can be executed.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        let is_made =
            matches!(self.status, ChangeSetStatus::CreatePending | ChangeSetStatus::CreateInProgress);
        is_made || self.is_executable
    }
}

/// What a validation before the deployment found (`DescribeEvents`, `VALIDATION_ERROR`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidationFinding {
    /// Logical ID of the resource concerned.
    pub logical_id: String,
    /// Its type.
    pub resource_type: String,
    /// Where in the template, as AWS writes it: `/Resources/Queue/Properties`.
    pub path: Option<String>,
    /// AWS's name of the validation, for example `PROPERTY_VALIDATION`.
    pub validation: Option<String>,
    /// AWS's sentence.
    pub reason: String,
    /// True when the change set failed because of it; false for a warning.
    pub is_failure: bool,
}

/// One resource in a change set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResourceChange {
    /// Logical ID.
    pub logical_id: String,
    /// Physical ID, absent for an addition.
    pub physical_id: Option<String>,
    /// Resource type.
    pub resource_type: String,
    /// What happens to it.
    pub action: ChangeAction,
    /// Whether a modification replaces the resource.
    pub replacement: Replacement,
    /// Paths of the changed properties, for example `/Properties/MemorySize`, sorted.
    pub properties: Vec<String>,
}

/// `Action` of a resource change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeAction {
    /// Made.
    Add,
    /// Changed, see [`Replacement`].
    Modify,
    /// Deleted, or kept outside the stack by its deletion policy.
    Remove,
    /// Taken into the stack.
    Import,
    /// Known only while the change runs.
    Dynamic,
}

/// `Replacement` of a resource change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Replacement {
    /// A new physical resource takes the place of the old one.
    Always,
    /// Depends on a value known only while the change runs.
    Conditional,
    /// The resource stays.
    Never,
}
