//! The way round for a replacement that a stack in a failed state does not take.
//!
//! After a failure in express mode AWS takes no mode but express until the stack is sound again, and in
//! express mode, which cannot roll back, it replaces nothing. So what is to be replaced is put off: the stack
//! is made sound with those resources as they are, and replaces them then.
//!
//! Invariant: pure. Source: aws/aws-cdk-cli#1931, #1970 and #1973 (read 2026-11-23).

use serde_json::Value;

use crate::diff::resolve::is_masked;
use crate::plan::{Deployed, Wanted};
use crate::recover::names;

/// Takes what is wanted, with these resources as they are deployed.
pub(crate) fn without(wanted: &Wanted, deployed: &Deployed, put_off: &[String]) -> Wanted {
    let mut interim = wanted.clone();
    for id in put_off {
        let as_deployed = deployed.template.get("Resources").and_then(|it| it.get(id)).cloned();
        let resource = interim.template.get_mut("Resources").and_then(|it| it.get_mut(id));
        if let (Some(resource), Some(as_deployed)) = (resource, as_deployed) {
            for (name, value) in &deployed.stack.parameters {
                // A secret comes back masked and keeps the value that is wanted.
                if names(&as_deployed, name) && !is_masked(value) {
                    interim.given.insert(name.clone(), value.clone());
                }
            }
            *resource = as_deployed;
        }
    }
    for section in ["Parameters", "Conditions", "Mappings"] {
        keep_section(&mut interim.template, &deployed.template, section);
    }
    interim
}

/// Keeps what the deployed resources may refer to and the wanted template does not have any more.
fn keep_section(template: &mut Value, deployed: &Value, section: &str) {
    let (Some(template), Some(deployed)) = (template.as_object_mut(), deployed[section].as_object()) else {
        return;
    };
    let kept = template.entry(section).or_insert_with(|| Value::Object(serde_json::Map::new()));
    if let Some(kept) = kept.as_object_mut() {
        for (name, value) in deployed {
            kept.entry(name).or_insert_with(|| value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::deployed::{DeployedStack, DeploymentMode};
    use crate::status::StackStatus;

    fn given(values: &[(&str, &str)]) -> BTreeMap<String, String> {
        values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn wanted(template: Value, values: &[(&str, &str)]) -> Wanted {
        Wanted {
            stack: "s".to_owned(),
            template,
            given: given(values),
            tags: BTreeMap::new(),
            mode: DeploymentMode::Express,
        }
    }

    fn deployed(template: Value, values: &[(&str, &str)]) -> Deployed {
        let stack = DeployedStack {
            name: "s".to_owned(),
            id: "arn:s".to_owned(),
            status: StackStatus::UpdateFailed,
            status_reason: None,
            parameters: given(values),
            outputs: BTreeMap::new(),
            tags: BTreeMap::new(),
            termination_protection: false,
            mode: DeploymentMode::Express,
            rollback_disabled: true,
            change_set_id: None,
            changed_at_ms: None,
            last_operations: Vec::new(),
        };
        Deployed { stack, template }
    }

    fn interim(wanted: &Wanted, deployed: &Deployed, put_off: &[&str]) -> Wanted {
        let put_off: Vec<String> = put_off.iter().map(|id| (*id).to_owned()).collect();
        without(wanted, deployed, &put_off)
    }

    #[test]
    fn parameter_of_what_is_put_off_keeps_its_value_also_an_empty_one_but_no_mask() {
        let template = |name: &str| {
            json!({
                "Parameters": {"Prefix": {"Type": "String"}, "Key": {"Type": "String", "NoEcho": true}},
                "Resources": {"It": {"Properties": {"Name": name, "Of": {"Fn::Sub": "${Prefix}${Key}"}}}},
            })
        };
        let deployed = deployed(template("old"), &[("Prefix", ""), ("Key", "****")]);
        let wanted = wanted(template("new"), &[("Prefix", "p"), ("Key", "k")]);
        let interim = interim(&wanted, &deployed, &["It"]);
        assert_eq!(interim.given, given(&[("Prefix", ""), ("Key", "k")]));
        assert_eq!(interim.template, deployed.template);
    }
}
