//! Resolves intrinsic functions as far as a template alone can tell.
//!
//! Values come out as literals, as `Ref`, as `Fn::GetAtt` with a list, or as `Fn::Sub` with a text alone; anything
//! else stays as it stands.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::{leaf, text_of};
use crate::order;
use crate::template::Template;

/// Properties that hold a JSON document, which CloudFormation also takes as text.
const DOCUMENTS: [&str; 10] = [
    "AssumeRolePolicyDocument",
    "DeliveryPolicy",
    "EventPattern",
    "FilterPolicy",
    "KeyPolicy",
    "PolicyDocument",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "ReplayPolicy",
    "ResourcePolicy",
];

/// One set of decisions about a template.
pub(crate) struct World<'a> {
    template: &'a Template,
    /// Values of the parameters that conditions look at; `None` is a value that no condition names.
    parameters: BTreeMap<String, Option<String>>,
    /// Outcomes of the comparisons that no parameter decides.
    leaves: BTreeMap<String, bool>,
    /// Outcomes of the conditions; one that cannot be decided, as in a circle, is missing.
    conditions: BTreeMap<&'a str, bool>,
}

impl<'a> World<'a> {
    pub(crate) fn new(
        template: &'a Template,
        parameters: BTreeMap<String, Option<String>>,
        leaves: BTreeMap<String, bool>,
    ) -> Self {
        let mut world = Self { template, parameters, leaves, conditions: BTreeMap::new() };
        let conditions = template.section("Conditions");
        for name in order::of_conditions(conditions).settled {
            let outcome = conditions.and_then(|all| world.expression(all.get(name)?));
            world.conditions.extend(outcome.map(|outcome| (name, outcome)));
        }
        world
    }

    /// The template as this world has it, without parameters and conditions.
    pub(crate) fn render(&self) -> Template {
        let resources: Map<_, _> = self
            .template
            .resources()
            .filter(|resource| {
                let condition = resource.attribute("Condition").and_then(Json::as_str);
                condition.is_none_or(|name| self.condition(name) != Some(false))
            })
            .map(|resource| {
                (resource.logical_id.to_owned(), self.value(resource.json).unwrap_or_else(|| json!({})))
            })
            .collect();
        Template::from_sections([("Resources", Json::Object(resources))])
    }

    /// What each condition comes to, where it is known.
    pub(crate) fn outcomes(&self) -> &BTreeMap<&'a str, bool> {
        &self.conditions
    }

    fn condition(&self, name: &str) -> Option<bool> {
        self.conditions.get(name).copied()
    }

    fn expression(&self, json: &Json) -> Option<bool> {
        let (name, arguments) = json.as_object()?.iter().next()?;
        let several = || arguments.as_array().map(Vec::as_slice).unwrap_or_default();
        let outcomes = || several().iter().map(|argument| self.expression(argument));
        match name.as_str() {
            "Condition" => self.condition(arguments.as_str()?),
            "Fn::Not" => outcomes().next()?.map(|outcome| !outcome),
            "Fn::And" if outcomes().any(|outcome| outcome == Some(false)) => Some(false),
            "Fn::And" => outcomes().collect::<Option<Vec<_>>>().map(|_| true),
            "Fn::Or" if outcomes().any(|outcome| outcome == Some(true)) => Some(true),
            "Fn::Or" => outcomes().collect::<Option<Vec<_>>>().map(|_| false),
            "Fn::Equals" => match several() {
                [one, two] => self.equal(one, two),
                _ => None,
            },
            _ => None,
        }
    }

    fn equal(&self, one: &Json, two: &Json) -> Option<bool> {
        let operand = |json: &Json| {
            let chosen = json["Ref"].as_str().and_then(|name| self.parameters.get(name));
            match chosen {
                Some(choice) => Some(choice.clone().ok_or_else(|| json.to_string())),
                None => self.value(json).as_ref().and_then(text_of).map(Ok),
            }
        };
        match (operand(one), operand(two)) {
            (Some(one), Some(two)) => Some(one == two),
            _ => self.leaves.get(&leaf(one, two)).copied(),
        }
    }

    /// The value in this world; `None` for `AWS::NoValue`.
    fn value(&self, json: &Json) -> Option<Json> {
        match json {
            Json::Object(object) => {
                let mut entries = object.iter();
                if let (Some((name, arguments)), None) = (entries.next(), entries.next())
                    && (name == "Ref" || name.starts_with("Fn::"))
                {
                    return self.function(name, arguments);
                }
                let kept = object.iter().filter_map(|(name, json)| {
                    let value = self.value(json)?;
                    let document = DOCUMENTS.contains(&name.as_str()).then(|| document(&value)).flatten();
                    Some((name.clone(), document.unwrap_or(value)))
                });
                Some(Json::Object(kept.collect()))
            }
            Json::Array(elements) => {
                Some(Json::Array(elements.iter().filter_map(|element| self.value(element)).collect()))
            }
            scalar => Some(scalar.clone()),
        }
    }

    fn function(&self, name: &str, arguments: &Json) -> Option<Json> {
        let unresolved = || json!({ name: arguments });
        if let ("Fn::If", Some([condition, then, other])) = (name, arguments.as_array().map(Vec::as_slice)) {
            return match condition.as_str().and_then(|condition| self.condition(condition)) {
                Some(true) => self.value(then),
                Some(false) => self.value(other),
                None => Some(unresolved()),
            };
        }
        if arguments == "AWS::NoValue" {
            return None;
        }
        let resolved = match name {
            "Ref" => arguments.as_str().and_then(|name| self.parameter(name)),
            "Fn::GetAtt" => attribute(arguments),
            "Fn::Sub" => self.sub(arguments),
            "Fn::Join" => self.join(arguments),
            "Fn::Select" => self.select(arguments),
            "Fn::Split" => self.split(arguments),
            "Fn::FindInMap" => self.find_in_map(arguments),
            _ => None,
        };
        Some(resolved.unwrap_or_else(unresolved))
    }

    /// A parameter's value: what conditions decided, or the default.
    fn parameter(&self, name: &str) -> Option<Json> {
        let parameter = self.template.section("Parameters")?.get(name)?;
        let kind = parameter["Type"].as_str().unwrap_or_default();
        if kind.starts_with("AWS::SSM::") {
            return None;
        }
        let text = match self.parameters.get(name) {
            Some(choice) => choice.clone()?,
            None => text_of(parameter.get("Default")?)?,
        };
        if kind == "CommaDelimitedList" || kind.starts_with("List<") {
            return Some(text.split(',').map(str::trim).collect());
        }
        Some(Json::String(text))
    }

    fn sub(&self, arguments: &Json) -> Option<Json> {
        let (text, variables) = match arguments {
            Json::String(text) => (text, None),
            Json::Array(parts) => (
                parts.first().and_then(|text| match text {
                    Json::String(text) => Some(text),
                    _ => None,
                })?,
                parts.get(1),
            ),
            _ => return None,
        };
        let put_in = |name: &str| match variables.and_then(|variables| variables.get(name)) {
            Some(variable) => self.value(variable).as_ref().and_then(to_text),
            None => self.parameter(name).as_ref().and_then(to_text).or_else(|| Some(format!("${{{name}}}"))),
        };
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            let (name, further) = after.split_once('}')?;
            out.push_str(before);
            if name.starts_with('!') {
                out.extend(["${", name, "}"]);
            } else {
                out.push_str(&put_in(name.trim())?);
            }
            rest = further;
        }
        out.push_str(rest);
        Some(from_text(out))
    }

    fn join(&self, arguments: &Json) -> Option<Json> {
        let separator = arguments.get(0)?.as_str()?;
        let Json::Array(elements) = self.value(arguments.get(1)?)? else { return None };
        let texts: Option<Vec<_>> = elements.iter().map(to_text).collect();
        Some(from_text(texts?.join(separator)))
    }

    fn select(&self, arguments: &Json) -> Option<Json> {
        let index: usize = text_of(arguments.get(0)?)?.parse().ok()?;
        self.value(arguments.get(1)?)?.as_array()?.get(index).cloned()
    }

    fn split(&self, arguments: &Json) -> Option<Json> {
        let separator = arguments.get(0)?.as_str().filter(|separator| !separator.is_empty())?;
        let Json::String(text) = self.value(arguments.get(1)?)? else { return None };
        Some(text.split(separator).collect())
    }

    fn find_in_map(&self, arguments: &Json) -> Option<Json> {
        let key = |index| self.value(arguments.get(index)?).as_ref().and_then(text_of);
        let mapping = self.template.section("Mappings")?.get(key(0)?)?;
        mapping.get(key(1)?)?.get(key(2)?).cloned()
    }
}

/// The value with every intrinsic function in its plainest notation, without looking at a template.
pub(crate) fn plain(json: &Json) -> Json {
    let nothing = Template::from_sections([]);
    World::new(&nothing, BTreeMap::new(), BTreeMap::new()).value(json).unwrap_or_default()
}

/// `Fn::GetAtt` with a list, whichever form it had.
fn attribute(arguments: &Json) -> Option<Json> {
    let (id, attribute) = arguments.as_str()?.split_once('.')?;
    Some(json!({"Fn::GetAtt": [id, attribute]}))
}

/// A resolved value in the notation of `Fn::Sub`.
pub(crate) fn to_text(json: &Json) -> Option<String> {
    if let Some(id) = json["Ref"].as_str() {
        return Some(format!("${{{id}}}"));
    }
    if let Some([Json::String(id), Json::String(attribute)]) =
        json["Fn::GetAtt"].as_array().map(Vec::as_slice)
    {
        return Some(format!("${{{id}.{attribute}}}"));
    }
    match json["Fn::Sub"].as_str() {
        Some(text) => Some(text.to_owned()),
        None => text_of(json).map(|text| text.replace("${", "${!")),
    }
}

/// The JSON object that a text is, its references as values of their own; `None` when it is no such text.
fn document(value: &Json) -> Option<Json> {
    let (text, has_references) = match (value, value["Fn::Sub"].as_str()) {
        (Json::String(text), _) => (text.as_str(), false),
        (_, Some(text)) => (text, true),
        _ => return None,
    };
    let parsed = serde_json::from_str(text).ok().filter(Json::is_object)?;
    Some(if has_references { with_references(parsed) } else { parsed })
}

/// The document with each text in the notation of `Fn::Sub` as the value that it says.
fn with_references(json: Json) -> Json {
    match json {
        Json::String(text) => from_text(text),
        Json::Array(elements) => elements.into_iter().map(with_references).collect(),
        Json::Object(object) => {
            object.into_iter().map(|(name, json)| (name, with_references(json))).collect()
        }
        scalar => scalar,
    }
}

/// The plainest value that says what a text in the notation of `Fn::Sub` says.
fn from_text(text: String) -> Json {
    if !text.contains("${") {
        return Json::String(text);
    }
    let only = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    match only.filter(|name| !name.contains(['$', '!'])) {
        Some(name) => match name.split_once('.') {
            Some((id, attribute)) => json!({"Fn::GetAtt": [id, attribute]}),
            None => json!({"Ref": name}),
        },
        None => json!({"Fn::Sub": text}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(value: Json) -> Json {
        let sections = json!({
            "Parameters": {
                "Stage": {"Type": "String", "Default": "dev"},
                "Key": {"Type": "String"},
                "Names": {"Type": "CommaDelimitedList", "Default": "a, b"},
            },
            "Mappings": {"Sizes": {"dev": {"Memory": 128}}},
            "Resources": {"R": {"Type": "X", "Properties": {"P": value}}},
        });
        let template = Template::from_json(sections).unwrap();
        let world = World::new(&template, BTreeMap::new(), BTreeMap::new()).render();
        world.resource("R").and_then(|resource| resource.property("P").cloned()).unwrap_or_default()
    }

    #[test]
    fn parameter_with_a_default_becomes_its_value_and_one_without_stays() {
        assert_eq!(resolved(json!({"Ref": "Stage"})), json!("dev"));
        assert_eq!(resolved(json!({"Ref": "Key"})), json!({"Ref": "Key"}));
        assert_eq!(resolved(json!({"Fn::Select": [1, {"Ref": "Names"}]})), json!("b"));
    }

    #[test]
    fn texts_are_put_together_as_far_as_known() {
        assert_eq!(resolved(json!({"Fn::Sub": "q-${Stage}"})), json!("q-dev"));
        assert_eq!(resolved(json!({"Fn::Sub": "${Q.Arn}"})), json!({"Fn::GetAtt": ["Q", "Arn"]}));
        let joined = json!({"Fn::Join": [":", ["arn", {"Ref": "AWS::Region"}, {"Ref": "Stage"}]]});
        assert_eq!(resolved(joined), json!({"Fn::Sub": "arn:${AWS::Region}:dev"}));
        let own = json!({"Fn::Sub": ["${Own}/x", {"Own": {"Fn::GetAtt": "T.Arn"}}]});
        assert_eq!(resolved(own), json!({"Fn::Sub": "${T.Arn}/x"}));
    }

    #[test]
    fn conditions_that_double_at_each_step_are_decided_once_each() {
        let doubled = (1..60).map(|n| {
            let last = json!({"Condition": format!("C{:02}", n - 1)});
            (format!("C{n:02}"), json!({"Fn::And": [last, last]}))
        });
        let first = ("C00".to_owned(), json!({"Fn::Equals": ["a", "a"]}));
        let conditions = Json::Object(doubled.chain([first]).collect());
        let resources = json!({"R": {"Type": "X", "Properties": {"P": {"Fn::If": ["C59", 1, 2]}}}});
        let template =
            Template::from_json(json!({"Conditions": conditions, "Resources": resources})).unwrap();
        let world = World::new(&template, BTreeMap::new(), BTreeMap::new()).render();
        assert_eq!(world.resource("R").and_then(|it| it.property("P").cloned()), Some(json!(1)));
    }

    #[test]
    fn mapping_is_looked_up_and_an_unknown_function_stays() {
        let found = json!({"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "Memory"]});
        assert_eq!(resolved(found), json!(128));
        assert_eq!(resolved(json!({"Fn::ImportValue": "x"})), json!({"Fn::ImportValue": "x"}));
    }
}
