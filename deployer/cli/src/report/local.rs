//! What happens to the local engine, as lines for people and for programs.

use pipectl_local::LocalEvent;
use serde_json::{Value, json};

use super::console::Console;

/// Shows one event of the local engine.
pub(crate) fn show(console: &Console, event: &LocalEvent) {
    if console.is_json() {
        console.json(&to_json(event));
        return;
    }
    match event {
        LocalEvent::Provisioning { version, .. } => {
            console.say(&format!("  installing the local engine (ministack {version}), once"));
            console.busy("installing the local engine", None);
        }
        LocalEvent::PackageFound { package, number, total } => {
            console.busy(&format!("installing the local engine: {number}/{total} {package}"), None);
        }
        LocalEvent::Unpacking { .. } => console.busy("installing the local engine: unpacking", None),
        LocalEvent::Starting { .. } => console.busy("starting the local engine", None),
        other => {
            if let Some(line) = line(other) {
                console.idle();
                console.say(&format!("  {line}"));
            }
        }
    }
}

fn line(event: &LocalEvent) -> Option<String> {
    Some(match event {
        LocalEvent::WaitingForLock { path } => {
            format!("another pipectl is at work; waiting for {}", path.display())
        }
        LocalEvent::StaleStateRemoved { pid } => {
            format!(
                "the local engine (process {pid}) had ended without being stopped; what it had not saved is lost"
            )
        }
        LocalEvent::RecordUnreadable { path } => {
            format!("threw away an unreadable record: {}", path.display())
        }
        LocalEvent::Adopted { pid } => format!("found the local engine running as process {pid}"),
        LocalEvent::PortChanged { wanted, port } => {
            format!("port {wanted} cannot be used any more; the local engine moves to port {port}")
        }
        LocalEvent::Ready { endpoint } => format!("the local engine is ready at {endpoint}"),
        LocalEvent::Killed { pid } => {
            format!(
                "the local engine (process {pid}) did not end in time and was killed; unsaved state is lost"
            )
        }
        LocalEvent::Stopped { .. } => "the local engine is stopped".to_owned(),
        LocalEvent::NotRunning => "the local engine was not running".to_owned(),
        LocalEvent::Emptied => "the local engine is empty".to_owned(),
        _ => return None,
    })
}

fn to_json(event: &LocalEvent) -> Value {
    match event {
        LocalEvent::WaitingForLock { path } => json!({"type": "local_waiting_for_lock", "path": path}),
        LocalEvent::Provisioning { version, into, .. } => {
            json!({"type": "local_provisioning", "version": version, "into": into})
        }
        LocalEvent::PackageFound { package, number, total } => {
            json!({"type": "local_package_found", "package": package, "number": number, "total": total})
        }
        LocalEvent::Unpacking { total } => json!({"type": "local_unpacking", "total": total}),
        LocalEvent::Provisioned { path } => json!({"type": "local_provisioned", "path": path}),
        LocalEvent::StaleStateRemoved { pid } => json!({"type": "local_stale_state_removed", "pid": pid}),
        LocalEvent::RecordUnreadable { path } => json!({"type": "local_record_unreadable", "path": path}),
        LocalEvent::Adopted { pid } => json!({"type": "local_adopted", "pid": pid}),
        LocalEvent::PortChanged { wanted, port } => {
            json!({"type": "local_port_changed", "wanted": wanted, "port": port})
        }
        LocalEvent::Starting { port } => json!({"type": "local_starting", "port": port}),
        LocalEvent::AlreadyRunning { endpoint } => {
            json!({"type": "local_already_running", "endpoint": endpoint})
        }
        LocalEvent::Ready { endpoint } => json!({"type": "local_ready", "endpoint": endpoint}),
        LocalEvent::Stopping { pid } => json!({"type": "local_stopping", "pid": pid}),
        LocalEvent::Killed { pid } => json!({"type": "local_killed", "pid": pid}),
        LocalEvent::Stopped { pid } => json!({"type": "local_stopped", "pid": pid}),
        LocalEvent::NotRunning => json!({"type": "local_not_running"}),
        LocalEvent::Emptied => json!({"type": "local_emptied"}),
        _ => json!({"type": "local_other"}),
    }
}
