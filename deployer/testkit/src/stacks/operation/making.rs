//! Resources are made, changed and imported; the old ones go in the clean-up.

use pipectl_engine::change_set::Replacement;
use pipectl_engine::status::{ResourceStatus, StackStatus};

use super::deleting::deletion;
use super::{Doomed, Kind, Running};
use crate::stacks::Verb;
use crate::stacks::comparison::{Action, is_keeping};
use crate::stacks::named::{BUCKET, bucket_of_prefix, given_name, unique_name};
use crate::stacks::policy;
use crate::stacks::stack::Resource;
use crate::stacks::template::Declared;

/// The reason of a resource that is done in express mode (aws/aws-cdk-cli#1689).
const EXPRESS_DONE: &str = "Resource operation completed using Express Mode. It may continue becoming available \
                            in the background.";
/// The reason of a replacement while rollback is disabled (aws/aws-cdk-cli#1931, #1970).
const NO_REPLACEMENT: &str = "Replacement type updates not supported on stack with disable-rollback.";

impl Running<'_> {
    fn action(&self, id: &str) -> Action {
        self.operation.changes.get(id).map_or(Action::Modify, |change| change.action)
    }

    fn is_replaced(&self, id: &str) -> bool {
        let change = self.operation.changes.get(id);
        change.is_some_and(|change| change.replacement != Replacement::Never)
    }

    pub(super) fn begin(&mut self, id: &str) {
        let Some(declared) = self.operation.declared.get(id).cloned() else { return };
        let (status, reason) = match self.action(id) {
            Action::Add => (ResourceStatus::CreateInProgress, None),
            Action::Import => (ResourceStatus::ImportInProgress, Some("Resource import started.")),
            _ if self.is_replaced(id) => (
                ResourceStatus::UpdateInProgress,
                Some(
                    "Requested update requires the creation of a new physical resource; hence creating one.",
                ),
            ),
            _ => (ResourceStatus::UpdateInProgress, None),
        };
        let new = || Resource::new(id, declared, self.at_ms);
        self.stack.resources.entry(id.to_owned()).or_insert_with(new);
        self.say(id, status, reason);
    }

    pub(super) fn finish(&mut self, id: &str) {
        self.operation.touched.push(id.to_owned());
        let action = self.action(id);
        let done = match action {
            Action::Add => self.add(id),
            Action::Import => self.import(id),
            _ => self.update(id),
        };
        if let Err(reason) = done {
            return self.fail(id, &reason);
        }
        let status = match action {
            Action::Add => ResourceStatus::CreateComplete,
            Action::Import => ResourceStatus::ImportComplete,
            _ => ResourceStatus::UpdateComplete,
        };
        let is_express = self.stack.deployment.is_express;
        self.say(id, status, is_express.then_some(EXPRESS_DONE));
        let ready_ms = if is_express { self.at_ms + self.around.ready_after_ms } else { self.at_ms };
        if let Some(resource) = self.stack.resources.get_mut(id) {
            resource.ready_ms = ready_ms;
        }
    }

    fn add(&mut self, id: &str) -> Result<(), String> {
        self.around.failure(Verb::Create, id).map_or(Ok(()), Err)?;
        self.make(id)
    }

    fn update(&mut self, id: &str) -> Result<(), String> {
        let change = self.operation.changes.get(id);
        let denied = change.and_then(|change| policy::denied(self.stack.policy.as_ref(), change));
        denied.or_else(|| self.around.failure(Verb::Update, id)).map_or(Ok(()), Err)?;
        if self.is_replaced(id) {
            if self.stack.deployment.rollback_is_disabled() {
                return Err(NO_REPLACEMENT.to_owned());
            }
            return self.make(id);
        }
        let gone = self.stack.resources.get(id).is_some_and(|it| it.actual.is_none());
        if gone {
            return Err("Resource handler returned message: \"The resource does not exist\"".to_owned());
        }
        self.apply(id);
        Ok(())
    }

    /// Takes a resource of the account into the stack as it is.
    fn import(&mut self, id: &str) -> Result<(), String> {
        let physical_id = self.operation.changes.get(id).and_then(|change| change.physical_id.clone());
        let physical_id = physical_id.unwrap_or_default();
        let resource_type =
            self.stack.resources.get(id).map(|it| it.resource_type.clone()).unwrap_or_default();
        if !self.around.has(&resource_type, &physical_id) {
            return Err(format!("{physical_id} does not exist"));
        }
        let found = self.around.existing.get(&(resource_type, physical_id.clone())).cloned();
        if let Some(resource) = self.stack.resources.get_mut(id) {
            resource.physical_id = physical_id;
        }
        self.apply(id);
        if let (Some(resource), Some(found)) = (self.stack.resources.get_mut(id), found) {
            resource.actual = Some(found);
        }
        Ok(())
    }

    /// Makes a physical resource; the one it takes the place of goes in the clean-up.
    fn make(&mut self, id: &str) -> Result<(), String> {
        let Some(declared) = self.operation.declared.get(id).cloned() else { return Ok(()) };
        let physical_id = self.physical_id(id, &declared);
        let old = self.stack.resources.get(id).filter(|it| it.exists()).cloned();
        if unique_name(&declared).is_some() || declared.resource_type == BUCKET {
            if old.as_ref().is_some_and(|old| old.physical_id == physical_id) {
                return Err("CloudFormation cannot update a stack when a custom-named resource requires \
                            replacing."
                    .to_owned());
            }
            if !self.around.make(&declared.resource_type, &physical_id) {
                return Err(format!("{physical_id} already exists"));
            }
        }
        let status = self.stack.resources.get(id).map(|it| it.status.clone());
        let mut resource = Resource::new(id, declared.clone(), self.at_ms);
        resource.physical_id = physical_id;
        self.stack.resources.insert(id.to_owned(), resource);
        if let Some(old) = old {
            let is_kept = is_keeping(declared.update_replace_policy.as_deref());
            self.operation.replaced.push(Doomed { resource: old, is_kept, has_left: true });
        }
        self.apply(id);
        let status = status.unwrap_or(ResourceStatus::CreateInProgress);
        self.say(id, status, Some("Resource creation Initiated"));
        Ok(())
    }

    /// Gives a resource the properties that the template has for it now. What was changed by hand
    /// stays, unless the template changes it or drift is reverted.
    fn apply(&mut self, id: &str) {
        let Some(declared) = self.operation.declared.get(id).cloned() else { return };
        let expected = self.stack.target.properties(&self.stack.name, &self.stack.physical_ids(), &declared);
        let details = self.operation.changes.get(id).map(|change| change.details.clone()).unwrap_or_default();
        let Some(resource) = self.stack.resources.get_mut(id) else { return };
        match resource.actual.as_mut().and_then(serde_json::Value::as_object_mut) {
            Some(actual) => {
                for detail in details {
                    match expected.get(&detail.property) {
                        Some(value) => actual.insert(detail.property, value.clone()),
                        None => actual.remove(&detail.property),
                    };
                }
            }
            None => resource.actual = Some(expected.clone()),
        }
        resource.resource_type.clone_from(&declared.resource_type);
        resource.expected = expected;
        resource.declared = declared;
        let key = (resource.resource_type.clone(), resource.physical_id.clone());
        if let (Some(known), Some(actual)) = (self.around.existing.get_mut(&key), &resource.actual) {
            *known = actual.clone();
        }
    }

    fn physical_id(&mut self, id: &str, declared: &Declared) -> String {
        let properties = self.stack.target.properties(&self.stack.name, &self.stack.physical_ids(), declared);
        let named = given_name(&declared.resource_type, &properties);
        let serial = self.around.next_serial();
        named.or_else(|| bucket_of_prefix(declared)).unwrap_or_else(|| {
            let name = format!("{}-{id}-{serial:08}", self.stack.name);
            if declared.resource_type == BUCKET { name.to_lowercase() } else { name }
        })
    }

    pub(super) fn clean_up(&mut self) {
        self.stack.outputs = self.stack.target.outputs(&self.stack.name, Some(&self.stack.physical_ids()));
        for (id, declared) in &self.operation.declared {
            // A changed policy is no change of the resource, and is in force from now on.
            if let Some(resource) = self.stack.resources.get_mut(id) {
                resource.declared = declared.clone();
            }
        }
        match self.operation.kind {
            Kind::Create => return self.stack.enter(StackStatus::CreateComplete, None, self.at_ms),
            Kind::Import => return self.stack.enter(StackStatus::ImportComplete, None, self.at_ms),
            Kind::Update | Kind::Delete => {}
        }
        self.stack.enter(StackStatus::UpdateCompleteCleanupInProgress, None, self.at_ms);
        let doomed: Vec<Doomed> = self.replaced_and_removed();
        self.operation.agenda.extend(doomed.into_iter().flat_map(deletion));
        let done = super::Step::Enter(StackStatus::UpdateComplete, None);
        self.operation.agenda.push_back(done);
    }

    fn replaced_and_removed(&mut self) -> Vec<Doomed> {
        let left = |id: &&String| !self.operation.declared.contains_key(*id);
        let removed: Vec<String> = self.stack.resources.keys().filter(left).cloned().collect();
        let removed: Vec<Doomed> = removed
            .iter()
            .filter_map(|id| self.stack.resources.remove(id))
            .map(|resource| Doomed {
                is_kept: is_keeping(resource.declared.deletion_policy.as_deref()),
                resource,
                has_left: true,
            })
            .collect();
        let replaced = std::mem::take(&mut self.operation.replaced);
        replaced.into_iter().chain(removed).rev().collect()
    }
}
