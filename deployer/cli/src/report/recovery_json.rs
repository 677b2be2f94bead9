//! Recovery, company and deletion as JSON lines.

use pipectl_engine::change_set::ValidationFinding;
use pipectl_engine::event::EventKind;
use pipectl_engine::outcome::{Outcome, Receipt, Retained, Why};
use pipectl_engine::recover::Action;
use serde_json::{Map, Value, json};

/// One event of this family; `None` for the others.
pub(crate) fn event(kind: &EventKind) -> Option<Value> {
    Some(match kind {
        EventKind::WaitingForOperation { status, token, since_ms } => json!({
            "type": "waiting_for_operation",
            "status": status.to_string(),
            "token": token,
            "since_ms": since_ms,
        }),
        EventKind::WatchDisturbed { error, patience_ms } => json!({
            "type": "watch_disturbed",
            "operation": error.operation,
            "message": error.message,
            "patience_ms": patience_ms,
        }),
        EventKind::RecoveryChosen { status, action } => {
            let action = of_action(action);
            json!({"type": "recovery_chosen", "status": status.to_string(), "action": action})
        }
        EventKind::ResourcesSkipped { resources } => {
            json!({"type": "resources_skipped", "resources": resources})
        }
        EventKind::PutOff { resources } => json!({"type": "put_off", "resources": resources}),
        EventKind::Untold { resources } => json!({"type": "untold", "resources": resources}),
        EventKind::ValidationFound(finding) => of_finding(finding),
        EventKind::DetailsDenied { error } => {
            json!({"type": "details_denied", "operation": error.operation, "message": error.message})
        }
        EventKind::Inventoried { deletes, retains, empties } => {
            json!({"type": "inventoried", "deletes": deletes, "retains": retains, "empties": empties})
        }
        EventKind::ProtectionLifted => json!({"type": "protection_lifted"}),
        EventKind::ChangeSetsDiscarded { names } => {
            json!({"type": "change_sets_discarded", "names": names})
        }
        EventKind::CancellationStarted { status } => {
            json!({"type": "cancellation_started", "status": status.to_string()})
        }
        _ => return None,
    })
}

fn of_action(action: &Action) -> Value {
    json!({"name": action.name(), "subjects": action.subjects(), "needs_consent": action.needs_consent()})
}

fn of_finding(finding: &ValidationFinding) -> Value {
    json!({
        "type": "validation_found",
        "logical_id": finding.logical_id,
        "resource_type": finding.resource_type,
        "path": finding.path,
        "validation": finding.validation,
        "reason": finding.reason,
        "mode": if finding.is_failure { "fail" } else { "warn" },
    })
}

/// Adds what an outcome of this family holds.
pub(crate) fn outcome(outcome: &Outcome, line: &mut Map<String, Value>) {
    let mut insert = |name: &str, value: Value| line.insert(name.to_owned(), value);
    match outcome {
        Outcome::Deleted(receipt) => {
            insert("receipt", of_receipt(receipt));
        }
        Outcome::Recovered(recovery) => {
            insert("from", json!(recovery.from.as_ref().map(ToString::to_string)));
            insert("to", json!(recovery.to.as_ref().map(ToString::to_string)));
            insert("actions", json!(recovery.actions));
            insert("skipped", json!(recovery.skipped));
            insert("next", of_action(&recovery.next));
        }
        Outcome::RecoveryPlanned { status, action } => {
            insert("status", json!(status.as_ref().map(ToString::to_string)));
            insert("next", of_action(action));
        }
        Outcome::Cancelled { status } => {
            insert("status", json!(status.as_ref().map(ToString::to_string)));
        }
        _ => {}
    }
}

fn of_receipt(receipt: &Receipt) -> Value {
    let resources = receipt.resources.iter().map(|it| {
        json!({
            "logical_id": it.logical_id,
            "resource_type": it.resource_type,
            "physical_id": it.physical_id,
        })
    });
    let artifacts = receipt.artifacts.iter().map(|it| json!({"bucket": it.bucket, "key": it.key}));
    json!({
        "was_absent": receipt.was_absent,
        "deleted": receipt.deleted,
        "resources": resources.collect::<Vec<_>>(),
        "emptied": receipt.emptied,
        "retained": receipt.retained.iter().map(of_retained).collect::<Vec<_>>(),
        "log_groups": receipt.log_groups,
        "artifacts": artifacts.collect::<Vec<_>>(),
    })
}

fn of_retained(it: &Retained) -> Value {
    let (why, reason) = match &it.why {
        Why::DeletionPolicy => ("deletion_policy", None),
        Why::CouldNotBeDeleted(reason) => ("could_not_be_deleted", Some(reason)),
    };
    json!({
        "logical_id": it.logical_id,
        "resource_type": it.resource_type,
        "physical_id": it.physical_id,
        "why": why,
        "reason": reason,
    })
}
