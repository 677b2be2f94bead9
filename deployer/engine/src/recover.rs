//! The way out of every state: stack status, mode, rollback setting and what is found, to the next
//! safe action.
//!
//! Invariant: pure and total. Every status has an action, also one that this version does not know;
//! what the action costs is said by [`Action::needs_consent`], and nothing that costs is done without.
//!
//! Sources: CloudFormation user guide, "View stack information" (statuses), "Continue rolling back an
//! update", "Choose how to handle failures when provisioning resources"; API reference, RollbackStack,
//! ContinueUpdateRollback, DeleteStack (read 2026-11-23). What express mode refuses is quoted in
//! aws/aws-cdk-cli#1739 and #1973.

use serde_json::Value;

use crate::deployed::DeploymentMode;
use crate::status::StackStatus;

/// What the stack is to be fit for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// Its next deployment.
    Deploy,
    /// Its deletion.
    Delete,
}

/// What is found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Situation {
    /// Status of the stack; `None` when there is none.
    pub status: Option<StackStatus>,
    /// Mode of its last operation.
    pub mode: DeploymentMode,
    /// True when its last operation was to be left as it failed.
    pub rollback_disabled: bool,
    /// Logical IDs of the resources whose deletion or rollback failed by itself; for a rollback the
    /// smallest set with which it may go on, see [`smallest_skip`].
    pub stuck: Vec<String>,
    /// Names of the change sets that wait on the stack and that somebody else made.
    pub waiting: Vec<String>,
    /// True when the action without consent was taken and has led here again.
    pub was_tried: bool,
}

/// The next safe action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Go on: nothing is in the way.
    Proceed,
    /// Go on, but in express mode: after a failure in that mode AWS takes no other operation, neither a
    /// standard update nor a rollback.
    ProceedExpress,
    /// Watch the running operation to its end.
    Wait,
    /// Delete what a failed first deployment left; nothing was ever in use.
    DeleteRemains,
    /// Delete the change sets that somebody else made on a stack that has nothing else.
    DiscardChangeSets(Vec<String>),
    /// Take the failed update back (`RollbackStack`).
    RollBack,
    /// Go on with the failed rollback (`ContinueUpdateRollback`): its cause may be gone.
    ContinueRollback,
    /// Go on with the failed rollback without these resources. They stay as the failed update left
    /// them, which is not what the template says.
    SkipInRollback(Vec<String>),
    /// Delete the stack; as its deletion policies have it.
    Delete,
    /// Delete the stack again: the cause of the failure may be gone.
    RetryDeletion,
    /// Delete the stack and leave these resources in the account, in no stack.
    RetainStubborn(Vec<String>),
    /// Delete the stack whatever becomes of these resources, which were not deleted so far; those that AWS
    /// cannot delete stay in the account, in no stack. The last resort of a forced deletion, which no
    /// situation leads to by itself.
    ForceDeletion(Vec<String>),
    /// Delete the stack, which has been in use, so that it can be made anew.
    Recreate,
}

impl Action {
    /// True when a person, or a flag of theirs, must agree first.
    #[must_use]
    pub fn needs_consent(&self) -> bool {
        matches!(
            self,
            Self::DiscardChangeSets(_)
                | Self::SkipInRollback(_)
                | Self::RetainStubborn(_)
                | Self::ForceDeletion(_)
                | Self::Recreate
        )
    }

    /// True when the stack is fit for its goal.
    #[must_use]
    pub fn is_end(&self) -> bool {
        matches!(self, Self::Proceed | Self::ProceedExpress | Self::Delete)
    }

    /// Returns the action's stable name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Proceed => "proceed",
            Self::ProceedExpress => "proceed_express",
            Self::Wait => "wait",
            Self::DeleteRemains => "delete_remains",
            Self::DiscardChangeSets(_) => "discard_change_sets",
            Self::RollBack => "roll_back",
            Self::ContinueRollback => "continue_rollback",
            Self::SkipInRollback(_) => "skip_in_rollback",
            Self::Delete => "delete",
            Self::RetryDeletion => "retry_deletion",
            Self::RetainStubborn(_) => "retain_stubborn",
            Self::ForceDeletion(_) => "force_deletion",
            Self::Recreate => "recreate",
        }
    }

    /// Lists what the action is about: logical IDs, or names of change sets.
    #[must_use]
    pub fn subjects(&self) -> &[String] {
        match self {
            Self::DiscardChangeSets(names)
            | Self::SkipInRollback(names)
            | Self::RetainStubborn(names)
            | Self::ForceDeletion(names) => names,
            _ => &[],
        }
    }
}

/// Finds the next safe action.
#[must_use]
pub fn next_action(goal: Goal, found: &Situation) -> Action {
    let Some(status) = &found.status else { return Action::Proceed };
    if !status.is_settled() {
        return Action::Wait;
    }
    match goal {
        Goal::Deploy => before_deployment(status, found),
        Goal::Delete => before_deletion(status, found),
    }
}

fn before_deployment(status: &StackStatus, found: &Situation) -> Action {
    match status {
        StackStatus::ReviewInProgress => free_for_all(found),
        StackStatus::CreateFailed | StackStatus::UpdateFailed if found.mode == DeploymentMode::Express => {
            Action::ProceedExpress
        }
        StackStatus::RollbackComplete | StackStatus::RollbackFailed | StackStatus::CreateFailed => {
            Action::DeleteRemains
        }
        StackStatus::UpdateFailed => Action::RollBack,
        StackStatus::UpdateRollbackFailed if !found.was_tried || found.stuck.is_empty() => {
            Action::ContinueRollback
        }
        StackStatus::UpdateRollbackFailed => Action::SkipInRollback(found.stuck.clone()),
        StackStatus::DeleteFailed => after_failed_deletion(found),
        StackStatus::ImportRollbackFailed => Action::Recreate,
        // Whether AWS takes an update in a status that is new to us, only AWS can say; asking is safe.
        _ => Action::Proceed,
    }
}

fn before_deletion(status: &StackStatus, found: &Situation) -> Action {
    match status {
        StackStatus::DeleteComplete => Action::Proceed,
        StackStatus::ReviewInProgress if !found.waiting.is_empty() => free_for_all(found),
        StackStatus::DeleteFailed => after_failed_deletion(found),
        _ => Action::Delete,
    }
}

/// A stack under review has nothing but change sets; executing one deletes the others.
fn free_for_all(found: &Situation) -> Action {
    match found.waiting.as_slice() {
        [] => Action::Proceed,
        waiting => Action::DiscardChangeSets(waiting.to_vec()),
    }
}

fn after_failed_deletion(found: &Situation) -> Action {
    match found.stuck.as_slice() {
        stuck if found.was_tried && !stuck.is_empty() => Action::RetainStubborn(stuck.to_vec()),
        _ => Action::RetryDeletion,
    }
}

/// Picks of the resources whose rollback failed those that depend on no other of them.
///
/// A resource that another one's failure made fail may roll back once the other is left out, so that
/// AWS advises to name as few as possible. Sorted; never empty unless `failed` is.
#[must_use]
pub fn smallest_skip(failed: &[String], template: &Value) -> Vec<String> {
    let follows_another = |id: &String| {
        let resource = template.get("Resources").and_then(|resources| resources.get(id));
        resource.is_some_and(|resource| failed.iter().any(|other| other != id && names(resource, other)))
    };
    let mut causes: Vec<String> = failed.iter().filter(|id| !follows_another(id)).cloned().collect();
    if causes.is_empty() {
        causes = failed.to_vec();
    }
    causes.sort_unstable();
    causes.dedup();
    causes
}

/// True when a part of a template names a resource in `Ref`, `Fn::GetAtt`, `Fn::Sub` or `DependsOn`.
pub(crate) fn names(part: &Value, logical_id: &str) -> bool {
    match part {
        Value::Object(object) => object.iter().any(|(key, value)| match (key.as_str(), value) {
            ("Ref", Value::String(text)) => text == logical_id,
            ("Fn::GetAtt", Value::String(text)) => text.split('.').next() == Some(logical_id),
            ("Fn::GetAtt" | "DependsOn", Value::Array(items)) => items.iter().any(|item| item == logical_id),
            ("DependsOn", Value::String(text)) => text == logical_id,
            ("Fn::Sub", Value::String(text)) => is_substituted(text, logical_id),
            (_, value) => names(value, logical_id),
        }),
        Value::Array(items) => items.iter().any(|item| match item {
            Value::String(text) => is_substituted(text, logical_id),
            item => names(item, logical_id),
        }),
        _ => false,
    }
}

fn is_substituted(text: &str, logical_id: &str) -> bool {
    text.contains(&format!("${{{logical_id}}}")) || text.contains(&format!("${{{logical_id}."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn statuses() -> impl Iterator<Item = StackStatus> {
        let known = StackStatus::KNOWN.iter().map(|text| StackStatus::from_aws(text));
        known.chain([StackStatus::Unknown("REFACTOR_FAILED".to_owned())])
    }

    fn situations() -> Vec<Situation> {
        let mut all = Vec::new();
        for status in statuses() {
            for mode in [DeploymentMode::Standard, DeploymentMode::Express] {
                for bits in 0..16_u8 {
                    let is = |bit: u8| bits & (1 << bit) != 0;
                    all.push(Situation {
                        status: Some(status.clone()),
                        mode,
                        rollback_disabled: is(0),
                        stuck: if is(1) { vec!["Records".to_owned()] } else { Vec::new() },
                        waiting: if is(2) { vec!["release".to_owned()] } else { Vec::new() },
                        was_tried: is(3),
                    });
                }
            }
        }
        all
    }

    fn of(status: StackStatus) -> Situation {
        Situation { status: Some(status), ..Situation::default() }
    }

    #[test]
    fn every_state_that_no_update_starts_from_is_led_to_one_that_does() {
        for found in situations() {
            let status = found.status.as_ref().unwrap();
            let action = next_action(Goal::Deploy, &found);
            let may_proceed =
                status.is_updatable() || status.is_absent() || matches!(status, StackStatus::Unknown(_));
            assert_eq!(action == Action::Wait, !status.is_settled(), "{found:?}");
            assert!(action != Action::Proceed || may_proceed, "{found:?}");
            assert_eq!(
                action == Action::ProceedExpress,
                found.mode == DeploymentMode::Express
                    && matches!(status, StackStatus::CreateFailed | StackStatus::UpdateFailed),
                "{found:?}"
            );
        }
    }

    #[test]
    fn every_settled_state_can_be_deleted() {
        for found in situations().iter().filter(|found| found.status.as_ref().unwrap().is_settled()) {
            let action = next_action(Goal::Delete, found);
            assert!(
                action.is_end()
                    || matches!(
                        action,
                        Action::RetryDeletion | Action::RetainStubborn(_) | Action::DiscardChangeSets(_)
                    ),
                "{found:?}: {action:?}"
            );
        }
    }

    #[test]
    fn what_can_be_tried_without_consent_is_tried_first() {
        for found in situations().iter().filter(|found| !found.was_tried && found.waiting.is_empty()) {
            for goal in [Goal::Deploy, Goal::Delete] {
                let action = next_action(goal, found);
                assert!(!action.needs_consent() || action == Action::Recreate, "{found:?}: {action:?}");
            }
        }
    }

    #[test]
    fn change_set_of_somebody_else_is_never_deleted_without_consent() {
        for found in situations().iter().filter(|found| !found.waiting.is_empty()) {
            let under_review = found.status == Some(StackStatus::ReviewInProgress);
            for goal in [Goal::Deploy, Goal::Delete] {
                let action = next_action(goal, found);
                assert_eq!(matches!(action, Action::DiscardChangeSets(_)), under_review, "{found:?}");
            }
        }
    }

    #[test]
    fn stack_that_is_not_there_stands_in_nobodys_way() {
        assert_eq!(next_action(Goal::Deploy, &Situation::default()), Action::Proceed);
        assert_eq!(next_action(Goal::Delete, &Situation::default()), Action::Proceed);
    }

    #[test]
    fn second_failure_of_a_rollback_skips_what_failed() {
        let first = Situation { stuck: vec!["Records".to_owned()], ..of(StackStatus::UpdateRollbackFailed) };
        assert_eq!(next_action(Goal::Deploy, &first), Action::ContinueRollback);
        let second = Situation { was_tried: true, ..first };
        assert_eq!(next_action(Goal::Deploy, &second), Action::SkipInRollback(vec!["Records".to_owned()]));
    }

    #[test]
    fn only_the_cause_is_skipped_and_not_what_follows_it() {
        let template = json!({"Resources": {
            "Queue": {"Type": "AWS::SQS::Queue"},
            "Mapping": {"Properties": {"EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]}}},
            "Alarm": {"Properties": {"Text": {"Fn::Sub": "${Queue.Arn} is full"}}},
            "Last": {"DependsOn": "Mapping"},
        }});
        let failed = ["Last", "Mapping", "Queue", "Alarm"].map(str::to_owned);
        assert_eq!(smallest_skip(&failed, &template), ["Queue"]);
        assert_eq!(smallest_skip(&failed[..2], &template), ["Mapping"]);
    }

    #[test]
    fn circle_of_failures_is_skipped_as_a_whole() {
        let template = json!({"Resources": {"A": {"DependsOn": "B"}, "B": {"DependsOn": "A"}}});
        assert_eq!(smallest_skip(&["B".to_owned(), "A".to_owned()], &template), ["A", "B"]);
    }
}
