//! What becomes of a failure.

use std::collections::VecDeque;

use pipectl_engine::status::{ResourceStatus, StackStatus};

use super::deleting::deletion;
use super::{Doomed, Kind, Running, Step, sentence};
use crate::stacks::Verb;
use crate::stacks::comparison::{Action, is_keeping};
use crate::stacks::event::OperationType;
use crate::stacks::order::OnStackFailure;

impl Running<'_> {
    fn failed_status(&self, id: &str) -> (ResourceStatus, &'static str) {
        match self.operation.changes.get(id).map(|change| change.action) {
            Some(Action::Add) => (ResourceStatus::CreateFailed, "create"),
            Some(Action::Import) => (ResourceStatus::ImportFailed, "import"),
            _ => (ResourceStatus::UpdateFailed, "update"),
        }
    }

    pub(super) fn fail(&mut self, id: &str, reason: &str) {
        let (status, verb) = self.failed_status(id);
        self.say(id, status, Some(reason));
        self.give_up_begun();
        let reason = sentence(verb, &[id.to_owned()]);
        let is_left = self.operation.on_failure == OnStackFailure::DoNothing;
        match self.operation.kind {
            Kind::Create if is_left => self.leave(StackStatus::CreateFailed, reason),
            Kind::Update if is_left => self.leave(StackStatus::UpdateFailed, reason),
            Kind::Create if self.operation.on_failure == OnStackFailure::Delete => {
                self.delete_create(&reason)
            }
            Kind::Create => self.undo_create(Some(format!("{reason}Rollback requested by user."))),
            Kind::Import => self.undo_import(reason),
            Kind::Update | Kind::Delete => self.undo_update(Some(reason)),
        }
    }

    fn leave(&mut self, status: StackStatus, reason: String) {
        self.operation.agenda = VecDeque::from([Step::Enter(status, Some(reason))]);
    }

    /// Cancels the resources that have begun and not ended.
    pub(super) fn give_up_begun(&mut self) {
        for step in self.operation.agenda.clone() {
            let Step::Finish(other) = step else { break };
            let is_begun = self.stack.resources.get(&other).is_some_and(|it| !it.status.is_settled());
            if !is_begun {
                break;
            }
            let (status, verb) = self.failed_status(&other);
            let what = if verb == "create" { "creation" } else { verb };
            self.say(&other, status, Some(&format!("Resource {what} cancelled")));
            self.operation.touched.push(other);
        }
    }

    /// An automatic rollback is an operation of its own, under the token of the one it takes back.
    fn begin_rollback(&mut self) {
        let by_user = self.stack.operations.last().is_some_and(|it| {
            matches!(it.operation_type, OperationType::Rollback | OperationType::ContinueRollback)
        });
        if !by_user {
            let token = self.stack.token().map(str::to_owned);
            self.stack.begin(OperationType::Rollback, token.as_deref());
        }
    }

    /// As `OnStackFailure: DELETE` has it.
    fn delete_create(&mut self, reason: &str) {
        let reason = Some(format!("{reason}Delete requested by user."));
        let mut agenda = VecDeque::from([Step::Enter(StackStatus::DeleteInProgress, reason)]);
        agenda.extend(self.made());
        agenda.push_back(Step::Deleted);
        self.operation.agenda = agenda;
    }

    /// As `OnStackFailure: ROLLBACK` has it.
    pub(super) fn undo_create(&mut self, reason: Option<String>) {
        self.begin_rollback();
        let mut agenda = VecDeque::from([Step::Enter(StackStatus::RollbackInProgress, reason)]);
        agenda.extend(self.made());
        agenda.push_back(Step::RolledBack);
        self.operation.agenda = agenda;
    }

    /// What was to be imported leaves the stack and stays in the account.
    fn undo_import(&mut self, reason: String) {
        let before = &self.operation.before.resources;
        self.stack.resources.retain(|id, _| before.contains_key(id));
        self.go_back();
        let done = Step::Enter(StackStatus::ImportRollbackComplete, None);
        self.operation.agenda =
            VecDeque::from([Step::Enter(StackStatus::ImportRollbackInProgress, Some(reason)), done]);
    }

    pub(super) fn undo_update(&mut self, reason: Option<String>) {
        self.begin_rollback();
        self.operation.failed.clear();
        let old = |id: &&String| {
            self.operation.before.resources.contains_key(*id) && !self.operation.restored.contains(*id)
        };
        let mut ids: Vec<String> = self.operation.touched.iter().rev().filter(old).cloned().collect();
        // Several failed tries may have touched the same resource.
        let mut seen = std::collections::BTreeSet::new();
        ids.retain(|id| seen.insert(id.clone()));
        let mut agenda = VecDeque::from([Step::Enter(StackStatus::UpdateRollbackInProgress, reason)]);
        agenda.extend(ids.into_iter().map(Step::Restore));
        agenda.push_back(Step::Restored);
        self.operation.agenda = agenda;
    }

    /// Lists what this operation made, last made first.
    fn made(&self) -> Vec<Step> {
        let order = self.stack.order_of_making();
        let mut made: Vec<_> = self
            .stack
            .resources
            .values()
            .filter(|it| it.exists())
            .filter(|it| {
                let before = self.operation.before.resources.get(&it.logical_id);
                before.is_none_or(|before| before.physical_id != it.physical_id)
            })
            .collect();
        made.sort_by_key(|it| std::cmp::Reverse(order.iter().position(|id| *id == it.logical_id)));
        let policy = |policy: Option<&str>| is_keeping(policy) && policy != Some("RetainExceptOnCreate");
        let is_import = |id: &String| {
            self.operation.changes.get(id).is_some_and(|change| change.action == Action::Import)
        };
        let always_deleted =
            self.operation.retain_except_on_create || self.operation.on_failure == OnStackFailure::Delete;
        let doomed = made.into_iter().map(|it| Doomed {
            is_kept: is_import(&it.logical_id)
                || (!always_deleted && policy(it.declared.deletion_policy.as_deref())),
            resource: it.clone(),
            has_left: self.operation.before.resources.contains_key(&it.logical_id),
        });
        doomed.flat_map(deletion).collect()
    }

    pub(super) fn restore(&mut self, id: &str) {
        self.say(id, ResourceStatus::UpdateInProgress, None);
        if let Some(reason) = self.around.failure(Verb::Rollback, id) {
            self.operation.failed.push(id.to_owned());
            return self.say(id, ResourceStatus::UpdateFailed, Some(&reason));
        }
        self.put_back(id);
        self.say(id, ResourceStatus::UpdateComplete, None);
    }

    fn put_back(&mut self, id: &str) {
        self.operation.restored.insert(id.to_owned());
        let Some(before) = self.operation.before.resources.get(id).cloned() else { return };
        let made = self.stack.resources.get(id).filter(|now| now.physical_id != before.physical_id).cloned();
        if let Some(made) = made {
            // What took the old one's place goes once all are back.
            self.operation.replaced.push(Doomed { resource: made, is_kept: false, has_left: true });
        }
        self.stack.resources.insert(id.to_owned(), before);
    }

    /// Counts a resource as rolled back and leaves it in the account as it is.
    pub(super) fn skip(&mut self, id: &str) {
        let actual = self.stack.resources.get(id).and_then(|it| it.actual.clone());
        self.put_back(id);
        if let Some(resource) = self.stack.resources.get_mut(id) {
            resource.actual = actual;
        }
        self.say(id, ResourceStatus::UpdateComplete, None);
    }

    /// The stack is again what it was before the operation, or stuck half-way.
    pub(super) fn restored(&mut self) {
        if !self.operation.failed.is_empty() {
            let reason = sentence("update", &self.operation.failed);
            return self.stack.enter(StackStatus::UpdateRollbackFailed, Some(reason), self.at_ms);
        }
        let made = self.made_by_update();
        self.go_back();
        self.stack.enter(StackStatus::UpdateRollbackCompleteCleanupInProgress, None, self.at_ms);
        self.operation.agenda.extend(made);
        self.operation.agenda.push_back(Step::Enter(StackStatus::UpdateRollbackComplete, None));
    }

    /// Lists what the update made new or in the place of something, last touched first.
    fn made_by_update(&mut self) -> Vec<Step> {
        let before = &self.operation.before.resources;
        let replacing = std::mem::take(&mut self.operation.replaced).into_iter();
        // An old resource whose place was taken is back in the stack; only its successor goes.
        let replacing = replacing.filter(|it| {
            before.get(&it.resource.logical_id).is_none_or(|old| old.physical_id != it.resource.physical_id)
        });
        let replacing: Vec<Doomed> = replacing.collect();
        let mut steps: Vec<Step> = replacing.into_iter().flat_map(deletion).collect();
        steps.extend(self.made());
        self.stack.resources.retain(|id, it| before.contains_key(id) || it.exists());
        let touched = &self.operation.touched;
        let rank = |step: &Step| match step {
            Step::BeginDelete(it) | Step::FinishDelete(it) => {
                touched.iter().position(|id| *id == it.resource.logical_id)
            }
            _ => None,
        };
        steps.sort_by_key(|step| std::cmp::Reverse(rank(step)));
        steps
    }

    fn go_back(&mut self) {
        self.stack.target = self.operation.before.target.clone();
        self.stack.outputs = self.operation.before.outputs.clone();
    }

    pub(super) fn rolled_back(&mut self) {
        self.stack.resources.retain(|_, it| it.exists());
        self.stack.outputs.clear();
        if self.operation.failed.is_empty() {
            return self.stack.enter(StackStatus::RollbackComplete, None, self.at_ms);
        }
        let reason = sentence("delete", &self.operation.failed);
        self.stack.enter(StackStatus::RollbackFailed, Some(reason), self.at_ms);
    }
}
