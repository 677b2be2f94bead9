//! What a caller lacks of the permissions that a command needs.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::aws_error::AwsError;
use crate::permission::document::{Statement, merged};
use crate::permission::port::Identity;

/// Actions on resources, in a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Actions.
    pub actions: Vec<String>,
    /// ARNs; a pattern is asked about as if it were a name.
    pub resources: Vec<String>,
    /// Keys of the request's context with their values, for example `iam:PassedToService`.
    pub context: Vec<(String, Vec<String>)>,
}

/// An action on a resource that would be denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// Action.
    pub action: String,
    /// ARN as it was asked about.
    pub resource: String,
}

/// Whose policies are simulated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// The root user of the account, who may do everything.
    Root,
    /// A user or a role, by its ARN.
    Named(String),
}

/// Finds whose policies stand behind a caller's ARN. A role's session does not name the role's path,
/// so the role is asked for.
///
/// # Effects
/// `iam:GetRole` for an assumed role.
///
/// # Errors
/// As [`Identity::role_arn`], but a role that may not be read is taken for one without a path.
pub async fn principal<I: Identity>(identity: &I, caller: &str) -> Result<Principal, AwsError> {
    use crate::aws_error::AwsErrorCode::{AccessDenied, NotFound};
    let parts: Vec<&str> = caller.splitn(6, ':').collect();
    let [_, partition, _, _, account, resource] = parts[..] else {
        return Ok(Principal::Named(caller.to_owned()));
    };
    if resource == "root" {
        return Ok(Principal::Root);
    }
    let Some(session) = resource.strip_prefix("assumed-role/") else {
        return Ok(Principal::Named(caller.to_owned()));
    };
    let name = session.split('/').next().unwrap_or(session);
    let without_path = || format!("arn:{partition}:iam::{account}:role/{name}");
    match identity.role_arn(name).await {
        Ok(arn) => Ok(Principal::Named(arn.unwrap_or_else(without_path))),
        Err(error) if matches!(error.code, AccessDenied | NotFound) => Ok(Principal::Named(without_path())),
        Err(error) => Err(error),
    }
}

/// Returns what a principal lacks of these statements: statements of the denied actions and resources,
/// to be added to its policies. Empty when it lacks nothing.
///
/// # Effects
/// `iam:SimulatePrincipalPolicy`, once a statement.
///
/// # Errors
/// When the simulation is denied or fails; nothing is known then.
pub async fn missing<I: Identity>(
    identity: &I,
    principal: &str,
    statements: &[Statement],
) -> Result<Vec<Statement>, AwsError> {
    let mut missing = Vec::new();
    for statement in merged(statements) {
        let denied = identity.denied(principal, &question(&statement)).await?;
        missing.extend(lacking(&statement, &denied));
    }
    Ok(missing)
}

fn question(statement: &Statement) -> Question {
    Question {
        actions: statement.actions.iter().cloned().collect(),
        resources: statement.resources.iter().cloned().collect(),
        context: context(&statement.condition),
    }
}

/// The request that a statement is made for meets its condition.
fn context(condition: &Value) -> Vec<(String, Vec<String>)> {
    let tests = condition.as_object().into_iter().flat_map(|operators| operators.values());
    let entries = tests.filter_map(Value::as_object).flatten();
    entries.map(|(key, wanted)| (key.clone(), texts(wanted))).collect()
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::String(text) => vec![text.clone()],
        _ => Vec::new(),
    }
}

fn lacking(statement: &Statement, denied: &[Denied]) -> Option<Statement> {
    let actions: BTreeSet<String> = denied.iter().map(|it| it.action.clone()).collect();
    let resources: BTreeSet<String> = denied.iter().map(|it| it.resource.clone()).collect();
    (!actions.is_empty()).then(|| Statement { actions, resources, ..statement.clone() })
}
