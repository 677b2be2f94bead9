//! A comparison as a person reads it, and as JSON.

use pipectl_engine::diff::{
    AccessChange, CodeChange, Diff, Effect, PropertyChange, Statement, ValueChange, shown,
};
use serde_json::{Value, json};

use super::style::{Style, count};

/// Writes the comparison as text for people.
pub(crate) fn text(diff: &Diff, style: Style) -> String {
    if diff.is_empty() {
        return "no differences".to_owned();
    }
    let mut lines = Vec::new();
    section(&mut lines, "Resources", style, resources(diff, style));
    section(&mut lines, "Access", style, access(&diff.access, style));
    section(&mut lines, "Function code", style, diff.code.iter().map(|change| code(change, style)).collect());
    section(&mut lines, "Parameters", style, diff.parameters.iter().map(|it| value(it, style)).collect());
    section(&mut lines, "Outputs", style, diff.outputs.iter().map(|it| value(it, style)).collect());
    lines.push(summary(diff));
    lines.join("\n")
}

fn section(lines: &mut Vec<String>, title: &str, style: Style, content: Vec<String>) {
    if !content.is_empty() {
        lines.push(style.bold(title));
        lines.extend(content.into_iter().map(|line| format!("  {line}")));
        lines.push(String::new());
    }
}

fn resources(diff: &Diff, style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    for resource in &diff.resources {
        let name = format!("{} {}", resource.logical_id, style.dim(&resource.resource_type));
        let loss = if resource.loses_data { style.red(" deletes data") } else { String::new() };
        lines.push(format!("{} {name}{}{loss}", mark(resource.effect, style), note(resource.effect, style)));
        lines.extend(resource.properties.iter().map(|change| format!("    {}", property(change, style))));
    }
    lines
}

fn mark(effect: Effect, style: Style) -> String {
    match effect {
        Effect::Add => style.green("+"),
        Effect::Remove => style.red("-"),
        Effect::Update => style.yellow("~"),
        Effect::MayReplace | Effect::Replace => style.red("±"),
    }
}

fn note(effect: Effect, style: Style) -> String {
    match effect {
        Effect::MayReplace => style.red(" may be replaced"),
        Effect::Replace => style.red(" replaced"),
        _ => String::new(),
    }
}

/// Properties whose change is shown statement by statement, apart.
const POLICIES: [&str; 3] = ["AssumeRolePolicyDocument", "Policies", "PolicyDocument"];

fn property(change: &PropertyChange, style: Style) -> String {
    let path = change.path.strip_prefix("Properties.").unwrap_or(&change.path);
    if POLICIES.iter().any(|policy| path.starts_with(policy)) {
        return format!("{path}: see Access");
    }
    let side = |value: &Option<Value>| value.as_ref().map_or_else(|| "(none)".to_owned(), shown::shown);
    let (before, after) = (side(&change.before), side(&change.after));
    let replaces =
        if change.effect >= Effect::MayReplace { note(change.effect, style) } else { String::new() };
    format!("{path}: {} -> {}{replaces}", style.red(&before), style.green(&after))
}

fn access(change: &AccessChange, style: Style) -> Vec<String> {
    let removed = change.removed.iter().map(|it| format!("{} {}", style.red("-"), statement(it)));
    let added = change.added.iter().map(|it| format!("{} {}", style.green("+"), statement(it)));
    removed.chain(added).collect()
}

fn statement(statement: &Statement) -> String {
    let parts = [
        ("", &statement.effect),
        ("", &statement.action),
        ("on ", &statement.resource),
        ("for ", &statement.principal),
        ("if ", &statement.condition),
    ];
    let words: Vec<String> = parts
        .iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(lead, text)| format!("{lead}{text}"))
        .collect();
    format!("{}: {}", statement.holder, words.join(" "))
}

fn code(change: &CodeChange, style: Style) -> String {
    let digest = |key: &Option<String>| match key {
        Some(key) => {
            let name = key.rsplit('/').next().unwrap_or(key);
            name.get(..12).unwrap_or(name).to_owned()
        }
        None => "(none)".to_owned(),
    };
    let (before, after) = (digest(&change.before), digest(&change.after));
    format!("{} {}: {} -> {}", style.yellow("~"), change.logical_id, style.red(&before), style.green(&after))
}

fn value(change: &ValueChange, style: Style) -> String {
    match (&change.before, &change.after) {
        (None, after) => {
            format!("{} {}: {}", style.green("+"), change.name, after.as_deref().unwrap_or_default())
        }
        (Some(before), None) => format!("{} {}: {before}", style.red("-"), change.name),
        (Some(before), Some(after)) => {
            format!("{} {}: {} -> {}", style.yellow("~"), change.name, style.red(before), style.green(after))
        }
    }
}

fn summary(diff: &Diff) -> String {
    let of = |wanted: &[Effect]| {
        diff.resources.iter().filter(|resource| wanted.contains(&resource.effect)).count()
    };
    let mut parts = vec![
        format!("{} to add", of(&[Effect::Add])),
        format!("{} to change", of(&[Effect::Update])),
        format!("{} to replace", of(&[Effect::Replace, Effect::MayReplace])),
        format!("{} to remove", of(&[Effect::Remove])),
    ];
    if !diff.code.is_empty() {
        parts.push(count(diff.code.len(), "function with new code", "functions with new code"));
    }
    parts.join(", ")
}

/// Writes the comparison as a JSON object.
pub(crate) fn to_json(diff: &Diff) -> Value {
    let resources: Vec<Value> = diff
        .resources
        .iter()
        .map(|resource| {
            json!({
                "logical_id": resource.logical_id,
                "resource_type": resource.resource_type,
                "effect": effect(resource.effect),
                "loses_data": resource.loses_data,
                "properties": resource.properties.iter().map(|change| json!({
                    "path": change.path,
                    "before": change.before,
                    "after": change.after,
                    "effect": effect(change.effect),
                })).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "type": "diff",
        "resources": resources,
        "access": {
            "widens": diff.access.widens(),
            "added": diff.access.added.iter().map(of_statement).collect::<Vec<_>>(),
            "removed": diff.access.removed.iter().map(of_statement).collect::<Vec<_>>(),
        },
        "code": diff.code.iter().map(|change| json!({
            "logical_id": change.logical_id, "before": change.before, "after": change.after,
        })).collect::<Vec<_>>(),
        "parameters": diff.parameters.iter().map(of_value).collect::<Vec<_>>(),
        "outputs": diff.outputs.iter().map(of_value).collect::<Vec<_>>(),
    })
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Add => "add",
        Effect::Remove => "remove",
        Effect::Update => "update",
        Effect::MayReplace => "may_replace",
        Effect::Replace => "replace",
    }
}

fn of_statement(statement: &Statement) -> Value {
    json!({
        "holder": statement.holder,
        "effect": statement.effect,
        "principal": statement.principal,
        "action": statement.action,
        "resource": statement.resource,
        "condition": statement.condition,
    })
}

fn of_value(change: &ValueChange) -> Value {
    json!({"name": change.name, "before": change.before, "after": change.after})
}
