//! What a template needs to have acknowledged.

use std::collections::BTreeSet;

use pipectl_engine::aws_error::AwsErrorCode;

use super::named::given_name;
use super::template::Target;
use crate::refusal::Refusal;

/// The resources that need a capability. Source: CloudFormation API reference, `CreateChangeSet`,
/// `Capabilities` (read 2026-11-23).
const IAM: &[&str] = &[
    "AWS::IAM::AccessKey",
    "AWS::IAM::Group",
    "AWS::IAM::InstanceProfile",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::IAM::User",
    "AWS::IAM::UserToGroupAddition",
];

/// Refuses a template with IAM resources that the caller has not acknowledged; those with a name of
/// their own need `CAPABILITY_NAMED_IAM`.
pub(super) fn check(target: &Target, stack: &str, given: &BTreeSet<String>) -> Result<(), Refusal> {
    let declared = target.declared(stack);
    let mut iam = declared.values().filter(|it| IAM.contains(&it.resource_type.as_str()));
    // An inline policy's name is not the name of a resource.
    let is_named = |properties: &serde_json::Value, resource_type: &str| {
        resource_type != "AWS::IAM::Policy" && given_name(resource_type, properties).is_some()
    };
    let needs_named = iam.clone().any(|it| is_named(&it.properties, &it.resource_type));
    let needed = match (iam.next().is_some(), needs_named) {
        (_, true) => "CAPABILITY_NAMED_IAM",
        (true, false) => "CAPABILITY_IAM",
        (false, false) => return Ok(()),
    };
    let has = |capability: &str| given.contains(capability);
    if has("CAPABILITY_NAMED_IAM") || has(needed) {
        return Ok(());
    }
    let message = format!("Requires capabilities : [{needed}]");
    Err(Refusal::new(AwsErrorCode::InsufficientCapabilities, message))
}
