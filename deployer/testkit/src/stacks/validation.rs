//! What is found before anything is deployed.

use super::Stacks;
use super::comparison::{Action, Change};
use super::named::BUCKET;

/// A finding of a validation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) logical_id: String,
    pub(crate) resource_type: String,
    /// Where in the template, for example `/Resources/Queue/Properties`.
    pub(crate) path: Option<String>,
    /// AWS's name of the validation.
    pub(crate) validation: Option<String>,
    pub(crate) reason: String,
    /// True when it fails the change set, false when it warns.
    pub(crate) is_failure: bool,
}

const NAME_CONFLICT: &str = "NAME_CONFLICT_VALIDATION";
const BUCKET_EMPTINESS: &str = "BUCKET_EMPTINESS_VALIDATION";

impl Stacks {
    /// Looks for names that are taken and for buckets that are full. Source: CloudFormation user guide,
    /// "Validate stack deployments" (read 2026-11-23).
    pub(super) fn validate(&self, changes: &[Change], names: &[(String, String)]) -> Vec<Finding> {
        let mut findings = self.around.findings.clone();
        for change in changes {
            let taken = names.iter().find(|(id, _)| *id == change.logical_id).map(|(_, name)| name);
            let is_new = change.action == Action::Add;
            if let Some(name) = taken.filter(|name| is_new && self.around.has(&change.resource_type, name)) {
                let reason = format!(
                    "Resource of type '{}' with identifier '{name}' already exists.",
                    change.resource_type
                );
                findings.push(finding(change, NAME_CONFLICT, reason, true));
            }
            let bucket = change.physical_id.as_deref().filter(|_| change.resource_type == BUCKET);
            let is_deleted = matches!(change.policy_action, Some("Delete" | "ReplaceAndDelete"));
            if bucket.is_some_and(|bucket| is_deleted && self.around.store.versions(bucket) > 0) {
                let reason = "The bucket is not empty; its deletion will fail.".to_owned();
                findings.push(finding(change, BUCKET_EMPTINESS, reason, false));
            }
        }
        findings
    }
}

fn finding(change: &Change, validation: &str, reason: String, is_failure: bool) -> Finding {
    Finding {
        logical_id: change.logical_id.clone(),
        resource_type: change.resource_type.clone(),
        path: Some(format!("/Resources/{}", change.logical_id)),
        validation: Some(validation.to_owned()),
        reason,
        is_failure,
    }
}

/// AWS's sentence for a change set that a validation has failed (aws/aws-cdk-cli#1000).
pub(super) fn sentence(findings: &[Finding]) -> Option<String> {
    let failure = findings.iter().find(|it| it.is_failure)?;
    let name = match failure.validation.as_deref() {
        Some(NAME_CONFLICT) => "ResourceExistenceCheck",
        _ => "PropertyValidation",
    };
    Some(format!(
        "The following hook(s)/validation failed: [AWS::EarlyValidation::{name}]. To troubleshoot Early \
         Validation errors, use the DescribeEvents API for detailed failure information."
    ))
}
