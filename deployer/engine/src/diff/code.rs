//! Which functions get other code.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Side;
use crate::build_record::Cause;
use crate::package::digest_of;

/// The deployment package of a function before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeChange {
    /// Logical ID of the function.
    pub logical_id: String,
    /// Object key that the stack was deployed with; null for a new function.
    pub before: Option<String>,
    /// Object key that is wanted; null when it is not built.
    pub after: Option<String>,
    /// SHA-256, in lower-case hexadecimal, of the package that Lambda runs now (`CodeSha256`); null when
    /// it was not asked for or there is no such function.
    pub running: Option<String>,
    /// True when Lambda runs another package than the stack was deployed with: somebody updated the
    /// code directly. CloudFormation does not see it, and brings its own code back only when the
    /// function's `Code` changes.
    pub changed_outside: bool,
    /// Why the wanted package is another one: what differs of what the two were built from. Empty when
    /// it is not known what the deployed one was built from.
    pub causes: Vec<Cause>,
}

impl CodeChange {
    /// True when the deployment itself gives the function other code.
    #[must_use]
    pub fn is_deployed(&self) -> bool {
        self.before != self.after
    }
}

/// Finds the parameter that holds the object key of each function's code.
///
/// Returns parameter names by the function's logical ID.
#[must_use]
pub fn code_parameters(template: &Value) -> BTreeMap<String, String> {
    let resources = template.get("Resources").and_then(Value::as_object);
    let keys = resources.into_iter().flatten().filter_map(|(id, resource)| {
        let parameter = resource.pointer("/Properties/Code/S3Key/Ref")?.as_str()?;
        Some((id.clone(), parameter.to_owned()))
    });
    keys.collect()
}

/// Lists the functions whose object key changes.
pub(super) fn changes(before: Side<'_>, after: Side<'_>) -> Vec<CodeChange> {
    let old_keys = code_parameters(before.template);
    let keys = code_parameters(after.template);
    let changes = keys.iter().map(|(logical_id, parameter)| CodeChange {
        logical_id: logical_id.clone(),
        before: old_keys.get(logical_id).and_then(|old| before.parameters.get(old)).cloned(),
        after: after.parameters.get(parameter).cloned(),
        running: None,
        changed_outside: false,
        causes: Vec::new(),
    });
    changes.filter(|change| change.after.is_some() && change.is_deployed()).collect()
}

/// Adds what Lambda runs, as `CodeSha256` in lower-case hexadecimal by logical ID.
///
/// A function that runs another package than the stack was deployed with is listed even where nothing
/// else changes.
pub(crate) fn add_running(
    changes: &mut Vec<CodeChange>,
    deployed: Side<'_>,
    running: &BTreeMap<String, String>,
) {
    let parameters = code_parameters(deployed.template);
    let positions = changes.iter().enumerate().map(|(position, it)| (it.logical_id.clone(), position));
    let positions: BTreeMap<String, usize> = positions.collect();
    for (logical_id, digest) in running {
        let key = parameters.get(logical_id).and_then(|name| deployed.parameters.get(name));
        let changed_outside = key.and_then(|key| digest_of(key)).is_some_and(|known| known != digest);
        match positions.get(logical_id).and_then(|position| changes.get_mut(*position)) {
            Some(change) => {
                change.running = Some(digest.clone());
                change.changed_outside = changed_outside;
            }
            None if changed_outside => changes.push(CodeChange {
                logical_id: logical_id.clone(),
                before: key.cloned(),
                after: key.cloned(),
                running: Some(digest.clone()),
                changed_outside,
                causes: Vec::new(),
            }),
            None => {}
        }
    }
    changes.sort_by(|one, other| one.logical_id.cmp(&other.logical_id));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn running(deployed: &str, digest: &str) -> Vec<CodeChange> {
        let template = json!({"Resources": {"F": {"Properties": {"Code": {"S3Key": {"Ref": "Key"}}}}}});
        let parameters = [("Key".to_owned(), format!("packages/f/{deployed}.zip"))].into();
        let mut changes = Vec::new();
        let side = Side { template: &template, parameters: &parameters };
        add_running(&mut changes, side, &[("F".to_owned(), digest.to_owned())].into());
        changes
    }

    #[test]
    fn function_that_runs_what_was_deployed_is_not_listed() {
        assert_eq!(running(&"a".repeat(64), &"a".repeat(64)), []);
    }

    #[test]
    fn function_updated_by_hand_is_listed() {
        let found = running(&"a".repeat(64), &"b".repeat(64));
        assert!(found[0].changed_outside && !found[0].is_deployed());
    }

    #[test]
    fn key_without_a_digest_says_nothing() {
        assert_eq!(running("v1", &"b".repeat(64)), []);
    }
}
