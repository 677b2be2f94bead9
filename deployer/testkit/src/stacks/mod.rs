//! The state machine of all stacks of an account; time and buckets come from outside.
//!
//! Nothing here knows how it is called: the port is in front of it, and a wire protocol could be.

mod change_set;
mod operation;
mod recovery;
mod replacement;
mod stack;
mod template;

use std::collections::BTreeMap;

use pipectl_engine::aws_error::AwsErrorCode;
use pipectl_engine::change_set::{
    ChangeSet, ChangeSetKind, ChangeSetRequest, TemplateSource, ValidationFinding,
};
use pipectl_engine::deployed::{DeployedStack, DeploymentMode, StackEvent, StackResource};
use pipectl_engine::port::{Content, Deletion};
use pipectl_engine::status::{ChangeSetStatus, ResourceStatus, StackStatus};
use serde_json::Value;

use crate::refusal::Refusal;
use crate::{ACCOUNT_ID, FakeObjectStore, REGION};
use change_set::StoredChangeSet;
use stack::{Resource, Stack};
use template::Target;

/// Longest template that a request takes, in bytes.
const MAX_BODY_BYTES: usize = 51_200;

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
    failures: BTreeMap<(Verb, String), String>,
    findings: Vec<ValidationFinding>,
    serial: u64,
}

impl Surroundings {
    fn new(store: FakeObjectStore) -> Self {
        Self { store, failures: BTreeMap::new(), findings: Vec::new(), serial: 0 }
    }

    fn failure(&self, verb: Verb, logical_id: &str) -> Option<String> {
        self.failures.get(&(verb, logical_id.to_owned())).cloned()
    }

    fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }
}

fn missing(stack: &str) -> Refusal {
    Refusal::new(AwsErrorCode::NotFound, format!("Stack with id {stack} does not exist"))
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

    pub(crate) fn fail(&mut self, verb: Verb, logical_id: &str, reason: &str) {
        self.around.failures.insert((verb, logical_id.to_owned()), reason.to_owned());
    }

    pub(crate) fn heal(&mut self) {
        self.around.failures.clear();
        self.around.findings.clear();
    }

    /// Puts a stack there as another tool left it; its resources are what its template declares.
    pub(crate) fn put(&mut self, name: &str, status: StackStatus, template: Value) {
        let index = self.add(name, status);
        let stack = &mut self.all[index];
        stack.target.template = template;
        for (id, declared) in stack.target.declared(name) {
            let resource_type = declared.resource_type;
            let physical_id = format!("{name}-{id}").to_lowercase();
            let status = ResourceStatus::CreateComplete;
            let resource = Resource { logical_id: id.clone(), physical_id, resource_type, status };
            stack.resources.insert(id, resource);
        }
    }

    pub(crate) fn protect(&mut self, name: &str, is_protected: bool) {
        if let Ok(stack) = self.find_mut(name) {
            stack.is_protected = is_protected;
        }
    }

    pub(crate) fn show_template_as(&mut self, name: &str, text: &str) {
        if let Ok(stack) = self.find_mut(name) {
            stack.shown_template = Some(Value::String(text.to_owned()));
        }
    }

    pub(crate) fn occupy(&mut self, name: &str, duration_ms: i64) {
        let now_ms = self.now_ms;
        if let Ok(stack) = self.find_mut(name) {
            operation::occupy(stack, duration_ms, now_ms);
        }
    }

    pub(crate) fn describe(&self, name_or_id: &str) -> Option<DeployedStack> {
        self.find(name_or_id).ok().map(Stack::described)
    }

    pub(crate) fn template(&self, name_or_id: &str) -> Result<Value, Refusal> {
        let stack = self.find(name_or_id)?;
        Ok(stack.shown_template.as_ref().unwrap_or(&stack.target.template).clone())
    }

    pub(crate) fn create_change_set(&mut self, request: &ChangeSetRequest) -> Result<String, Refusal> {
        let target = Target::read(&self.body(&request.template)?, &request.parameters, &request.tags)?;
        let index = self.stack_for(request)?;
        let serial = self.around.next_serial();
        let stack = &mut self.all[index];
        if stack.change_sets.iter().any(|other| other.name == request.name) {
            let message = format!("ChangeSet {} already exists", request.name);
            return Err(Refusal::new(AwsErrorCode::AlreadyExists, message));
        }
        let id = arn("changeSet", &request.name, serial);
        let mut stored = StoredChangeSet::new(id.clone(), request, target, stack, self.now_ms);
        stored.findings = self.around.findings.clone();
        stack.change_sets.push(stored);
        Ok(id)
    }

    pub(crate) fn describe_change_set(&self, stack: &str, change_set: &str) -> Result<ChangeSet, Refusal> {
        let stack = self.find(stack)?;
        let found = stack.change_sets.iter().find(|it| it.name == change_set || it.id == change_set);
        let found = found.ok_or_else(|| no_change_set(change_set))?;
        Ok(found.described(&stack.id, self.now_ms))
    }

    pub(crate) fn execute_change_set(
        &mut self,
        stack: &str,
        change_set: &str,
        token: &str,
    ) -> Result<(), Refusal> {
        let now_ms = self.now_ms;
        let stack = self.find_mut(stack)?;
        if stack.token.as_deref() == Some(token) {
            return Ok(());
        }
        let index = stack.change_sets.iter().position(|it| it.name == change_set || it.id == change_set);
        let index = index.ok_or_else(|| no_change_set(change_set))?;
        match stack.change_sets[index].status(now_ms) {
            ChangeSetStatus::CreateComplete if stack.operation.is_none() => {}
            ChangeSetStatus::Failed => {
                return Err(Refusal::invalid(
                    "ChangeSet cannot be executed in its current status of [FAILED]",
                ));
            }
            status => {
                let message = format!("ChangeSet cannot be executed in its current status of [{status}]");
                return Err(Refusal::new(AwsErrorCode::OperationInProgress, message));
            }
        }
        if stack.change_sets[index].is_executed {
            let message =
                "ChangeSet cannot be executed in its current execution status of [EXECUTE_COMPLETE]";
            return Err(Refusal::invalid(message));
        }
        let executed = &mut stack.change_sets[index];
        executed.is_executed = true;
        let (target, mode) = (executed.target.clone(), executed.mode);
        stack.executed = Some(executed.id.clone());
        stack.mode = mode;
        stack.rollback_disabled = mode == DeploymentMode::Express;
        stack.change_sets.retain(|it| it.is_executed);
        operation::change(stack, target, token, now_ms);
        Ok(())
    }

    pub(crate) fn delete_change_set(&mut self, stack: &str, change_set: &str) {
        if let Ok(stack) = self.find_mut(stack) {
            stack.change_sets.retain(|it| it.name != change_set && it.id != change_set);
        }
    }

    pub(crate) fn delete(&mut self, deletion: &Deletion<'_>) -> Result<(), Refusal> {
        let Deletion { stack, token, retained } = *deletion;
        let now_ms = self.now_ms;
        let Ok(stack) = self.find_mut(stack) else { return Ok(()) };
        if stack.token.as_deref() == Some(token) || stack.status == StackStatus::DeleteComplete {
            return Ok(());
        }
        if stack.is_protected {
            let message = "cannot be deleted while TerminationProtection is enabled";
            return Err(Refusal::invalid(format!("Stack [{}] {message}", stack.name)));
        }
        if stack.operation.is_some() && stack.status != StackStatus::CreateInProgress {
            let message =
                format!("Stack [{}] cannot be deleted while in status {}", stack.name, stack.status);
            return Err(Refusal::new(AwsErrorCode::OperationInProgress, message));
        }
        if !retained.is_empty() && stack.status != StackStatus::DeleteFailed {
            let message = "Retained resources can be given only for a stack in the DELETE_FAILED state";
            return Err(Refusal::invalid(message));
        }
        stack.change_sets.clear();
        operation::delete(stack, retained, token, now_ms);
        Ok(())
    }

    pub(crate) fn events(
        &self,
        stack: &str,
        token: Option<&str>,
        after: Option<&str>,
    ) -> Result<Vec<StackEvent>, Refusal> {
        let events = self.find(stack)?.events.iter();
        let seen = |event: &&StackEvent| after.is_some_and(|after| event.id != after);
        let from = events.clone().take_while(seen).count();
        let from = if after.is_some() { from + 1 } else { 0 };
        let own = events.skip(from).filter(|event| event.client_request_token.as_deref() == token);
        Ok(own.cloned().collect())
    }

    /// Lists every event of a stack, oldest first.
    #[cfg(feature = "http")]
    pub(crate) fn all_events(&self, stack: &str) -> Result<Vec<StackEvent>, Refusal> {
        Ok(self.find(stack)?.events.clone())
    }

    pub(crate) fn resources(&self, stack: &str) -> Result<Vec<StackResource>, Refusal> {
        Ok(self.find(stack)?.listed())
    }

    fn find(&self, name_or_id: &str) -> Result<&Stack, Refusal> {
        self.all.iter().find(|stack| stack.is_called(name_or_id)).ok_or_else(|| missing(name_or_id))
    }

    fn find_mut(&mut self, name_or_id: &str) -> Result<&mut Stack, Refusal> {
        self.all.iter_mut().find(|stack| stack.is_called(name_or_id)).ok_or_else(|| missing(name_or_id))
    }

    fn add(&mut self, name: &str, status: StackStatus) -> usize {
        let serial = self.around.next_serial();
        self.all.push(Stack::new(name, arn("stack", name, serial), status));
        self.all.len() - 1
    }

    fn body(&self, source: &TemplateSource) -> Result<String, Refusal> {
        match source {
            TemplateSource::Body(body) if body.len() > MAX_BODY_BYTES => {
                Err(Refusal::invalid("Member must have length less than or equal to 51200"))
            }
            TemplateSource::Body(body) => Ok(body.clone()),
            TemplateSource::Object { bucket, key } => match self.around.store.object(bucket, key) {
                Some(Content::Bytes(bytes)) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
                _ => Err(Refusal::invalid("S3 error: The specified key does not exist.")),
            },
        }
    }

    /// Finds the stack that a change set is for, and makes it for the first one.
    fn stack_for(&mut self, request: &ChangeSetRequest) -> Result<usize, Refusal> {
        let name = &request.stack;
        let found = self.all.iter().position(|stack| stack.is_called(name));
        match (request.kind, found.map(|index| (index, &self.all[index].status))) {
            (ChangeSetKind::Create, None) => {
                let index = self.add(name, StackStatus::ReviewInProgress);
                let now_ms = self.now_ms;
                self.all[index].enter(
                    StackStatus::ReviewInProgress,
                    Some("User Initiated".to_owned()),
                    now_ms,
                );
                Ok(index)
            }
            (ChangeSetKind::Create, Some((index, StackStatus::ReviewInProgress))) => Ok(index),
            (ChangeSetKind::Update, None) => Err(missing(name)),
            (ChangeSetKind::Update, Some((index, status))) if status.is_updatable() => Ok(index),
            (ChangeSetKind::Update, Some((index, _))) if self.all[index].takes_express_only() => {
                self.express_only(index, request.mode)
            }
            (_, Some((_, status))) if !status.is_settled() => {
                let message = format!("Stack:{name} is in {status} state and can not be updated.");
                Err(Refusal::new(AwsErrorCode::OperationInProgress, message))
            }
            (ChangeSetKind::Create, Some(_)) => {
                let message = format!("Stack [{name}] already exists and cannot be created again");
                Err(Refusal::invalid(message))
            }
            (ChangeSetKind::Update, Some((_, status))) => {
                Err(Refusal::invalid(format!("Stack:{name} is in {status} state and can not be updated.")))
            }
        }
    }
}

fn no_change_set(change_set: &str) -> Refusal {
    Refusal::new(AwsErrorCode::NotFound, format!("ChangeSet [{change_set}] does not exist"))
}

fn arn(kind: &str, name: &str, serial: u64) -> String {
    let unique = format!("00000000-0000-0000-0000-{serial:012}");
    format!("arn:aws:cloudformation:{REGION}:{ACCOUNT_ID}:{kind}/{name}/{unique}")
}
