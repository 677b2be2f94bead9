//! The state machine of all stacks of an account; time and buckets come from outside.
//!
//! Nothing here knows how it is called: the port and the wire protocol are in front of it.

mod answer;
mod capability;
mod change_set;
mod change_sets;
mod comparison;
mod deletion;
pub(crate) mod drift;
mod event;
mod import;
mod intrinsic;
mod named;
mod operation;
mod order;
mod policy;
mod recovery;
mod replacement;
mod scripts;
mod stack;
mod template;
mod validation;

use std::collections::BTreeMap;

use pipectl_engine::aws_error::AwsErrorCode;
use pipectl_engine::status::StackStatus;
use serde_json::Value;

use crate::refusal::Refusal;
use crate::{ACCOUNT_ID, FakeObjectStore, REGION};
pub(crate) use change_set::StoredChangeSet;
pub(crate) use comparison::{Action, Change, Detail};
pub(crate) use event::{Event, OperationRecord};
pub use order::Deployment;
pub(crate) use order::{ChangeSetOrder, Deletion, Execution, Kind, OnStackFailure, Template, ToImport};
pub(crate) use stack::{Resource, Stack};
use validation::Finding;

/// What is done to a resource when it is to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// It is made for the first time.
    Create,
    /// It is changed or replaced.
    Update,
    /// It is deleted.
    Delete,
    /// It goes back to what it was before a failed update.
    Rollback,
    /// It is looked at for drift.
    DetectDrift,
}

/// All stacks of an account, deleted ones too.
#[derive(Debug)]
pub(crate) struct Stacks {
    all: Vec<Stack>,
    around: Surroundings,
    now_ms: i64,
}

/// What operations need from outside their stack.
#[derive(Debug)]
struct Surroundings {
    store: FakeObjectStore,
    /// Named resources of the account with their properties, by type and name.
    existing: BTreeMap<(String, String), Value>,
    failures: BTreeMap<(Verb, String), Failure>,
    findings: Vec<Finding>,
    /// Time from the end of a resource's operation in express mode until it is ready.
    ready_after_ms: i64,
    serial: u64,
}

/// A failure that a test has planned.
#[derive(Debug)]
struct Failure {
    reason: String,
    /// How often it still happens; `None` until it is healed.
    left: Option<u32>,
}

/// Time until a resource is ready after express mode is through with it.
const READY_AFTER_MS: i64 = 10_000;

impl Surroundings {
    fn new(store: FakeObjectStore) -> Self {
        Self {
            store,
            existing: BTreeMap::new(),
            failures: BTreeMap::new(),
            findings: Vec::new(),
            ready_after_ms: READY_AFTER_MS,
            serial: 0,
        }
    }

    /// Counts a failure and returns its reason, if one is planned.
    fn failure(&mut self, verb: Verb, logical_id: &str) -> Option<String> {
        let key = (verb, logical_id.to_owned());
        let failure = self.failures.get_mut(&key)?;
        let reason = failure.reason.clone();
        if let Some(left) = &mut failure.left {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.failures.remove(&key);
            }
        }
        Some(reason)
    }

    fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }
}

fn missing(stack: &str) -> Refusal {
    Refusal::new(AwsErrorCode::NotFound, format!("Stack with id {stack} does not exist"))
}

fn arn(kind: &str, name: &str, serial: u64) -> String {
    let unique = format!("00000000-0000-0000-0000-{serial:012}");
    format!("arn:aws:cloudformation:{REGION}:{ACCOUNT_ID}:{kind}/{name}/{unique}")
}

impl Stacks {
    pub(crate) fn new(store: FakeObjectStore) -> Self {
        Self { all: Vec::new(), around: Surroundings::new(store), now_ms: 0 }
    }

    /// Lets everything happen that is due.
    pub(crate) fn advance(&mut self, now_ms: i64) {
        self.now_ms = now_ms;
        for stack in &mut self.all {
            operation::advance(stack, &mut self.around, now_ms);
        }
    }

    /// Finds a stack by its name, or by its ID, by which deleted ones are found too.
    pub(crate) fn find(&self, name_or_id: &str) -> Result<&Stack, Refusal> {
        self.all.iter().find(|stack| stack.is_called(name_or_id)).ok_or_else(|| missing(name_or_id))
    }

    /// Lists the stacks that are not deleted.
    pub(crate) fn living(&self) -> Vec<&Stack> {
        self.all.iter().filter(|stack| stack.status != StackStatus::DeleteComplete).collect()
    }

    /// Finds the stack of an operation.
    pub(crate) fn of_operation(&self, id: &str) -> Result<&Stack, Refusal> {
        let is_of = |stack: &&Stack| {
            let changes = stack.change_sets.iter().map(|it| &it.operation);
            stack.operations.iter().chain(changes).any(|it| it.id == id)
        };
        let missing = || Refusal::new(AwsErrorCode::NotFound, format!("Operation [{id}] does not exist"));
        self.all.iter().find(is_of).ok_or_else(missing)
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.now_ms
    }

    fn find_mut(&mut self, name_or_id: &str) -> Result<&mut Stack, Refusal> {
        self.all.iter_mut().find(|stack| stack.is_called(name_or_id)).ok_or_else(|| missing(name_or_id))
    }

    fn add(&mut self, name: &str, status: StackStatus) -> usize {
        let serial = self.around.next_serial();
        self.all.push(Stack::new(name, arn("stack", name, serial), status, self.now_ms));
        self.all.len() - 1
    }
}
