//! A stack operation, step by step on the clock.

mod deleting;
mod making;
mod start;
mod undoing;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use pipectl_engine::status::{ResourceStatus, StackStatus};

use super::Surroundings;
use super::comparison::Change;
use super::order::OnStackFailure;
use super::stack::{Resource, Stack};
use super::template::{Declared, Target};
pub(super) use start::{Start, cancel, change, continue_rollback, delete, occupy, roll_back};

/// Time of one step.
pub(super) const STEP_MS: i64 = 1_000;

/// What is still to be done, and what it started from.
#[derive(Debug)]
pub(super) struct Operation {
    agenda: VecDeque<Step>,
    due_ms: i64,
    before: Before,
    changes: BTreeMap<String, Change>,
    declared: BTreeMap<String, Declared>,
    kind: Kind,
    on_failure: OnStackFailure,
    retain_except_on_create: bool,
    /// True when resources that cannot be deleted are left, so that the stack goes all the same.
    is_forced: bool,
    /// Logical IDs that were touched, in order.
    touched: Vec<String>,
    /// Logical IDs that are again as they were before.
    restored: BTreeSet<String>,
    /// Physical resources to delete once the update is safe.
    replaced: Vec<Doomed>,
    failed: Vec<String>,
}

/// What an operation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Create,
    Update,
    Import,
    Delete,
}

/// The stack as it was when it was last stable.
#[derive(Debug, Clone)]
struct Before {
    target: Target,
    outputs: BTreeMap<String, String>,
    resources: BTreeMap<String, Resource>,
}

/// A physical resource that is to go.
#[derive(Debug, Clone)]
struct Doomed {
    resource: Resource,
    is_kept: bool,
    /// True when the stack no longer lists it whatever comes.
    has_left: bool,
}

#[derive(Debug, Clone)]
enum Step {
    Enter(StackStatus, Option<String>),
    Begin(Vec<String>),
    Finish(String),
    CleanUp,
    Restore(String),
    /// All that could go back has gone back.
    Restored,
    BeginDelete(Doomed),
    FinishDelete(Doomed),
    /// The stack goes, or stays with what could not be deleted.
    Deleted,
    /// A create is taken back.
    RolledBack,
}

/// Does everything that is due by `now_ms`.
pub(super) fn advance(stack: &mut Stack, around: &mut Surroundings, now_ms: i64) {
    while let Some(mut operation) = stack.operation.take() {
        if operation.due_ms > now_ms {
            stack.operation = Some(operation);
            return;
        }
        let Some(step) = operation.agenda.pop_front() else { return };
        let at_ms = operation.due_ms;
        operation.due_ms += STEP_MS;
        Running { stack, around, operation: &mut operation, at_ms }.take(step);
        if !operation.agenda.is_empty() {
            stack.operation = Some(operation);
        } else if is_stuck(&stack.status) {
            stack.stuck = Some(operation);
        }
    }
}

/// True for the statuses from which the same operation can go on or go back.
fn is_stuck(status: &StackStatus) -> bool {
    matches!(
        status,
        StackStatus::CreateFailed | StackStatus::UpdateFailed | StackStatus::UpdateRollbackFailed
    )
}

struct Running<'a> {
    stack: &'a mut Stack,
    around: &'a mut Surroundings,
    operation: &'a mut Operation,
    at_ms: i64,
}

impl Running<'_> {
    fn take(&mut self, step: Step) {
        match step {
            Step::Enter(status, reason) => self.stack.enter(status, reason, self.at_ms),
            Step::Begin(wave) => wave.iter().for_each(|id| self.begin(id)),
            Step::Finish(id) => self.finish(&id),
            Step::CleanUp => self.clean_up(),
            Step::Restore(id) => self.restore(&id),
            Step::Restored => self.restored(),
            Step::BeginDelete(doomed) => self.begin_delete(&doomed),
            Step::FinishDelete(doomed) => self.finish_delete(&doomed),
            Step::Deleted => self.deleted(),
            Step::RolledBack => self.rolled_back(),
        }
    }

    /// Moves a resource of the stack and says so.
    fn say(&mut self, id: &str, status: ResourceStatus, reason: Option<&str>) {
        let Some(resource) = self.stack.resources.get_mut(id) else { return };
        resource.status = status;
        resource.reason = reason.map(str::to_owned);
        resource.changed_ms = self.at_ms;
        let resource = resource.clone();
        self.stack.say(&resource, self.at_ms);
    }
}

/// AWS's list of what failed.
fn sentence(verb: &str, failed: &[String]) -> String {
    format!("The following resource(s) failed to {verb}: [{}]. ", failed.join(", "))
}
