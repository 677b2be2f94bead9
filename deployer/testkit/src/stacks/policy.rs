//! Stack policies: which resources an update may touch.

use pipectl_engine::change_set::Replacement;
use serde_json::Value;

use super::comparison::{Action, Change};

/// Why a policy denies a change; `None` when it allows it. With a policy, all is denied that no
/// statement allows. Source: CloudFormation user guide, "Prevent updates to stack resources" (read
/// 2026-11-23).
pub(super) fn denied(policy: Option<&Value>, change: &Change) -> Option<String> {
    let policy = policy?;
    let action = match change.action {
        Action::Add | Action::Import => return None,
        Action::Remove => "Update:Delete",
        Action::Modify | Action::SyncWithActual if change.replacement == Replacement::Never => {
            "Update:Modify"
        }
        Action::Modify | Action::SyncWithActual => "Update:Replace",
    };
    let resource = format!("LogicalResourceId/{}", change.logical_id);
    let statements = items(&policy["Statement"]);
    let applies = |statement: &&&Value| {
        names(statement, "Action", "NotAction", action)
            && names(statement, "Resource", "NotResource", &resource)
            && concerns(statement, &change.resource_type)
    };
    let is_denied = statements.iter().filter(applies).any(|it| it["Effect"] == "Deny");
    let is_allowed = statements.iter().filter(applies).any(|it| it["Effect"] == "Allow");
    (is_denied || !is_allowed).then(|| {
        format!("Action denied by stack policy: does not allow [{action}] for resource [{resource}]")
    })
}

/// The items of a list, or the one that stands for itself.
fn items(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Null => Vec::new(),
        single => vec![single],
    }
}

fn names(statement: &Value, key: &str, not_key: &str, word: &str) -> bool {
    let any = |value: &Value| items(value).iter().any(|it| it.as_str().is_some_and(|it| matches(it, word)));
    match statement.get(not_key) {
        Some(excluded) => !any(excluded),
        None => any(&statement[key]),
    }
}

/// `Condition: { StringEquals: { ResourceType: [..] } }`, also with `StringLike`.
fn concerns(statement: &Value, resource_type: &str) -> bool {
    let Some(condition) = statement.get("Condition") else { return true };
    ["StringEquals", "StringLike"].iter().any(|test| {
        let types = items(&condition[*test]["ResourceType"]);
        types.iter().any(|it| it.as_str().is_some_and(|it| matches(it, resource_type)))
    })
}

/// True when `word` is `pattern`, in which a `*` stands for anything.
fn matches(pattern: &str, word: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == word,
        Some((start, rest)) => {
            let Some(tail) = word.strip_prefix(start) else { return false };
            (0..=tail.len()).any(|at| tail.get(at..).is_some_and(|tail| matches(rest, tail)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn star_stands_for_anything() {
        for (pattern, word, is_match) in [
            ("Update:*", "Update:Replace", true),
            ("LogicalResourceId/Prod*Db", "LogicalResourceId/ProdMainDb", true),
            ("Update:Modify", "Update:Replace", false),
            ("*", "", true),
        ] {
            assert_eq!(matches(pattern, word), is_match, "{pattern} {word}");
        }
    }
}
