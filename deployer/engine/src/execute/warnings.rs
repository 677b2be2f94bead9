//! What validations have to say of a change set that AWS has made.

use super::Ports;
use crate::change_set::{ChangeAction, ChangeSet, Replacement};
use crate::event::EventKind;
use crate::port::{Clock, CloudFormation, ObjectStore};

/// True where something that exists goes away. That is what validations in `WARN` mode are about: a bucket
/// that is not empty, a repository that cannot be deleted; the others fail the change set. Source:
/// CloudFormation user guide, "Validate stack deployments" (read 2026-11-23).
pub(super) fn may_warn(change_set: &ChangeSet) -> bool {
    let mut changes = change_set.changes.iter();
    changes.any(|it| it.action == ChangeAction::Remove || it.replacement != Replacement::Never)
}

/// Says what validations found. It must not stop a deployment that nobody may read it.
pub(super) async fn say_findings<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    change_set: &ChangeSet,
) {
    match ports.cloudformation.validation_findings(&change_set.id).await {
        Ok(findings) => {
            for finding in findings {
                ports.emit(EventKind::ValidationFound(finding));
            }
        }
        Err(error) => ports.emit(EventKind::DetailsDenied { error }),
    }
}
