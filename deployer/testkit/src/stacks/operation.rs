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
}

/// The stack as it was.
#[derive(Debug)]
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
    Settle(StackStatus),
}

/// Starts a create or an update.
pub(super) fn change(stack: &mut Stack, target: Target, token: &str, now_ms: i64) {
    let creates = stack.status == StackStatus::ReviewInProgress;
    let declared = target.declared(&stack.name);
    let changes = compare(stack, &stack.target.declared(&stack.name), &declared);
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
    stack.token = Some(token.to_owned());
    stack.operation = Some(Operation::new(stack, agenda, changes, declared, creates, now_ms));
    stack.target = target;
    let begun = if creates { StackStatus::CreateInProgress } else { StackStatus::UpdateInProgress };
    stack.enter(begun, Some("User Initiated".to_owned()), now_ms);
}

/// Starts the deletion of a stack.
pub(super) fn delete(stack: &mut Stack, token: &str, now_ms: i64) {
    let declared = stack.target.declared(&stack.name);
    let keeps = |id: &String| declared.get(id).is_some_and(|it| is_keeping(it.deletion_policy.as_deref()));
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
    stack.token = Some(token.to_owned());
    stack.operation = Some(Operation::new(stack, agenda, BTreeMap::new(), declared, false, now_ms));
    stack.enter(StackStatus::DeleteInProgress, Some("User Initiated".to_owned()), now_ms);
}

/// Keeps a stack busy for a while, as an operation of somebody else's does.
pub(super) fn occupy(stack: &mut Stack, duration_ms: i64, now_ms: i64) {
    let agenda = VecDeque::from([Step::Settle(StackStatus::UpdateComplete)]);
    stack.token = Some("somebody-else".to_owned());
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
        }
    }
}

impl Operation {
    fn new(
        stack: &Stack,
        agenda: VecDeque<Step>,
        changes: BTreeMap<String, ResourceChange>,
        declared: BTreeMap<String, Declared>,
        creates: bool,
        now_ms: i64,
    ) -> Self {
        let (target, outputs) = (stack.target.clone(), stack.outputs.clone());
        Self {
            agenda,
            due_ms: now_ms + STEP_MS,
            before: Before { target, outputs, resources: stack.resources.clone() },
            changes,
            declared,
            creates,
            touched: Vec::new(),
            replaced: Vec::new(),
            failed: Vec::new(),
        }
    }
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
        let failed =
            |is_new| if is_new { ResourceStatus::CreateFailed } else { ResourceStatus::UpdateFailed };
        self.say(id, failed(is_new), Some(reason));
        for step in self.operation.agenda.clone() {
            let Step::Finish(other) = step else { break };
            let is_new = self.is_new(&other);
            let reason = if is_new { "Resource creation cancelled" } else { "Resource update cancelled" };
            self.say(&other, failed(is_new), Some(reason));
            self.operation.touched.push(other);
        }
        let verb = if is_new { "create" } else { "update" };
        let reason = format!("The following resource(s) failed to {verb}: [{id}]. ");
        self.operation.agenda =
            if self.operation.creates { self.create_undone(reason) } else { self.update_undone(reason) };
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
        let old = touched.filter(|id| self.operation.before.resources.contains_key(*id));
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
