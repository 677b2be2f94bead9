//! A change set: made in the background, described when it is complete.

use std::collections::BTreeSet;

use pipectl_engine::status::ChangeSetStatus;

use super::comparison::{Change, Terms};
use super::event::OperationRecord;
use super::operation::Start;
use super::order::{ChangeSetOrder, Deployment, Execution, Kind, OnStackFailure};
use super::template::Target;
use super::validation::{Finding, sentence};

const PENDING_MS: i64 = 500;
const MAKING_MS: i64 = 1_500;

/// AWS's sentence for a change set that would change nothing (aws-cloudformation/rain#94).
const NOTHING_DIFFERS: &str = "The submitted information didn't contain changes. \
                               Submit different information to create a change set.";

/// A change set of a stack.
#[derive(Debug)]
pub(crate) struct StoredChangeSet {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) target: Target,
    pub(crate) asked_ms: i64,
    pub(crate) operation: OperationRecord,
    pub(crate) kind: Kind,
    pub(crate) on_failure: Option<OnStackFailure>,
    pub(crate) deployment: Deployment,
    pub(crate) imports_existing: bool,
    pub(crate) findings: Vec<Finding>,
    pub(super) is_executed: bool,
    pub(super) differs: bool,
    pub(super) changes: Vec<Change>,
    /// Those that it does not tell of, and carries out all the same.
    untold: Vec<Change>,
    terms: Terms,
    capabilities: BTreeSet<String>,
}

/// What was found out while a change set was asked for.
pub(super) struct Made {
    pub(super) id: String,
    pub(super) operation: OperationRecord,
    pub(super) target: Target,
    pub(super) changes: Vec<Change>,
    pub(super) terms: Terms,
    pub(super) findings: Vec<Finding>,
    /// True when something differs besides resources.
    pub(super) differs: bool,
}

impl StoredChangeSet {
    pub(super) fn new(order: &ChangeSetOrder, made: Made, now_ms: i64) -> Self {
        let differs = made.differs || !made.changes.is_empty();
        let (changes, untold) = made.changes.into_iter().partition(Change::is_told);
        Self {
            id: made.id,
            name: order.name.clone(),
            target: made.target,
            asked_ms: now_ms,
            operation: made.operation,
            kind: order.kind,
            on_failure: order.on_failure,
            deployment: order.deployment,
            imports_existing: order.imports_existing,
            findings: made.findings,
            is_executed: false,
            differs,
            changes,
            untold,
            terms: made.terms,
            capabilities: order.capabilities.clone(),
        }
    }

    /// What carries it out.
    pub(super) fn start(&self, execution: &Execution) -> Start {
        let deployment = Deployment {
            disable_rollback: execution.disable_rollback.or(self.deployment.disable_rollback),
            ..self.deployment
        };
        let left = if deployment.rollback_is_disabled() {
            OnStackFailure::DoNothing
        } else {
            OnStackFailure::Rollback
        };
        Start {
            target: self.target.clone(),
            changes: self
                .changes
                .iter()
                .chain(&self.untold)
                .map(|it| (it.logical_id.clone(), it.clone()))
                .collect(),
            imports: self.kind == Kind::Import,
            on_failure: self.on_failure.unwrap_or(left),
            retain_except_on_create: execution.retain_except_on_create,
            deployment,
            capabilities: self.capabilities.clone(),
            token: execution.token.clone(),
        }
    }

    pub(super) fn is_called(&self, name_or_id: &str) -> bool {
        self.name == name_or_id || self.id == name_or_id
    }

    pub(crate) fn status(&self, now_ms: i64) -> ChangeSetStatus {
        match now_ms - self.asked_ms {
            age if age < PENDING_MS => ChangeSetStatus::CreatePending,
            age if age < MAKING_MS => ChangeSetStatus::CreateInProgress,
            _ if self.differs && sentence(&self.findings).is_none() => ChangeSetStatus::CreateComplete,
            _ => ChangeSetStatus::Failed,
        }
    }

    pub(crate) fn status_reason(&self, now_ms: i64) -> Option<String> {
        let is_failed = self.status(now_ms) == ChangeSetStatus::Failed;
        is_failed.then(|| sentence(&self.findings).unwrap_or_else(|| NOTHING_DIFFERS.to_owned()))
    }

    /// True when AWS made none because nothing differs.
    pub(crate) fn is_empty(&self, now_ms: i64) -> bool {
        self.status(now_ms) == ChangeSetStatus::Failed && sentence(&self.findings).is_none()
    }

    pub(crate) fn is_executable(&self, now_ms: i64) -> bool {
        self.status(now_ms) == ChangeSetStatus::CreateComplete && !self.is_executed
    }

    /// `ExecutionStatus`.
    pub(crate) fn execution_status(&self, now_ms: i64) -> &'static str {
        match self.is_executable(now_ms) {
            true => "AVAILABLE",
            false if self.is_executed => "EXECUTE_COMPLETE",
            false => "UNAVAILABLE",
        }
    }

    /// The changes, once it is complete.
    pub(crate) fn shown_changes(&self, now_ms: i64) -> &[Change] {
        if self.status(now_ms) == ChangeSetStatus::CreateComplete { &self.changes } else { &[] }
    }

    /// The findings, once they are made.
    pub(crate) fn shown_findings(&self, now_ms: i64) -> &[Finding] {
        let is_made = now_ms - self.asked_ms >= MAKING_MS;
        if is_made { &self.findings } else { &[] }
    }

    pub(crate) fn reverts_drift(&self) -> bool {
        self.terms.reverts_drift
    }
}
