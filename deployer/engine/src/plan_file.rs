//! The plan as data: what `diff` shows, what `diff --save` writes and what `up --plan` carries out.
//!
//! Read [`PlanFile`] first. Its JSON form is a contract: `templates/plan.schema.json` is generated from
//! the types, and a change that a reader of version [`VERSION`] would not understand raises the version.
//!
//! Invariant: no secret. `NoEcho` values are masked, and the template is named by its digest only. The
//! same input gives the same bytes: there is no time in it but AWS's own, and no path.

mod accounts;
mod seal;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use accounts::word;
pub use seal::{PlanFileError, read, schema};

use crate::change_set::{ChangeSet, ResourceChange};
use crate::diff::{Diff, Effect};
use crate::drift::ResourceDrift;
use crate::review::{DataChange, Review};

/// Version of the file's form.
pub const VERSION: u32 = 2;

/// What would change in a stack, by every account there is, and how to carry it out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "pipectl plan")]
pub struct PlanFile {
    /// Version of the file's form.
    pub version: u32,
    /// Stack name.
    pub stack: String,
    /// What the stack was when it was compared; null where there is none to update.
    pub base: Option<Base>,
    /// Numbers of what follows.
    pub summary: Summary,
    /// What differs, by comparing templates and parameter values.
    pub diff: Diff,
    /// What becomes of data: every stateful resource that is removed, replaced or may be replaced, by
    /// either account.
    pub data: Vec<DataChange>,
    /// AWS's account; null when no change set was asked for, or when AWS found nothing to change.
    pub change_set: Option<DescribedChangeSet>,
    /// Resources that are not as the deployed template says; null when it was not asked.
    pub drift: Option<Vec<ResourceDrift>>,
    /// What could not be found out.
    pub unknown: Vec<Unknown>,
    /// How to carry the plan out; null when it was not saved for that, or nothing is to be done.
    pub execution: Option<Execution>,
    /// SHA-256, in lower-case hexadecimal, of the file with this text empty.
    pub digest: String,
}

/// The stack that a plan was made against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Base {
    /// Stack ID (an ARN); null when the comparison was with a template file.
    pub stack_id: Option<String>,
    /// Status of the stack; null when the comparison was with a template file.
    pub status: Option<String>,
    /// When the stack was last changed, in milliseconds since the Unix epoch, by AWS's clock; null where
    /// AWS does not say.
    pub changed_at_ms: Option<i64>,
    /// SHA-256 of the deployed template, without white space, in lower-case hexadecimal.
    pub template_sha256: String,
}

/// Numbers of a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Resources to add.
    pub add: usize,
    /// Resources that are, or may be, changed in place.
    pub change: usize,
    /// Resources that are, or may be, replaced.
    pub replace: usize,
    /// Resources that are, or may be, removed.
    pub remove: usize,
    /// Functions with new code.
    pub code: usize,
    /// Statements that widen access.
    pub widens_access: usize,
    /// Stateful resources whose data may be deleted.
    pub loses_data: usize,
    /// Resources that drifted.
    pub drifted: usize,
    /// Places of the template that differ besides.
    pub template: usize,
}

/// AWS's account of the change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DescribedChangeSet {
    /// Resources, in order of logical ID; both ways of describing a change set and all pages merged.
    pub changes: Vec<ResourceChange>,
    /// Where this account differs from the comparison.
    pub disagreements: Vec<Disagreement>,
}

/// A resource of which the comparison and the change set say different things.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Disagreement {
    /// Logical ID.
    pub logical_id: String,
    /// What the comparison of templates says: `add`, `remove`, `may_remove`, `update`, `may_update`,
    /// `may_replace`, `replace` or `none`.
    pub predicted: String,
    /// What the change set says: one of the same words, `import`, or `dynamic`, which is known only
    /// while the change runs.
    pub described: String,
}

/// Something that could not be found out, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unknown {
    /// What.
    pub subject: Subject,
    /// Why, in AWS's words where AWS gave a reason.
    pub reason: String,
}

/// What a plan may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// What Lambda runs now.
    RunningCode,
    /// Whether some resource drifted.
    Drift,
    /// Which parameter values a stack of the other template has.
    ParameterValues,
}

/// All that is needed to carry a plan out, or to refuse it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Execution {
    /// SHA-256 of the wanted template, as it was sent, in lower-case hexadecimal.
    pub template_sha256: String,
    /// Parameter values; four asterisks stand for a `NoEcho` value, which only the change set holds.
    pub parameters: BTreeMap<String, String>,
    /// Tags of the stack.
    pub tags: BTreeMap<String, String>,
    /// Bucket of the deployment packages.
    pub bucket: String,
    /// Object keys of all deployment packages; their names are their digests.
    pub packages: Vec<String>,
    /// Name of the change set.
    pub change_set: String,
    /// ID of the change set (an ARN): no other one has it.
    pub change_set_id: String,
}

impl PlanFile {
    /// True when nothing differs and nothing drifted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.diff.is_empty()
            && self.data.is_empty()
            && self.change_set.as_ref().is_none_or(|described| described.changes.is_empty())
            && self.drift.as_ref().is_none_or(Vec::is_empty)
    }

    /// Joins the plan with its change set as AWS describes it now.
    #[must_use]
    pub fn review(&self, change_set: ChangeSet) -> Review {
        Review {
            stack: self.stack.clone(),
            creates: self.base.is_none(),
            diff: self.diff.clone(),
            change_set: Some(change_set),
            data: self.data.clone(),
        }
    }
}

impl PlanFile {
    /// Sets the numbers.
    pub(crate) fn counted(mut self) -> Self {
        let of = |effects: &[Effect]| {
            self.diff.resources.iter().filter(|resource| effects.contains(&resource.effect)).count()
        };
        self.summary = Summary {
            add: of(&[Effect::Add]),
            change: of(&[Effect::Update, Effect::MayUpdate]),
            replace: of(&[Effect::Replace, Effect::MayReplace]),
            remove: of(&[Effect::Remove, Effect::MayRemove]),
            code: self.diff.code.iter().filter(|change| change.is_deployed()).count(),
            widens_access: self.diff.access.widening().count(),
            loses_data: self.data.iter().filter(|it| it.loss).count(),
            drifted: self.drift.as_ref().map_or(0, Vec::len),
            template: self.diff.template.len(),
        };
        self
    }
}
