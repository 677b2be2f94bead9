//! References and intrinsic functions: what they point at and what they mean.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::template::Target;
use crate::{ACCOUNT_ID, REGION};

/// Collects the logical IDs and parameters that a value refers to.
pub(super) fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Object(object) => {
            for (key, argument) in object {
                match (key.as_str(), argument) {
                    ("Ref", Value::String(name)) => add(name, found),
                    ("Fn::GetAtt", Value::Array(parts)) => {
                        add(parts.first().and_then(Value::as_str).unwrap_or_default(), found);
                    }
                    ("Fn::Sub", Value::String(text)) => names_in(text).for_each(|name| add(name, found)),
                    ("Fn::Sub", Value::Array(parts)) => {
                        let own = parts.get(1).and_then(Value::as_object);
                        let text = parts.first().and_then(Value::as_str).unwrap_or_default();
                        let foreign =
                            names_in(text).filter(|name| own.is_none_or(|own| !own.contains_key(*name)));
                        foreign.for_each(|name| add(name, found));
                        parts.iter().skip(1).for_each(|part| references(part, found));
                    }
                    _ => references(argument, found),
                }
            }
        }
        _ => {}
    }
}

fn add(name: &str, found: &mut BTreeSet<String>) {
    let id = name.split('.').next().unwrap_or(name);
    if !id.is_empty() && !id.starts_with("AWS::") {
        found.insert(id.to_owned());
    }
}

/// Lists what stands in `${...}`; `${!...}` is text.
fn names_in(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split("${").skip(1).filter_map(|part| part.split_once('}'));
    parts.map(|(name, _)| name).filter(|name| !name.starts_with('!'))
}

pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What references mean. Without physical IDs references to resources stay.
pub(super) struct Scope<'a> {
    pub(super) target: &'a Target,
    pub(super) stack: &'a str,
    pub(super) physical_ids: Option<&'a BTreeMap<String, String>>,
}

impl Scope<'_> {
    /// Returns `None` for `AWS::NoValue`, which removes the key or item it stands for.
    pub(super) fn resolve(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Array(items) => Some(items.iter().filter_map(|item| self.resolve(item)).collect()),
            Value::Object(object) => match object.iter().next() {
                Some((function, argument)) if object.len() == 1 => self.function(function, argument, value),
                _ => Some(self.mapping(object)),
            },
            other => Some(other.clone()),
        }
    }

    fn mapping(&self, object: &Map<String, Value>) -> Value {
        let entries = object.iter().filter_map(|(key, value)| Some((key.clone(), self.resolve(value)?)));
        Value::Object(entries.collect())
    }

    fn function(&self, function: &str, argument: &Value, whole: &Value) -> Option<Value> {
        match (function, argument) {
            ("Ref", Value::String(name)) if name == "AWS::NoValue" => None,
            ("Ref", Value::String(name)) => {
                Some(self.name(name).map_or_else(|| whole.clone(), Value::String))
            }
            ("Fn::GetAtt", Value::Array(parts)) => {
                let path: Vec<&str> = parts.iter().filter_map(Value::as_str).collect();
                Some(self.name(&path.join(".")).map_or_else(|| whole.clone(), Value::String))
            }
            ("Fn::Sub", Value::String(text)) => Some(self.substitute(text, &Map::new())),
            ("Fn::Sub", Value::Array(parts)) => {
                let variables = parts.get(1).and_then(Value::as_object).cloned().unwrap_or_default();
                Some(self.substitute(parts.first()?.as_str()?, &variables))
            }
            ("Fn::If", Value::Array(parts)) => {
                let branch = if self.holds(parts.first()?.as_str()?) { 1 } else { 2 };
                self.resolve(parts.get(branch)?)
            }
            ("Fn::Join", Value::Array(parts)) => Some(self.join(parts).unwrap_or_else(|| whole.clone())),
            (function, argument) => {
                let resolved = self.resolve(argument)?;
                Some(Value::Object(Map::from_iter([(function.to_owned(), resolved)])))
            }
        }
    }

    fn join(&self, parts: &[Value]) -> Option<Value> {
        let items = parts.get(1)?.as_array()?.iter().filter_map(|item| self.resolve(item));
        let texts: Option<Vec<String>> = items.map(|item| item.as_str().map(str::to_owned)).collect();
        Some(Value::String(texts?.join(parts.first()?.as_str()?)))
    }

    /// Puts in what is known and leaves the rest of `${...}` as it stands.
    fn substitute(&self, text: &str, variables: &Map<String, Value>) -> Value {
        let mut result = text.to_owned();
        let mut left = false;
        for name in names_in(text) {
            let own = variables.get(name).and_then(|value| self.resolve(value));
            let known = own.as_ref().and_then(Value::as_str).map(str::to_owned).or_else(|| self.name(name));
            match known {
                Some(known) => result = result.replace(&format!("${{{name}}}"), &known),
                None => left = true,
            }
        }
        let result = Value::String(result);
        if left { Value::Object(Map::from_iter([("Fn::Sub".to_owned(), result)])) } else { result }
    }

    fn name(&self, name: &str) -> Option<String> {
        let known = match name {
            "AWS::AccountId" => Some(ACCOUNT_ID.to_owned()),
            "AWS::Region" => Some(REGION.to_owned()),
            "AWS::StackName" => Some(self.stack.to_owned()),
            "AWS::Partition" => Some("aws".to_owned()),
            "AWS::URLSuffix" => Some("amazonaws.com".to_owned()),
            _ => self.target.parameters.get(name).cloned(),
        };
        known.or_else(|| {
            let (id, attribute) = name.split_once('.').unwrap_or((name, ""));
            let physical_id = self.physical_ids?.get(id)?;
            Some(if attribute.is_empty() {
                physical_id.clone()
            } else {
                format!("{physical_id}.{attribute}")
            })
        })
    }

    pub(super) fn holds(&self, condition: &str) -> bool {
        self.target
            .template
            .get("Conditions")
            .and_then(|all| all.get(condition))
            .is_some_and(|it| self.test(it))
    }

    fn test(&self, condition: &Value) -> bool {
        let argument = |name: &str| condition.get(name).and_then(Value::as_array);
        if let Some(name) = condition.get("Condition").and_then(Value::as_str) {
            return self.holds(name);
        }
        if let Some([left, right]) = argument("Fn::Equals").map(Vec::as_slice) {
            return self.resolve(left) == self.resolve(right);
        }
        if let Some(parts) = argument("Fn::Not") {
            return !parts.iter().all(|part| self.test(part));
        }
        if let Some(parts) = argument("Fn::And") {
            return parts.iter().all(|part| self.test(part));
        }
        argument("Fn::Or").is_some_and(|parts| parts.iter().any(|part| self.test(part)))
    }
}
