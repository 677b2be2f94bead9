//! Described change sets: pages and both descriptions merged, in the engine's words.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudformation::types;
use pipectl_engine::change_set::{ChangeAction, Replacement, ResourceChange};

/// Merges the changes described without property values and with them.
///
/// The first description is complete but has property names only; the second has exact paths but can
/// lack whole resources (aws-cdk-cli#1780). The order is the first one's; a resource that only the
/// second names follows.
pub(crate) fn merge(
    without_values: Vec<types::Change>,
    with_values: Vec<types::Change>,
) -> Vec<ResourceChange> {
    let mut exact: BTreeMap<String, ResourceChange> =
        resource_changes(with_values).map(|change| (change.logical_id.clone(), change)).collect();
    let mut merged: Vec<ResourceChange> = resource_changes(without_values)
        .map(|mut change| {
            if let Some(exact) = exact.remove(&change.logical_id).filter(|exact| !exact.properties.is_empty())
            {
                change.properties = exact.properties;
            }
            change
        })
        .collect();
    merged.extend(exact.into_values());
    merged
}

/// True when the change replaces a resource, or may; the paths of its properties matter then.
pub(crate) fn may_replace(change: &types::Change) -> bool {
    change.resource_change.as_ref().is_some_and(|change| {
        replacement(change) != Replacement::Never || action(change.action.as_ref()) == ChangeAction::Dynamic
    })
}

fn resource_changes(changes: Vec<types::Change>) -> impl Iterator<Item = ResourceChange> {
    changes.into_iter().filter_map(|change| resource_change(change.resource_change?))
}

fn resource_change(change: types::ResourceChange) -> Option<ResourceChange> {
    let replacement = replacement(&change);
    let details = change.details.unwrap_or_default();
    let properties: BTreeSet<String> =
        details.into_iter().filter_map(|detail| property_path(detail.target?)).collect();
    Some(ResourceChange {
        logical_id: change.logical_resource_id?,
        physical_id: change.physical_resource_id.filter(|id| !id.is_empty()),
        resource_type: change.resource_type.unwrap_or_default(),
        action: action(change.action.as_ref()),
        replacement,
        properties: properties.into_iter().collect(),
    })
}

fn action(action: Option<&types::ChangeAction>) -> ChangeAction {
    match action {
        Some(types::ChangeAction::Add) => ChangeAction::Add,
        // The resource goes back to what the template says after it drifted.
        Some(types::ChangeAction::Modify | types::ChangeAction::SyncWithActual) => ChangeAction::Modify,
        Some(types::ChangeAction::Remove) => ChangeAction::Remove,
        Some(types::ChangeAction::Import) => ChangeAction::Import,
        _ => ChangeAction::Dynamic,
    }
}

/// `PolicyAction` is looked at too: it says what becomes of the old resource of a replacement.
fn replacement(change: &types::ResourceChange) -> Replacement {
    let replaces_by_policy =
        change.policy_action.as_ref().is_some_and(|policy| policy.as_str().starts_with("Replace"));
    match &change.replacement {
        Some(types::Replacement::True) => Replacement::Always,
        Some(types::Replacement::Conditional) => Replacement::Conditional,
        _ if replaces_by_policy => Replacement::Always,
        _ => Replacement::Never,
    }
}

fn property_path(target: types::ResourceTargetDefinition) -> Option<String> {
    if let Some(path) = target.path.filter(|path| !path.is_empty()) {
        return Some(path);
    }
    let attribute = target.attribute?;
    Some(match target.name {
        Some(name) => format!("/{}/{name}", attribute.as_str()),
        None => format!("/{}", attribute.as_str()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(logical_id: &str, target: types::ResourceTargetDefinition) -> types::Change {
        let detail = types::ResourceChangeDetail::builder().target(target).build();
        let change = types::ResourceChange::builder()
            .action(types::ChangeAction::Modify)
            .logical_resource_id(logical_id)
            .details(detail)
            .build();
        types::Change::builder().resource_change(change).build()
    }

    fn named(name: &str) -> types::ResourceTargetDefinition {
        types::ResourceTargetDefinition::builder()
            .attribute(types::ResourceAttribute::Properties)
            .name(name)
            .build()
    }

    fn at_path(path: &str) -> types::ResourceTargetDefinition {
        types::ResourceTargetDefinition::builder().path(path).build()
    }

    fn summary(changes: &[ResourceChange]) -> Vec<(&str, &str)> {
        changes.iter().map(|change| (change.logical_id.as_str(), change.properties[0].as_str())).collect()
    }

    #[test]
    fn resource_dropped_from_the_description_with_values_is_kept() {
        let merged = merge(
            vec![change("Queue", named("VisibilityTimeout")), change("Worker", named("Code"))],
            vec![change("Worker", at_path("/Properties/Code/S3Key"))],
        );
        assert_eq!(
            summary(&merged),
            [("Queue", "/Properties/VisibilityTimeout"), ("Worker", "/Properties/Code/S3Key")]
        );
    }

    #[test]
    fn resource_only_in_the_description_with_values_is_kept() {
        let merged = merge(Vec::new(), vec![change("Worker", at_path("/Properties/Code"))]);
        assert_eq!(summary(&merged), [("Worker", "/Properties/Code")]);
    }

    #[test]
    fn policy_that_replaces_counts_as_replacement() {
        let replaced = types::ResourceChange::builder()
            .logical_resource_id("Table")
            .policy_action(types::PolicyAction::ReplaceAndRetain)
            .build();
        let merged = merge(vec![types::Change::builder().resource_change(replaced).build()], Vec::new());
        assert_eq!(merged[0].replacement, Replacement::Always);
    }
}
