//! A plan as sections of lines, the same for text and Markdown.

use pipectl_engine::change_set::ResourceChange;
use pipectl_engine::diff::{
    AccessChange, CodeChange, Effect, Permit, PropertyChange, ResourceDiff, Statement, TemplateChange,
    ValueChange, shown,
};
use pipectl_engine::drift::{DriftStatus, ResourceDrift};
use pipectl_engine::plan_file::{PlanFile, Subject, Unknown};
use pipectl_engine::review::{DataCause, DataChange};
use serde_json::Value;

use crate::report::cause;
use crate::report::style::{Style, count};

/// One section; left out when it has no lines.
pub(super) struct Section {
    /// Title.
    pub(super) title: &'static str,
    /// Lines; the first character says what happens: `+`, `-`, `~`, `±`, or a space.
    pub(super) lines: Vec<String>,
}

/// Lists the sections of a plan, the most important first.
pub(super) fn sections(plan: &PlanFile, style: Style) -> Vec<Section> {
    let diff = &plan.diff;
    let changes = plan.change_set.iter().flat_map(|described| &described.changes);
    let unseen = changes.filter(|change| !diff.resources.iter().any(|it| it.logical_id == change.logical_id));
    let disagreements = plan.change_set.iter().flat_map(|described| &described.disagreements);
    let disagreements = disagreements.filter(|it| it.predicted != "none");
    let all = [
        ("Data", plan.data.iter().map(|it| data(it, style)).collect()),
        ("Resources", diff.resources.iter().flat_map(|it| resource(it, &diff.access, style)).collect()),
        ("Resources that only AWS lists", unseen.map(|it| described(it, style)).collect()),
        (
            "Templates and change set differ",
            disagreements
                .map(|it| {
                    let (ours, theirs) = (words(&it.predicted), words(&it.described));
                    format!("  {}: {ours} by the templates, {theirs} by the change set", it.logical_id)
                })
                .collect(),
        ),
        ("Access", access(&diff.access, style)),
        ("Function code", diff.code.iter().flat_map(|it| code(it, style)).collect()),
        ("Parameters", diff.parameters.iter().map(|it| value(it, style)).collect()),
        ("Outputs", diff.outputs.iter().map(|it| value(it, style)).collect()),
        ("Tags", diff.tags.iter().map(|it| value(it, style)).collect()),
        ("Template", diff.template.iter().map(|it| template(it, plan, style)).collect()),
        ("Drift", plan.drift.iter().flatten().flat_map(|it| drift(it, style)).collect()),
        ("Not known", plan.unknown.iter().map(unknown).collect()),
    ];
    let all = all.into_iter().filter(|(_, lines): &(_, Vec<String>)| !lines.is_empty());
    all.map(|(title, lines)| Section { title, lines }).collect()
}

/// Writes the numbers of a plan.
pub(super) fn summary(plan: &PlanFile) -> String {
    let numbers = &plan.summary;
    let mut parts = vec![
        format!("{} to add", numbers.add),
        format!("{} to change", numbers.change),
        format!("{} to replace", numbers.replace),
        format!("{} to remove", numbers.remove),
    ];
    let further = [
        (numbers.code, "function with new code", "functions with new code"),
        (numbers.widens_access, "statement that widens access", "statements that widen access"),
        (numbers.loses_data, "resource that loses data", "resources that lose data"),
        (numbers.drifted, "drifted resource", "drifted resources"),
        (numbers.template, "other change of the template", "other changes of the template"),
    ];
    parts.extend(
        further
            .iter()
            .filter(|(number, ..)| *number > 0)
            .map(|(number, one, many)| count(*number, one, many)),
    );
    parts.join(", ")
}

/// `may_replace` as it is read.
fn words(wire: &str) -> &str {
    match wire {
        "add" => "added",
        "remove" => "removed",
        "may_update" => "perhaps changed",
        "may_remove" => "perhaps removed",
        "update" => "changed",
        "may_replace" => "perhaps replaced",
        "replace" => "replaced",
        "import" => "imported",
        "dynamic" => "known only while it runs",
        _ => "not changed",
    }
}

fn data(it: &DataChange, style: Style) -> String {
    let what = match it.cause {
        DataCause::Removed => "removed",
        DataCause::Replaced => "replaced",
        DataCause::MayBeReplaced => "perhaps replaced",
        DataCause::MayBeRemoved => "perhaps removed",
    };
    let is_removal = matches!(it.cause, DataCause::Removed | DataCause::MayBeRemoved);
    let attribute = if is_removal { "DeletionPolicy" } else { "UpdateReplacePolicy" };
    let policy = match &it.policy {
        Some(policy) => format!("{attribute} {policy}"),
        None => format!("no {attribute}"),
    };
    let name = format!("{} {}", it.logical_id, style.dim(&it.resource_type));
    let deleted = if it.is_known { "its data is deleted" } else { "it may hold data, which is deleted" };
    match (it.loss, is_removal) {
        (true, _) => {
            format!("{} {name} {what}: {} ({policy})", style.red("-"), style.red(deleted))
        }
        (false, true) => format!("  {name} {what}: it stays in the account ({policy})"),
        (false, _) => format!("  {name} {what}: the old one stays, the new one begins empty ({policy})"),
    }
}

fn resource(it: &ResourceDiff, access: &AccessChange, style: Style) -> Vec<String> {
    let name = format!("{} {}", it.logical_id, style.dim(&it.resource_type));
    let loss = match &it.data {
        Some(data) if data.loss && data.is_known => style.red(" deletes data"),
        Some(data) if data.loss => style.red(" may delete data"),
        _ => String::new(),
    };
    let mut lines = vec![format!("{} {name}{}{loss}", mark(it.effect, style), note(it.effect, style))];
    lines.extend(it.properties.iter().map(|change| format!("    {}", property(change, access, style))));
    lines
}

fn mark(effect: Effect, style: Style) -> String {
    match effect {
        Effect::Add => style.green("+"),
        Effect::Remove => style.red("-"),
        Effect::Update | Effect::MayUpdate => style.yellow("~"),
        Effect::MayReplace | Effect::Replace | Effect::MayRemove => style.red("±"),
    }
}

fn note(effect: Effect, style: Style) -> String {
    match effect {
        Effect::MayReplace => style.red(" may be replaced"),
        Effect::Replace => style.red(" replaced"),
        Effect::MayRemove => style.red(" may be added or removed"),
        Effect::MayUpdate => style.yellow(" may change"),
        Effect::Add | Effect::Remove | Effect::Update => String::new(),
    }
}

/// Properties whose change is shown statement by statement, apart.
const POLICIES: [&str; 3] = ["AssumeRolePolicyDocument", "Policies", "PolicyDocument"];

fn property(change: &PropertyChange, access: &AccessChange, style: Style) -> String {
    let path = change.path.strip_prefix("Properties.").unwrap_or(&change.path);
    if let Some(because) = &change.because {
        return format!("{path}: follows {because}{}", replaces(change, style));
    }
    if POLICIES.iter().any(|policy| path.starts_with(policy)) && *access != AccessChange::default() {
        return format!("{path}: see Access");
    }
    let side = |value: &Option<Value>| value.as_ref().map_or_else(|| "(none)".to_owned(), shown::shown);
    let (before, after) = (one_line(&side(&change.before)), one_line(&side(&change.after)));
    format!("{path}: {} -> {}{}", style.red(&before), style.green(&after), replaces(change, style))
}

/// Texts of several lines are shown on one.
fn one_line(text: &str) -> String {
    text.replace('\r', "\\r").replace('\n', "\\n")
}

fn replaces(change: &PropertyChange, style: Style) -> String {
    note(change.effect, style)
}

fn described(change: &ResourceChange, style: Style) -> String {
    let properties: Vec<&str> = change.properties.iter().map(String::as_str).collect();
    let properties =
        if properties.is_empty() { String::new() } else { format!(": {}", properties.join(", ")) };
    format!("~ {} {}{properties}", change.logical_id, style.dim(&change.resource_type))
}

fn access(change: &AccessChange, style: Style) -> Vec<String> {
    let removed = change.removed.iter().map(|it| format!("{} {}", style.red("-"), statement(it)));
    let remaining = change.remaining.iter().map(|it| format!("  still: {}", statement(it)));
    let added = change.added.iter().map(|it| format!("{} {}", style.green("+"), statement(it)));
    removed.chain(remaining).chain(added).collect()
}

/// Writes a statement as a sentence.
pub(crate) fn statement(statement: &Statement) -> String {
    let Statement { effect, principal, action, resource, conditions } = statement;
    let verb = match effect {
        Permit::Allow => "may",
        Permit::Deny => "must not",
    };
    let conditions =
        if conditions.is_empty() { String::new() } else { format!(" if {}", conditions.join(" and ")) };
    one_line(&format!("{principal} {verb} {action} on {resource}{conditions}"))
}

fn code(change: &CodeChange, style: Style) -> Vec<String> {
    let digest = |key: &Option<String>| match key {
        Some(key) => {
            let name = key.rsplit('/').next().unwrap_or(key);
            name.get(..12).unwrap_or(name).to_owned()
        }
        None => "(none)".to_owned(),
    };
    let (before, after) = (digest(&change.before), digest(&change.after));
    let mut lines = Vec::new();
    if change.is_deployed() {
        lines.push(format!(
            "{} {}: {} -> {}",
            style.yellow("~"),
            change.logical_id,
            style.red(&before),
            style.green(&after)
        ));
        lines.extend(change.causes.iter().map(|it| format!("    {}", cause::text(it))));
    }
    if change.changed_outside {
        let runs = digest(&change.running);
        let name = &change.logical_id;
        lines
            .push(style.yellow(&format!("! {name} runs {runs}, not {before}: updated outside of the stack")));
    }
    lines
}

fn value(change: &ValueChange, style: Style) -> String {
    let name = &change.name;
    match (&change.before, &change.after) {
        (None, after) => {
            format!("{} {name}: {}", style.green("+"), one_line(after.as_deref().unwrap_or_default()))
        }
        (Some(before), None) => format!("{} {name}: {}", style.red("-"), one_line(before)),
        (Some(before), Some(after)) if before == after => {
            format!("{} {name}: {before}, perhaps another value", style.yellow("~"))
        }
        (Some(before), Some(after)) => {
            let (before, after) = (one_line(before), one_line(after));
            format!("{} {name}: {} -> {}", style.yellow("~"), style.red(&before), style.green(&after))
        }
    }
}

fn template(change: &TemplateChange, plan: &PlanFile, style: Style) -> String {
    let path = if change.path.is_empty() { "the whole template" } else { &change.path };
    // A stack keeps its values; a template file has none.
    let has_values = plan.base.as_ref().is_some_and(|base| base.stack_id.is_some());
    let is_default = path.starts_with("Parameters.") && path.ends_with(".Default");
    let note = if has_values && is_default { " (the stack keeps the value that it has)" } else { "" };
    let side = |value: &Value| one_line(&shown::shown(value));
    match (&change.before, &change.after) {
        (None, None) => format!("{} {path}", style.yellow("~")),
        (None, Some(after)) => format!("{} {path}: {}", style.green("+"), side(after)),
        (Some(before), None) => format!("{} {path}: {}", style.red("-"), side(before)),
        (Some(before), Some(after)) => {
            let (before, after) = (style.red(&side(before)), style.green(&side(after)));
            format!("{} {path}: {before} -> {after}{note}", style.yellow("~"))
        }
    }
}

fn drift(it: &ResourceDrift, style: Style) -> Vec<String> {
    let name = format!("{} {}", it.logical_id, style.dim(&it.resource_type));
    let mut lines = vec![match it.status {
        DriftStatus::Modified => format!("{} {name} was changed by hand", style.yellow("~")),
        DriftStatus::Deleted => format!("{} {name} was deleted by hand", style.red("-")),
    }];
    let side = |value: &Option<Value>| value.as_ref().map_or_else(|| "(none)".to_owned(), shown::shown);
    lines.extend(it.properties.iter().map(|property| {
        let (expected, actual) = (one_line(&side(&property.expected)), one_line(&side(&property.actual)));
        format!("    {}: {expected} by the template, {actual} in fact", property.path)
    }));
    lines
}

fn unknown(it: &Unknown) -> String {
    let subject = match it.subject {
        Subject::RunningCode => "the code that Lambda runs",
        Subject::Drift => "whether every resource is as the template says",
        Subject::ParameterValues => "which parameter values the stack of the other template has",
    };
    format!("  {subject}: {}", one_line(&it.reason))
}
