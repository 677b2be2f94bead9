//! The verbs of change sets.

use std::collections::BTreeMap;

use pipectl_engine::aws_error::AwsErrorCode;
use pipectl_engine::port::Content;
use pipectl_engine::status::{ChangeSetStatus, StackStatus};

use super::change_set::{Made, StoredChangeSet};
use super::comparison::{Terms, compare};
use super::event::{OperationRecord, OperationType};
use super::named::unique_name;
use super::operation::{self, Start};
use super::order::{ChangeSetOrder, Deployment, Execution, Kind, Template};
use super::stack::Stack;
use super::template::Target;
use super::{Stacks, arn, capability, missing};
use crate::refusal::Refusal;

/// Longest template that a request takes, in bytes.
const MAX_BODY_BYTES: usize = 51_200;

pub(super) fn no_change_set(change_set: &str) -> Refusal {
    let message = format!("ChangeSet [{change_set}] does not exist");
    Refusal::new(AwsErrorCode::NotFound, message).written_as("ChangeSetNotFound")
}

fn not_executable(code: AwsErrorCode, status: &str) -> Refusal {
    let message = format!("ChangeSet cannot be executed in its current {status}");
    Refusal::new(code, message).written_as("InvalidChangeSetStatus")
}

impl Stacks {
    pub(crate) fn create_change_set(&mut self, order: &ChangeSetOrder) -> Result<String, Refusal> {
        let target = self.target_of(order)?;
        capability::check(&target, &order.stack, &order.capabilities)?;
        let index = self.stack_for(order)?;
        if self.all[index].change_sets.iter().any(|other| other.name == order.name) {
            let message = format!("ChangeSet {} already exists", order.name);
            return Err(Refusal::new(AwsErrorCode::AlreadyExists, message));
        }
        let made = self.make(order, target, index)?;
        let id = made.id.clone();
        self.all[index].change_sets.push(StoredChangeSet::new(order, made, self.now_ms));
        Ok(id)
    }

    fn make(&mut self, order: &ChangeSetOrder, target: Target, index: usize) -> Result<Made, Refusal> {
        let serial = self.around.next_serial();
        let id = arn("changeSet", &order.name, serial);
        let stack = &self.all[index];
        let declared = target.declared(&stack.name);
        let imports = self.imports(order, stack, &declared)?;
        let terms = Terms { imports, reverts_drift: order.reverts_drift };
        let changes = compare(stack, &declared, &terms);
        let names = declared.iter().filter_map(|(id, it)| Some((id.clone(), unique_name(it)?)));
        let names: Vec<(String, String)> = names.collect();
        let findings = if order.skips_validation { Vec::new() } else { self.validate(&changes, &names) };
        let differs = stack.target.outputs(&stack.name, None) != target.outputs(&stack.name, None)
            || stack.target.tags != target.tags
            || stack.target.template.is_null();
        let operation = OperationRecord {
            id: format!("{serial:08}-0000-0000-0001-000000000000"),
            operation_type: OperationType::CreateChangeSet,
            token: order.token.clone(),
        };
        Ok(Made { id, operation, target, changes, terms, findings, differs })
    }

    /// The template with its values; what the order leaves out is taken from the stack.
    fn target_of(&self, order: &ChangeSetOrder) -> Result<Target, Refusal> {
        let before = self.find(&order.stack).map(|stack| stack.target.clone());
        let body = match &order.template {
            Template::Previous => before.clone()?.template.to_string(),
            other => self.body(other)?,
        };
        let mut given = BTreeMap::new();
        for (name, value) in &order.parameters {
            let previous = || before.as_ref().ok().and_then(|it| it.parameters.get(name).cloned());
            if let Some(value) = value.clone().or_else(previous) {
                given.insert(name.clone(), value);
            }
        }
        let tags = order.tags.clone().or_else(|| before.as_ref().ok().map(|it| it.tags.clone()));
        Target::read(&body, &given, &tags.unwrap_or_default())
    }

    fn body(&self, template: &Template) -> Result<String, Refusal> {
        match template {
            Template::Body(body) if body.len() > MAX_BODY_BYTES => {
                Err(Refusal::invalid("Member must have length less than or equal to 51200"))
            }
            Template::Body(body) => Ok(body.clone()),
            Template::Object { bucket, key } => match self.around.store.object(bucket, key) {
                Some(Content::Bytes(bytes)) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
                _ => Err(Refusal::invalid("S3 error: The specified key does not exist.")),
            },
            Template::Previous => Err(Refusal::invalid("there is no previous template")),
        }
    }

    /// Finds the stack that a change set is for, and makes it for the first one.
    fn stack_for(&mut self, order: &ChangeSetOrder) -> Result<usize, Refusal> {
        let name = &order.stack;
        let Some(index) = self.all.iter().position(|stack| stack.is_called(name)) else {
            return match order.kind {
                Kind::Update => Err(missing(name)),
                Kind::Create | Kind::Import => Ok(self.add_for_review(name)),
            };
        };
        let stack = &self.all[index];
        let waits = stack.status == StackStatus::ReviewInProgress;
        match order.kind {
            Kind::Create | Kind::Import if waits => Ok(index),
            Kind::Update | Kind::Import => stack.takes_update(&order.deployment).map(|()| index),
            Kind::Create if !stack.status.is_settled() => Err(stack.busy()),
            Kind::Create => {
                let message = format!("Stack [{name}] already exists and cannot be created again");
                Err(Refusal::invalid(message))
            }
        }
    }

    fn add_for_review(&mut self, name: &str) -> usize {
        let index = self.add(name, StackStatus::ReviewInProgress);
        let (now_ms, reason) = (self.now_ms, Some("User Initiated".to_owned()));
        self.all[index].enter(StackStatus::ReviewInProgress, reason, now_ms);
        index
    }

    /// Finds a change set by its ARN, or by its name on a stack.
    pub(crate) fn change_set(&self, stack: &str, name: &str) -> Result<(&Stack, &StoredChangeSet), Refusal> {
        let stack = if name.starts_with("arn:") {
            let mut all = self.all.iter();
            all.find(|it| it.change_sets.iter().any(|it| it.id == name)).ok_or_else(|| no_change_set(name))?
        } else {
            self.find(stack)?
        };
        let found = stack.change_sets.iter().find(|it| it.is_called(name));
        Ok((stack, found.ok_or_else(|| no_change_set(name))?))
    }

    pub(crate) fn execute_change_set(
        &mut self,
        stack: &str,
        change_set: &str,
        execution: &Execution,
    ) -> Result<(), Refusal> {
        let now_ms = self.now_ms;
        let known = self.change_set(stack, change_set).map(|(stack, _)| stack.id.clone());
        let id =
            known.or_else(|refusal| self.find(stack).map(|stack| stack.id.clone()).map_err(|_| refusal))?;
        let stack = self.find_mut(&id)?;
        if stack.was_asked_by(execution.token.as_deref()) {
            return Ok(());
        }
        let found = stack.change_sets.iter().position(|it| it.is_called(change_set));
        let found = found.ok_or_else(|| no_change_set(change_set))?;
        let start = stack.start_of(found, execution, now_ms)?;
        stack.executed = Some(stack.change_sets[found].id.clone());
        stack.change_sets[found].is_executed = true;
        stack.change_sets.retain(|it| it.is_executed);
        operation::change(stack, start, now_ms);
        Ok(())
    }

    /// Creates or updates a stack without a change set to look at.
    pub(crate) fn deploy(&mut self, order: &ChangeSetOrder, execution: &Execution) -> Result<(), Refusal> {
        let now_ms = self.now_ms;
        let found = self.find(&order.stack).ok();
        if found.is_some_and(|stack| stack.was_asked_by(execution.token.as_deref())) {
            return Ok(());
        }
        if order.kind == Kind::Create && found.is_some() {
            let message = format!("Stack [{}] already exists", order.stack);
            return Err(Refusal::new(AwsErrorCode::AlreadyExists, message));
        }
        let target = self.target_of(order)?;
        capability::check(&target, &order.stack, &order.capabilities)?;
        let index = match order.kind {
            Kind::Create => self.add(&order.stack, StackStatus::ReviewInProgress),
            _ => self.stack_for(order)?,
        };
        let made = self.make(order, target, index)?;
        let made = StoredChangeSet::new(order, made, now_ms);
        if !made.differs && !self.all[index].is_left_failed() {
            return Err(Refusal::invalid("No updates are to be performed."));
        }
        let stack = &mut self.all[index];
        let start = made.start(execution);
        stack.takes_execution(&start.deployment)?;
        operation::change(stack, start, now_ms);
        Ok(())
    }

    pub(crate) fn delete_change_set(&mut self, stack: &str, change_set: &str) {
        let known = self.change_set(stack, change_set).map(|(stack, _)| stack.id.clone());
        if let Ok(stack) = known.and_then(|id| self.find_mut(&id)) {
            stack.change_sets.retain(|it| !it.is_called(change_set));
        }
    }
}

impl Stack {
    fn start_of(&self, index: usize, execution: &Execution, now_ms: i64) -> Result<Start, Refusal> {
        let change_set = &self.change_sets[index];
        match change_set.status(now_ms) {
            ChangeSetStatus::CreateComplete if self.operation.is_none() => {}
            ChangeSetStatus::Failed => {
                return Err(not_executable(AwsErrorCode::Invalid, "status of [FAILED]"));
            }
            status => {
                let status = format!("status of [{status}]");
                return Err(not_executable(AwsErrorCode::OperationInProgress, &status));
            }
        }
        if change_set.is_executed {
            return Err(not_executable(AwsErrorCode::Invalid, "execution status of [EXECUTE_COMPLETE]"));
        }
        if change_set.on_failure.is_some() && execution.disable_rollback.is_some() {
            let message = "DisableRollback cannot be specified when OnStackFailure was specified";
            return Err(Refusal::invalid(message));
        }
        let start = change_set.start(execution);
        self.takes_execution(&start.deployment)?;
        Ok(start)
    }

    pub(super) fn busy(&self) -> Refusal {
        let message = format!("Stack:{} is in {} state and can not be updated.", self.id, self.status);
        Refusal::new(AwsErrorCode::OperationInProgress, message)
    }

    /// True when its last operation failed and was left so on purpose.
    pub(super) fn is_left_failed(&self) -> bool {
        let has_failed = matches!(self.status, StackStatus::CreateFailed | StackStatus::UpdateFailed);
        has_failed && self.deployment.rollback_is_disabled()
    }

    /// Refuses an update that the stack's status does not allow.
    pub(super) fn takes_update(&self, deployment: &Deployment) -> Result<(), Refusal> {
        if self.status.is_updatable() {
            return Ok(());
        }
        if self.is_left_failed() && (deployment.is_express || !self.deployment.is_express) {
            return Ok(());
        }
        if self.is_left_failed() {
            return Err(Refusal::invalid(format!(
                "This stack is in a {} state from a previous operation that used EXPRESS deployment mode with \
                 disable-rollback. Follow-up operations must use the same DeploymentConfig (mode=EXPRESS) until \
                 the stack reaches a *_COMPLETE state.",
                self.status
            )));
        }
        if !self.status.is_settled() {
            return Err(self.busy());
        }
        let message = format!("Stack:{} is in {} state and can not be updated.", self.id, self.status);
        Err(Refusal::invalid(message))
    }

    /// Refuses an update of a failed stack that would roll back what came before it.
    fn takes_execution(&self, deployment: &Deployment) -> Result<(), Refusal> {
        if self.is_left_failed() && !deployment.rollback_is_disabled() {
            return Err(Refusal::invalid(format!(
                "This stack is currently in a non-terminal [{}] state. To update the stack from this state, please \
                 use the disable-rollback parameter with update-stack API. To rollback to the last known good \
                 state, use the rollback-stack API",
                self.status
            )));
        }
        Ok(())
    }
}
