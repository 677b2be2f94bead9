//! What the crate knows about each CloudFormation resource type.

use serde::Serialize;
use serde_json::Value as Json;

use crate::value::{Value, to_json};
use crate::{apigatewayv2, cloudwatch, dynamodb, iam, kms, lambda, logs, s3, sns, sqs};

/// A resource type of CloudFormation, as a Rust struct whose fields are its properties.
///
/// A field that is absent serialises as null; [`properties`] leaves it out, because templates take no null.
pub trait Resource: Serialize {
    /// The type's name, as `AWS::SQS::Queue`.
    const TYPE: &'static str;
    /// Every property the struct has, in alphabetical order.
    const PROPERTIES: &'static [Property];
    /// Return values that `Fn::GetAtt` takes.
    const ATTRIBUTES: &'static [&'static str];
    /// Whether deleting the resource loses what users put into it: buckets, tables, queues. Logs count as by-product.
    const STATEFUL: bool = false;
}

/// One property of a resource type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Property {
    /// CloudFormation's name.
    pub name: &'static str,
    /// Whether CloudFormation refuses the resource without it.
    pub required: bool,
    /// What changing it does to the resource.
    pub update: UpdateBehavior,
}

impl Property {
    /// A property that must be there.
    #[must_use]
    pub const fn required(name: &'static str, update: UpdateBehavior) -> Self {
        Self { name, required: true, update }
    }

    /// A property that may be absent.
    #[must_use]
    pub const fn optional(name: &'static str, update: UpdateBehavior) -> Self {
        Self { name, required: false, update }
    }
}

/// What CloudFormation does with a resource when a property changes, in AWS's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UpdateBehavior {
    /// Updated in place, at work all the time.
    NoInterruption,
    /// Updated in place, perhaps out of work for a while.
    SomeInterruption,
    /// A new resource with a new physical ID takes its place.
    Replacement,
    /// One of the others, by what changes.
    Conditional {
        /// AWS's rule in a sentence.
        rule: &'static str,
    },
}

/// One resource type without its Rust type: what a diff needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceType {
    /// The type's name, as `AWS::SQS::Queue`.
    pub name: &'static str,
    /// Its properties.
    pub properties: &'static [Property],
    /// Its return values.
    pub attributes: &'static [&'static str],
    /// Whether deleting it loses what users put into it.
    pub stateful: bool,
}

impl ResourceType {
    /// The entry of a Rust type.
    #[must_use]
    pub const fn of<R: Resource>() -> Self {
        Self { name: R::TYPE, properties: R::PROPERTIES, attributes: R::ATTRIBUTES, stateful: R::STATEFUL }
    }

    /// The type's page in AWS's template reference.
    #[must_use]
    pub fn documentation_url(&self) -> String {
        let page = self.name.trim_start_matches("AWS::").replace("::", "-").to_lowercase();
        format!(
            "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-{page}.html"
        )
    }

    /// The property of that name.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&'static Property> {
        self.properties.iter().find(|property| property.name == name)
    }
}

const SERVICES: [&[ResourceType]; 10] = [
    apigatewayv2::TYPES,
    cloudwatch::TYPES,
    dynamodb::TYPES,
    iam::TYPES,
    kms::TYPES,
    lambda::TYPES,
    logs::TYPES,
    s3::TYPES,
    sns::TYPES,
    sqs::TYPES,
];

/// Every resource type the crate models, by service.
pub fn resource_types() -> impl Iterator<Item = &'static ResourceType> {
    SERVICES.iter().flat_map(|types| types.iter())
}

/// The entry of `AWS::X::Y`, or `None` for a type the crate does not model.
#[must_use]
pub fn find_type(resource_type: &str) -> Option<&'static ResourceType> {
    resource_types().find(|known| known.name == resource_type)
}

/// What changing `property` of `resource_type` does, or `None` when the crate does not model one of them.
#[must_use]
pub fn update_behavior(resource_type: &str, property: &str) -> Option<UpdateBehavior> {
    Some(find_type(resource_type)?.property(property)?.update)
}

/// Whether deleting a resource of that type loses what users put into it; an unknown type counts as not.
#[must_use]
pub fn is_stateful(resource_type: &str) -> bool {
    find_type(resource_type).is_some_and(|known| known.stateful)
}

/// The resource's properties as they stand in a template: absent ones left out, at every depth.
#[must_use]
pub fn properties<R: Resource>(resource: &R) -> Json {
    let mut properties = to_json(resource);
    remove_nulls(&mut properties);
    properties
}

fn remove_nulls(json: &mut Json) {
    match json {
        Json::Object(object) => {
            object.retain(|_, value| !value.is_null());
            object.values_mut().for_each(remove_nulls);
        }
        Json::Array(elements) => elements.iter_mut().for_each(remove_nulls),
        _ => {}
    }
}

/// A key and value put on a resource for search and billing.
///
/// Key `1..=128` characters, value `0..=256`; `aws:` is reserved.
/// Source: CloudFormation resource tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    /// The tag's name, unique on the resource.
    pub key: String,
    /// The tag's value.
    pub value: Value<String>,
}

/// Fails when `PROPERTIES` and the struct's fields differ, or are not in alphabetical order.
#[cfg(test)]
pub(crate) fn assert_properties_match<R: Resource>(example: &R) {
    let json = to_json(example);
    let mut fields: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    let listed: Vec<&str> = R::PROPERTIES.iter().map(|property| property.name).collect();
    assert_eq!(listed, fields, "{}", R::TYPE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queue_name_change_is_a_replacement() {
        assert_eq!(update_behavior("AWS::SQS::Queue", "QueueName"), Some(UpdateBehavior::Replacement));
    }

    #[test]
    fn unknown_property_has_no_update_behavior() {
        assert_eq!(update_behavior("AWS::SQS::Queue", "Colour"), None);
        assert_eq!(update_behavior("AWS::EC2::Instance", "ImageId"), None);
    }

    #[test]
    fn queue_is_stateful_and_role_is_not() {
        assert!(is_stateful("AWS::SQS::Queue"));
        assert!(!is_stateful("AWS::IAM::Role"));
    }

    #[test]
    fn type_names_are_unique() {
        let mut names: Vec<_> = resource_types().map(|known| known.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn documentation_page_follows_from_the_type() {
        let url = find_type("AWS::SQS::Queue").unwrap().documentation_url();
        assert!(url.ends_with("/aws-resource-sqs-queue.html"));
    }
}
