//! Resources and outputs of a template, found by what they are like.

use serde_json::Value as Json;

use super::mismatch::Mismatch;
use super::pattern::{Difference, Pattern};
use crate::template::{Template, TemplateResource};

/// Finds a resource of the type whose properties are like the pattern, the first in order of logical ID.
///
/// The resource is returned, so that a test can read on from it: what other libraries capture.
///
/// # Errors
/// [`Mismatch::NoResourceLike`] with the nearest resource and where it differs.
pub fn has_resource<'t>(
    template: &'t Template,
    resource_type: &str,
    properties: impl Into<Pattern>,
) -> Result<TemplateResource<'t>, Mismatch> {
    let pattern = properties.into();
    let mut of_type: Vec<_> = of_type(template, resource_type)
        .map(|resource| (differences(resource, &pattern), resource))
        .collect();
    // Stable: of equally near ones the first in order of logical ID.
    of_type.sort_by_key(|(differences, _)| differences.len());
    let mut nearest_first = of_type.into_iter();
    match nearest_first.next() {
        Some((differences, resource)) if differences.is_empty() => Ok(resource),
        Some((differences, resource)) => Err(Mismatch::NoResourceLike {
            resource_type: resource_type.to_owned(),
            nearest: Some((resource.logical_id.to_owned(), differences)),
            others: nearest_first.map(|(_, resource)| resource.logical_id.to_owned()).collect(),
        }),
        None => Err(Mismatch::NoResourceLike {
            resource_type: resource_type.to_owned(),
            nearest: None,
            others: template
                .resources()
                .map(|resource| format!("{} ({})", resource.logical_id, resource.resource_type()))
                .collect(),
        }),
    }
}

/// Every resource of the type whose properties are like the pattern, in order of logical ID.
pub fn resources_like<'t>(
    template: &'t Template,
    resource_type: &str,
    properties: impl Into<Pattern>,
) -> Vec<TemplateResource<'t>> {
    let pattern = properties.into();
    of_type(template, resource_type).filter(|resource| differences(*resource, &pattern).is_empty()).collect()
}

/// Holds the resource of that logical ID against a pattern of the whole: `Type`, `Properties`, `DeletionPolicy`, ...
///
/// # Errors
/// [`Mismatch::NoResource`] or [`Mismatch::ResourceDiffers`].
pub fn resource_is<'t>(
    template: &'t Template,
    logical_id: &str,
    pattern: impl Into<Pattern>,
) -> Result<TemplateResource<'t>, Mismatch> {
    let Some(resource) = template.resource(logical_id) else {
        let present = template.resources().map(|resource| resource.logical_id.to_owned()).collect();
        return Err(Mismatch::NoResource { logical_id: logical_id.to_owned(), present });
    };
    let differences = pattern.into().differences(resource.json);
    if differences.is_empty() {
        return Ok(resource);
    }
    Err(Mismatch::ResourceDiffers { logical_id: logical_id.to_owned(), differences })
}

/// Counts the resources of a type.
///
/// # Errors
/// [`Mismatch::ResourceCount`] when there are more or fewer.
pub fn resource_count(template: &Template, resource_type: &str, expected: usize) -> Result<(), Mismatch> {
    let found: Vec<_> =
        of_type(template, resource_type).map(|resource| resource.logical_id.to_owned()).collect();
    if found.len() == expected {
        return Ok(());
    }
    Err(Mismatch::ResourceCount { resource_type: resource_type.to_owned(), expected, found })
}

/// Holds the value of an output against a pattern.
///
/// # Errors
/// [`Mismatch::NoOutput`] or [`Mismatch::OutputDiffers`].
pub fn has_output(template: &Template, name: &str, value: impl Into<Pattern>) -> Result<(), Mismatch> {
    let Some((_, output)) = template.entries("Outputs").find(|(own, _)| *own == name) else {
        let present = template.entries("Outputs").map(|(name, _)| name.to_owned()).collect();
        return Err(Mismatch::NoOutput { name: name.to_owned(), present });
    };
    let differences = value.into().differences(&output["Value"]);
    if differences.is_empty() {
        return Ok(());
    }
    Err(Mismatch::OutputDiffers { name: name.to_owned(), differences })
}

fn of_type<'t>(template: &'t Template, resource_type: &str) -> impl Iterator<Item = TemplateResource<'t>> {
    template.resources().filter(move |resource| resource.resource_type() == resource_type)
}

/// A resource without properties is one with none set.
fn differences(resource: TemplateResource<'_>, pattern: &Pattern) -> Vec<Difference> {
    let none = Json::Object(serde_json::Map::new());
    pattern.differences(resource.attribute("Properties").unwrap_or(&none))
}
