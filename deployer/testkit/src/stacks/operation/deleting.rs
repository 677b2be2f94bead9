//! Resources are deleted, skipped, or stay because they cannot be.

use pipectl_engine::status::{ResourceStatus, StackStatus};

use super::{Doomed, Running, Step, sentence};
use crate::stacks::Verb;
use crate::stacks::named::BUCKET;
use crate::stacks::stack::Resource;

/// The two steps of a deletion.
pub(super) fn deletion(doomed: Doomed) -> [Step; 2] {
    [Step::BeginDelete(doomed.clone()), Step::FinishDelete(doomed)]
}

impl Running<'_> {
    pub(super) fn begin_delete(&mut self, doomed: &Doomed) {
        if !doomed.is_kept && !self.is_needed(doomed) {
            self.say_of(doomed, ResourceStatus::DeleteInProgress, None);
        }
    }

    pub(super) fn finish_delete(&mut self, doomed: &Doomed) {
        if self.is_needed(doomed) {
            return;
        }
        let id = &doomed.resource.logical_id;
        if doomed.is_kept {
            self.say_of(doomed, ResourceStatus::DeleteSkipped, None);
        } else if let Some(reason) = self.undeletable(&doomed.resource) {
            self.operation.failed.push(id.clone());
            return self.say_of(doomed, ResourceStatus::DeleteFailed, Some(reason));
        } else {
            self.around.unmake(&doomed.resource.resource_type, &doomed.resource.physical_id);
            self.say_of(doomed, ResourceStatus::DeleteComplete, None);
        }
        if !doomed.has_left {
            self.stack.resources.remove(id);
        }
    }

    /// True while a resource that needs this one is still in the stack because it could not be deleted.
    fn is_needed(&self, doomed: &Doomed) -> bool {
        let id = &doomed.resource.logical_id;
        let staying = self.stack.resources.values().filter(|it| it.logical_id != *id);
        let mut staying = staying.filter(|it| it.status == ResourceStatus::DeleteFailed || self.is_left(it));
        !doomed.has_left && staying.any(|it| it.declared.needs.contains(id))
    }

    /// True for a resource whose own deletion was passed over.
    fn is_left(&self, resource: &Resource) -> bool {
        let upcoming = |step: &Step| match step {
            Step::BeginDelete(it) | Step::FinishDelete(it) => it.resource.logical_id == resource.logical_id,
            _ => false,
        };
        !self.operation.failed.is_empty()
            && resource.status != ResourceStatus::DeleteInProgress
            && !self.operation.agenda.iter().any(upcoming)
    }

    fn undeletable(&mut self, resource: &Resource) -> Option<String> {
        let full = resource.resource_type == BUCKET && self.around.store.versions(&resource.physical_id) > 0;
        let full = full.then(|| "The bucket you tried to delete is not empty".to_owned());
        self.around.failure(Verb::Delete, &resource.logical_id).or(full)
    }

    /// Speaks of a physical resource that may no longer be the listed one of its logical ID.
    fn say_of(&mut self, doomed: &Doomed, status: ResourceStatus, reason: Option<String>) {
        let resource = Resource { status, reason, changed_ms: self.at_ms, ..doomed.resource.clone() };
        if !doomed.has_left
            && let Some(listed) = self.stack.resources.get_mut(&resource.logical_id)
        {
            listed.status = resource.status.clone();
            listed.reason.clone_from(&resource.reason);
            listed.changed_ms = self.at_ms;
        }
        self.stack.say(&resource, self.at_ms);
    }

    pub(super) fn deleted(&mut self) {
        self.stack.resources.retain(|_, it| it.exists());
        if self.operation.failed.is_empty() || self.operation.is_forced {
            self.stack.resources.clear();
            return self.stack.enter(StackStatus::DeleteComplete, None, self.at_ms);
        }
        let reason = sentence("delete", &self.operation.failed);
        self.stack.enter(StackStatus::DeleteFailed, Some(reason), self.at_ms);
    }
}
