//! What a person approves before anything changes.

pub mod data;
pub mod finding;

use std::collections::BTreeSet;

use serde_json::Value;

pub use data::{DataCause, DataChange};

use crate::change_set::ChangeSet;
use crate::deployed::StackResource;
use crate::diff::template::keeps;
use crate::diff::{Diff, Statement};
use crate::outcome::{Artifact, Retained};
use crate::recover::Action;
use crate::status::StackStatus;

/// A change of a stack as it will happen: our own comparison and AWS's, together.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    /// Stack name.
    pub stack: String,
    /// True when the stack does not exist yet.
    pub creates: bool,
    /// What differs, by comparing templates.
    pub diff: Diff,
    /// What AWS says would happen; `None` where nothing but code of functions differs, which is changed
    /// without a change set.
    pub change_set: Option<ChangeSet>,
    /// What becomes of the data of stateful resources that go, by either account.
    pub data: Vec<DataChange>,
}

impl Review {
    /// Joins the comparison with the described change set; `template` is the wanted one.
    #[must_use]
    pub fn new(stack: &str, creates: bool, diff: Diff, change_set: ChangeSet, template: &Value) -> Self {
        let data = data::changes(&diff, &change_set.changes, template);
        Self { stack: stack.to_owned(), creates, diff, change_set: Some(change_set), data }
    }

    /// A change of nothing but code.
    #[must_use]
    pub fn of_code(stack: &str, diff: Diff) -> Self {
        Self { stack: stack.to_owned(), creates: false, diff, change_set: None, data: Vec::new() }
    }

    /// Lists the resources of which the template changes a property from one literal to another, and the
    /// change set tells nothing. `template` is the wanted one; a resource under a condition may not be made.
    #[must_use]
    pub fn untold(&self, template: &Value) -> Vec<&str> {
        let Some(change_set) = &self.change_set else { return Vec::new() };
        let told: BTreeSet<&str> = change_set.changes.iter().map(|it| it.logical_id.as_str()).collect();
        let is_conditional = |id: &str| template["Resources"][id].get("Condition").is_some();
        let changed = self.diff.resources.iter().filter(|it| it.changes_literal());
        changed
            .map(|it| it.logical_id.as_str())
            .filter(|it| !told.contains(it) && !is_conditional(it))
            .collect()
    }

    /// Lists the stateful resources whose data may be lost, by either account, sorted.
    #[must_use]
    pub fn data_losses(&self) -> Vec<&str> {
        self.data.iter().filter(|it| it.loss).map(|it| it.logical_id.as_str()).collect()
    }

    /// Says what the change needs a person's consent for.
    ///
    /// Who asks for a new stack asks for the access it comes with; only what widens the access of an
    /// existing one is asked about.
    #[must_use]
    pub fn consent(&self) -> Consent {
        let access = self.diff.access.widening().filter(|_| !self.creates).cloned().collect();
        Consent { data: self.data_losses().into_iter().map(str::to_owned).collect(), access }
    }
}

/// What a change needs consent for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consent {
    /// Logical IDs of the resources whose data may be lost, sorted.
    pub data: Vec<String>,
    /// New permissions and lost prohibitions.
    pub access: Vec<Statement>,
}

impl Consent {
    /// True when no consent is needed.
    #[must_use]
    pub fn is_needless(&self) -> bool {
        self.data.is_empty() && self.access.is_empty()
    }
}

impl std::fmt::Display for Consent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.data.is_empty() {
            write!(f, "it may delete the data of {}", self.data.join(", "))?;
        }
        if !self.data.is_empty() && !self.access.is_empty() {
            f.write_str(", and ")?;
        }
        match self.access.len() {
            0 => Ok(()),
            1 => f.write_str("it widens access by one statement"),
            many => write!(f, "it widens access by {many} statements"),
        }
    }
}

/// Lists the resources of a template whose `DeletionPolicy` keeps them.
#[must_use]
pub fn kept_on_removal(template: &Value) -> BTreeSet<String> {
    let resources = template.get("Resources").and_then(Value::as_object);
    let kept = resources.into_iter().flatten().filter(|(_, it)| keeps(it, "DeletionPolicy"));
    kept.map(|(id, _)| id.clone()).collect()
}

/// A step out of a failed state that costs something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Stack name.
    pub stack: String,
    /// Its status.
    pub status: StackStatus,
    /// What would be done.
    pub action: Action,
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
    /// True when the stack's termination protection is lifted first.
    pub lifts_protection: bool,
    /// Names of change sets of somebody else, and of saved plans, that go with the stack, which has nothing
    /// else.
    pub discards: Vec<String>,
    /// Log groups that functions made for themselves; they remain.
    pub log_groups: Vec<String>,
    /// Objects of the artifact bucket that the stack was deployed from; they remain.
    pub artifacts: Vec<Artifact>,
}
