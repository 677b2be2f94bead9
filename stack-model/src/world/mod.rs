//! The worlds in which a template can be deployed: what its conditions and parameters may come to.
//!
//! Laws must neither miss a fault in one branch of an `Fn::If` nor invent one from two branches that never meet. So
//! each set of parameter values that conditions tell apart makes a *world*: the template with conditions decided,
//! values put in and `AWS::NoValue` taken out. A law sees one world at a time. What cannot be decided stays as it
//! stands, and laws keep silent about it.

pub(crate) mod access;
pub(crate) mod graph;
pub(crate) mod intrinsic;
pub(crate) mod naming;
pub(crate) mod permission;
pub(crate) mod wildcard;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use self::intrinsic::World;
use crate::template::Template;

/// Most worlds that are looked at in full; beyond, one parameter at a time differs from its first value.
const MAX_WORLDS: usize = 64;

/// One value that a parameter may have: a text, or any that no condition names.
type Choice = Option<String>;

/// Every world of a template that differs from the others, the one of default values first.
pub(crate) fn worlds(template: &Template) -> Vec<Template> {
    let choices = choices(template);
    let undecidable: Vec<_> = undecidable(template).into_iter().collect();
    let mut worlds: Vec<Template> = Vec::new();
    for indexes in combinations(&choices, undecidable.len()) {
        let (parameters, leaves) = indexes.split_at(choices.len());
        let chosen = choices.iter().zip(parameters);
        let parameters = chosen.map(|((name, choices), &index)| (name.clone(), choices[index].clone()));
        let leaves = undecidable.iter().cloned().zip(leaves.iter().map(|&leaf| leaf == 0));
        let world = World::new(template, parameters.collect(), leaves.collect()).render();
        // Conditions that only outputs use make no difference.
        if !worlds.contains(&world) {
            worlds.push(world);
        }
    }
    worlds
}

/// Indexes into the choices of each parameter, then of each undecidable comparison, which has two.
fn combinations(choices: &BTreeMap<String, Vec<Choice>>, undecidable: usize) -> Vec<Vec<usize>> {
    let sizes: Vec<_> = choices.values().map(Vec::len).chain(std::iter::repeat_n(2, undecidable)).collect();
    let total = sizes.iter().try_fold(1_usize, |product, size| product.checked_mul(*size));
    let first = vec![0; sizes.len()];
    if total.is_none_or(|total| total > MAX_WORLDS) {
        let one_differs = sizes.iter().enumerate().flat_map(|(position, &size)| {
            let first = &first;
            (1..size).map(move |index| {
                let mut indexes = first.clone();
                indexes[position] = index;
                indexes
            })
        });
        return std::iter::once(first.clone()).chain(one_differs).collect();
    }
    sizes.iter().fold(vec![Vec::new()], |begun, &size| {
        let extend = |begun: Vec<usize>| (0..size).map(move |index| [begun.as_slice(), &[index]].concat());
        begun.into_iter().flat_map(extend).collect()
    })
}

/// The parameters and pseudo parameters that conditions look at, with the values that make a difference.
fn choices(template: &Template) -> BTreeMap<String, Vec<Choice>> {
    let mut compared: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, condition) in template.entries("Conditions") {
        for (one, two) in comparisons(condition) {
            for (operand, constant) in [(one, two), (two, one)] {
                if let Some(name) = operand["Ref"].as_str() {
                    compared.entry(name.to_owned()).or_default().extend(constant.as_str().map(str::to_owned));
                }
            }
        }
    }
    compared
        .into_iter()
        .map(|(name, constants)| {
            let choices = choices_of(template, &name, constants);
            (name, choices)
        })
        .collect()
}

fn choices_of(template: &Template, name: &str, constants: BTreeSet<String>) -> Vec<Choice> {
    let parameter = template.section("Parameters").and_then(|parameters| parameters.get(name));
    let default = parameter.and_then(|parameter| text_of(&parameter["Default"]));
    let allowed = parameter.and_then(|parameter| parameter["AllowedValues"].as_array());
    let others: Vec<Choice> = match allowed {
        Some(allowed) => allowed.iter().map(text_of).collect(),
        None => constants.into_iter().map(Some).chain([None]).collect(),
    };
    let mut choices: Vec<Choice> = default.map(Some).into_iter().collect();
    for other in others {
        if !choices.contains(&other) {
            choices.push(other);
        }
    }
    choices
}

/// Comparisons that no value of a parameter decides, as text: both outcomes are looked at.
fn undecidable(template: &Template) -> BTreeSet<String> {
    let simple = |operand: &Json| operand["Ref"].is_string() || text_of(operand).is_some();
    let conditions = template.entries("Conditions");
    conditions
        .flat_map(|(_, condition)| comparisons(condition))
        .filter(|(one, two)| !simple(one) || !simple(two))
        .map(|(one, two)| leaf(one, two))
        .collect()
}

/// The name under which the outcome of a comparison is remembered.
pub(crate) fn leaf(one: &Json, two: &Json) -> String {
    format!("{one} = {two}")
}

/// The operands of every `Fn::Equals` in a condition.
fn comparisons(json: &Json) -> Vec<(&Json, &Json)> {
    let mut found = Vec::new();
    if let Some([one, two]) = json["Fn::Equals"].as_array().map(Vec::as_slice) {
        found.push((one, two));
    }
    match json {
        Json::Object(object) => found.extend(object.values().flat_map(comparisons)),
        Json::Array(elements) => found.extend(elements.iter().flat_map(comparisons)),
        _ => {}
    }
    found
}

/// A scalar as CloudFormation compares it: as text.
pub(crate) fn text_of(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn delays(sections: Json) -> Vec<Json> {
        let template = Template::from_json(sections).unwrap();
        let delay = |world: &Template| {
            world.resource("Q").and_then(|queue| queue.property("D").cloned()).unwrap_or_default()
        };
        worlds(&template).iter().map(delay).collect()
    }

    fn queue(delay: Json) -> Json {
        json!({"Q": {"Type": "AWS::SQS::Queue", "Properties": {"D": delay}}})
    }

    #[test]
    fn each_value_that_conditions_tell_apart_is_a_world_the_default_first() {
        let sections = json!({
            "Parameters": {"Stage": {"Type": "String", "Default": "dev"}},
            "Conditions": {
                "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
                "IsDev": {"Fn::Not": [{"Condition": "IsProd"}]},
            },
            "Resources": queue(json!([{"Fn::If": ["IsProd", 1, 2]}, {"Fn::If": ["IsDev", 3, {"Ref": "AWS::NoValue"}]}])),
        });
        assert_eq!(delays(sections), [json!([2, 3]), json!([1])]);
    }

    #[test]
    fn condition_over_what_is_unknown_has_both_outcomes() {
        let sections = json!({
            "Conditions": {"Is": {"Fn::Equals": [{"Fn::ImportValue": "x"}, "a"]}},
            "Resources": queue(json!({"Fn::If": ["Is", 1, 2]})),
        });
        assert_eq!(delays(sections), [json!(1), json!(2)]);
    }

    #[test]
    fn resource_of_a_condition_that_fails_is_not_there() {
        let sections = json!({
            "Parameters": {"On": {"Type": "String", "AllowedValues": ["no", "yes"]}},
            "Conditions": {"Is": {"Fn::Equals": [{"Ref": "On"}, "yes"]}},
            "Resources": {"Q": {"Type": "AWS::SQS::Queue", "Condition": "Is", "Properties": {"D": 1}}},
        });
        assert_eq!(delays(sections), [Json::Null, json!(1)]);
    }

    #[test]
    fn condition_that_no_resource_uses_makes_no_world() {
        let condition = json!({"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]});
        let sections = json!({"Conditions": {"Is": condition}, "Resources": queue(json!(1))});
        assert_eq!(delays(sections), [json!(1)]);
    }

    #[test]
    fn many_conditions_are_looked_at_one_by_one() {
        let conditions: serde_json::Map<_, _> = (0..10)
            .map(|n| (format!("C{n}"), json!({"Fn::Equals": [{"Fn::ImportValue": n.to_string()}, "a"]})))
            .collect();
        let each: Vec<_> = (0..10).map(|n| json!({"Fn::If": [format!("C{n}"), 1, 2]})).collect();
        let sections = json!({"Conditions": conditions, "Resources": queue(json!(each))});
        assert_eq!(delays(sections).len(), 11);
    }
}
