//! The stack: owns parameters, conditions, resources and outputs, and is the only thing that can be rendered.
//!
//! Adding never fails. What is wrong is collected, so that [`Stack::check`] can tell everything at once.

mod attribute;
mod output;
mod parameter;

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde_json::{Map, Value as Json, json};

pub use self::attribute::{RawResource, ResourceAttributes, RetentionPolicy};
pub use self::output::Output;
pub use self::parameter::{Parameter, ParameterType};

use crate::diagnostic::{DUPLICATE_LOGICAL_ID, Diagnostic, HELD_PROPERTY, UNKNOWN_OVERRIDE};
use crate::law;
use crate::logical_id::LogicalId;
use crate::resource::{Resource, properties};
use crate::template::{FORMAT_VERSION, Template};
use crate::value::{ConditionExpression, Value, to_json};

/// Names a resource of the stack, for others to refer to.
#[derive(Debug, PartialEq, Eq)]
pub struct ResourceHandle<R> {
    id: LogicalId,
    resource: PhantomData<fn() -> R>,
}

impl<R> Clone for ResourceHandle<R> {
    fn clone(&self) -> Self {
        Self { id: self.id.clone(), resource: PhantomData }
    }
}

impl<R> ResourceHandle<R> {
    /// The resource's logical ID.
    #[must_use]
    pub fn id(&self) -> &LogicalId {
        &self.id
    }

    /// `Ref` of the resource: what it gives is on the type's page.
    #[must_use]
    pub fn reference<T>(&self) -> Value<T> {
        Value::reference(&self.id)
    }

    /// `Fn::GetAtt`; a name that the type does not have is reported by [`Stack::check`].
    #[must_use]
    pub fn attribute<T>(&self, name: &str) -> Value<T> {
        Value::attribute(&self.id, name)
    }

    /// `Fn::GetAtt` of `Arn`.
    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.attribute("Arn")
    }
}

/// Properties that other parts of the stack rely on, so that no override may change them.
#[derive(Debug, Clone, PartialEq)]
struct Held {
    properties: &'static [&'static str],
    /// How to change them.
    way: String,
}

/// A stack being put together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stack {
    description: String,
    metadata: Map<String, Json>,
    parameters: BTreeMap<LogicalId, Parameter>,
    mappings: BTreeMap<LogicalId, Json>,
    conditions: BTreeMap<LogicalId, ConditionExpression>,
    resources: BTreeMap<LogicalId, Json>,
    outputs: BTreeMap<LogicalId, Output>,
    overrides: Vec<(LogicalId, Json)>,
    held: BTreeMap<LogicalId, Held>,
    tags: BTreeMap<String, String>,
    collected: Vec<Diagnostic>,
}

impl Stack {
    /// An empty stack; `description` takes at most 1,024 bytes.
    #[must_use]
    pub fn new(description: impl Into<String>) -> Self {
        Self { description: description.into(), ..Self::default() }
    }

    /// Declares a parameter and returns its `Ref`.
    pub fn parameter<T>(&mut self, id: LogicalId, parameter: Parameter) -> Value<T> {
        let reference = Value::reference(&id);
        if self.parameters.contains_key(&id) || self.resources.contains_key(&id) {
            self.report_duplicate(&id, "parameter");
        }
        self.parameters.insert(id, parameter);
        reference
    }

    /// Declares a mapping: `{top-level key: {second-level key: value}}`.
    pub fn mapping(&mut self, id: LogicalId, keys: Json) {
        if self.mappings.contains_key(&id) {
            self.report_duplicate(&id, "mapping");
        }
        self.mappings.insert(id, keys);
    }

    /// Declares a condition and returns its name for `Fn::If` and `Condition`.
    pub fn condition(&mut self, id: LogicalId, expression: ConditionExpression) -> LogicalId {
        if self.conditions.contains_key(&id) {
            self.report_duplicate(&id, "condition");
        }
        self.conditions.insert(id.clone(), expression);
        id
    }

    /// Adds a resource with no attributes.
    pub fn add<R: Resource>(&mut self, id: LogicalId, resource: R) -> ResourceHandle<R> {
        self.add_with(id, resource, ResourceAttributes::default())
    }

    /// Adds a resource with attributes.
    pub fn add_with<R: Resource>(
        &mut self,
        id: LogicalId,
        resource: R,
        attributes: ResourceAttributes,
    ) -> ResourceHandle<R> {
        self.insert(&id, R::TYPE, properties(&resource), &attributes);
        ResourceHandle { id, resource: PhantomData }
    }

    /// Adds a resource given as JSON, unchanged.
    pub fn add_raw(&mut self, id: LogicalId, raw: RawResource) -> ResourceHandle<RawResource> {
        self.insert(&id, &raw.resource_type, raw.properties, &raw.attributes);
        ResourceHandle { id, resource: PhantomData }
    }

    /// Declares an output.
    pub fn output(&mut self, id: LogicalId, output: Output) {
        if self.outputs.contains_key(&id) {
            self.report_duplicate(&id, "output");
        }
        self.outputs.insert(id, output);
    }

    /// Sets an entry of the template's `Metadata` section.
    pub fn metadata(&mut self, name: impl Into<String>, value: Json) {
        self.metadata.insert(name.into(), value);
    }

    /// Sets a tag that CloudFormation puts on the stack and on its resources; it is not part of the template.
    pub fn tag(&mut self, key: impl Into<String>, value: impl Into<String>) {
        self.tags.insert(key.into(), value.into());
    }

    /// The stack's tags, for the API call that creates or updates it.
    #[must_use]
    pub fn tags(&self) -> &BTreeMap<String, String> {
        &self.tags
    }

    /// Changes a resource's object by a JSON merge patch (RFC 7396), when the template is rendered.
    ///
    /// The patch sees the whole object: `{"Properties": {"DelaySeconds": 5}, "DeletionPolicy": null}`. Patches of
    /// one resource apply in the order of calls. An unknown ID is reported by [`Stack::check`].
    pub fn override_resource(&mut self, id: LogicalId, patch: Json) {
        self.overrides.push((id, patch));
    }

    /// Refuses overrides of these properties, because other parts of the stack say the same in their own words.
    pub(crate) fn hold(&mut self, id: LogicalId, properties: &'static [&'static str], way: String) {
        self.held.insert(id, Held { properties, way });
    }

    /// Adds a finding of a layer above to those of [`Stack::check`].
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.collected.push(diagnostic);
    }

    /// Whether the finding was reported already.
    pub(crate) fn has_reported(&self, diagnostic: &Diagnostic) -> bool {
        self.collected.contains(diagnostic)
    }

    /// Whether a resource of that logical ID was added.
    #[must_use]
    pub fn has_resource(&self, id: &LogicalId) -> bool {
        self.resources.contains_key(id)
    }

    /// Everything that is wrong or doubtful, errors first, each kind in a fixed order.
    #[must_use]
    pub fn check(&self) -> Vec<Diagnostic> {
        let mut diagnostics = self.collected.clone();
        for (id, _) in self.overrides.iter().filter(|(id, _)| !self.has_resource(id)) {
            diagnostics.push(
                Diagnostic::new(&UNKNOWN_OVERRIDE, format!("There is no resource `{id}` to override."))
                    .at(id)
                    .help("`pipectl render` shows the stack's logical IDs."),
            );
        }
        for (id, patch) in &self.overrides {
            let Some(held) = self.held.get(id) else { continue };
            for property in held.properties.iter().filter(|it| patch["Properties"].get(**it).is_some()) {
                let message = format!(
                    "`{property}` of `{id}` cannot be overridden: roles, permissions and policies say the same."
                );
                diagnostics.push(
                    Diagnostic::new(&HELD_PROPERTY, message)
                        .at(id)
                        .path(format!("Properties.{property}"))
                        .help(held.way.clone()),
                );
            }
        }
        law::check(&self.template(), self.tags.len(), &mut diagnostics);
        diagnostics.sort_by_key(Diagnostic::severity);
        diagnostics
    }

    /// The stack as a template, also when [`Stack::check`] finds errors.
    #[must_use]
    pub fn template(&self) -> Template {
        let mut resources = self.resources.clone();
        for (id, patch) in &self.overrides {
            if let Some(resource) = resources.get_mut(id) {
                json_patch::merge(resource, patch);
            }
        }
        let outputs: BTreeMap<_, _> =
            self.outputs.iter().map(|(id, output)| (id, output.to_json())).collect();
        let parameters: BTreeMap<_, _> =
            self.parameters.iter().map(|(id, parameter)| (id, without_nulls(to_json(parameter)))).collect();
        let description = if self.description.is_empty() { Json::Null } else { json!(self.description) };
        Template::from_sections([
            ("AWSTemplateFormatVersion", json!(FORMAT_VERSION)),
            ("Description", description),
            ("Metadata", Json::Object(self.metadata.clone())),
            ("Parameters", to_json(&parameters)),
            ("Mappings", to_json(&self.mappings)),
            ("Conditions", to_json(&self.conditions)),
            ("Resources", to_json(&resources)),
            ("Outputs", to_json(&outputs)),
        ])
    }

    fn insert(
        &mut self,
        id: &LogicalId,
        resource_type: &str,
        properties: Json,
        attributes: &ResourceAttributes,
    ) {
        if self.resources.contains_key(id) || self.parameters.contains_key(id) {
            self.report_duplicate(id, resource_type);
        }
        let mut resource = without_nulls(to_json(attributes));
        resource["Type"] = json!(resource_type);
        if properties.as_object().is_none_or(|object| !object.is_empty()) {
            resource["Properties"] = properties;
        }
        self.resources.insert(id.clone(), resource);
    }

    fn report_duplicate(&mut self, id: &LogicalId, what: &str) {
        let message = format!("The logical ID `{id}` of this {what} is taken by another part of the stack.");
        self.collected.push(Diagnostic::new(&DUPLICATE_LOGICAL_ID, message).at(id).help(
            "Rename one of the two; names differ in more than `-`, `_`, `.` and the case of first letters.",
        ));
    }
}

fn without_nulls(mut json: Json) -> Json {
    if let Some(object) = json.as_object_mut() {
        object.retain(|_, value| !value.is_null());
    }
    json
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqs::Queue;

    fn id(text: &str) -> LogicalId {
        LogicalId::new(text).unwrap()
    }

    fn codes(stack: &Stack) -> Vec<&'static str> {
        stack.check().iter().map(|diagnostic| diagnostic.code.name).collect()
    }

    #[test]
    fn duplicate_logical_id_is_reported_not_panicked() {
        let mut stack = Stack::new("");
        stack.add(id("Q"), Queue::default());
        stack.add(id("Q"), Queue::default());
        assert_eq!(codes(&stack), ["E2002"]);
    }

    #[test]
    fn parameter_and_resource_share_one_name_space() {
        let mut stack = Stack::new("");
        stack.add(id("Q"), Queue::default());
        let _: Value<String> = stack.parameter(id("Q"), Parameter::text("x"));
        assert_eq!(codes(&stack), ["E2002"]);
    }

    #[test]
    fn override_merges_into_the_resource_and_null_removes() {
        let mut stack = Stack::new("");
        let attributes = ResourceAttributes::keeping(RetentionPolicy::Retain);
        stack.add_with(id("Q"), Queue::default(), attributes);
        stack.override_resource(id("Q"), json!({"Properties": {"DelaySeconds": 5}, "DeletionPolicy": null}));
        let expected = json!({"Type": "AWS::SQS::Queue", "UpdateReplacePolicy": "Retain", "Properties": {"DelaySeconds": 5}});
        assert_eq!(stack.template().resource("Q").unwrap().json, &expected);
        assert!(stack.check().is_empty());
    }

    #[test]
    fn override_of_unknown_resource_is_an_error() {
        let mut stack = Stack::new("");
        stack.override_resource(id("Q"), json!({}));
        assert_eq!(codes(&stack), ["E2007"]);
    }

    #[test]
    fn raw_resource_keeps_its_json() {
        let mut stack = Stack::new("");
        let properties = json!({"Description": "x", "MasterUserPassword": null});
        let raw = RawResource {
            resource_type: "AWS::X::Y".to_owned(),
            properties: properties.clone(),
            attributes: ResourceAttributes::default(),
        };
        stack.add_raw(id("R"), raw);
        let template = stack.template();
        assert_eq!(template.resource("R").unwrap().attribute("Properties"), Some(&properties));
    }
}
