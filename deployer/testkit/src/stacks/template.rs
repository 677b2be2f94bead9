//! Templates: what they declare once parameters and conditions are put in.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::intrinsic::{Scope, references, text};
use crate::refusal::Refusal;

/// A template with the values it is deployed with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Target {
    pub(crate) template: Value,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) tags: BTreeMap<String, String>,
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
pub(crate) fn is_masked(template: &Value, parameter: &str) -> bool {
    let no_echo = template.get("Parameters").and_then(|it| it.get(parameter)?.get("NoEcho"));
    no_echo.is_some_and(|value| text(value) == "true")
}
