//! What differs between what is deployed and what is wanted; computed offline from two templates
//! and two sets of parameter values.

pub mod access;
pub mod shown;
pub mod template;

use std::collections::BTreeMap;

use serde_json::Value;

pub use access::{AccessChange, Statement};
pub use template::{Effect, PropertyChange, ResourceDiff};

/// One side of a comparison.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// The template.
    pub template: &'a Value,
    /// Parameter values.
    pub parameters: &'a BTreeMap<String, String>,
}

/// All that differs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Diff {
    /// Resources that are added, removed or changed, by logical ID.
    pub resources: Vec<ResourceDiff>,
    /// Access that becomes possible or impossible.
    pub access: AccessChange,
    /// Functions whose deployment package changes.
    pub code: Vec<CodeChange>,
    /// Parameters whose value changes, those of code aside.
    pub parameters: Vec<ValueChange>,
    /// Outputs that are added, removed or changed.
    pub outputs: Vec<ValueChange>,
}

/// A value before and after; `None` where it is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueChange {
    /// Name of the parameter or output.
    pub name: String,
    /// Value before.
    pub before: Option<String>,
    /// Value after.
    pub after: Option<String>,
}

/// The deployment package of a function before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeChange {
    /// Logical ID of the function.
    pub logical_id: String,
    /// Object key before; `None` for a new function.
    pub before: Option<String>,
    /// Object key after; `None` when it is not built yet.
    pub after: Option<String>,
}

impl Diff {
    /// True when nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Lists the stateful resources whose data this change would delete.
    pub fn data_losses(&self) -> impl Iterator<Item = &ResourceDiff> {
        self.resources.iter().filter(|resource| resource.loses_data)
    }
}

/// Compares two sides; `before` is `None` when there is no stack.
///
/// # Effects
/// None.
#[must_use]
pub fn diff(before: Option<Side<'_>>, after: Side<'_>) -> Diff {
    let nothing = Value::Null;
    let no_parameters = BTreeMap::new();
    let before = before.unwrap_or(Side { template: &nothing, parameters: &no_parameters });
    let code_keys = code_parameters(after.template);
    let old_code_keys = code_parameters(before.template);
    let is_code = |name: &String| {
        code_keys.values().chain(old_code_keys.values()).any(|parameter| parameter == name)
            || name == ARTIFACT_BUCKET
    };
    Diff {
        resources: template::resources(before.template, after.template),
        access: access::changes(before.template, after.template),
        code: code(before, after, &code_keys),
        parameters: values(before.parameters.iter(), after.parameters.iter(), is_code),
        outputs: values(outputs(before.template).iter(), outputs(after.template).iter(), |_| false),
    }
}

/// Parameter that names the bucket of the deployment packages.
pub const ARTIFACT_BUCKET: &str = "ArtifactBucket";

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

fn code(before: Side<'_>, after: Side<'_>, keys: &BTreeMap<String, String>) -> Vec<CodeChange> {
    let changes = keys.iter().map(|(logical_id, parameter)| CodeChange {
        logical_id: logical_id.clone(),
        before: before.parameters.get(parameter).cloned(),
        after: after.parameters.get(parameter).cloned(),
    });
    changes.filter(|change| change.after.is_some() && change.before != change.after).collect()
}

fn outputs(template: &Value) -> BTreeMap<String, String> {
    let outputs = template.get("Outputs").and_then(Value::as_object);
    let shown = outputs.into_iter().flatten().map(|(name, output)| {
        let value = output.get("Value").map(shown::shown).unwrap_or_default();
        let export = output.pointer("/Export/Name").map(shown::shown);
        (name.clone(), export.map_or_else(|| value.clone(), |export| format!("{value} (export {export})")))
    });
    shown.collect()
}

fn values<'a>(
    before: impl Iterator<Item = (&'a String, &'a String)>,
    after: impl Iterator<Item = (&'a String, &'a String)>,
    left_out: impl Fn(&String) -> bool,
) -> Vec<ValueChange> {
    let mut all: BTreeMap<&String, (Option<&String>, Option<&String>)> = BTreeMap::new();
    before.for_each(|(name, value)| all.entry(name).or_default().0 = Some(value));
    after.for_each(|(name, value)| all.entry(name).or_default().1 = Some(value));
    let changed = all.into_iter().filter(|(name, (before, after))| before != after && !left_out(name));
    changed
        .map(|(name, (before, after))| ValueChange {
            name: name.clone(),
            before: before.cloned(),
            after: after.cloned(),
        })
        .collect()
}
