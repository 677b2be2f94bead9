//! A stack operation, step by step on the clock.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use pipectl_engine::change_set::{ChangeAction, Replacement, ResourceChange};
use pipectl_engine::status::{ResourceStatus, StackStatus};
use serde_json::Value;

use super::Surroundings;
use super::Verb;
use super::change_set::compare;
use super::stack::{BUCKET, Resource, Stack};
use super::template::{Declared, Target};
use crate::{ACCOUNT_ID, REGION};

/// Time of one step.
pub(super) const STEP_MS: i64 = 1_000;

/// What is still to be done, and what it started from.
#[derive(Debug)]
pub(super) struct Operation {
    agenda: VecDeque<Step>,
    due_ms: i64,
    before: Before,
    changes: BTreeMap<String, ResourceChange>,
    declared: BTreeMap<String, Declared>,
    creates: bool,
    /// Logical IDs that were touched, in order.
    touched: Vec<String>,
    /// Physical resources to delete once the update is safe.
    replaced: Vec<Doomed>,
    failed: Vec<String>,
    /// Logical IDs that reached what was asked of them.
    done: BTreeSet<String>,
    /// Logical IDs that are again as they were before.
    restored: BTreeSet<String>,
}

/// The stack as it was.
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
    BeginDelete(Doomed),
    FinishDelete(Doomed),
    Deleted,
    RolledBack,
    Settle(StackStatus),
}

/// Starts a create or an update.
pub(super) fn change(stack: &mut Stack, target: Target, token: &str, now_ms: i64) {
    let creates = stack.status == StackStatus::ReviewInProgress;
    let declared = target.declared(&stack.name);
    let changes = compare(stack, &stack.declared(), &declared);
    let changes: BTreeMap<String, ResourceChange> =
        changes.into_iter().map(|change| (change.logical_id.clone(), change)).collect();
    let mut agenda = VecDeque::new();
    for wave in target.waves().unwrap_or_default() {
        let wave: Vec<String> = wave.into_iter().filter(|id| changes.contains_key(id)).collect();
        if !wave.is_empty() {
            agenda.push_back(Step::Begin(wave.clone()));
            agenda.extend(wave.into_iter().map(Step::Finish));
        }
    }
    agenda.push_back(Step::CleanUp);
    stack.begin(if creates { "CREATE_STACK" } else { "UPDATE_STACK" }, Some(token));
    stack.operation = Some(Operation::new(stack, agenda, changes, declared, creates, now_ms));
    stack.stuck = None;
    stack.target = target;
    stack.changed_at_ms = Some(now_ms);
    let begun = if creates { StackStatus::CreateInProgress } else { StackStatus::UpdateInProgress };
    stack.enter(begun, Some("User Initiated".to_owned()), now_ms);
}

/// Starts the deletion of a stack.
pub(super) fn delete(stack: &mut Stack, retained: &[String], token: &str, now_ms: i64) {
    let declared = stack.target.declared(&stack.name);
    let keeps = |id: &String| {
        retained.contains(id) || declared.get(id).is_some_and(|it| is_keeping(it.deletion_policy.as_deref()))
    };
    let order = stack.target.waves().unwrap_or_default().concat();
    let rank = |id: &String| order.iter().position(|other| other == id);
    let mut doomed: Vec<Doomed> = stack
        .resources
        .values()
        .map(|resource| Doomed {
            resource: resource.clone(),
            is_kept: keeps(&resource.logical_id),
            has_left: false,
        })
        .collect();
    doomed.sort_by_key(|it| std::cmp::Reverse(rank(&it.resource.logical_id)));
    let mut agenda: VecDeque<Step> = doomed.into_iter().flat_map(deletion).collect();
    agenda.push_back(Step::Deleted);
    stack.begin("DELETE_STACK", Some(token));
    stack.operation = Some(Operation::new(stack, agenda, BTreeMap::new(), declared, false, now_ms));
    stack.stuck = None;
    stack.enter(StackStatus::DeleteInProgress, Some("User Initiated".to_owned()), now_ms);
}

/// Keeps a stack busy for a while, as an operation of somebody else's does.
pub(super) fn occupy(stack: &mut Stack, duration_ms: i64, now_ms: i64) {
    let agenda = VecDeque::from([Step::Settle(StackStatus::UpdateComplete)]);
    stack.begin("UPDATE_STACK", Some("somebody-else"));
    let mut operation = Operation::new(stack, agenda, BTreeMap::new(), BTreeMap::new(), false, now_ms);
    operation.due_ms = now_ms + duration_ms;
    stack.operation = Some(operation);
    stack.enter(StackStatus::UpdateInProgress, Some("User Initiated".to_owned()), now_ms);
}

fn deletion(doomed: Doomed) -> [Step; 2] {
    [Step::BeginDelete(doomed.clone()), Step::FinishDelete(doomed)]
}

fn is_keeping(policy: Option<&str>) -> bool {
    policy.is_some_and(|policy| policy.starts_with("Retain"))
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
        } else if is_left_as_failed(&stack.status) {
            stack.stuck = Some(operation);
        }
    }
}

fn is_left_as_failed(status: &StackStatus) -> bool {
    matches!(
        status,
        StackStatus::CreateFailed | StackStatus::UpdateFailed | StackStatus::UpdateRollbackFailed
    )
}

/// Takes a stack whose operation failed back to its last stable state.
pub(super) fn roll_back(stack: &mut Stack, token: &str, now_ms: i64) {
    let creates = stack.status == StackStatus::CreateFailed;
    stack.begin("ROLLBACK", Some(token));
    resume(stack, now_ms, |running| {
        let reason = "User Initiated".to_owned();
        if creates { running.create_rolled_back(reason) } else { running.update_undone(reason) }
    });
}

/// Goes on with a rollback that failed, leaving `skipped` as they are.
pub(super) fn continue_rollback(stack: &mut Stack, skipped: &[String], token: &str, now_ms: i64) {
    stack.begin("CONTINUE_ROLLBACK", Some(token));
    resume(stack, now_ms, |running| {
        for id in skipped {
            running.say(id, ResourceStatus::UpdateComplete, None);
            running.operation.restored.insert(id.clone());
        }
        running.update_undone("User Initiated".to_owned())
    });
}

/// Turns a running update back.
pub(super) fn cancel(stack: &mut Stack, around: &mut Surroundings, now_ms: i64) {
    let Some(mut operation) = stack.operation.take() else { return };
    let mut running = Running { stack, around, operation: &mut operation, at_ms: now_ms };
    running.give_up_begun();
    operation.agenda = running.update_undone("User Cancelled Update".to_owned());
    operation.due_ms = now_ms;
    stack.operation = Some(operation);
}

/// Takes up the operation that was left as it failed, or an empty one in its place.
fn resume(stack: &mut Stack, now_ms: i64, agenda: impl FnOnce(&mut Running<'_>) -> VecDeque<Step>) {
    let stuck = stack.stuck.take();
    let mut operation = stuck.unwrap_or_else(|| {
        Operation::new(stack, VecDeque::new(), BTreeMap::new(), BTreeMap::new(), false, now_ms)
    });
    let store = crate::FakeObjectStore::new(crate::Journal::default());
    let mut nowhere = Surroundings::new(store);
    let mut running = Running { stack, around: &mut nowhere, operation: &mut operation, at_ms: now_ms };
    let mut agenda = agenda(&mut running);
    if let Some(Step::Enter(status, reason)) = agenda.pop_front() {
        stack.enter(status, reason, now_ms);
    }
    operation.agenda = agenda;
    operation.due_ms = now_ms + STEP_MS;
    stack.operation = Some(operation);
}

impl Operation {
    /// Puts back what was before for every resource that the operation did not bring to its end.
    pub(super) fn take_back_unfinished(&self, stack: &str, declared: &mut BTreeMap<String, Declared>) {
        let before = self.before.target.declared(stack);
        let ids: BTreeSet<String> = before.keys().chain(declared.keys()).cloned().collect();
        for id in ids.into_iter().filter(|id| self.changes.contains_key(id) && !self.done.contains(id)) {
            match before.get(&id) {
                Some(old) => declared.insert(id, old.clone()),
                None => declared.remove(&id),
            };
        }
    }

    fn new(
        stack: &Stack,
        agenda: VecDeque<Step>,
        changes: BTreeMap<String, ResourceChange>,
        declared: BTreeMap<String, Declared>,
        creates: bool,
        now_ms: i64,
    ) -> Self {
        let (target, outputs) = (stack.target.clone(), stack.outputs.clone());
        let now = Before { target, outputs, resources: stack.resources.clone() };
        let stable = stack.stuck.as_ref().map(|stuck| stuck.before.clone());
        Self {
            agenda,
            due_ms: now_ms + STEP_MS,
            before: stable.unwrap_or(now),
            changes,
            declared,
            creates,
            touched: Vec::new(),
            replaced: Vec::new(),
            failed: Vec::new(),
            done: BTreeSet::new(),
            restored: BTreeSet::new(),
        }
    }
}

fn failed(is_new: bool) -> ResourceStatus {
    if is_new { ResourceStatus::CreateFailed } else { ResourceStatus::UpdateFailed }
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
            Step::Enter(status, reason) => {
                if status == StackStatus::UpdateRollbackCompleteCleanupInProgress {
                    self.go_back();
                }
                self.stack.enter(status, reason, self.at_ms);
            }
            Step::Begin(wave) => wave.iter().for_each(|id| self.begin(id)),
            Step::Finish(id) => self.finish(&id),
            Step::CleanUp => self.clean_up(),
            Step::Restore(id) => self.restore(&id),
            Step::BeginDelete(doomed) => self.begin_delete(&doomed),
            Step::FinishDelete(doomed) => self.finish_delete(&doomed),
            Step::Deleted => self.deleted(),
            Step::RolledBack => self.rolled_back(),
            Step::Settle(status) => self.stack.enter(status, None, self.at_ms),
        }
    }

    fn is_new(&self, id: &str) -> bool {
        self.operation.changes.get(id).is_some_and(|change| change.action == ChangeAction::Add)
    }

    fn is_replaced(&self, id: &str) -> bool {
        let change = self.operation.changes.get(id);
        change.is_some_and(|change| change.replacement != Replacement::Never)
    }

    fn say(&mut self, id: &str, status: ResourceStatus, reason: Option<&str>) {
        let known = self.stack.resources.get(id).cloned();
        let mut resource = known.unwrap_or_else(|| Resource {
            logical_id: id.to_owned(),
            physical_id: String::new(),
            resource_type: self
                .operation
                .declared
                .get(id)
                .map_or_else(String::new, |it| it.resource_type.clone()),
            status: status.clone(),
        });
        resource.status = status.clone();
        if let Some(listed) = self.stack.resources.get_mut(id) {
            listed.status = status;
        }
        self.stack.say(&resource, reason.map(str::to_owned), self.at_ms);
    }

    fn begin(&mut self, id: &str) {
        if self.is_new(id) {
            return self.say(id, ResourceStatus::CreateInProgress, None);
        }
        let reason = "Requested update requires the creation of a new physical resource; hence creating one.";
        let reason = self.is_replaced(id).then_some(reason);
        self.say(id, ResourceStatus::UpdateInProgress, reason);
    }

    fn finish(&mut self, id: &str) {
        self.operation.touched.push(id.to_owned());
        let is_new = self.is_new(id);
        let verb = if is_new { Verb::Create } else { Verb::Update };
        let made = match self.around.failure(verb, id) {
            Some(reason) => Err(reason),
            None if is_new || self.is_replaced(id) => self.make(id),
            None => Ok(()),
        };
        if let Err(reason) = made {
            return self.fail(id, is_new, &reason);
        }
        self.operation.done.insert(id.to_owned());
        let done = if is_new { ResourceStatus::CreateComplete } else { ResourceStatus::UpdateComplete };
        self.say(id, done, None);
    }

    /// Makes a physical resource; the one it takes the place of goes in the clean-up.
    fn make(&mut self, id: &str) -> Result<(), String> {
        let Some(declared) = self.operation.declared.get(id).cloned() else { return Ok(()) };
        let physical_id = self.physical_id(id, &declared);
        if declared.resource_type == BUCKET && !self.around.store.make(&physical_id) {
            return Err(format!("{physical_id} already exists"));
        }
        let status =
            if self.is_new(id) { ResourceStatus::CreateInProgress } else { ResourceStatus::UpdateInProgress };
        let resource_type = declared.resource_type.clone();
        let resource =
            Resource { logical_id: id.to_owned(), physical_id, resource_type, status: status.clone() };
        if let Some(old) = self.stack.resources.insert(id.to_owned(), resource) {
            let is_kept = is_keeping(declared.update_replace_policy.as_deref());
            self.operation.replaced.push(Doomed { resource: old, is_kept, has_left: true });
        }
        self.say(id, status, Some("Resource creation Initiated"));
        Ok(())
    }

    fn physical_id(&mut self, id: &str, declared: &Declared) -> String {
        let properties = self.stack.target.properties(&self.stack.name, &self.stack.physical_ids(), declared);
        let text = |name: &str| properties.get(name).and_then(Value::as_str);
        let kind = declared.resource_type.rsplit("::").next().unwrap_or_default();
        let named = text(&format!("{kind}Name")).map(str::to_owned);
        let prefixed = text("BucketNamePrefix").map(|it| format!("{it}-{ACCOUNT_ID}-{REGION}-an"));
        let serial = self.around.next_serial();
        named.or(prefixed).unwrap_or_else(|| {
            let name = format!("{}-{id}-{serial:08}", self.stack.name);
            if declared.resource_type == BUCKET { name.to_lowercase() } else { name }
        })
    }

    fn fail(&mut self, id: &str, is_new: bool, reason: &str) {
        self.say(id, failed(is_new), Some(reason));
        self.give_up_begun();
        let verb = if is_new { "create" } else { "update" };
        let reason = format!("The following resource(s) failed to {verb}: [{id}]. ");
        self.operation.agenda = match (self.stack.rollback_disabled, self.operation.creates) {
            (true, true) => VecDeque::from([Step::Enter(StackStatus::CreateFailed, Some(reason))]),
            (true, false) => VecDeque::from([Step::Enter(StackStatus::UpdateFailed, Some(reason))]),
            (false, true) => self.create_undone(reason),
            (false, false) => self.update_undone(reason),
        };
    }

    /// Cancels the resources that have begun and not ended.
    fn give_up_begun(&mut self) {
        for step in self.operation.agenda.clone() {
            let Step::Finish(other) = step else { break };
            let is_new = self.is_new(&other);
            let reason = if is_new { "Resource creation cancelled" } else { "Resource update cancelled" };
            self.say(&other, failed(is_new), Some(reason));
            self.operation.touched.push(other);
        }
    }

    fn create_rolled_back(&self, reason: String) -> VecDeque<Step> {
        let mut agenda = VecDeque::from([Step::Enter(StackStatus::RollbackInProgress, Some(reason))]);
        agenda.extend(self.made());
        agenda.push_back(Step::RolledBack);
        agenda
    }

    fn rolled_back(&mut self) {
        if self.operation.failed.is_empty() {
            return self.stack.enter(StackStatus::RollbackComplete, None, self.at_ms);
        }
        let reason =
            format!("The following resource(s) failed to delete: [{}]. ", self.operation.failed.join(", "));
        self.stack.enter(StackStatus::RollbackFailed, Some(reason), self.at_ms);
    }

    /// As `OnStackFailure: DELETE` has it.
    fn create_undone(&self, reason: String) -> VecDeque<Step> {
        let reason = Some(format!("{reason}Delete requested by user."));
        let mut agenda = VecDeque::from([Step::Enter(StackStatus::DeleteInProgress, reason)]);
        agenda.extend(self.made());
        agenda.push_back(Step::Deleted);
        agenda
    }

    fn update_undone(&self, reason: String) -> VecDeque<Step> {
        let touched = self.operation.touched.iter().rev();
        let old = touched.filter(|id| {
            self.operation.before.resources.contains_key(*id) && !self.operation.restored.contains(*id)
        });
        let mut agenda = VecDeque::from([Step::Enter(StackStatus::UpdateRollbackInProgress, Some(reason))]);
        agenda.extend(old.cloned().map(Step::Restore));
        agenda.push_back(Step::Enter(StackStatus::UpdateRollbackCompleteCleanupInProgress, None));
        agenda.extend(self.made());
        agenda.push_back(Step::Settle(StackStatus::UpdateRollbackComplete));
        agenda
    }

    /// Lists what this operation made, last made first.
    fn made(&self) -> Vec<Step> {
        let touched = self.operation.touched.iter().rev();
        let made = touched.filter_map(|id| self.stack.resources.get(id)).filter(|resource| {
            let before = self.operation.before.resources.get(&resource.logical_id);
            before.is_none_or(|before| before.physical_id != resource.physical_id)
        });
        let doomed = made.map(|resource| Doomed {
            resource: resource.clone(),
            is_kept: false,
            has_left: self.operation.before.resources.contains_key(&resource.logical_id),
        });
        doomed.flat_map(deletion).collect()
    }

    fn restore(&mut self, id: &str) {
        self.say(id, ResourceStatus::UpdateInProgress, None);
        if let Some(reason) = self.around.failure(Verb::Rollback, id) {
            self.say(id, ResourceStatus::UpdateFailed, Some(&reason));
            let reason = format!("The following resource(s) failed to update: [{id}]. ");
            self.operation.agenda =
                VecDeque::from([Step::Enter(StackStatus::UpdateRollbackFailed, Some(reason))]);
            return;
        }
        self.operation.restored.insert(id.to_owned());
        if let Some(before) = self.operation.before.resources.get(id) {
            self.stack.resources.insert(id.to_owned(), before.clone());
        }
        self.say(id, ResourceStatus::UpdateComplete, None);
    }

    /// The stack is again what it was before the operation.
    fn go_back(&mut self) {
        self.stack.target = self.operation.before.target.clone();
        self.stack.outputs = self.operation.before.outputs.clone();
    }

    fn clean_up(&mut self) {
        self.stack.outputs = self.stack.target.outputs(&self.stack.name, Some(&self.stack.physical_ids()));
        if self.operation.creates {
            return self.stack.enter(StackStatus::CreateComplete, None, self.at_ms);
        }
        self.stack.enter(StackStatus::UpdateCompleteCleanupInProgress, None, self.at_ms);
        let before = self.operation.before.target.declared(&self.stack.name);
        let removed: BTreeSet<&String> =
            before.keys().filter(|id| !self.operation.declared.contains_key(*id)).collect();
        let removed = removed.into_iter().filter_map(|id| {
            let resource = self.stack.resources.remove(id)?;
            let is_kept = before.get(id).is_some_and(|it| is_keeping(it.deletion_policy.as_deref()));
            Some(Doomed { resource, is_kept, has_left: true })
        });
        let replaced = std::mem::take(&mut self.operation.replaced);
        let doomed: Vec<Doomed> = replaced.into_iter().chain(removed).rev().collect::<Vec<_>>();
        self.operation.agenda.extend(doomed.into_iter().flat_map(deletion));
        self.operation.agenda.push_back(Step::Settle(StackStatus::UpdateComplete));
    }

    fn begin_delete(&mut self, doomed: &Doomed) {
        if !doomed.is_kept {
            self.say_of(doomed, ResourceStatus::DeleteInProgress, None);
        }
    }

    fn finish_delete(&mut self, doomed: &Doomed) {
        let id = &doomed.resource.logical_id;
        if doomed.is_kept {
            self.say_of(doomed, ResourceStatus::DeleteSkipped, None);
        } else if let Some(reason) = self.undeletable(&doomed.resource) {
            self.operation.failed.push(id.clone());
            return self.say_of(doomed, ResourceStatus::DeleteFailed, Some(reason));
        } else {
            if doomed.resource.resource_type == BUCKET {
                self.around.store.remove(&doomed.resource.physical_id);
            }
            self.say_of(doomed, ResourceStatus::DeleteComplete, None);
        }
        if !doomed.has_left {
            self.stack.resources.remove(id);
        }
    }

    fn undeletable(&self, resource: &Resource) -> Option<String> {
        let full = resource.resource_type == BUCKET && self.around.store.versions(&resource.physical_id) > 0;
        let full = full.then(|| "The bucket you tried to delete is not empty".to_owned());
        self.around.failure(Verb::Delete, &resource.logical_id).or(full)
    }

    /// Speaks of a physical resource that may no longer be the listed one of its logical ID.
    fn say_of(&mut self, doomed: &Doomed, status: ResourceStatus, reason: Option<String>) {
        let resource = Resource { status: status.clone(), ..doomed.resource.clone() };
        if !doomed.has_left
            && let Some(listed) = self.stack.resources.get_mut(&resource.logical_id)
        {
            listed.status = status;
        }
        self.stack.say(&resource, reason, self.at_ms);
    }

    fn deleted(&mut self) {
        if self.operation.failed.is_empty() {
            return self.stack.enter(StackStatus::DeleteComplete, None, self.at_ms);
        }
        let failed = self.operation.failed.join(", ");
        let reason = format!("The following resource(s) failed to delete: [{failed}]. ");
        self.stack.enter(StackStatus::DeleteFailed, Some(reason), self.at_ms);
    }
}
