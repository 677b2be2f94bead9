//! The stack: owns parameters, conditions, resources and outputs, and is the only thing that can be rendered.
//!
//! Adding never fails. What is wrong is collected, so that [`Stack::check`] can tell everything at once.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use crate::diagnostic::{DUPLICATE_LOGICAL_ID, Diagnostic, UNKNOWN_OVERRIDE};
use crate::law;
use crate::logical_id::LogicalId;
use crate::resource::{Resource, properties};
use crate::template::{FORMAT_VERSION, Template};
use crate::value::{ConditionExpression, Value, to_json};

/// Type of a parameter's value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParameterType {
    /// `String`.
    String,
    /// `Number`.
    Number,
    /// `CommaDelimitedList`: `Ref` gives a list.
    CommaDelimitedList,
    /// `AWS::SSM::Parameter::Value<String>`: the value names a parameter of Systems Manager.
    SsmString,
    /// Any other type, as `AWS::EC2::Subnet::Id`.
    Other(String),
}

impl Serialize for ParameterType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::String => "String",
            Self::Number => "Number",
            Self::CommaDelimitedList => "CommaDelimitedList",
            Self::SsmString => "AWS::SSM::Parameter::Value<String>",
            Self::Other(name) => name,
        })
    }
}

/// A value that is given when the stack is created or updated.
///
/// Source: CloudFormation template anatomy, Parameters (read 2026-11-23).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Parameter {
    /// Type of the value.
    pub r#type: ParameterType,
    /// What it is for; at most 4,000 characters.
    pub description: Option<String>,
    /// Used when none is given; without it the parameter must be given on creation.
    pub default: Option<String>,
    /// The only values taken.
    pub allowed_values: Option<Vec<String>>,
    /// Regular expression the whole value must match.
    pub allowed_pattern: Option<String>,
    /// Said to the user when a constraint does not hold.
    pub constraint_description: Option<String>,
    /// Shortest text, in characters.
    pub min_length: Option<u32>,
    /// Longest text, in characters.
    pub max_length: Option<u32>,
    /// Smallest number.
    pub min_value: Option<i64>,
    /// Largest number.
    pub max_value: Option<i64>,
    /// Whether AWS hides the value in its answers. It does not hide it inside resources.
    pub no_echo: Option<bool>,
}

impl Parameter {
    /// A parameter of a type, with nothing else set.
    #[must_use]
    pub fn new(r#type: ParameterType) -> Self {
        Self {
            r#type,
            description: None,
            default: None,
            allowed_values: None,
            allowed_pattern: None,
            constraint_description: None,
            min_length: None,
            max_length: None,
            min_value: None,
            max_value: None,
            no_echo: None,
        }
    }

    /// A text that must be given, with what it is for.
    #[must_use]
    pub fn text(description: impl Into<String>) -> Self {
        Self { description: Some(description.into()), ..Self::new(ParameterType::String) }
    }
}

/// A value that the stack shows to people and to other stacks.
///
/// Source: CloudFormation template anatomy, Outputs (read 2026-11-23).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// What is shown.
    pub value: Value<String>,
    /// What it is; at most 1,024 bytes.
    pub description: Option<String>,
    /// Name for `Fn::ImportValue`, unique in account and Region. An imported export cannot be changed or removed.
    pub export_name: Option<Value<String>>,
    /// Shown only when this condition holds.
    pub condition: Option<LogicalId>,
}

impl Output {
    /// An output with nothing but its value.
    #[must_use]
    pub fn new(value: impl Into<Value<String>>) -> Self {
        Self { value: value.into(), description: None, export_name: None, condition: None }
    }

    /// Says what it is.
    #[must_use]
    pub fn described(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    fn to_json(&self) -> Json {
        let mut json = json!({ "Value": self.value });
        let export = self.export_name.as_ref().map(|name| json!({ "Name": name }));
        let optional = [
            ("Description", self.description.as_ref().map(|text| json!(text))),
            ("Export", export),
            ("Condition", self.condition.as_ref().map(|id| json!(id))),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                json[name] = value;
            }
        }
        json
    }
}

/// What CloudFormation does with the thing behind a resource that leaves the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum RetentionPolicy {
    /// Deletes it, with what it holds.
    Delete,
    /// Leaves it in the account, outside the stack.
    Retain,
    /// As `Retain`, but deletes it when its own creation fails or is rolled back. On replacement: `Retain`.
    RetainExceptOnCreate,
}

impl RetentionPolicy {
    /// The value for `UpdateReplacePolicy`, which does not know `RetainExceptOnCreate`.
    #[must_use]
    pub fn on_replace(self) -> Self {
        match self {
            Self::Delete => Self::Delete,
            Self::Retain | Self::RetainExceptOnCreate => Self::Retain,
        }
    }
}

/// Attributes that any resource may carry beside its properties.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResourceAttributes {
    /// Resources to be settled first, beyond those that properties refer to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<LogicalId>,
    /// Created only when this condition holds.
    pub condition: Option<LogicalId>,
    /// What happens on removal; AWS's default: `Delete` (and `Snapshot` for a few types that are not modelled).
    pub deletion_policy: Option<RetentionPolicy>,
    /// What happens to the old one on replacement; AWS's default: `Delete`. Takes no `RetainExceptOnCreate`.
    pub update_replace_policy: Option<RetentionPolicy>,
    /// Free JSON, shown by `DescribeStackResource`.
    pub metadata: Option<Json>,
}

impl ResourceAttributes {
    /// Sets both policies of a resource that holds what users put into it.
    #[must_use]
    pub fn keeping(policy: RetentionPolicy) -> Self {
        Self {
            deletion_policy: Some(policy),
            update_replace_policy: Some(policy.on_replace()),
            ..Self::default()
        }
    }

    /// Adds resources to be settled first.
    #[must_use]
    pub fn after(mut self, ids: impl IntoIterator<Item = LogicalId>) -> Self {
        self.depends_on.extend(ids);
        self
    }
}

/// A resource given as JSON: for types and properties that the model does not know.
#[derive(Debug, Clone, PartialEq)]
pub struct RawResource {
    /// The type's name, as `AWS::EC2::VPC`.
    pub resource_type: String,
    /// Its properties as they shall stand in the template.
    pub properties: Json,
    /// Its attributes.
    pub attributes: ResourceAttributes,
}

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

    /// Adds a finding of a layer above to those of [`Stack::check`].
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.collected.push(diagnostic);
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
                merge(resource, patch);
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

/// JSON merge patch (RFC 7396): null removes, objects merge, all else replaces.
pub(crate) fn merge(target: &mut Json, patch: &Json) {
    let Json::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    for (name, value) in patch {
        if value.is_null() {
            target.as_object_mut().map(|object| object.remove(name));
        } else {
            merge(&mut target[name.as_str()], value);
        }
    }
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
    fn retention_on_replace_never_is_retain_except_on_create() {
        let attributes = ResourceAttributes::keeping(RetentionPolicy::RetainExceptOnCreate);
        assert_eq!(attributes.update_replace_policy, Some(RetentionPolicy::Retain));
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

    #[test]
    fn output_renders_export_and_condition() {
        let output = Output {
            export_name: Some("shared-url".into()),
            condition: Some(id("IsProd")),
            ..Output::new("x").described("d")
        };
        let expected = json!({"Value": "x", "Description": "d", "Export": {"Name": "shared-url"}, "Condition": "IsProd"});
        assert_eq!(output.to_json(), expected);
    }
}
