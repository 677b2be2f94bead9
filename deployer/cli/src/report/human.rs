//! The events as lines for people, one small function per family.

use pipectl_engine::deployed::{STACK_TYPE, StackEvent};
use pipectl_engine::event::{Event, EventKind};
use pipectl_engine::outcome::Outcome;

use super::console::Console;
use super::progress::{Past, Progress};
use super::style::{Style, ago, count, seconds, size};
use super::{cause, fast, recovery};

/// Shows one event; `elapsed_ms` counts from the first.
pub(super) fn show(console: &Console, event: &Event, elapsed_ms: i64, progress: &mut Progress) {
    match &event.kind {
        EventKind::ResourceChanged(event) => resource(console, event, progress),
        EventKind::OperationStarted { resources, .. } => {
            console.busy("waiting for CloudFormation", *resources);
        }
        EventKind::Finished { outcome } => {
            console.idle();
            untouched(console, progress);
            match &progress.past {
                Some(past) => over(console, past, event.at_ms),
                None => finished(console, outcome, elapsed_ms, progress.built_ms),
            }
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
        EventKind::Planned { steps, .. } if !steps.is_empty() => "preparing the change set",
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

fn resource(console: &Console, event: &StackEvent, progress: &Progress) {
    let own = event.resource_type != STACK_TYPE;
    console.step(progress.settled, &event.logical_id);
    let is_news = event.status.is_settled() && own && progress.is_change(event);
    if !is_news || (progress.past.is_some() && !event.status.is_failed()) {
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

fn untouched(console: &Console, progress: &Progress) {
    if progress.untouched > 0 && progress.past.is_none() {
        let resources = count(progress.untouched, "resource", "resources");
        console.say(&format!("  {resources} complete without a change"));
    }
}

/// Sums up an operation that was over already.
fn over(console: &Console, past: &Past, now_ms: i64) {
    const NAMED: usize = 10;
    let resources = count(past.changed.len(), "resource", "resources");
    let mut names = past.changed.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if let Some(more @ 1..) = past.changed.len().checked_sub(NAMED) {
        names = format!("{names} and {more} more");
    }
    let changed = if past.changed.is_empty() { resources } else { format!("{resources}: {names}") };
    console.say(&format!("  changed {changed}"));
    if let Some((first, last)) = past.span_ms {
        let (took, ago) = (seconds(last - first), ago((now_ms - last).max(0)));
        console.say(&console.style.bold(&format!("ended well {ago} ago, after {took}")));
    }
}

fn finished(console: &Console, outcome: &Outcome, elapsed_ms: i64, built_ms: i64) {
    let own = seconds(elapsed_ms - built_ms);
    let is_worth_telling = built_ms >= 100;
    let time = if is_worth_telling { format!("{own} after building for {}", seconds(built_ms)) } else { own };
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
