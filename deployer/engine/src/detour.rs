//! The way round for a replacement that a stack in a failed state does not take.
//!
//! After a failure in express mode AWS takes no mode but express until the stack is sound again, and in
//! express mode, which cannot roll back, it replaces nothing. So what is to be replaced is put off: the stack
//! is made sound with those resources as they are, and replaces them then.
//!
//! Invariant: pure. Source: aws/aws-cdk-cli#1931, #1970 and #1973 (read 2026-11-23).

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::plan::{Deployed, Wanted, is_unreadable};
use crate::recover::names;

/// Sections of a template that a resource may refer to.
const SECTIONS: [&str; 4] = ["Resources", "Conditions", "Mappings", "Parameters"];

/// Takes what is wanted, with these resources as they are deployed, and with what they refer to.
///
/// A deployed resource that only they still refer to stays too; it goes when they are replaced.
pub(crate) fn without(wanted: &Wanted, deployed: &Deployed, put_off: &[String]) -> Wanted {
    let mut interim =
        Interim { wanted: wanted.clone(), deployed, kept: BTreeSet::new(), to_follow: Vec::new() };
    for id in put_off {
        interim.put_off(id);
    }
    while let Some(part) = interim.to_follow.pop() {
        interim.keep_what_is_named_in(part);
    }
    interim.wanted
}

/// What is wanted first, in the making.
struct Interim<'a> {
    wanted: Wanted,
    deployed: &'a Deployed,
    /// Section and name of what has been kept.
    kept: BTreeSet<(&'static str, &'a str)>,
    /// Parts of the deployed template that are kept, and whose references have not been looked at.
    to_follow: Vec<&'a Value>,
}

impl<'a> Interim<'a> {
    fn put_off(&mut self, id: &str) {
        let as_deployed = self.deployed.template.get("Resources").and_then(|it| it.get(id));
        let resource = self.wanted.template.get_mut("Resources").and_then(|it| it.get_mut(id));
        if let (Some(resource), Some(as_deployed)) = (resource, as_deployed) {
            *resource = as_deployed.clone();
            self.to_follow.push(as_deployed);
        }
    }

    fn keep_what_is_named_in(&mut self, part: &Value) {
        let deployed = self.deployed;
        for section in SECTIONS {
            let entries = deployed.template.get(section).and_then(Value::as_object);
            for (name, entry) in entries.into_iter().flatten() {
                if refers(part, section, name) && self.kept.insert((section, name)) {
                    self.keep(section, name, entry);
                }
            }
        }
    }

    fn keep(&mut self, section: &str, name: &str, as_deployed: &'a Value) {
        let Some(template) = self.wanted.template.as_object_mut() else { return };
        let entries = template.entry(section).or_insert_with(|| Value::Object(Map::new()));
        let Some(entries) = entries.as_object_mut() else { return };
        let is_wanted = entries.contains_key(name);
        // Decided in another way, a condition or a mapping may replace what is put off.
        if !is_wanted || matches!(section, "Conditions" | "Mappings") {
            entries.insert(name.to_owned(), as_deployed.clone());
            self.to_follow.push(as_deployed);
        }
        if section == "Parameters" {
            self.keep_value(name);
        }
    }

    /// A value that comes back masked is not given, so that the stack keeps it.
    fn keep_value(&mut self, parameter: &str) {
        match self.deployed.stack.parameters.get(parameter) {
            Some(_) if is_unreadable(self.deployed, parameter) => self.wanted.given.remove(parameter),
            Some(value) => self.wanted.given.insert(parameter.to_owned(), value.clone()),
            None => None,
        };
    }
}

/// True when a part of a template refers to this entry of a section.
fn refers(part: &Value, section: &str, name: &str) -> bool {
    match section {
        "Conditions" => looks_up(part, &["Condition", "Fn::If"], name),
        "Mappings" => looks_up(part, &["Fn::FindInMap"], name),
        _ => names(part, name),
    }
}

/// True when the argument of one of these functions, or the first of its arguments, is the name.
fn looks_up(part: &Value, functions: &[&str], name: &str) -> bool {
    match part {
        Value::Object(object) => object.iter().any(|(key, value)| {
            let first = value.get(0).unwrap_or(value);
            (functions.contains(&key.as_str()) && first == name) || looks_up(value, functions, name)
        }),
        Value::Array(items) => items.iter().any(|item| looks_up(item, functions, name)),
        _ => false,
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
    fn parameter_of_what_is_put_off_keeps_its_value_also_an_empty_or_masked_one() {
        let template = |name: &str| {
            json!({
                "Parameters": {"Prefix": {"Type": "String"}, "Key": {"Type": "String", "NoEcho": true}},
                "Resources": {"It": {"Properties": {"Name": name, "Of": {"Fn::Sub": "${Prefix}${Key}"}}}},
            })
        };
        let deployed = deployed(template("old"), &[("Prefix", ""), ("Key", "****")]);
        let wanted = wanted(template("new"), &[("Prefix", "p"), ("Key", "k")]);
        let interim = interim(&wanted, &deployed, &["It"]);
        assert_eq!(interim.given, given(&[("Prefix", "")]));
        assert_eq!(interim.template, deployed.template);
    }

    /// An event source mapping that reads a queue is put off; the queue has another logical ID now.
    #[test]
    fn resources_that_only_what_is_put_off_refers_to_stay_until_it_is_replaced() {
        let deployed = deployed(
            json!({"Resources": {
                "Mapping": {"Properties": {"EventSourceArn": {"Fn::GetAtt": ["Jobs", "Arn"]}}, "DependsOn": ["Role"]},
                "Jobs": {"Properties": {"RedrivePolicy": {"Fn::Sub": "${Dead.Arn}"}}},
                "Dead": {"Properties": {"Tags": [{"Ref": "Jobs"}]}},
                "Role": {"Properties": {"RoleName": "old"}},
                "Gone": {"Properties": {"Of": {"Ref": "Jobs"}}},
            }}),
            &[],
        );
        let wanted = wanted(
            json!({"Resources": {
                "Mapping": {"Properties": {"EventSourceArn": {"Fn::GetAtt": ["Tasks", "Arn"]}}},
                "Tasks": {},
                "Role": {"Properties": {"RoleName": "new"}},
            }}),
            &[],
        );
        let interim = interim(&wanted, &deployed, &["Mapping"]);
        let mut expected = wanted.template;
        for id in ["Mapping", "Jobs", "Dead"] {
            expected["Resources"][id] = deployed.template["Resources"][id].clone();
        }
        assert_eq!(interim.template, expected);
    }

    #[test]
    fn what_a_kept_resource_is_decided_by_is_as_deployed_and_nothing_else() {
        let template = |entry: &str, name: &str| {
            json!({
                "Parameters": {"Stage": {"Type": "String"}, "Size": {"Type": "String"}, entry: {"Type": "String"}},
                "Conditions": {
                    "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, name]},
                    "IsLarge": {"Fn::And": [{"Condition": "IsProd"}, {"Fn::Not": [{"Condition": "IsProd"}]}]},
                    "IsOther": {"Fn::Equals": [{"Ref": "Size"}, name]},
                    entry: {"Fn::Equals": [{"Ref": entry}, name]},
                },
                "Mappings": {"Names": {"all": {"it": name}}, "Others": {"all": {"it": name}}},
                "Resources": {"It": {"Properties": {
                    "Name": {"Fn::If": ["IsLarge", {"Fn::FindInMap": ["Names", "all", "it"]}, name]},
                }}},
            })
        };
        let deployed = deployed(template("Old", "old"), &[("Stage", "dev"), ("Size", "1"), ("Old", "****")]);
        let wanted = wanted(template("New", "new"), &[("Stage", "prod"), ("Size", "2"), ("New", "3")]);
        let interim = interim(&wanted, &deployed, &["It"]);
        let mut expected = wanted.template;
        for path in ["/Conditions/IsProd", "/Conditions/IsLarge", "/Mappings/Names", "/Resources/It"] {
            *expected.pointer_mut(path).unwrap() = deployed.template.pointer(path).unwrap().clone();
        }
        assert_eq!(interim.template, expected);
        assert_eq!(interim.given, given(&[("Stage", "dev"), ("Size", "2"), ("New", "3")]));
    }

    #[test]
    fn resource_that_stays_brings_its_condition_and_the_values_of_its_parameters() {
        let deployed = deployed(
            json!({
                "Parameters": {"Stage": {"Type": "String"}, "Delay": {"Type": "Number"}},
                "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
                "Resources": {
                    "Mapping": {"Properties": {"EventSourceArn": {"Fn::GetAtt": "Jobs.Arn"}}},
                    "Jobs": {"Condition": "IsProd", "Properties": {"DelaySeconds": {"Ref": "Delay"}}},
                },
            }),
            &[("Stage", "prod"), ("Delay", "5")],
        );
        let wanted = wanted(json!({"Resources": {"Mapping": {}}}), &[]);
        let interim = interim(&wanted, &deployed, &["Mapping"]);
        assert_eq!(interim.template, deployed.template);
        assert_eq!(interim.given, given(&[("Stage", "prod"), ("Delay", "5")]));
    }
}
