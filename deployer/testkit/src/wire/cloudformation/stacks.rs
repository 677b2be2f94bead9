//! Stacks, their templates, resources and policies.

use std::collections::BTreeMap;

use super::page::cut;
use super::request::required;
use crate::refusal::Refusal;
use crate::stacks::{Resource, Stack};
use crate::wire::form::Form;
use crate::wire::front::Front;
use crate::wire::time::iso;
use crate::wire::xml::Xml;

/// One stack, or all that are not deleted.
pub(super) fn describe(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    let stacks = front.stacks();
    if let Some(name) = form.get("StackName") {
        let stack = stacks.find(name)?;
        xml.members("Stacks", [stack], |xml, stack| write(xml, stack, stacks.now_ms()));
        return Ok(());
    }
    let page = cut(stacks.living(), form.get("NextToken"), front.page_size(100), false)?;
    page.write_token(xml);
    xml.members("Stacks", page.items, |xml, stack| write(xml, stack, stacks.now_ms()));
    Ok(())
}

fn write(xml: &mut Xml, stack: &Stack, now_ms: i64) {
    xml.text("StackName", &stack.name).text("StackId", &stack.id);
    xml.text("StackStatus", stack.status.as_str()).some("StackStatusReason", stack.status_reason.as_ref());
    xml.some("ChangeSetId", stack.executed.as_ref()).text("CreationTime", iso(stack.created_ms));
    xml.some("LastUpdatedTime", stack.updated_ms.map(iso)).some("DeletionTime", stack.deleted_ms.map(iso));
    pairs(xml, "Parameters", ["ParameterKey", "ParameterValue"], &stack.shown_parameters());
    pairs(xml, "Outputs", ["OutputKey", "OutputValue"], &stack.outputs);
    pairs(xml, "Tags", ["Key", "Value"], &stack.target.tags);
    xml.texts("Capabilities", &stack.capabilities);
    xml.flag("EnableTerminationProtection", stack.is_protected);
    xml.flag("DisableRollback", stack.deployment.rollback_is_disabled());
    xml.element("DeploymentConfig", |xml| {
        xml.text("Mode", if stack.deployment.is_express { "EXPRESS" } else { "STANDARD" });
        xml.flag("DisableRollback", stack.deployment.rollback_is_disabled());
    });
    let detection = stack.newest_detection(now_ms);
    xml.element("DriftInformation", |xml| {
        xml.text("StackDriftStatus", detection.map_or("NOT_CHECKED", |it| it.status()));
        xml.some("LastCheckTimestamp", detection.map(|it| iso(it.began_ms)));
    });
    xml.members("LastOperations", stack.last_operations(), |xml, operation| {
        xml.text("OperationType", operation.operation_type.as_str()).text("OperationId", &operation.id);
    });
}

fn pairs(xml: &mut Xml, list: &str, [key, value]: [&str; 2], entries: &BTreeMap<String, String>) {
    xml.members(list, entries, |xml, (name, text)| {
        xml.text(key, name).text(value, text);
    });
}

pub(super) fn template(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    let stacks = front.stacks();
    let template = match form.get("ChangeSetName") {
        Some(change_set) => {
            let (_, found) = stacks.change_set(form.get("StackName").unwrap_or_default(), change_set)?;
            found.target.template.clone()
        }
        None => stacks.template(required(form, "StackName")?)?,
    };
    let text = template.as_str().map_or_else(|| template.to_string(), str::to_owned);
    xml.text("TemplateBody", text).texts("StagesAvailable", ["Original", "Processed"]);
    Ok(())
}

pub(super) fn listed_resources(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    let stacks = front.stacks();
    let resources = stacks.find(required(form, "StackName")?)?.resources.values().collect();
    let page = cut(resources, form.get("NextToken"), front.page_size(100), false)?;
    page.write_token(xml);
    xml.members("StackResourceSummaries", page.items, |xml, it| {
        write_resource(xml, it);
        xml.text("LastUpdatedTimestamp", iso(it.changed_ms));
    });
    Ok(())
}

/// At most 100 resources, or one.
pub(super) fn described_resources(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    let stacks = front.stacks();
    let stack = stacks.find(required(form, "StackName")?)?;
    let only = form.get("LogicalResourceId");
    let resources = stack.resources.values().filter(|it| only.is_none_or(|only| it.logical_id == only));
    xml.members("StackResources", resources.take(100), |xml, it| {
        xml.text("StackName", &stack.name).text("StackId", &stack.id).text("Timestamp", iso(it.changed_ms));
        write_resource(xml, it);
    });
    Ok(())
}

fn write_resource(xml: &mut Xml, resource: &Resource) {
    xml.text("LogicalResourceId", &resource.logical_id);
    xml.some("PhysicalResourceId", resource.exists().then_some(&resource.physical_id));
    xml.text("ResourceType", &resource.resource_type).text("ResourceStatus", resource.status.as_str());
    xml.some("ResourceStatusReason", resource.reason.as_ref());
}

pub(super) fn protect(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    let name = required(form, "StackName")?;
    let mut stacks = front.stacks();
    stacks.protect(name, form.flag("EnableTerminationProtection").unwrap_or(false))?;
    xml.text("StackId", &stacks.find(name)?.id);
    Ok(())
}

pub(super) fn set_policy(form: &Form, front: &Front, _: &mut Xml) -> Result<(), Refusal> {
    front.stacks().set_policy(required(form, "StackName")?, required(form, "StackPolicyBody")?)
}

pub(super) fn policy(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    let stacks = front.stacks();
    let policy = stacks.find(required(form, "StackName")?)?.policy.as_ref();
    xml.some("StackPolicyBody", policy.map(ToString::to_string));
    Ok(())
}
