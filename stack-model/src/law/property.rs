//! E2008 and W2009: properties of modelled types that are missing or unknown.
//!
//! A typed resource cannot break these; raw resources and overrides can.

use super::located;
use crate::diagnostic::{Diagnostic, MISSING_PROPERTY, UNKNOWN_PROPERTY};
use crate::resource::find_type;
use crate::template::Template;

/// E2008: CloudFormation refuses the resource.
pub(super) fn check_missing(template: &Template, report: &mut Vec<Diagnostic>) {
    for resource in template.resources() {
        let Some(known) = find_type(resource.resource_type()) else { continue };
        // `Fn::If` or `Fn::Transform` in place of the properties may bring any of them.
        let is_open = resource.properties().any(|(name, _)| name.starts_with("Fn::"));
        let missing = known.properties.iter().filter(|p| p.required && resource.property(p.name).is_none());
        for property in missing.filter(|_| !is_open) {
            let message = format!("`{}` is required by {}.", property.name, known.name);
            let found =
                Diagnostic::new(&MISSING_PROPERTY, message).path(format!("Properties.{}", property.name));
            report.push(located(found, resource.logical_id));
        }
    }
}

/// W2009: it may be new, or misspelt.
pub(super) fn check_unknown(template: &Template, report: &mut Vec<Diagnostic>) {
    for resource in template.resources() {
        let Some(known) = find_type(resource.resource_type()) else { continue };
        for (name, _) in resource.properties().filter(|(name, _)| known.property(name).is_none()) {
            let message = format!("The model knows no property `{name}` of {}.", known.name);
            let found = Diagnostic::new(&UNKNOWN_PROPERTY, message)
                .path(format!("Properties.{name}"))
                .help(format!("Compare with {}", known.documentation_url()));
            report.push(located(found, resource.logical_id));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::codes_of;

    #[test]
    fn raw_role_without_trust_policy_misses_a_property() {
        let resources = json!({"R": {"Type": "AWS::IAM::Role", "Properties": {"Path": "/"}}});
        assert_eq!(codes_of(json!({ "Resources": resources })), ["E2008"]);
        let properties = json!({"AssumeRolePolicyDocument": {"Statement": []}});
        let resources = json!({"R": {"Type": "AWS::IAM::Role", "Properties": properties}});
        assert!(codes_of(json!({ "Resources": resources })).is_empty());
    }

    #[test]
    fn macro_may_bring_what_is_missing() {
        let with = |transform: &str| {
            let role = json!({"Type": "AWS::IAM::Role", "Properties": {"Path": "/"}});
            codes_of(json!({"Transform": transform, "Resources": {"R": role}}))
        };
        assert_eq!(with("AWS::Serverless-2016-10-31"), ["E2008"]);
        assert!(with("RoleBuilder").is_empty());
    }

    #[test]
    fn misspelt_property_is_a_warning() {
        let with = |name: &str| {
            let queue = json!({"Type": "AWS::SQS::Queue", "Properties": {name: 1}});
            codes_of(json!({"Resources": {"Q": queue}}))
        };
        assert_eq!(with("DelaySecond"), ["W2009"]);
        assert!(with("DelaySeconds").is_empty());
    }

    #[test]
    fn type_outside_the_model_is_left_alone() {
        let resources = json!({"V": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}});
        assert!(codes_of(json!({ "Resources": resources })).is_empty());
    }
}
