//! A template with its parameter values put in, as far as they are known.
//!
//! Invariant: the value of a `NoEcho` parameter is put in nowhere. What cannot be known offline, such
//! as a physical ID or a parameter without a value, stays the intrinsic function that it is.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use stack_model::order::of_conditions;

use super::Side;

/// What CloudFormation shows in place of a `NoEcho` value.
pub(crate) const MASK: &str = "****";

/// Puts the parameter values into resources and outputs, decides conditions and leaves out what a
/// condition switches off, and conditions that hold. One that cannot be decided stays.
pub(super) fn resolved(side: Side<'_>) -> Value {
    let scope = Scope::new(side);
    let section = |name: &str| {
        let entries = side.template.get(name).and_then(Value::as_object).into_iter().flatten();
        let wanted = entries.filter_map(|(id, it)| Some((id.clone(), scope.entry(it)?)));
        Value::Object(wanted.collect::<Map<_, _>>())
    };
    json!({"Resources": section("Resources"), "Outputs": section("Outputs")})
}

/// True when the template declares the parameter with `NoEcho`.
pub(crate) fn is_secret(template: &Value, parameter: &str) -> bool {
    let no_echo = template.get("Parameters").and_then(|all| all.get(parameter)?.get("NoEcho"));
    no_echo.is_some_and(|flag| flag == true || flag == "true")
}

/// True when a parameter value is CloudFormation's mask and not what the parameter was given.
///
/// CloudFormation's pages show five asterisks and its answers have four, so their number is not relied
/// on. Fewer, or none, are a value: `*` is what a wildcard is written as.
pub(crate) fn is_masked(value: &str) -> bool {
    value.len() >= MASK.len() && value.bytes().all(|byte| byte == b'*')
}

struct Scope<'a> {
    template: &'a Value,
    parameters: &'a BTreeMap<String, String>,
    /// Outcomes of the conditions; one that depends on what is not known, or on itself, is missing.
    conditions: BTreeMap<&'a str, bool>,
}

impl<'a> Scope<'a> {
    fn new(side: Side<'a>) -> Self {
        let Side { template, parameters } = side;
        let mut scope = Self { template, parameters, conditions: BTreeMap::new() };
        let conditions = template.get("Conditions");
        for name in of_conditions(conditions).settled {
            let outcome = conditions.and_then(|all| scope.test(all.get(name)?));
            scope.conditions.extend(outcome.map(|outcome| (name, outcome)));
        }
        scope
    }

    /// A resource or output, without a condition that holds; `None` when the condition does not.
    fn entry(&self, entry: &Value) -> Option<Value> {
        let condition = entry.get("Condition").and_then(Value::as_str);
        let holds = condition.map(|name| self.condition(name));
        if holds == Some(Some(false)) {
            return None;
        }
        let mut entry = self.resolve(entry)?;
        if let (Some(Some(true)), Some(members)) = (holds, entry.as_object_mut()) {
            members.remove("Condition");
        }
        Some(entry)
    }

    /// `None` is `AWS::NoValue`.
    fn resolve(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Array(items) => {
                Some(Value::Array(items.iter().filter_map(|item| self.resolve(item)).collect()))
            }
            Value::Object(object) => match object.iter().next() {
                Some((function, argument)) if is_intrinsic(object) => self.function(function, argument),
                _ => {
                    let entries =
                        object.iter().filter_map(|(key, it)| Some((key.clone(), self.resolve(it)?)));
                    Some(Value::Object(entries.collect()))
                }
            },
            other => Some(other.clone()),
        }
    }

    fn function(&self, function: &str, argument: &Value) -> Option<Value> {
        if let ("Ref", Value::String(name)) = (function, argument) {
            return if name == "AWS::NoValue" { None } else { Some(self.reference(name)) };
        }
        if let ("Fn::If", Some([condition, yes, no])) = (function, argument.as_array().map(Vec::as_slice)) {
            match condition.as_str().and_then(|name| self.condition(name)) {
                Some(holds) => return self.resolve(if holds { yes } else { no }),
                None => {
                    let branch = |it: &Value| self.resolve(it).unwrap_or_else(no_value);
                    return Some(json!({"Fn::If": [condition, branch(yes), branch(no)]}));
                }
            }
        }
        let argument = self.resolve(argument)?;
        let known = match function {
            "Fn::GetAtt" => Some(json!({"Fn::GetAtt": attribute_path(&argument)})),
            "Fn::Sub" => self.substituted(&argument),
            "Fn::Join" => joined(&argument),
            "Fn::Select" => selected(&argument),
            "Fn::Split" => split(&argument),
            "Fn::FindInMap" => self.in_map(&argument),
            _ => None,
        };
        Some(known.unwrap_or_else(|| json!({function: argument})))
    }

    fn reference(&self, name: &str) -> Value {
        let Some(value) = self.value(name) else { return json!({"Ref": name}) };
        let kind = self.template.pointer(&format!("/Parameters/{name}/Type")).and_then(Value::as_str);
        if kind.is_some_and(|kind| kind == "CommaDelimitedList" || kind.starts_with("List<")) {
            return value.split(',').map(|item| Value::from(item.trim())).collect();
        }
        Value::from(value)
    }

    /// The value of a parameter, if it is known and no secret.
    fn value(&self, parameter: &str) -> Option<&str> {
        let kind = self.template.get("Parameters").and_then(|all| all.get(parameter)?.get("Type")?.as_str());
        // What the Parameter Store has under the name is looked up at each deployment.
        if is_secret(self.template, parameter)
            || kind.is_some_and(|kind| kind.starts_with("AWS::SSM::Parameter::"))
        {
            return None;
        }
        self.parameters.get(parameter).map(String::as_str)
    }

    fn substituted(&self, argument: &Value) -> Option<Value> {
        let (text, variables) = match argument {
            Value::String(text) => (text.as_str(), None),
            Value::Array(parts) => (parts.first()?.as_str()?, parts.get(1).and_then(Value::as_object)),
            _ => return None,
        };
        let mut result = text.to_owned();
        for (name, value) in variables.into_iter().flatten() {
            result = result.replace(&format!("${{{name}}}"), &as_text(value)?);
        }
        for name in names_in(text) {
            if let Some(value) = self.value(name).filter(|value| !value.contains("${")) {
                result = result.replace(&format!("${{{name}}}"), value);
            }
        }
        Some(of_text(result))
    }

    fn in_map(&self, argument: &Value) -> Option<Value> {
        let path: Option<Vec<&str>> = argument.as_array()?.iter().map(Value::as_str).collect();
        let [map, first, second] = path?[..] else { return None };
        self.template.get("Mappings")?.get(map)?.get(first)?.get(second).cloned()
    }

    /// `None` when it depends on what is not known.
    fn condition(&self, name: &str) -> Option<bool> {
        self.conditions.get(name).copied()
    }

    fn test(&self, condition: &Value) -> Option<bool> {
        if let Some(name) = condition.get("Condition").and_then(Value::as_str) {
            return self.condition(name);
        }
        let (function, argument) = condition.as_object()?.iter().next()?;
        let parts = argument.as_array()?;
        let mut tests = parts.iter().map(|part| self.test(part));
        match function.as_str() {
            "Fn::Equals" => {
                let sides: Vec<Value> = parts.iter().filter_map(|part| self.resolve(part)).collect();
                let known = sides.iter().all(|side| !side.is_object());
                (known && sides.len() == 2).then(|| same(&sides[0], &sides[1]))
            }
            "Fn::Not" => tests.next()?.map(|holds| !holds),
            "Fn::And" => decided(tests, false),
            "Fn::Or" => decided(tests, true),
            _ => None,
        }
    }
}

/// One `decisive` part decides; otherwise all must be known.
fn decided(tests: impl Iterator<Item = Option<bool>>, decisive: bool) -> Option<bool> {
    let tests: Vec<Option<bool>> = tests.collect();
    if tests.contains(&Some(decisive)) {
        return Some(decisive);
    }
    (!tests.contains(&None)).then_some(!decisive)
}

fn no_value() -> Value {
    json!({"Ref": "AWS::NoValue"})
}

/// True when the mapping is a call of an intrinsic function.
pub(super) fn is_intrinsic(object: &Map<String, Value>) -> bool {
    object.len() == 1 && object.keys().all(|key| key == "Ref" || key.starts_with("Fn::"))
}

fn attribute_path(argument: &Value) -> Value {
    match argument {
        Value::String(text) => text.splitn(2, '.').collect(),
        other => other.clone(),
    }
}

/// The text that a value stands for in `Fn::Sub`; `None` when it has none.
fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.contains("${") => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Object(object) if is_intrinsic(object) => match object.iter().next()? {
            (function, Value::String(text)) if function == "Ref" => Some(format!("${{{text}}}")),
            (function, Value::String(text)) if function == "Fn::Sub" => Some(text.clone()),
            (function, path @ Value::Array(_)) if function == "Fn::GetAtt" => {
                let path: Option<Vec<&str>> = path.as_array()?.iter().map(Value::as_str).collect();
                Some(format!("${{{}}}", path?.join(".")))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The value that a text of `Fn::Sub` stands for, in one way of writing it.
fn of_text(text: String) -> Value {
    let names = names_in(&text);
    match names.as_slice() {
        [] => Value::String(text),
        [name] if text.len() == name.len() + 3 => match name.split_once('.') {
            Some((id, attribute)) => json!({"Fn::GetAtt": [id, attribute]}),
            None => json!({"Ref": name}),
        },
        _ => json!({"Fn::Sub": text}),
    }
}

/// Lists the names in `${...}`; `${!...}` is a literal.
pub(super) fn names_in(text: &str) -> Vec<&str> {
    let parts = text.split("${").skip(1).filter_map(|rest| rest.split_once('}'));
    parts.map(|(name, _)| name).filter(|name| !name.starts_with('!')).collect()
}

fn joined(argument: &Value) -> Option<Value> {
    let (delimiter, items) = (argument.get(0)?.as_str()?, argument.get(1)?.as_array()?);
    let texts: Option<Vec<String>> = items.iter().map(as_text).collect();
    Some(of_text(texts?.join(delimiter)))
}

fn selected(argument: &Value) -> Option<Value> {
    let index = argument.get(0)?;
    let index = index.as_u64().or_else(|| index.as_str()?.parse().ok())?;
    argument.get(1)?.as_array()?.get(usize::try_from(index).ok()?).cloned()
}

fn split(argument: &Value) -> Option<Value> {
    let (delimiter, text) = (argument.get(0)?.as_str()?, argument.get(1)?.as_str()?);
    Some(text.split(delimiter).map(Value::from).collect())
}

/// True when CloudFormation would hold two values for the same: it takes numbers and truth values as
/// texts, too.
pub(super) fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, value)| other.get(key).is_some_and(|other| same(value, other)))
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::String(text), other) | (other, Value::String(text)) => {
            scalar_text(other).is_some_and(|other| other == *text)
        }
        _ => one == other,
    }
}

/// The text that a number, a truth value or a text stands for.
fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(template: Value, given: &[(&str, &str)]) -> Option<Value> {
        let parameters = given.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let resolved = resolved(Side { template: &template, parameters: &parameters });
        resolved["Resources"].get("It").map(|it| it["P"].clone())
    }

    fn property(value: Value) -> Value {
        json!({
            "Parameters": {
                "Name": {"Type": "String"}, "Key": {"Type": "String", "NoEcho": true},
                "Names": {"Type": "CommaDelimitedList"},
            },
            "Conditions": {
                "IsProd": {"Fn::Equals": [{"Ref": "Name"}, "prod"]},
                "IsHere": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
                "Neither": {"Fn::And": [{"Condition": "IsHere"}, {"Fn::Not": [{"Condition": "IsProd"}]}]},
            },
            "Mappings": {"Sizes": {"prod": {"Memory": 512}}},
            "Resources": {"It": {"P": value}},
        })
    }

    fn at_prod(value: Value) -> Value {
        resource(property(value), &[("Name", "prod"), ("Key", "s3cret"), ("Names", "a, b")]).unwrap()
    }

    #[test]
    fn known_values_take_the_place_of_functions() {
        for (written, meant) in [
            (json!({"Ref": "Name"}), json!("prod")),
            (json!({"Ref": "Names"}), json!(["a", "b"])),
            (json!({"Fn::Sub": "${Name}-x"}), json!("prod-x")),
            (json!({"Fn::Sub": ["${n}-${Q}", {"n": {"Ref": "Name"}}]}), json!({"Fn::Sub": "prod-${Q}"})),
            (json!({"Fn::Join": ["-", [{"Ref": "Name"}, 1]]}), json!("prod-1")),
            (json!({"Fn::Join": ["", [{"Fn::GetAtt": ["Q", "Arn"]}]]}), json!({"Fn::GetAtt": ["Q", "Arn"]})),
            (json!({"Fn::GetAtt": "Q.Arn"}), json!({"Fn::GetAtt": ["Q", "Arn"]})),
            (json!({"Fn::If": ["IsProd", 1, 2]}), json!(1)),
            (json!({"Fn::If": ["Neither", 1, 2]}), json!(2)),
            (json!({"Fn::FindInMap": ["Sizes", {"Ref": "Name"}, "Memory"]}), json!(512)),
            (json!({"Fn::Select": [1, {"Fn::Split": [",", "a,b"]}]}), json!("b")),
            (json!([1, {"Ref": "AWS::NoValue"}]), json!([1])),
        ] {
            assert_eq!(at_prod(written.clone()), meant, "{written}");
        }
    }

    #[test]
    fn unknown_values_stay_functions() {
        for written in [
            json!({"Ref": "Queue"}),
            json!({"Fn::If": ["IsHere", 1, 2]}),
            json!({"Fn::ImportValue": "x"}),
            json!({"Fn::Sub": "${!Name}-${AWS::Region}"}),
        ] {
            assert_eq!(at_prod(written.clone()), written);
        }
    }

    #[test]
    fn secret_value_is_put_in_nowhere() {
        for written in [json!({"Ref": "Key"}), json!({"Fn::Sub": "x-${Key}"})] {
            assert_eq!(at_prod(written.clone()), written);
        }
    }

    #[test]
    fn resource_is_left_out_only_when_its_condition_is_known_to_fail() {
        for (condition, is_there) in [("IsProd", true), ("IsHere", true), ("Neither", false)] {
            let mut template = property(json!(1));
            template["Resources"]["It"]["Condition"] = json!(condition);
            assert_eq!(resource(template, &[("Name", "prod")]).is_some(), is_there, "{condition}");
        }
    }

    #[test]
    fn conditions_in_a_circle_are_undecided_and_those_that_double_are_decided_once_each() {
        let mut template = property(json!([{"Fn::If": ["A", 1, 2]}, {"Fn::If": ["C59", 1, 2]}]));
        template["Conditions"]["A"] = json!({"Fn::Not": [{"Condition": "A"}]});
        template["Conditions"]["C00"] = json!({"Fn::Equals": ["a", "a"]});
        for n in 1..60 {
            let last = json!({"Condition": format!("C{:02}", n - 1)});
            template["Conditions"][format!("C{n:02}")] = json!({"Fn::Or": [last, last]});
        }
        assert_eq!(resource(template, &[]), Some(json!([{"Fn::If": ["A", 1, 2]}, 1])));
    }

    #[test]
    fn number_and_its_text_are_the_same_value() {
        assert!(same(&json!({"a": [5, true]}), &json!({"a": ["5", "true"]})));
        assert!(!same(&json!(5), &json!("05")));
    }

    #[test]
    fn row_of_asterisks_is_a_mask_and_an_empty_value_or_a_wildcard_is_none() {
        assert!([MASK, "*****"].iter().all(|value| is_masked(value)));
        assert!(!["", "*", "**", "****x"].iter().any(|value| is_masked(value)));
    }
}
