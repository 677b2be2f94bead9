//! What validations have to say of a change set, whether AWS has made it or not.

use super::Ports;
use crate::change_set::{ChangeAction, ChangeSet, Replacement, ValidationFinding};
use crate::event::EventKind;
use crate::port::{Clock, CloudFormation, ObjectStore};

/// True where something that exists goes away. That is what validations in `WARN` mode are about: a bucket
/// that is not empty, a repository that cannot be deleted; the others fail the change set. Source:
/// CloudFormation user guide, "Validate stack deployments" (read 2026-11-23).
pub(super) fn may_warn(change_set: &ChangeSet) -> bool {
    let mut changes = change_set.changes.iter();
    changes.any(|it| it.action == ChangeAction::Remove || it.replacement != Replacement::Never)
}

/// Says what validations found and returns it; `None` when nobody may read it, which is said too and must
/// not stop a deployment.
pub(super) async fn say_findings<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    change_set: &ChangeSet,
) -> Option<Vec<ValidationFinding>> {
    match ports.cloudformation.validation_findings(&change_set.id).await {
        Ok(findings) => {
            for finding in &findings {
                ports.emit(EventKind::ValidationFound(finding.clone()));
            }
            Some(findings)
        }
        Err(error) => {
            ports.emit(EventKind::DetailsDenied { error });
            None
        }
    }
}

/// Says and returns why AWS could not make a change set. Nobody may be denied the reason because of a missing
/// permission: the stack's own events are the less exact way to it.
pub(super) async fn failure_findings<C: CloudFormation, S: ObjectStore, T: Clock>(
    ports: &Ports<'_, C, S, T>,
    change_set: &ChangeSet,
) -> Vec<ValidationFinding> {
    if change_set.is_empty {
        return Vec::new();
    }
    if let Some(findings) = say_findings(ports, change_set).await {
        return findings;
    }
    let events = ports.cloudformation.events(&change_set.stack_id, None, None).await.unwrap_or_default();
    let failed = events.into_iter().filter(|event| event.status.is_failed());
    let findings = failed.map(|event| ValidationFinding {
        logical_id: event.logical_id,
        resource_type: event.resource_type,
        path: None,
        validation: None,
        reason: event.reason.unwrap_or_default(),
        is_failure: true,
    });
    findings.collect()
}
