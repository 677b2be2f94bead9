//! Change sets.

use pipectl_engine::change_set::TemplateSource;
use pipectl_engine::change_set::{
    ChangeAction, ChangeSetKind, ChangeSetRequest, Replacement, ResourceChange,
};
use pipectl_engine::deployed::DeploymentMode;

use super::page::cut;
use super::required;
use crate::refusal::Refusal;
use crate::wire::form::Form;
use crate::wire::front::Front;
use crate::wire::xml::Xml;

pub(super) fn create(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    let kind = match form.get("ChangeSetType") {
        Some("CREATE") => ChangeSetKind::Create,
        _ => ChangeSetKind::Update,
    };
    let is_express = form.structure("DeploymentConfig").get("Mode") == Some("EXPRESS");
    let request = ChangeSetRequest {
        stack: required(form, "StackName")?.to_owned(),
        name: required(form, "ChangeSetName")?.to_owned(),
        kind,
        template: template(form, front)?,
        parameters: form.map("Parameters", "ParameterKey", "ParameterValue"),
        tags: form.map("Tags", "Key", "Value"),
        mode: if is_express { DeploymentMode::Express } else { DeploymentMode::Standard },
        import_existing: form.flag("ImportExistingResources").unwrap_or(false),
    };
    let mut stacks = front.stacks();
    xml.text("Id", stacks.create_change_set(&request)?);
    xml.some("StackId", stacks.describe(&request.stack).map(|stack| stack.id));
    Ok(())
}

fn template(form: &Form, front: &Front) -> Result<TemplateSource, Refusal> {
    if let Some(body) = form.get("TemplateBody") {
        return Ok(TemplateSource::Body(body.to_owned()));
    }
    let url = form.get("TemplateURL").ok_or_else(|| Refusal::invalid("no template"))?;
    let place = place(url, &front.endpoint_url);
    let wrong = || Refusal::invalid("S3 error: Domain name specified in the URL is not a valid S3 domain");
    let (bucket, key) = place.ok_or_else(wrong)?;
    Ok(TemplateSource::Object { bucket: bucket.to_owned(), key: key.to_owned() })
}

/// Bucket and key of an object's address: below the endpoint, or with the bucket in the host name.
fn place<'a>(url: &'a str, endpoint_url: &str) -> Option<(&'a str, &'a str)> {
    if let Some(path) = url.strip_prefix(endpoint_url) {
        return path.trim_start_matches('/').split_once('/');
    }
    let (host, key) = url.strip_prefix("https://")?.split_once('/')?;
    Some((host.split_once(".s3")?.0, key))
}

pub(super) fn describe(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    let change_set = required(form, "ChangeSetName")?;
    let stack = form.get("StackName").or_else(|| stack_of(change_set)).unwrap_or_default();
    let found = front.stacks().describe_change_set(stack, change_set)?;
    let with_values = form.flag("IncludePropertyValues").unwrap_or(false);
    let dropped = front.settings.lock().dropped_with_values.clone();
    let changes = found.changes.into_iter().filter(|it| !with_values || !dropped.contains(&it.logical_id));
    let page = cut(changes.collect(), form.get("NextToken"), front.page_size(100), false)?;
    page.write_token(xml);
    xml.text("ChangeSetId", &found.id).text("StackId", &found.stack_id).text("Status", found.status.as_str());
    xml.some("StatusReason", found.status_reason);
    xml.text("ExecutionStatus", if found.is_executable { "AVAILABLE" } else { "UNAVAILABLE" });
    xml.members("Changes", page.items, |xml, change| {
        xml.text("Type", "Resource").element("ResourceChange", |xml| write(xml, &change, with_values));
    });
    Ok(())
}

/// The stack's name in a change set's ARN is not there; the change set is found by its ID alone.
fn stack_of(change_set: &str) -> Option<&str> {
    change_set.starts_with("arn:").then_some(change_set)
}

fn write(xml: &mut Xml, change: &ResourceChange, with_values: bool) {
    let action = match change.action {
        ChangeAction::Add => "Add",
        ChangeAction::Modify => "Modify",
        ChangeAction::Remove => "Remove",
        ChangeAction::Import => "Import",
        ChangeAction::Dynamic => "Dynamic",
    };
    xml.text("Action", action).text("LogicalResourceId", &change.logical_id);
    xml.some("PhysicalResourceId", change.physical_id.as_ref()).text("ResourceType", &change.resource_type);
    if change.action == ChangeAction::Modify {
        let replacement = match change.replacement {
            Replacement::Always => "True",
            Replacement::Conditional => "Conditional",
            Replacement::Never => "False",
        };
        xml.text("Replacement", replacement);
    }
    xml.members("Details", &change.properties, |xml, path| {
        xml.element("Target", |xml| {
            xml.text("Attribute", "Properties");
            let name = path.trim_start_matches("/Properties/").split('/').next().unwrap_or_default();
            xml.text("Name", name);
            if with_values {
                xml.text("Path", path);
            }
        });
    });
}

pub(super) fn execute(form: &Form, front: &Front, _: &mut Xml) -> Result<(), Refusal> {
    let change_set = required(form, "ChangeSetName")?;
    let stack = form.get("StackName").unwrap_or_default();
    let token = form.get("ClientRequestToken").unwrap_or_default();
    front.stacks().execute_change_set(stack, change_set, token)
}

pub(super) fn delete(form: &Form, front: &Front, _: &mut Xml) -> Result<(), Refusal> {
    let change_set = required(form, "ChangeSetName")?;
    front.stacks().delete_change_set(form.get("StackName").unwrap_or_default(), change_set);
    Ok(())
}

pub(super) fn list(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    let summaries = front.stacks().change_sets(required(form, "StackName")?);
    let page = cut(summaries, form.get("NextToken"), front.page_size(100), false)?;
    page.write_token(xml);
    xml.members("Summaries", page.items, |xml, it| {
        xml.text("ChangeSetName", it.name).text("Status", it.status.as_str());
        xml.text("ExecutionStatus", if it.is_executable { "AVAILABLE" } else { "UNAVAILABLE" });
    });
    Ok(())
}
