//! What CloudFormation is asked for, as its requests say it.

use std::collections::{BTreeMap, BTreeSet};

use pipectl_engine::change_set::{ChangeSetKind, ChangeSetRequest, TemplateSource};
use pipectl_engine::deployed::DeploymentMode;
use pipectl_engine::stack_update::StackUpdate;

/// How a stack operation ends, and what becomes of a failure. `DeploymentConfig` of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Deployment {
    /// `Mode: EXPRESS`: resources count as done once they are configured, before they are ready.
    pub is_express: bool,
    /// `DisableRollback`; `None` when the request leaves it to the mode: express disables it.
    pub disable_rollback: Option<bool>,
}

impl Deployment {
    /// True when a failure is left as it is.
    #[must_use]
    pub fn rollback_is_disabled(&self) -> bool {
        self.disable_rollback.unwrap_or(self.is_express)
    }
}

/// `OnStackFailure`: what becomes of a create that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnStackFailure {
    Delete,
    DoNothing,
    Rollback,
}

impl OnStackFailure {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "DELETE",
            Self::DoNothing => "DO_NOTHING",
            Self::Rollback => "ROLLBACK",
        }
    }
}

/// `ChangeSetType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Create,
    Update,
    Import,
}

/// Where the template is.
#[derive(Debug, Clone)]
pub(crate) enum Template {
    Body(String),
    Object { bucket: String, key: String },
    Previous,
}

/// A resource to import: `ResourcesToImport`.
#[derive(Debug, Clone)]
pub(crate) struct ToImport {
    pub(crate) logical_id: String,
    /// The identifier's value; its name follows from the type.
    pub(crate) physical_id: String,
}

/// A request for a change set, or for a create or update without one.
#[derive(Debug, Clone)]
pub(crate) struct ChangeSetOrder {
    pub(crate) stack: String,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) template: Template,
    /// `None` for `UsePreviousValue`.
    pub(crate) parameters: BTreeMap<String, Option<String>>,
    /// `None` leaves the stack's tags as they are.
    pub(crate) tags: Option<BTreeMap<String, String>>,
    pub(crate) capabilities: BTreeSet<String>,
    pub(crate) on_failure: Option<OnStackFailure>,
    pub(crate) imports_existing: bool,
    pub(crate) to_import: Vec<ToImport>,
    pub(crate) reverts_drift: bool,
    pub(crate) deployment: Deployment,
    pub(crate) skips_validation: bool,
    pub(crate) token: Option<String>,
}

/// `ExecuteChangeSet`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Execution {
    pub(crate) token: Option<String>,
    pub(crate) disable_rollback: Option<bool>,
    pub(crate) retain_except_on_create: bool,
}

/// `DeleteStack`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Deletion {
    pub(crate) token: Option<String>,
    pub(crate) retain: Vec<String>,
    pub(crate) is_forced: bool,
    pub(crate) deployment: Deployment,
}

impl ChangeSetOrder {
    /// An order that asks for nothing special.
    pub(crate) fn new(stack: &str, name: &str, kind: Kind, template: Template) -> Self {
        Self {
            stack: stack.to_owned(),
            name: name.to_owned(),
            kind,
            template,
            parameters: BTreeMap::new(),
            tags: None,
            capabilities: BTreeSet::new(),
            on_failure: None,
            imports_existing: false,
            to_import: Vec::new(),
            reverts_drift: false,
            deployment: Deployment::default(),
            skips_validation: false,
            token: None,
        }
    }
}

impl From<&TemplateSource> for Template {
    fn from(source: &TemplateSource) -> Self {
        match source {
            TemplateSource::Body(body) => Self::Body(body.clone()),
            TemplateSource::Object { bucket, key } => {
                Self::Object { bucket: bucket.clone(), key: key.clone() }
            }
        }
    }
}

/// As the engine's adapter asks: a failed create deletes the stack, IAM capabilities are acknowledged.
impl From<&ChangeSetRequest> for ChangeSetOrder {
    fn from(request: &ChangeSetRequest) -> Self {
        let (kind, on_failure) = match request.kind {
            ChangeSetKind::Create => (Kind::Create, Some(OnStackFailure::Delete)),
            ChangeSetKind::Update => (Kind::Update, None),
        };
        let template = Template::from(&request.template);
        let is_express = request.mode == DeploymentMode::Express;
        let given = request.parameters.iter().map(|(name, value)| (name.clone(), Some(value.clone())));
        let kept = request.kept.iter().map(|name| (name.clone(), None));
        Self {
            parameters: given.chain(kept).collect(),
            tags: Some(request.tags.clone()),
            capabilities: ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"].map(str::to_owned).into(),
            // In express mode the engine leaves a failure as it is, also that of a create.
            on_failure: on_failure.filter(|_| !is_express),
            imports_existing: request.import_existing,
            deployment: Deployment { is_express, disable_rollback: None },
            ..Self::new(&request.stack, &request.name, kind, template)
        }
    }
}

/// As the engine's adapter asks: the tags stay, IAM capabilities are acknowledged.
impl From<&StackUpdate> for ChangeSetOrder {
    fn from(update: &StackUpdate) -> Self {
        let changed = update.changed.iter().map(|(name, value)| (name.clone(), Some(value.clone())));
        let kept = update.kept.iter().map(|name| (name.clone(), None));
        let is_express = update.mode == DeploymentMode::Express;
        let template = update.template.as_ref().map_or(Template::Previous, Template::from);
        Self {
            parameters: changed.chain(kept).collect(),
            capabilities: ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"].map(str::to_owned).into(),
            deployment: Deployment { is_express, disable_rollback: None },
            token: Some(update.token.clone()),
            ..Self::new(&update.stack_id, "", Kind::Update, template)
        }
    }
}
