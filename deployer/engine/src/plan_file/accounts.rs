//! The comparison of templates and AWS's change set, side by side.

use std::collections::{BTreeMap, BTreeSet};

use super::{DescribedChangeSet, Disagreement};
use crate::change_set::{ChangeAction, Replacement, ResourceChange};
use crate::diff::{Effect, ResourceDiff};
use crate::review::data::may_be_replaced;

/// Attributes that say when or after what a resource is made: a change set shows no change of them.
const UNSEEN_BY_AWS: [&str; 2] = ["Condition", "DependsOn"];

impl DescribedChangeSet {
    /// Sets AWS's changes beside the comparison.
    #[must_use]
    pub fn new(mut changes: Vec<ResourceChange>, predicted: &[ResourceDiff]) -> Self {
        changes.sort_by(|one, other| one.logical_id.cmp(&other.logical_id));
        let disagreements = disagreements(predicted, &changes);
        Self { changes, disagreements }
    }
}

fn disagreements(predicted: &[ResourceDiff], described: &[ResourceChange]) -> Vec<Disagreement> {
    let ours: BTreeMap<&str, &str> = predicted
        .iter()
        .filter(|it| is_seen(it))
        .map(|it| (it.logical_id.as_str(), word(it.effect)))
        .collect();
    let theirs: BTreeMap<&str, &str> =
        described.iter().map(|it| (it.logical_id.as_str(), described_word(it))).collect();
    let ids: BTreeSet<&str> = ours.keys().chain(theirs.keys()).copied().collect();
    let said = |words: &BTreeMap<&str, &'static str>, id: &str| words.get(id).copied().unwrap_or("none");
    let pairs = ids.into_iter().map(|id| (id, said(&ours, id), said(&theirs, id)));
    pairs
        .filter(|(_, predicted, described)| predicted != described && !allows(predicted, described))
        .map(|(id, predicted, described)| Disagreement {
            logical_id: id.to_owned(),
            predicted: predicted.to_owned(),
            described: described.to_owned(),
        })
        .collect()
}

/// True when what the change set says is one of the two ways that the comparison leaves open.
fn allows(predicted: &str, described: &str) -> bool {
    match predicted {
        "may_update" => matches!(described, "update" | "none"),
        "may_remove" => matches!(described, "add" | "remove" | "none"),
        _ => false,
    }
}

fn is_seen(diff: &ResourceDiff) -> bool {
    diff.effect != Effect::Update
        || diff.properties.iter().any(|change| {
            let attribute = change.path.split('.').next().unwrap_or_default();
            !UNSEEN_BY_AWS.contains(&attribute)
        })
}

/// The effect in the words of the plan file.
#[must_use]
pub fn word(effect: Effect) -> &'static str {
    match effect {
        Effect::Add => "add",
        Effect::Remove => "remove",
        Effect::MayUpdate => "may_update",
        Effect::Update => "update",
        Effect::MayReplace => "may_replace",
        Effect::MayRemove => "may_remove",
        Effect::Replace => "replace",
    }
}

fn described_word(change: &ResourceChange) -> &'static str {
    match (change.action, change.replacement) {
        (ChangeAction::Add, _) => "add",
        (ChangeAction::Remove, _) => "remove",
        (ChangeAction::Import, _) => "import",
        (ChangeAction::Dynamic, _) => "dynamic",
        (ChangeAction::Modify, Replacement::Always) => "replace",
        (ChangeAction::Modify, _) if may_be_replaced(change) => "may_replace",
        (ChangeAction::Modify, _) => "update",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(effect: Effect, path: &str) -> ResourceDiff {
        let change = crate::diff::PropertyChange {
            path: path.to_owned(),
            before: None,
            after: None,
            effect,
            because: None,
        };
        ResourceDiff {
            logical_id: "It".to_owned(),
            resource_type: "AWS::SQS::Queue".to_owned(),
            effect,
            properties: vec![change],
            data: None,
        }
    }

    fn theirs(action: ChangeAction, replacement: Replacement, property: &str) -> ResourceChange {
        ResourceChange {
            logical_id: "It".to_owned(),
            physical_id: None,
            resource_type: "AWS::SQS::Queue".to_owned(),
            action,
            replacement,
            properties: vec![format!("/Properties/{property}")],
        }
    }

    fn compared(ours: ResourceDiff, theirs: Option<ResourceChange>) -> Vec<(String, String)> {
        let found = DescribedChangeSet::new(theirs.into_iter().collect(), &[ours]).disagreements;
        found.into_iter().map(|it| (it.predicted, it.described)).collect()
    }

    #[test]
    fn conditional_replacement_of_a_property_that_stays_is_an_update() {
        let update = || ours(Effect::Update, "Properties.DelaySeconds");
        let conditional = |name| Some(theirs(ChangeAction::Modify, Replacement::Conditional, name));
        assert_eq!(compared(update(), conditional("DelaySeconds")), []);
        let found = compared(update(), conditional("QueueName"));
        assert_eq!(found, [("update".to_owned(), "may_replace".to_owned())]);
    }

    #[test]
    fn what_only_one_account_has_is_a_disagreement() {
        let found = compared(ours(Effect::Update, "Metadata.x"), None);
        assert_eq!(found, [("update".to_owned(), "none".to_owned())]);
        assert_eq!(compared(ours(Effect::Update, "DependsOn"), None), []);
    }

    #[test]
    fn change_known_only_while_it_runs_is_called_dynamic() {
        let found = compared(
            ours(Effect::Update, "Properties.DelaySeconds"),
            Some(theirs(ChangeAction::Dynamic, Replacement::Never, "DelaySeconds")),
        );
        assert_eq!(found, [("update".to_owned(), "dynamic".to_owned())]);
    }
}
