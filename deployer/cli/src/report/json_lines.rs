//! The events and outcomes as JSON lines. Names are `snake_case`; changes are additive.

use std::collections::BTreeMap;

use pipectl_engine::event::{Event, EventKind, Operation};
use pipectl_engine::outcome::Outcome;
use serde_json::{Map, Value, json};

use super::recovery_json;

/// Version of the lines; a change that is not additive raises it.
pub(crate) const VERSION: u32 = 1;

/// The first line.
pub(crate) fn version() -> Value {
    json!({"type": "version", "version": VERSION, "pipectl": env!("CARGO_PKG_VERSION")})
}

/// One event; `shown` turns an output's value into what is of use to the reader.
pub(crate) fn event(event: &Event, shown: impl Fn(&str) -> String) -> Value {
    let mut line = kind(&event.kind, shown);
    if let Some(object) = line.as_object_mut() {
        object.insert("at_ms".to_owned(), json!(event.at_ms));
    }
    line
}

fn kind(kind: &EventKind, shown: impl Fn(&str) -> String) -> Value {
    match kind {
        EventKind::Started { operation, stack } => {
            json!({"type": "started", "operation": operation_name(*operation), "stack": stack})
        }
        EventKind::StackRead { status } => {
            json!({"type": "stack_read", "status": status.as_ref().map(ToString::to_string)})
        }
        EventKind::PackagingStarted { functions } => {
            json!({"type": "packaging_started", "functions": functions})
        }
        EventKind::Packaged { function, bytes, sha256, deployed, causes } => json!({
            "type": "packaged",
            "function": function,
            "bytes": bytes,
            "sha256": sha256,
            "deployed": deployed,
            "causes": causes,
        }),
        EventKind::Planned { steps, changes } => {
            json!({"type": "planned", "steps": steps, "changes": changes})
        }
        EventKind::RemainsDeleted { status } => {
            json!({"type": "remains_deleted", "status": status.to_string()})
        }
        EventKind::ArtifactBucketCreated { bucket } => {
            json!({"type": "artifact_bucket_created", "bucket": bucket})
        }
        EventKind::Uploaded { key, bytes } => json!({"type": "uploaded", "key": key, "bytes": bytes}),
        EventKind::UploadSkipped { key } => json!({"type": "upload_skipped", "key": key}),
        EventKind::ChangeSetRequested { change_set, creates } => {
            json!({"type": "change_set_requested", "change_set": change_set, "creates_stack": creates})
        }
        EventKind::OperationRequested { token } => json!({"type": "operation_requested", "token": token}),
        EventKind::ChangeSetCreated { change_set } => {
            json!({"type": "change_set_created", "change_set": change_set})
        }
        EventKind::ChangeSetReady { changes } => json!({"type": "change_set_ready", "changes": changes}),
        EventKind::OperationStarted { resources, token } => {
            json!({"type": "operation_started", "resources": resources, "token": token})
        }
        EventKind::ResourceChanged(event) => json!({
            "type": "resource_changed",
            "event_at_ms": event.at_ms,
            "logical_id": event.logical_id,
            "physical_id": event.physical_id,
            "resource_type": event.resource_type,
            "status": event.status.to_string(),
            "reason": event.reason,
        }),
        EventKind::BucketEmptied { bucket, objects } => {
            json!({"type": "bucket_emptied", "bucket": bucket, "objects": objects})
        }
        EventKind::FellBack { from, because } => {
            json!({"type": "fell_back", "from": from, "because": because})
        }
        EventKind::CodeUpdated { logical_id, function, sha256, restored } => json!({
            "type": "code_updated",
            "logical_id": logical_id,
            "function": function,
            "sha256": sha256,
            "restored": restored,
        }),
        EventKind::Configured { needs } => json!({"type": "configured", "needs": needs}),
        EventKind::ResourceReady { logical_id } => {
            json!({"type": "resource_ready", "logical_id": logical_id})
        }
        EventKind::Ready { unseen } => json!({"type": "ready", "unseen": unseen}),
        EventKind::Finished { outcome: ended } => outcome(ended, shown),
        other => recovery_json::event(other).unwrap_or_default(),
    }
}

fn operation_name(operation: Operation) -> &'static str {
    match operation {
        Operation::Up => "up",
        Operation::Down => "down",
        Operation::Recover => "recover",
        Operation::Attach => "attach",
        Operation::Cancel => "cancel",
    }
}

/// The last line of an operation that did not fail.
fn outcome(outcome: &Outcome, shown: impl Fn(&str) -> String) -> Value {
    let mut line =
        Map::from_iter([("type".to_owned(), json!("outcome")), ("result".to_owned(), json!(name(outcome)))]);
    match outcome {
        Outcome::Created { outputs } | Outcome::Updated { outputs } | Outcome::Unchanged { outputs } => {
            let outputs: BTreeMap<&String, String> =
                outputs.iter().map(|(name, value)| (name, shown(value))).collect();
            line.insert("outputs".to_owned(), json!(outputs));
        }
        other => recovery_json::outcome(other, &mut line),
    }
    Value::Object(line)
}

fn name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Created { .. } => "created",
        Outcome::Updated { .. } => "updated",
        Outcome::Unchanged { .. } => "unchanged",
        Outcome::Deleted(_) => "deleted",
        Outcome::Declined => "declined",
        Outcome::Recovered(_) => "recovered",
        Outcome::RecoveryPlanned { .. } => "recovery_planned",
        Outcome::Cancelled { .. } => "cancelled",
    }
}
