//! What of a plan deserves attention, as codes with a documentation of their own.

use std::collections::BTreeSet;

use stack_model::diagnostic::Code;

use crate::diagnostic::codes;
use crate::diff::{Permit, Statement};
use crate::plan_file::PlanFile;
use crate::review::DataCause;

/// One finding about a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which kind it is.
    pub code: &'static Code,
    /// Logical ID of the resource concerned; for access, of the one whose policy it is about where that
    /// is a resource of the template.
    pub logical_id: Option<String>,
    /// One sentence.
    pub message: String,
}

/// Lists what of a plan deserves attention, in order of code.
#[must_use]
pub fn findings(plan: &PlanFile) -> Vec<Finding> {
    let mut found = Vec::new();
    of_data(plan, &mut found);
    of_access(plan, &mut found);
    of_replacement(plan, &mut found);
    of_the_world(plan, &mut found);
    found.sort_by(|one, other| {
        (one.code.name, &one.logical_id, &one.message).cmp(&(
            other.code.name,
            &other.logical_id,
            &other.message,
        ))
    });
    found
}

fn finding(code: &'static Code, logical_id: &str, message: String) -> Finding {
    Finding { code, logical_id: Some(logical_id.to_owned()), message }
}

fn of_data(plan: &PlanFile, found: &mut Vec<Finding>) {
    for data in &plan.data {
        let what = match data.cause {
            DataCause::Removed => "is removed from the stack",
            DataCause::Replaced => "is replaced",
            DataCause::MayBeReplaced => "may be replaced",
            DataCause::MayBeRemoved => "may be removed from the stack",
        };
        let (id, kind) = (&data.logical_id, &data.resource_type);
        found.push(if data.loss {
            let data = if data.is_known { "its data" } else { "the data that it may hold" };
            finding(&DATA_DELETED, id, format!("{id} ({kind}) {what}, and nothing keeps {data}."))
        } else {
            let policy = data.policy.as_deref().unwrap_or("Delete");
            finding(
                &DATA_LEFT,
                id,
                format!("{id} ({kind}) {what}; by its policy {policy} the data stays behind."),
            )
        });
    }
}

fn of_access(plan: &PlanFile, found: &mut Vec<Finding>) {
    for statement in plan.diff.access.widening() {
        let message = match statement.effect {
            Permit::Allow => format!("Becomes allowed: {}.", sentence(statement)),
            Permit::Deny => format!("Is no longer forbidden: {}.", sentence(statement)),
        };
        let logical_id =
            [&statement.principal, &statement.resource].into_iter().find_map(|it| logical_id(it));
        found.push(Finding { code: &ACCESS_WIDENED, logical_id, message });
    }
}

fn sentence(statement: &Statement) -> String {
    let Statement { principal, action, resource, conditions, .. } = statement;
    let conditions =
        if conditions.is_empty() { String::new() } else { format!(" if {}", conditions.join(" and ")) };
    format!("{action} on {resource} for {principal}{conditions}")
}

/// `${Role}` and `${Queue.Arn}` name resources of the template.
fn logical_id(text: &str) -> Option<String> {
    let name = text.strip_prefix("${")?.split(['}', '.']).next()?;
    (!name.contains("::")).then(|| name.to_owned())
}

fn of_replacement(plan: &PlanFile, found: &mut Vec<Finding>) {
    let stateful: BTreeSet<&str> = plan.data.iter().map(|data| data.logical_id.as_str()).collect();
    let replaced = plan.diff.resources.iter().filter(|it| it.effect.may_replace());
    for resource in replaced.filter(|it| !stateful.contains(it.logical_id.as_str())) {
        let (id, kind) = (&resource.logical_id, &resource.resource_type);
        let causes = resource.properties.iter().filter(|change| change.effect.may_replace());
        let causes: Vec<&str> = causes.map(|change| change.path.as_str()).collect();
        let why = if causes.is_empty() { "its type changes".to_owned() } else { causes.join(", ") };
        found.push(finding(&REPLACED, id, format!("{id} ({kind}) is, or may be, replaced: {why}.")));
    }
}

fn of_the_world(plan: &PlanFile, found: &mut Vec<Finding>) {
    for change in plan.diff.code.iter().filter(|change| change.changed_outside) {
        let message = format!("{} runs code that this stack was not deployed with.", change.logical_id);
        found.push(finding(&CODE_CHANGED_OUTSIDE, &change.logical_id, message));
    }
    for drift in plan.drift.iter().flatten() {
        let paths: Vec<&str> = drift.properties.iter().map(|property| property.path.as_str()).collect();
        let what = if paths.is_empty() {
            "was deleted by hand".to_owned()
        } else {
            format!("is otherwise than the deployed template says: {}", paths.join(", "))
        };
        let message = format!("{} ({}) {what}.", drift.logical_id, drift.resource_type);
        found.push(finding(&DRIFTED, &drift.logical_id, message));
    }
    // A change set also lists what only refers to a changed resource; that is no news.
    let disagreements = plan.change_set.iter().flat_map(|described| &described.disagreements);
    for it in disagreements.filter(|it| it.predicted != "none") {
        let message = format!(
            "{}: the templates say `{}`, the change set says `{}`.",
            it.logical_id, it.predicted, it.described
        );
        found.push(finding(&ACCOUNTS_DIFFER, &it.logical_id, message));
    }
}

codes! {
    /// Every code of a plan's findings, in order of name.
    DATA_DELETED = "E5001", "data would be deleted",
        "A bucket, queue, table or another resource that holds data, or may hold some because its type is not \
         known, is removed or replaced, or may be, and no DeletionPolicy or UpdateReplacePolicy keeps it. `up` asks \
         for consent, or wants --allow-destructive.";
    ACCESS_WIDENED = "W5002", "access widens",
        "Something becomes allowed that was not, or is no longer forbidden. Policies are compared by what \
         they permit, not by their wording. In an existing stack `up` asks for consent, or wants --yes.";
    DATA_LEFT = "W5003", "data stays behind",
        "A resource that holds data is removed or replaced, and its policy keeps it, or a snapshot, in the \
         account. It no longer belongs to the stack; one that takes its place begins empty.";
    CODE_CHANGED_OUTSIDE = "W5004", "code changed outside of the stack",
        "Lambda runs another deployment package than the stack was deployed with: somebody updated the \
         function directly. CloudFormation does not see it.";
    DRIFTED = "W5005", "resource drifted",
        "A resource is not as the deployed template says: somebody changed or deleted it by hand.";
    ACCOUNTS_DIFFER = "I5006", "templates and change set differ",
        "The comparison of the templates and AWS's change set say different things about a resource. Where \
         a value is known only while the change runs, AWS can say no more than that something may happen.";
    REPLACED = "I5007", "resource is replaced",
        "A new physical resource takes the place of the old one, under another physical ID. It holds no \
         data, but what knows the old ID from elsewhere loses it.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_never_used_twice() {
        let mut numbers: Vec<&str> = REGISTRY.iter().map(|code| &code.name[1..]).collect();
        numbers.dedup();
        assert_eq!(numbers.len(), REGISTRY.len());
        assert!(numbers.is_sorted());
    }

    #[test]
    fn reference_names_its_resource() {
        assert_eq!(logical_id("${Queue.Arn}/x"), Some("Queue".to_owned()));
        assert_eq!(logical_id("${AWS::AccountId}"), None);
        assert_eq!(logical_id("*"), None);
    }
}
