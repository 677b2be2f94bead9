//! How operations begin.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use pipectl_engine::status::StackStatus;

use super::deleting::deletion;
use super::{Before, Doomed, Kind, Operation, Running, STEP_MS, Step};
use crate::stacks::Surroundings;
use crate::stacks::comparison::{Change, is_keeping};
use crate::stacks::event::OperationType;
use crate::stacks::order::{Deletion, Deployment, OnStackFailure};
use crate::stacks::stack::Stack;
use crate::stacks::template::Target;

const BY_USER: &str = "User Initiated";

/// A change that is to be carried out.
#[derive(Debug)]
pub(in crate::stacks) struct Start {
    pub(in crate::stacks) target: Target,
    pub(in crate::stacks) changes: BTreeMap<String, Change>,
    /// True when nothing but imports is in it.
    pub(in crate::stacks) imports: bool,
    pub(in crate::stacks) on_failure: OnStackFailure,
    pub(in crate::stacks) retain_except_on_create: bool,
    pub(in crate::stacks) deployment: Deployment,
    pub(in crate::stacks) capabilities: BTreeSet<String>,
    pub(in crate::stacks) token: Option<String>,
}

/// Starts a create, an update or an import.
pub(in crate::stacks) fn change(stack: &mut Stack, start: Start, now_ms: i64) {
    let creates = stack.status == StackStatus::ReviewInProgress;
    let (kind, status) = match (start.imports, creates) {
        (true, _) => (Kind::Import, StackStatus::ImportInProgress),
        (false, true) => (Kind::Create, StackStatus::CreateInProgress),
        (false, false) => (Kind::Update, StackStatus::UpdateInProgress),
    };
    let mut agenda = VecDeque::new();
    for wave in start.target.waves().unwrap_or_default() {
        let wave: Vec<String> = wave.into_iter().filter(|id| start.changes.contains_key(id)).collect();
        if !wave.is_empty() {
            agenda.push_back(Step::Begin(wave.clone()));
            agenda.extend(wave.into_iter().map(Step::Finish));
        }
    }
    agenda.push_back(Step::CleanUp);
    let mut operation = Operation::new(stack, agenda, kind, now_ms);
    operation.declared = start.target.declared(&stack.name);
    operation.changes = start.changes;
    operation.on_failure = start.on_failure;
    operation.retain_except_on_create = start.retain_except_on_create;
    let operation_type = if creates { OperationType::CreateStack } else { OperationType::UpdateStack };
    stack.begin(operation_type, start.token.as_deref());
    let disable_rollback = start.on_failure == OnStackFailure::DoNothing;
    stack.deployment = Deployment { disable_rollback: Some(disable_rollback), ..start.deployment };
    stack.target = start.target;
    stack.capabilities = start.capabilities;
    stack.updated_ms = Some(now_ms);
    stack.begin_with(operation, status, now_ms);
}

/// Starts the deletion of a stack.
pub(in crate::stacks) fn delete(stack: &mut Stack, order: &Deletion, now_ms: i64) {
    let retained = |id: &String| order.retain.contains(id);
    let keeps = |policy: Option<&str>, id: &String| retained(id) || is_keeping(policy);
    let mut doomed: Vec<Doomed> = stack
        .resources
        .values()
        .filter(|it| it.exists())
        .map(|it| Doomed {
            is_kept: keeps(it.declared.deletion_policy.as_deref(), &it.logical_id),
            resource: it.clone(),
            has_left: false,
        })
        .collect();
    let order_of_making = stack.order_of_making();
    let rank = |id: &String| order_of_making.iter().position(|other| other == id);
    doomed.sort_by_key(|it| std::cmp::Reverse(rank(&it.resource.logical_id)));
    let mut agenda: VecDeque<Step> = doomed.into_iter().flat_map(deletion).collect();
    agenda.push_back(Step::Deleted);
    let mut operation = Operation::new(stack, agenda, Kind::Delete, now_ms);
    operation.is_forced = order.is_forced;
    stack.begin(OperationType::DeleteStack, order.token.as_deref());
    stack.deployment.is_express = order.deployment.is_express;
    stack.resources.retain(|_, it| it.exists());
    stack.begin_with(operation, StackStatus::DeleteInProgress, now_ms);
}

/// Keeps a stack busy for a while, as an operation of somebody else's does.
pub(in crate::stacks) fn occupy(stack: &mut Stack, duration_ms: i64, now_ms: i64) {
    let agenda = VecDeque::from([Step::Enter(StackStatus::UpdateComplete, None)]);
    let mut operation = Operation::new(stack, agenda, Kind::Update, now_ms);
    operation.due_ms = now_ms + duration_ms;
    stack.begin(OperationType::UpdateStack, Some("somebody-else"));
    stack.begin_with(operation, StackStatus::UpdateInProgress, now_ms);
}

/// Takes a running update back.
pub(in crate::stacks) fn cancel(stack: &mut Stack, around: &mut Surroundings, now_ms: i64) {
    let Some(operation) = stack.operation.take() else { return };
    turn(stack, around, operation, now_ms, |running| {
        running.give_up_begun();
        running.undo_update(Some("User Initiated. Update cancelled.".to_owned()));
    });
}

/// Takes a stack in `CREATE_FAILED` or `UPDATE_FAILED` back to its last stable state.
pub(in crate::stacks) fn roll_back(
    stack: &mut Stack,
    around: &mut Surroundings,
    retain_except_on_create: bool,
    token: Option<&str>,
    now_ms: i64,
) {
    let mut operation = Operation::stuck_in(stack, now_ms);
    operation.retain_except_on_create = retain_except_on_create;
    stack.begin(OperationType::Rollback, token);
    turn(stack, around, operation, now_ms, |running| {
        if running.operation.before.target.template.is_null() {
            running.undo_create(Some(BY_USER.to_owned()));
        } else {
            running.undo_update(Some(BY_USER.to_owned()));
        }
    });
}

/// Goes on with a rollback that failed; `skipped` count as rolled back.
pub(in crate::stacks) fn continue_rollback(
    stack: &mut Stack,
    around: &mut Surroundings,
    skipped: &[String],
    token: Option<&str>,
    now_ms: i64,
) {
    let operation = Operation::stuck_in(stack, now_ms);
    stack.begin(OperationType::ContinueRollback, token);
    turn(stack, around, operation, now_ms, |running| running.undo_update(Some(BY_USER.to_owned())));
    let Some(mut operation) = stack.operation.take() else { return };
    operation.agenda.retain(|step| !matches!(step, Step::Restore(id) if skipped.contains(id)));
    let mut running = Running { stack, around, operation: &mut operation, at_ms: now_ms };
    skipped.iter().for_each(|id| running.skip(id));
    stack.operation = Some(operation);
}

/// Gives an operation another agenda, and takes its first step at once.
fn turn(
    stack: &mut Stack,
    around: &mut Surroundings,
    mut operation: Operation,
    now_ms: i64,
    plan: impl FnOnce(&mut Running<'_>),
) {
    plan(&mut Running { stack, around, operation: &mut operation, at_ms: now_ms });
    operation.due_ms = now_ms;
    stack.operation = Some(operation);
    super::advance(stack, around, now_ms);
}

impl Operation {
    fn new(stack: &Stack, agenda: VecDeque<Step>, kind: Kind, now_ms: i64) -> Self {
        let now = Before {
            target: stack.target.clone(),
            outputs: stack.outputs.clone(),
            resources: stack.resources.clone(),
        };
        let stable = stack.stuck.as_ref().map(|stuck| stuck.before.clone());
        Self {
            agenda,
            due_ms: now_ms + STEP_MS,
            before: stable.unwrap_or(now),
            changes: BTreeMap::new(),
            declared: stack.declared(),
            kind,
            on_failure: OnStackFailure::Rollback,
            retain_except_on_create: false,
            is_forced: false,
            touched: Vec::new(),
            restored: BTreeSet::new(),
            replaced: Vec::new(),
            failed: Vec::new(),
        }
    }

    /// The operation that was left where it failed; for a stack that a test put there, an empty one.
    fn stuck_in(stack: &mut Stack, now_ms: i64) -> Self {
        stack.stuck.take().unwrap_or_else(|| Self::new(stack, VecDeque::new(), Kind::Update, now_ms))
    }
}

impl Stack {
    fn begin_with(&mut self, operation: Operation, status: StackStatus, now_ms: i64) {
        self.operation = Some(operation);
        self.stuck = None;
        self.enter(status, Some(BY_USER.to_owned()), now_ms);
    }

    /// Logical IDs in the order in which their resources are made.
    pub(super) fn order_of_making(&self) -> Vec<String> {
        self.target.waves().unwrap_or_default().concat()
    }
}
