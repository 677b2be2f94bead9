//! The events as lines for people, one small function per family.

use std::cell::Cell;

use pipectl_engine::deployed::{STACK_TYPE, StackEvent};
use pipectl_engine::event::{Event, EventKind};
use pipectl_engine::outcome::Outcome;

use super::console::Console;
use super::style::{Style, count, seconds, size};
use super::{cause, fast, recovery};

/// Shows one event; `elapsed_ms` counts from the first, `settled` the resources that are done.
pub(crate) fn show(console: &Console, event: &Event, elapsed_ms: i64, settled: &Cell<usize>) {
    match &event.kind {
        EventKind::ResourceChanged(event) => resource(console, event, settled),
        EventKind::OperationStarted { resources, .. } => {
            settled.set(0);
            console.busy("waiting for CloudFormation", *resources);
        }
        EventKind::Finished { outcome } => {
            console.idle();
            finished(console, outcome, elapsed_ms);
        }
        EventKind::FellBack { .. }
        | EventKind::CodeUpdated { .. }
        | EventKind::Configured { .. }
        | EventKind::ResourceReady { .. }
        | EventKind::Ready { .. } => fast::show(console, &event.kind, elapsed_ms),
        kind => {
            if matches!(kind, EventKind::PackagingStarted { .. }) {
                // cargo draws a progress bar of its own.
                console.idle();
            }
            let line = preparation(kind, console.style).or_else(|| recovery::line(kind, event.at_ms));
            if let Some(line) = line {
                console.say(&format!("  {line}"));
            }
            if let Some(work) = ahead(kind) {
                console.busy(work, None);
            }
        }
    }
}

/// What takes a while after this event, for the spinner.
fn ahead(kind: &EventKind) -> Option<&'static str> {
    Some(match kind {
        EventKind::Started { .. } => "reading the stack",
        EventKind::Planned { steps } if !steps.is_empty() => "preparing the change set",
        EventKind::ChangeSetCreated { .. } => "waiting for the change set",
        EventKind::WaitingForOperation { .. } => "waiting for the operation that runs on the stack",
        _ => return None,
    })
}

fn preparation(kind: &EventKind, style: Style) -> Option<String> {
    Some(match kind {
        EventKind::PackagingStarted { functions } => format!("building {}", functions.join(", ")),
        EventKind::Packaged { function, bytes, sha256, deployed, causes } => {
            let digest = sha256.get(..12).unwrap_or(sha256);
            let state = if *deployed { "unchanged" } else { "new" };
            let because: String = causes.iter().map(|it| format!("\n    {}", cause::text(it))).collect();
            let (function, digest) = (style.bold(function), style.dim(digest));
            format!("packaged {function} {} {digest} {state}{because}", size(*bytes))
        }
        EventKind::RemainsDeleted { status } => {
            format!("deleted the remains of a failed deployment ({status})")
        }
        EventKind::ArtifactBucketCreated { bucket } => format!("created the artifact bucket {bucket}"),
        EventKind::Uploaded { key, bytes } => format!("uploaded {key} {}", size(*bytes)),
        EventKind::UploadSkipped { key } => format!("already there: {key}"),
        EventKind::ChangeSetReady { changes } => {
            format!("change set: {}", count(*changes, "resource", "resources"))
        }
        EventKind::BucketEmptied { bucket, objects } => {
            format!("emptied bucket {bucket}: {objects} objects and versions")
        }
        _ => return None,
    })
}

fn resource(console: &Console, event: &StackEvent, settled: &Cell<usize>) {
    let own = event.resource_type != STACK_TYPE;
    let done = event.status.is_settled() && own;
    if done {
        settled.set(settled.get() + 1);
    }
    console.step(settled.get(), &event.logical_id);
    if !event.status.is_settled() || !own {
        return;
    }
    let status = format!("{:<17}", event.status.to_string());
    let painted =
        if event.status.is_failed() { console.style.red(&status) } else { console.style.green(&status) };
    let reason = event.reason.as_deref().filter(|_| event.status.is_failed());
    let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
    console.say(&format!(
        "  {painted} {} {}{reason}",
        event.logical_id,
        console.style.dim(&event.resource_type)
    ));
}

fn finished(console: &Console, outcome: &Outcome, elapsed_ms: i64) {
    let time = seconds(elapsed_ms);
    let line = match outcome {
        Outcome::Created { .. } => format!("created in {time}"),
        Outcome::Updated { .. } => format!("updated in {time}"),
        Outcome::Unchanged { .. } => format!("nothing to change, checked in {time}"),
        Outcome::Deleted(receipt) if receipt.was_absent => "there is no such stack".to_owned(),
        Outcome::Deleted(receipt) => {
            format!("deleted {} in {time}", count(receipt.deleted, "resource", "resources"))
        }
        Outcome::Declined => "declined; nothing was changed".to_owned(),
        other => recovery::ending(other, &time).unwrap_or_default(),
    };
    console.say(&console.style.bold(&line));
    if let Outcome::Deleted(receipt) = outcome {
        recovery::receipt(console, receipt);
    }
}
