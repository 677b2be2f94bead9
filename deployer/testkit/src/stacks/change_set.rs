//! Change sets: made in the background, described when they are complete.

use std::collections::{BTreeMap, BTreeSet};

use pipectl_engine::change_set::{
    ChangeAction, ChangeSet, ChangeSetRequest, ChangeSetSummary, Replacement, ResourceChange,
    ValidationFinding,
};
use pipectl_engine::deployed::DeploymentMode;
use pipectl_engine::status::ChangeSetStatus;
use serde_json::Value;

use super::replacement::replaces;
use super::stack::Stack;
use super::template::{Declared, Target, references};

const PENDING_MS: i64 = 500;
const MAKING_MS: i64 = 1_500;

/// AWS's sentence for a change set that would change nothing (aws-cloudformation/rain#94).
const NOTHING_DIFFERS: &str = "The submitted information didn't contain changes. \
                               Submit different information to create a change set.";

/// AWS's sentence for a change set that a validation has refused (aws/aws-cdk-cli#1000).
const VALIDATION_FAILED: &str = "The following hook(s)/validation failed: \
                                 [AWS::EarlyValidation::PropertyValidation]. To troubleshoot Early Validation \
                                 errors, use the DescribeEvents API for detailed failure information.";

/// A change set of a stack.
#[derive(Debug)]
pub(super) struct StoredChangeSet {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) target: Target,
    pub(super) is_executed: bool,
    pub(super) mode: DeploymentMode,
    pub(super) findings: Vec<ValidationFinding>,
    asked_ms: i64,
    changes: Vec<ResourceChange>,
    differs: bool,
}

impl StoredChangeSet {
    pub(super) fn new(
        id: String,
        request: &ChangeSetRequest,
        target: Target,
        stack: &Stack,
        now_ms: i64,
    ) -> Self {
        let (before, after) = (stack.declared(), target.declared(&stack.name));
        let changes = compare(stack, &before, &after);
        let differs = !changes.is_empty()
            || stack.target.outputs(&stack.name, None) != target.outputs(&stack.name, None)
            || stack.target.tags != target.tags
            || stack.target.template.is_null();
        Self {
            id,
            name: request.name.clone(),
            target,
            is_executed: false,
            mode: request.mode,
            findings: Vec::new(),
            asked_ms: now_ms,
            changes,
            differs,
        }
    }

    pub(super) fn status(&self, now_ms: i64) -> ChangeSetStatus {
        match now_ms - self.asked_ms {
            age if age < PENDING_MS => ChangeSetStatus::CreatePending,
            age if age < MAKING_MS => ChangeSetStatus::CreateInProgress,
            _ if self.differs && !self.is_refused() => ChangeSetStatus::CreateComplete,
            _ => ChangeSetStatus::Failed,
        }
    }

    fn is_refused(&self) -> bool {
        self.findings.iter().any(|finding| finding.is_failure)
    }

    pub(super) fn summary(&self, now_ms: i64) -> ChangeSetSummary {
        let status = self.status(now_ms);
        let is_executable = status == ChangeSetStatus::CreateComplete && !self.is_executed;
        ChangeSetSummary { name: self.name.clone(), status, is_executable }
    }

    pub(super) fn described(&self, stack_id: &str, now_ms: i64) -> ChangeSet {
        let status = self.status(now_ms);
        let is_empty = status == ChangeSetStatus::Failed && !self.differs;
        let refused = self.is_refused().then(|| VALIDATION_FAILED.to_owned());
        let complete = status == ChangeSetStatus::CreateComplete;
        ChangeSet {
            id: self.id.clone(),
            stack_id: stack_id.to_owned(),
            status,
            status_reason: is_empty.then(|| NOTHING_DIFFERS.to_owned()).or(refused),
            is_empty,
            is_executable: complete && !self.is_executed,
            changes: if complete { self.changes.clone() } else { Vec::new() },
        }
    }
}

/// Lists what differs between two sets of resources, by logical ID.
pub(super) fn compare(
    stack: &Stack,
    before: &BTreeMap<String, Declared>,
    after: &BTreeMap<String, Declared>,
) -> Vec<ResourceChange> {
    let replaced: BTreeSet<&String> = after
        .iter()
        .filter(|(id, new)| before.get(*id).is_some_and(|old| is_replaced(old, new)))
        .map(|(id, _)| id)
        .collect();
    let ids: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    ids.into_iter().filter_map(|id| change(stack, id, before.get(id), after.get(id), &replaced)).collect()
}

fn change(
    stack: &Stack,
    id: &str,
    before: Option<&Declared>,
    after: Option<&Declared>,
    replaced: &BTreeSet<&String>,
) -> Option<ResourceChange> {
    let (action, replacement, properties) = match (before, after) {
        (Some(old), Some(new)) => {
            let (replacement, properties) = modification(old, new, replaced)?;
            (ChangeAction::Modify, replacement, properties)
        }
        (None, Some(_)) => (ChangeAction::Add, Replacement::Never, Vec::new()),
        (_, None) => (ChangeAction::Remove, Replacement::Never, Vec::new()),
    };
    Some(ResourceChange {
        logical_id: id.to_owned(),
        physical_id: stack.resources.get(id).map(|resource| resource.physical_id.clone()),
        resource_type: after.or(before)?.resource_type.clone(),
        action,
        replacement,
        properties,
    })
}

fn modification(
    old: &Declared,
    new: &Declared,
    replaced: &BTreeSet<&String>,
) -> Option<(Replacement, Vec<String>)> {
    let own = differing(old, new);
    let following: Vec<String> = property_names(new)
        .filter(|name| {
            let mut used = BTreeSet::new();
            references(&new.properties[name], &mut used);
            used.iter().any(|id| replaced.contains(id))
        })
        .collect();
    if own.is_empty() && following.is_empty() && old.resource_type == new.resource_type {
        return None;
    }
    let replacement = if is_replaced(old, new) {
        Replacement::Always
    } else if following.iter().any(|name| replaces(&new.resource_type, name)) {
        Replacement::Conditional
    } else {
        Replacement::Never
    };
    let names: BTreeSet<String> = own.into_iter().chain(following).collect();
    Some((replacement, names.into_iter().map(|name| format!("/Properties/{name}")).collect()))
}

fn is_replaced(old: &Declared, new: &Declared) -> bool {
    old.resource_type != new.resource_type
        || differing(old, new).iter().any(|name| replaces(&new.resource_type, name))
}

fn differing(old: &Declared, new: &Declared) -> Vec<String> {
    let names: BTreeSet<String> = property_names(old).chain(property_names(new)).collect();
    names.into_iter().filter(|name| old.properties.get(name) != new.properties.get(name)).collect()
}

fn property_names(declared: &Declared) -> impl Iterator<Item = String> {
    declared.properties.as_object().into_iter().flatten().map(|(name, _): (&String, &Value)| name.clone())
}
