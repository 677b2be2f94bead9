//! The worlds in which a template can be deployed: what its conditions and parameters may come to.
//!
//! Laws must neither miss a fault in one branch of an `Fn::If` nor invent one from two branches that never meet. So
//! each set of parameter values that conditions tell apart makes a *world*: the template with conditions decided,
//! values put in and `AWS::NoValue` taken out. A law sees one world at a time. What cannot be decided stays as it
//! stands, and laws keep silent about it.

pub(crate) mod access;
pub(crate) mod delivery;
pub(crate) mod encryption;
pub(crate) mod expansion;
pub(crate) mod graph;
pub(crate) mod intrinsic;
pub(crate) mod naming;
pub(crate) mod permission;
pub(crate) mod wildcard;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use self::intrinsic::World;
use crate::reference::find_references;
use crate::template::Template;

/// Most worlds that are looked at in full; beyond, one parameter at a time differs from its first value.
const MAX_WORLDS: usize = 64;

/// Most worlds where one parameter at a time differs.
const MAX_SINGLE_DIFFERENCES: usize = 128;

/// Services whose resources the laws read.
const SERVICES: [&str; 13] = [
    "AWS::ApiGateway",
    "AWS::CloudWatch::",
    "AWS::DynamoDB::",
    "AWS::Events::",
    "AWS::IAM::",
    "AWS::IoT::",
    "AWS::KMS::",
    "AWS::Lambda::",
    "AWS::Logs::",
    "AWS::S3::",
    "AWS::SNS::",
    "AWS::SQS::",
    "AWS::Scheduler::",
];

/// One value that a parameter may have: a text, or any that no condition names.
type Choice = Option<String>;

/// What tells one world from another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fact {
    /// A condition of that name.
    Condition(String),
    /// A parameter of that name.
    Parameter(String),
}

/// A template as it is deployed with certain values.
pub(crate) struct Deployable {
    /// Conditions decided, values put in.
    pub(crate) template: Template,
    /// What makes it so; nothing that leads to the same template either way.
    facts: BTreeMap<Fact, String>,
}

/// Every world of a template that differs from the others, the one of default values first.
pub(crate) fn worlds(template: &Template) -> Vec<Deployable> {
    let choices = choices(template);
    let undecidable: Vec<_> = undecidable(template).into_iter().collect();
    let mut worlds: Vec<Deployable> = Vec::new();
    for indexes in combinations(&choices, undecidable.len()) {
        let (parameters, leaves) = indexes.split_at(choices.len());
        let chosen = choices.iter().zip(parameters);
        let parameters: BTreeMap<_, _> =
            chosen.map(|((name, choices), &index)| (name.clone(), choices[index].clone())).collect();
        let leaves = undecidable.iter().cloned().zip(leaves.iter().map(|&leaf| leaf == 0));
        let values = parameters.iter().filter_map(|(name, choice)| Some((name.clone(), choice.clone()?)));
        let values = values.map(|(name, value)| (Fact::Parameter(name), value));
        let mut facts: BTreeMap<_, _> = values.collect();
        let world = World::new(template, parameters, leaves.collect());
        let outcomes = world.outcomes().iter();
        facts.extend(
            outcomes.map(|(name, outcome)| (Fact::Condition((*name).to_owned()), outcome.to_string())),
        );
        let template = world.render();
        match worlds.iter_mut().find(|known| known.template == template) {
            // Conditions that only outputs use make no difference.
            Some(known) => known.facts.retain(|fact, value| facts.get(fact) == Some(value)),
            None => worlds.push(Deployable { template, facts }),
        }
    }
    worlds
}

/// In words, what the worlds at these positions have in common and the others do not; `None` for all worlds, and when
/// there is no such thing.
pub(crate) fn common_ground(worlds: &[Deployable], positions: &BTreeSet<usize>) -> Option<String> {
    if positions.len() == worlds.len() {
        return None;
    }
    let (first, rest) = (worlds.get(*positions.first()?)?, positions.iter().skip(1));
    let mut shared = first.facts.clone();
    for other in rest.filter_map(|position| worlds.get(*position)) {
        shared.retain(|fact, value| other.facts.get(fact) == Some(value));
    }
    let others = || worlds.iter().enumerate().filter(|(position, _)| !positions.contains(position));
    let differs = |world: &Deployable, fact: &Fact, value: &String| world.facts.get(fact) != Some(value);
    let alone = shared.iter().find(|(fact, value)| others().all(|(_, world)| differs(world, fact, value)));
    let telling = match alone {
        Some(alone) => vec![alone],
        None => {
            let tells = |(fact, value): &(&Fact, &String)| others().any(|(_, it)| differs(it, fact, value));
            shared.iter().filter(tells).collect()
        }
    };
    let words = telling.into_iter().map(|(fact, value)| match fact {
        Fact::Condition(name) => format!("the condition `{name}` is {value}"),
        Fact::Parameter(name) => format!("the parameter `{name}` is `{value}`"),
    });
    let words: Vec<_> = words.collect();
    (!words.is_empty()).then(|| words.join(" and "))
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
        return std::iter::once(first.clone()).chain(one_differs).take(MAX_SINGLE_DIFFERENCES).collect();
    }
    sizes.iter().fold(vec![Vec::new()], |begun, &size| {
        let extend = |begun: Vec<usize>| (0..size).map(move |index| [begun.as_slice(), &[index]].concat());
        begun.into_iter().flat_map(extend).collect()
    })
}

/// The parameters and pseudo parameters that conditions look at, those that select from mappings, and those that hold
/// one of a few values, with the values that make a difference.
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
    for (name, keys) in selecting(template) {
        compared.entry(name).or_default().extend(keys);
    }
    for name in limited(template) {
        compared.entry(name).or_default();
    }
    compared
        .into_iter()
        .map(|(name, constants)| {
            let choices = choices_of(template, &name, constants);
            (name, choices)
        })
        .collect()
}

/// Parameters that are keys of `Fn::FindInMap` in resources, with the keys that they can be.
fn selecting(template: &Template) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    let parameters = template.section("Parameters");
    for lookup in template.resources().flat_map(|resource| lookups(resource.json)) {
        let mapping =
            lookup[0].as_str().and_then(|name| template.section("Mappings")?.get(name)?.as_object());
        let second = mapping.into_iter().flatten().filter_map(|(_, below)| below.as_object()).flatten();
        let first = mapping.into_iter().flatten().map(|(key, _)| key.clone()).collect();
        let keys = [first, second.map(|(key, _)| key.clone()).collect()];
        for (operand, keys) in [&lookup[1], &lookup[2]].into_iter().zip(keys) {
            let name = operand["Ref"].as_str();
            if let Some(name) = name.filter(|name| parameters.is_some_and(|it| it.get(name).is_some())) {
                found.push((name.to_owned(), keys));
            }
        }
    }
    found
}

/// The arguments of every `Fn::FindInMap`.
fn lookups(json: &Json) -> Vec<&Json> {
    let own = json.get("Fn::FindInMap").into_iter();
    match json {
        Json::Object(object) => own.chain(object.values().flat_map(lookups)).collect(),
        Json::Array(elements) => elements.iter().flat_map(lookups).collect(),
        _ => Vec::new(),
    }
}

/// Parameters with a list of allowed values that the resources use which laws read.
fn limited(template: &Template) -> BTreeSet<String> {
    let Some(parameters) = template.section("Parameters") else { return BTreeSet::new() };
    let resources = template
        .resources()
        .filter(|it| SERVICES.iter().any(|service| it.resource_type().starts_with(service)));
    resources
        .flat_map(|resource| find_references(resource.json))
        .map(|reference| reference.target)
        .filter(|name| parameters.get(name).is_some_and(|it| it["AllowedValues"].is_array()))
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
        let delay = |world: &Deployable| {
            let queue = world.template.resource("Q");
            queue.and_then(|queue| queue.property("D").cloned()).unwrap_or_default()
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
    fn each_value_that_a_mapping_has_or_a_parameter_allows_is_a_world() {
        let mapped = json!({
            "Parameters": {"Stage": {"Type": "String", "Default": "dev"}},
            "Mappings": {"Sizes": {"dev": {"Delay": 1}, "prod": {"Delay": 2}}},
            "Resources": queue(json!({"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "Delay"]})),
        });
        let lookup = json!({"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "Delay"]});
        assert_eq!(delays(mapped), [json!(1), json!(2), lookup]);
        let allowed = json!({
            "Parameters": {"Delay": {"Type": "Number", "Default": 5, "AllowedValues": [0, 5]}},
            "Resources": queue(json!({"Ref": "Delay"})),
        });
        assert_eq!(delays(allowed), [json!("5"), json!("0")]);
    }

    fn ground_of(sections: Json, has: &Json) -> Option<String> {
        let worlds = worlds(&Template::from_json(sections).unwrap());
        let is_so = |world: &Deployable| world.template.resource("Q").unwrap().property("D") == Some(has);
        let positions = worlds.iter().enumerate().filter(|(_, it)| is_so(it)).map(|(position, _)| position);
        common_ground(&worlds, &positions.collect())
    }

    #[test]
    fn what_only_some_worlds_have_is_told_by_condition_else_by_parameter() {
        let sections = |delay: Json| {
            json!({
                "Parameters": {"Stage": {"Type": "String", "Default": "dev"}, "Size": {"Type": "String", "Default": "s"}},
                "Mappings": {"Sizes": {"s": {"Delay": 1}, "l": {"Delay": 2}}},
                "Conditions": {
                    "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
                    "InOutputs": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
                },
                "Resources": queue(delay),
            })
        };
        let by_condition = sections(json!({"Fn::If": ["IsProd", 1, 2]}));
        assert_eq!(
            ground_of(by_condition.clone(), &json!(1)).as_deref(),
            Some("the condition `IsProd` is true")
        );
        assert_eq!(ground_of(by_condition, &json!(2)).as_deref(), Some("the condition `IsProd` is false"));
        let by_parameter = sections(json!({"Fn::FindInMap": ["Sizes", {"Ref": "Size"}, "Delay"]}));
        assert_eq!(ground_of(by_parameter, &json!(2)).as_deref(), Some("the parameter `Size` is `l`"));
        assert_eq!(ground_of(sections(json!(1)), &json!(1)), None);
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
