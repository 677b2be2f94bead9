//! Templates: what they declare once parameters and conditions are put in.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::refusal::Refusal;
use crate::{ACCOUNT_ID, REGION};

/// A template with the values it is deployed with.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Target {
    pub(super) template: Value,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) tags: BTreeMap<String, String>,
}

/// One resource that a template declares; references to other resources stand as they are.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Declared {
    pub(super) resource_type: String,
    pub(super) properties: Value,
    pub(super) deletion_policy: Option<String>,
    pub(super) update_replace_policy: Option<String>,
    pub(super) needs: BTreeSet<String>,
}

impl Target {
    /// A target with nothing in it.
    pub(super) fn empty() -> Self {
        Self { template: Value::Null, parameters: BTreeMap::new(), tags: BTreeMap::new() }
    }

    /// Reads and checks a template as CloudFormation does when a change set is asked for.
    pub(super) fn read(
        body: &str,
        given: &BTreeMap<String, String>,
        tags: &BTreeMap<String, String>,
    ) -> Result<Self, Refusal> {
        let wrong = || Refusal::invalid("Template format error: unsupported structure.");
        let template: Value = serde_json::from_str(body).map_err(|_| wrong())?;
        template.get("Resources").and_then(Value::as_object).ok_or_else(wrong)?;
        let parameters = values(&template, given)?;
        let target = Self { template, parameters, tags: tags.clone() };
        target.check_references()?;
        target.waves()?;
        Ok(target)
    }

    /// Lists the resources whose condition holds.
    pub(super) fn declared(&self, stack: &str) -> BTreeMap<String, Declared> {
        let scope = Scope { target: self, stack, physical_ids: None };
        let resources = self.template.get("Resources").and_then(Value::as_object).into_iter().flatten();
        let wanted = resources.filter(|(_, resource)| {
            resource.get("Condition").and_then(Value::as_str).is_none_or(|name| scope.holds(name))
        });
        wanted.map(|(id, resource)| (id.clone(), declared(&scope, resource))).collect()
    }

    /// Lists the values of the outputs; `physical_ids` is `None` before there are any.
    pub(super) fn outputs(
        &self,
        stack: &str,
        physical_ids: Option<&BTreeMap<String, String>>,
    ) -> BTreeMap<String, String> {
        let scope = Scope { target: self, stack, physical_ids };
        let outputs = self.template.get("Outputs").and_then(Value::as_object).into_iter().flatten();
        let wanted = outputs.filter(|(_, output)| {
            output.get("Condition").and_then(Value::as_str).is_none_or(|name| scope.holds(name))
        });
        wanted
            .map(|(name, output)| (name.clone(), text(&scope.resolve(&output["Value"]).unwrap_or_default())))
            .collect()
    }

    /// Returns a resource's properties with the physical IDs of the others put in.
    pub(super) fn properties(
        &self,
        stack: &str,
        physical_ids: &BTreeMap<String, String>,
        declared: &Declared,
    ) -> Value {
        let scope = Scope { target: self, stack, physical_ids: Some(physical_ids) };
        scope.resolve(&declared.properties).unwrap_or_default()
    }

    /// Orders the resources: those that need nothing, then those that need these.
    pub(super) fn waves(&self) -> Result<Vec<Vec<String>>, Refusal> {
        let mut left = self.declared("");
        let mut waves = Vec::new();
        while !left.is_empty() {
            let ready = |it: &Declared| it.needs.iter().all(|need| !left.contains_key(need));
            let wave: Vec<String> =
                left.iter().filter(|(_, it)| ready(it)).map(|(id, _)| id.clone()).collect();
            if wave.is_empty() {
                let ids: Vec<&str> = left.keys().map(String::as_str).collect();
                let message = format!("Circular dependency between resources: [{}]", ids.join(", "));
                return Err(Refusal::invalid(message));
            }
            left.retain(|id, _| !wave.contains(id));
            waves.push(wave);
        }
        Ok(waves)
    }

    fn check_references(&self) -> Result<(), Refusal> {
        let ids = |section: &str| {
            let names = self.template.get(section).and_then(Value::as_object).into_iter().flatten();
            names.map(|(name, _)| name.clone()).collect::<BTreeSet<String>>()
        };
        let mut used = BTreeSet::new();
        references(&self.template["Resources"], &mut used);
        references(self.template.get("Outputs").unwrap_or(&Value::Null), &mut used);
        let known: BTreeSet<String> = ids("Resources").union(&ids("Parameters")).cloned().collect();
        let missing: Vec<&str> = used.difference(&known).map(String::as_str).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(Refusal::invalid(format!(
            "Template format error: Unresolved resource dependencies [{}] in the Resources block of the template",
            missing.join(", ")
        )))
    }
}

fn declared(scope: &Scope<'_>, resource: &Value) -> Declared {
    let word = |key: &str| resource.get(key).and_then(Value::as_str).map(str::to_owned);
    let properties = resource.get("Properties").map(|it| scope.resolve(it).unwrap_or_default());
    let properties = properties.unwrap_or_else(|| Value::Object(Map::new()));
    let mut needs = BTreeSet::new();
    references(&properties, &mut needs);
    match resource.get("DependsOn") {
        Some(Value::String(id)) => needs.extend([id.clone()]),
        Some(Value::Array(ids)) => needs.extend(ids.iter().filter_map(Value::as_str).map(str::to_owned)),
        _ => {}
    }
    Declared {
        resource_type: word("Type").unwrap_or_default(),
        properties,
        deletion_policy: word("DeletionPolicy"),
        update_replace_policy: word("UpdateReplacePolicy"),
        needs,
    }
}

/// Gives each declared parameter its value.
fn values(template: &Value, given: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Refusal> {
    let empty = Map::new();
    let declared = template.get("Parameters").and_then(Value::as_object).unwrap_or(&empty);
    let list = |names: Vec<&str>| names.join(", ");
    let unknown: Vec<&str> =
        given.keys().filter(|name| !declared.contains_key(*name)).map(String::as_str).collect();
    if !unknown.is_empty() {
        let message = format!("Parameters: [{}] do not exist in the template", list(unknown));
        return Err(Refusal::invalid(message));
    }
    let value = |name: &String, it: &Value| given.get(name).cloned().or_else(|| it.get("Default").map(text));
    let missing: Vec<&str> = declared
        .iter()
        .filter(|(name, it)| value(name, it).is_none())
        .map(|(name, _)| name.as_str())
        .collect();
    if !missing.is_empty() {
        return Err(Refusal::invalid(format!("Parameters: [{}] must have values", list(missing))));
    }
    Ok(declared.iter().filter_map(|(name, it)| Some((name.clone(), value(name, it)?))).collect())
}

/// True when the template asks to mask the parameter's value.
pub(super) fn is_masked(template: &Value, parameter: &str) -> bool {
    let no_echo = template.get("Parameters").and_then(|it| it.get(parameter)?.get("NoEcho"));
    no_echo.is_some_and(|value| text(value) == "true")
}

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

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What references mean. Without physical IDs references to resources stay.
struct Scope<'a> {
    target: &'a Target,
    stack: &'a str,
    physical_ids: Option<&'a BTreeMap<String, String>>,
}

impl Scope<'_> {
    /// Returns `None` for `AWS::NoValue`, which removes the key or item it stands for.
    fn resolve(&self, value: &Value) -> Option<Value> {
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

    fn holds(&self, condition: &str) -> bool {
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
