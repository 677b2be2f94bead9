//! A CloudFormation template: sections in AWS's order, equal bytes for equal content.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};
use serde_json::{Map, Value as Json};

/// Largest template that an API call takes in its body, in bytes.
///
/// Source: CloudFormation quotas.
pub const MAX_INLINE_BYTES: usize = 51_200;

/// Largest template that CloudFormation takes from a bucket, in bytes.
///
/// Source: CloudFormation quotas.
pub const MAX_BYTES: usize = 1_048_576;

/// The only version of the format.
pub const FORMAT_VERSION: &str = "2010-09-09";

/// Sections in the order of AWS's own template anatomy.
const SECTIONS: [&str; 10] = [
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Transform",
    "Resources",
    "Outputs",
];

/// Attributes of a resource in reading order; any other follows in alphabetical order.
const RESOURCE_ATTRIBUTES: [&str; 9] = [
    "Type",
    "Condition",
    "DependsOn",
    "CreationPolicy",
    "UpdatePolicy",
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "Metadata",
    "Properties",
];

/// A rendered template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    sections: BTreeMap<String, Json>,
}

impl Template {
    /// Takes a template as parsed from JSON, of this crate or another author's.
    ///
    /// # Errors
    /// [`TemplateError`] when it is no object, has no `Resources` object, or a resource is no object with a `Type`.
    pub fn from_json(json: Json) -> Result<Self, TemplateError> {
        let Json::Object(sections) = json else { return Err(TemplateError::NotAnObject) };
        let Some(Json::Object(resources)) = sections.get("Resources") else {
            return Err(TemplateError::NoResources);
        };
        // `Fn::ForEach::<name>` and `Fn::Transform` stand among resources and are none.
        let untyped = resources
            .iter()
            .find(|(logical_id, resource)| !logical_id.starts_with("Fn::") && !resource["Type"].is_string());
        if let Some((logical_id, _)) = untyped {
            return Err(TemplateError::UntypedResource { logical_id: logical_id.clone() });
        }
        Ok(Self { sections: sections.into_iter().collect() })
    }

    /// Takes sections that this crate has made; an empty one is left out.
    pub(crate) fn from_sections(sections: impl IntoIterator<Item = (&'static str, Json)>) -> Self {
        let is_empty = |json: &Json| json.is_null() || json.as_object().is_some_and(Map::is_empty);
        let sections = sections
            .into_iter()
            .filter(|(name, json)| *name == "Resources" || !is_empty(json))
            .map(|(name, json)| (name.to_owned(), json))
            .collect();
        Self { sections }
    }

    /// The template with one more resource.
    pub(crate) fn with_resource(&self, logical_id: &str, resource: Json) -> Self {
        let mut template = self.clone();
        template.sections.entry("Resources".to_owned()).or_default()[logical_id] = resource;
        template
    }

    /// The template with each section changed.
    pub(crate) fn map_sections(&self, change: impl Fn(&Json) -> Json) -> Self {
        let sections = self.sections.iter();
        Self { sections: sections.map(|(name, json)| (name.clone(), change(json))).collect() }
    }

    /// The whole template as JSON.
    #[must_use]
    pub fn to_json(&self) -> Json {
        Json::Object(self.sections.clone().into_iter().collect())
    }

    /// Bytes for people and golden files: indented by two, with a final newline.
    #[must_use]
    pub fn to_json_pretty(&self) -> String {
        let mut text = serde_json::to_string_pretty(&Ordered(self)).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Bytes for the API: no space, no newline.
    #[must_use]
    pub fn to_json_compact(&self) -> String {
        serde_json::to_string(&Ordered(self)).unwrap_or_default()
    }

    /// A section, as `Outputs`; `None` when the template has none of that name.
    #[must_use]
    pub fn section(&self, name: &str) -> Option<&Json> {
        self.sections.get(name)
    }

    /// Names and content of an object section in order of name; empty when the section is absent.
    pub fn entries(&self, section: &str) -> impl Iterator<Item = (&str, &Json)> {
        let object = self.sections.get(section).and_then(Json::as_object);
        let mut entries: Vec<_> =
            object.into_iter().flatten().map(|(name, json)| (name.as_str(), json)).collect();
        entries.sort_unstable_by_key(|(name, _)| *name);
        entries.into_iter()
    }

    /// The resources in order of logical ID.
    pub fn resources(&self) -> impl Iterator<Item = TemplateResource<'_>> {
        self.entries("Resources").map(|(logical_id, json)| TemplateResource { logical_id, json })
    }

    /// The resource of that logical ID.
    #[must_use]
    pub fn resource(&self, logical_id: &str) -> Option<TemplateResource<'_>> {
        let (logical_id, json) = self.section("Resources")?.as_object()?.get_key_value(logical_id)?;
        Some(TemplateResource { logical_id, json })
    }

    /// The description; empty when there is none.
    #[must_use]
    pub fn description(&self) -> &str {
        self.section("Description").and_then(Json::as_str).unwrap_or_default()
    }
}

/// A resource as it stands in a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TemplateResource<'a> {
    /// Its name in the template.
    pub logical_id: &'a str,
    /// The whole object: `Type`, `Properties` and attributes.
    pub json: &'a Json,
}

impl<'a> TemplateResource<'a> {
    /// Its type, as `AWS::SQS::Queue`.
    #[must_use]
    pub fn resource_type(&self) -> &'a str {
        self.attribute("Type").and_then(Json::as_str).unwrap_or_default()
    }

    /// Its properties in order of name; empty when there are none.
    pub fn properties(&self) -> impl Iterator<Item = (&'a str, &'a Json)> + use<'a> {
        let object = self.attribute("Properties").and_then(Json::as_object);
        let mut properties: Vec<_> =
            object.into_iter().flatten().map(|(name, json)| (name.as_str(), json)).collect();
        properties.sort_unstable_by_key(|(name, _)| *name);
        properties.into_iter()
    }

    /// A property's value.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&'a Json> {
        self.attribute("Properties")?.get(name)
    }

    /// A resource attribute, as `DeletionPolicy`.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&'a Json> {
        self.json.get(name)
    }
}

/// Why a JSON value is no template.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TemplateError {
    /// The value is no JSON object.
    NotAnObject,
    /// `Resources` is absent or no object.
    NoResources,
    /// A resource is no object with a text as `Type`.
    UntypedResource {
        /// The resource.
        logical_id: String,
    },
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnObject => f.write_str("the template is no JSON object"),
            Self::NoResources => f.write_str("the template has no `Resources` object"),
            Self::UntypedResource { logical_id } => write!(f, "resource `{logical_id}` has no `Type`"),
        }
    }
}

impl std::error::Error for TemplateError {}

/// JSON as text inside a property: by name at every depth, so that its bytes do not depend on the map's order.
pub(crate) fn to_sorted_text(json: &Json) -> String {
    serde_json::to_string(&Sorted { json, first: &[] }).unwrap_or_default()
}

/// Writes every object in a fixed order, whatever order its map keeps.
struct Ordered<'a>(&'a Template);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let known = SECTIONS.iter().filter_map(|name| self.0.sections.get_key_value(*name));
        let other = self.0.sections.iter().filter(|(name, _)| !SECTIONS.contains(&name.as_str()));
        for (name, json) in known.chain(other) {
            if name == "Resources" {
                map.serialize_entry(name, &Resources(json))?;
            } else {
                map.serialize_entry(name, &Sorted { json, first: &[] })?;
            }
        }
        map.end()
    }
}

struct Resources<'a>(&'a Json);

impl Serialize for Resources<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut resources: Vec<_> = self.0.as_object().into_iter().flatten().collect();
        resources.sort_unstable_by_key(|(logical_id, _)| *logical_id);
        let resources =
            resources.into_iter().map(|(id, json)| (id, Sorted { json, first: &RESOURCE_ATTRIBUTES }));
        serializer.collect_map(resources)
    }
}

/// An object with the keys of `first` in front and the others by name; below, all by name.
struct Sorted<'a> {
    json: &'a Json,
    first: &'a [&'a str],
}

impl Serialize for Sorted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let below = |json| Sorted { json, first: &[] };
        match self.json {
            Json::Object(object) => {
                let rank = |name: &str| self.first.iter().position(|first| *first == name);
                let mut entries: Vec<_> = object.iter().collect();
                entries.sort_by_key(|(name, _)| (rank(name).unwrap_or(self.first.len()), *name));
                serializer.collect_map(entries.into_iter().map(|(name, json)| (name, below(json))))
            }
            Json::Array(elements) => serializer.collect_seq(elements.iter().map(below)),
            scalar => scalar.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn template() -> Template {
        let json = json!({
            "Outputs": {"U": {"Value": {"Ref": "Q"}}},
            "Resources": {"Q": {"Properties": {"B": 1, "A": {"d": 1, "c": 2}}, "Type": "AWS::SQS::Queue"}},
            "Description": "d",
        });
        Template::from_json(json).unwrap()
    }

    #[test]
    fn sections_and_attributes_come_in_aws_order_and_properties_by_name() {
        let expected = r#"{"Description":"d","Resources":{"Q":{"Type":"AWS::SQS::Queue","Properties":{"A":{"c":2,"d":1},"B":1}}},"Outputs":{"U":{"Value":{"Ref":"Q"}}}}"#;
        assert_eq!(template().to_json_compact(), expected);
    }

    #[test]
    fn rendered_template_reads_back_equal() {
        let json = serde_json::from_str(&template().to_json_pretty()).unwrap();
        assert_eq!(Template::from_json(json).unwrap(), template());
    }

    #[test]
    fn pretty_text_ends_with_a_newline() {
        assert!(template().to_json_pretty().ends_with("}\n"));
    }

    #[test]
    fn resource_gives_type_and_properties() {
        let template = template();
        let queue = template.resource("Q").unwrap();
        assert_eq!(queue.resource_type(), "AWS::SQS::Queue");
        assert_eq!(queue.properties().map(|(name, _)| name).collect::<Vec<_>>(), ["A", "B"]);
        assert_eq!(queue.property("B"), Some(&json!(1)));
    }

    #[test]
    fn resource_without_type_is_refused() {
        let error = Template::from_json(json!({"Resources": {"Q": {}}})).unwrap_err();
        assert_eq!(error, TemplateError::UntypedResource { logical_id: "Q".to_owned() });
    }
}
