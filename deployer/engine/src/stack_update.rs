//! An update of a stack that needs no change set to be looked at.

use std::collections::{BTreeMap, BTreeSet};

use crate::change_set::{ChangeSetKind, ChangeSetRequest, TemplateSource};
use crate::deployed::{DeployedStack, DeploymentMode};
use crate::plan::{Deployed, digest};

/// What the names of these updates start with.
const PREFIX: &str = "pipectl-code-";

/// `UpdateStack` with other values of a few parameters, or with a template whose change set is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackUpdate {
    /// Stack ID (an ARN): a stack that was made anew under the same name is another.
    pub stack_id: String,
    /// Name of the change: a digest of the stack and of what changes, or the name of the change set that
    /// it repeats.
    pub name: String,
    /// Token of the call: the name, and when the stack was changed last, in milliseconds since the Unix
    /// epoch. Repeating the call joins the operation, trying again after it failed does not.
    pub token: String,
    /// The template; `None` for the one in force.
    pub template: Option<TemplateSource>,
    /// Parameters that change, with their new values.
    pub changed: BTreeMap<String, String>,
    /// Parameters that keep their values.
    pub kept: BTreeSet<String>,
    /// How the change is carried out.
    pub mode: DeploymentMode,
}

impl StackUpdate {
    /// Takes what a change set would be asked for, when it differs from what is deployed in parameters
    /// alone. `None` otherwise.
    #[must_use]
    pub(crate) fn instead_of(request: &ChangeSetRequest, deployed: &Deployed) -> Option<Self> {
        let stack = &deployed.stack;
        let names: BTreeSet<&String> = request.parameters.keys().chain(&request.kept).collect();
        let names_differ = !stack.parameters.keys().eq(names.iter().copied());
        if request.kind != ChangeSetKind::Update || stack.tags != request.tags || names_differ {
            return None;
        }
        let differs = |(name, value): &(&String, &String)| stack.parameters.get(*name) != Some(value);
        let changed = request.parameters.iter().filter(differs);
        let changed: BTreeMap<String, String> = changed.map(|(k, v)| (k.clone(), v.clone())).collect();
        let kept = names.into_iter().filter(|name| !changed.contains_key(*name)).cloned().collect();
        let parts: Vec<&str> = changed.iter().flat_map(|(name, value)| [name.as_str(), value]).collect();
        let name = format!("{PREFIX}{}", &digest(&[&[stack.id.as_str()], &parts[..]].concat())[..16]);
        let token = format!("{name}-{}", stack.changed_at_ms.unwrap_or_default());
        let (stack_id, mode) = (stack.id.clone(), request.mode);
        Some(Self { stack_id, name, token, template: None, changed, kept, mode })
    }

    /// Takes what a change set was asked for, in which nothing differs from the stack.
    #[must_use]
    pub(crate) fn repeating(request: &ChangeSetRequest, stack: &DeployedStack) -> Self {
        Self {
            stack_id: stack.id.clone(),
            token: format!("{}-{}", request.name, stack.changed_at_ms.unwrap_or_default()),
            name: request.name.clone(),
            template: Some(request.template.clone()),
            changed: request.parameters.clone(),
            kept: request.kept.clone(),
            mode: request.mode,
        }
    }

    /// Reads the name of an update out of its token; `None` when the token is of another call.
    pub(crate) fn name_in_token(token: &str) -> Option<&str> {
        let (name, _) = token.rsplit_once('-').filter(|(name, _)| name.starts_with(PREFIX))?;
        Some(name)
    }
}
