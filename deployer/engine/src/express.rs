//! Which mode a deployment takes: the one that is wished for, or the one that works.
//!
//! Invariant: pure.
//!
//! Sources: CloudFormation user guide, "Deploy CloudFormation stacks faster with express mode" and
//! "Choose how to handle failures when provisioning resources" (read 2026-11-23).

use crate::deployed::{DeployedStack, DeploymentMode};
use crate::diff::Diff;
use crate::status::StackStatus;

/// Why a deployment that was to be express is a standard one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StandardBecause {
    /// Rollback is off in express mode, and AWS replaces no resource without the way back.
    Replacement(Vec<String>),
    /// The stack has termination protection, as stacks in production have. AWS advises against express
    /// mode where readiness counts.
    TerminationProtection,
}

impl std::fmt::Display for StandardBecause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Replacement(ids) => {
                write!(f, "{} would be replaced, which express mode cannot roll back", ids.join(", "))
            }
            Self::TerminationProtection => {
                f.write_str("the stack has termination protection, as in production")
            }
        }
    }
}

/// Finds what keeps a deployment from being express; `None` when nothing does.
#[must_use]
pub fn obstacle(deployed: Option<&DeployedStack>, diff: &Diff) -> Option<StandardBecause> {
    // A stack that failed in express mode takes no other.
    if deployed.is_some_and(failed_in_express) {
        return None;
    }
    if deployed.is_some_and(|stack| stack.termination_protection) {
        return Some(StandardBecause::TerminationProtection);
    }
    let resources = diff.resources.iter();
    let replaced = resources.filter(|it| it.effect.may_replace());
    let replaced: Vec<String> = replaced.map(|it| it.logical_id.clone()).collect();
    (!replaced.is_empty()).then_some(StandardBecause::Replacement(replaced))
}

/// True for a stack that is left as it failed in express mode: until it is sound again it takes no other.
pub(crate) fn failed_in_express(stack: &DeployedStack) -> bool {
    is_left_failed(&stack.status) && stack.mode == DeploymentMode::Express
}

/// True for a stack that is left as it failed, and that an update may lead on.
pub(crate) fn is_left_failed(status: &StackStatus) -> bool {
    matches!(status, StackStatus::CreateFailed | StackStatus::UpdateFailed)
}
