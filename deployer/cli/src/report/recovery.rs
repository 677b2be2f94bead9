//! Recovery, company and deletion as lines for people.

use pipectl_engine::aws_error::AwsErrorCode;
use pipectl_engine::change_set::ValidationFinding;
use pipectl_engine::event::EventKind;
use pipectl_engine::outcome::{Outcome, Receipt, Recovery, Retained, Why};
use pipectl_engine::recover::Action;

use super::console::Console;
use super::style::{ago, count, seconds};

/// What every token of ours begins with.
const OURS: &str = "pipectl-";

/// Says what happens on the way out of a failed state, or of somebody else's; `None` for other events.
pub(crate) fn line(kind: &EventKind, now_ms: i64) -> Option<String> {
    Some(match kind {
        EventKind::WaitingForOperation { status, token, since_ms } => {
            let who = match token.as_deref() {
                Some(token) if token.starts_with(OURS) => format!("pipectl is at work ({token})"),
                Some(token) if token.starts_with("Console-") => {
                    "somebody is at work in the console".to_owned()
                }
                Some(token) => format!("somebody is at work ({token})"),
                None => "somebody is at work".to_owned(),
            };
            let since = since_ms.filter(|since| *since < now_ms).map(|since| seconds(now_ms - since));
            let since = since.map(|since| format!(", since {since}")).unwrap_or_default();
            format!("the stack is in {status}: {who}{since}; waiting until that operation is over")
        }
        EventKind::WatchDisturbed { error, patience_ms } => match error.code {
            AwsErrorCode::CredentialsExpired => format!(
                "the credentials have expired: log in again within {} and this goes on; the operation does anyway",
                ago(*patience_ms)
            ),
            AwsErrorCode::Throttled => "AWS asks to slow down; trying again".to_owned(),
            _ => format!("cannot look at the operation, which goes on: {}", error.message),
        },
        EventKind::RecoveryChosen { status, action } => {
            format!("the stack is in {status}: {}", doing(action))
        }
        EventKind::ResourcesSkipped { resources } => {
            format!("no longer as the template says: {}", resources.join(", "))
        }
        EventKind::PutOff { resources } => format!(
            "the stack failed in express mode, and AWS replaces nothing before it is sound again: first the rest, \
             then {}",
            resources.join(", ")
        ),
        EventKind::Untold { resources } => format!(
            "warning: the template changes {}, and the change set does not tell of it (it does not know one empty \
             object from another); expect the change all the same",
            resources.join(", ")
        ),
        EventKind::ValidationFound(finding) => finding_line(finding),
        EventKind::DetailsDenied { error } if error.code == AwsErrorCode::AccessDenied => {
            format!("the caller may not read the findings of validations: {}", error.message)
        }
        EventKind::DetailsDenied { error } => {
            format!("the findings of validations could not be read: {}", error.message)
        }
        EventKind::ProtectionLifted => "lifted the termination protection".to_owned(),
        EventKind::ChangeSetsDiscarded { names } => format!("deleted the change set {}", names.join(", ")),
        EventKind::CancellationStarted { status } => {
            format!("the stack was in {status}: asked CloudFormation to go back")
        }
        _ => return None,
    })
}

fn finding_line(finding: &ValidationFinding) -> String {
    let kind = if finding.is_failure { "error" } else { "warning" };
    let place = finding.path.as_ref().map(|path| format!(" at {path}")).unwrap_or_default();
    format!("{kind}: {} ({}): {}{place}", finding.logical_id, finding.resource_type, finding.reason)
}

/// What an action does, while it is done.
fn doing(action: &Action) -> String {
    let subjects = action.subjects().join(", ");
    match action {
        Action::Proceed | Action::ProceedExpress | Action::Wait => "going on".to_owned(),
        Action::DeleteRemains => "deleting what the failed first deployment left".to_owned(),
        Action::DiscardChangeSets(_) => format!("deleting the change set {subjects}"),
        Action::RollBack => "taking the failed update back".to_owned(),
        Action::ContinueRollback => "going on with the rollback".to_owned(),
        Action::SkipInRollback(_) => format!("going on with the rollback without {subjects}"),
        Action::Delete | Action::Recreate => "deleting it".to_owned(),
        Action::RetryDeletion => "deleting it again".to_owned(),
        Action::RetainStubborn(_) => format!("deleting it without {subjects}"),
        Action::ForceDeletion(_) => format!("deleting it by force, whatever becomes of {subjects}"),
    }
}

/// What would be done, as an answer.
fn planned(action: &Action) -> String {
    let consent = if action.needs_consent() { ", after asking" } else { "" };
    match action {
        Action::Proceed => "nothing stands in the way of a deployment".to_owned(),
        Action::ProceedExpress => {
            "the next deployment goes on in express mode, the only one AWS takes".to_owned()
        }
        Action::Wait => "waiting for the operation that runs".to_owned(),
        action => format!("next: {}{consent}", doing(action)),
    }
}

/// The last line of an operation of this family; `None` for the others.
pub(crate) fn ending(outcome: &Outcome, time: &str) -> Option<String> {
    Some(match outcome {
        Outcome::Recovered(Recovery { actions, next, .. }) if actions.is_empty() => planned(next),
        Outcome::Recovered(Recovery { to, .. }) => match to {
            Some(status) => format!("recovered in {time}: the stack is in {status}"),
            None => format!("recovered in {time}: the stack is gone; the next deployment creates it"),
        },
        Outcome::RecoveryPlanned { status, action } => {
            let status = status
                .as_ref()
                .map_or("there is no such stack".to_owned(), |status| format!("the stack is in {status}"));
            format!("{status}; {}", planned(action))
        }
        Outcome::Cancelled { status: Some(status) } => {
            format!("cancelled in {time}: the stack is in {status}")
        }
        Outcome::Cancelled { status: None } => format!("cancelled in {time}: the stack is gone"),
        _ => return None,
    })
}

/// Prints what a deletion left, and why.
pub(crate) fn receipt(console: &Console, receipt: &Receipt) {
    for (bucket, objects) in receipt.emptied.iter().filter(|(_, objects)| **objects > 0) {
        console.result(&format!("emptied {bucket}: {objects} objects and versions"));
    }
    let by_policy = |it: &&Retained| it.why == Why::DeletionPolicy;
    list(console, "kept in the account by their deletion policy:", receipt.retained.iter().filter(by_policy));
    for it in receipt.retained.iter().filter(|it| !by_policy(it)) {
        if let Why::CouldNotBeDeleted(reason) = &it.why {
            let name = format!("{} {} {}", it.logical_id, it.resource_type, it.physical_id);
            console.result(&format!("left in the account: {name}: {reason}"));
        }
    }
    for group in &receipt.log_groups {
        console.result(&format!("may remain, made by Lambda itself: log group {group}"));
    }
    if let Some(first) = receipt.artifacts.first() {
        let packages = count(receipt.artifacts.len(), "package", "packages");
        console.result(&format!("kept for other stacks: {packages} in {}", first.bucket));
    }
}

fn list<'a>(console: &Console, title: &str, retained: impl Iterator<Item = &'a Retained>) {
    for (index, it) in retained.enumerate() {
        if index == 0 {
            console.result(title);
        }
        console.result(&format!("  {} {} {}", it.logical_id, it.resource_type, it.physical_id));
    }
}
