//! Stacks, their templates and resources.

use std::collections::BTreeMap;

use pipectl_engine::deployed::{DeployedStack, DeploymentMode, StackResource};
use pipectl_engine::port::Deletion;

use super::page::cut;
use super::required;
use crate::refusal::Refusal;
use crate::wire::form::Form;
use crate::wire::front::Front;
use crate::wire::time::iso;
use crate::wire::xml::Xml;

pub(super) fn describe(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    let name = required(form, "StackName")?;
    let missing = || Refusal::invalid(format!("Stack with id {name} does not exist"));
    let stack = front.stacks().describe(name).ok_or_else(missing)?;
    xml.members("Stacks", [stack], |xml, stack| write(xml, &stack));
    Ok(())
}

fn write(xml: &mut Xml, stack: &DeployedStack) {
    xml.text("StackName", &stack.name).text("StackId", &stack.id);
    xml.text("StackStatus", stack.status.as_str()).some("StackStatusReason", stack.status_reason.as_ref());
    xml.some("ChangeSetId", stack.change_set_id.as_ref());
    xml.some("LastUpdatedTime", stack.changed_at_ms.map(iso));
    pairs(xml, "Parameters", ["ParameterKey", "ParameterValue"], &stack.parameters);
    pairs(xml, "Outputs", ["OutputKey", "OutputValue"], &stack.outputs);
    pairs(xml, "Tags", ["Key", "Value"], &stack.tags);
    xml.flag("EnableTerminationProtection", stack.termination_protection);
    xml.flag("DisableRollback", stack.rollback_disabled);
    xml.element("DeploymentConfig", |xml| {
        let is_express = stack.mode == DeploymentMode::Express;
        xml.text("Mode", if is_express { "EXPRESS" } else { "STANDARD" });
        xml.flag("DisableRollback", stack.rollback_disabled);
    });
    xml.members("LastOperations", &stack.last_operations, |xml, operation| {
        xml.text("OperationType", &operation.operation_type).text("OperationId", &operation.id);
    });
}

fn pairs(xml: &mut Xml, list: &str, [key, value]: [&str; 2], entries: &BTreeMap<String, String>) {
    xml.members(list, entries, |xml, (name, text)| {
        xml.text(key, name).text(value, text);
    });
}

pub(super) fn template(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    let template = front.stacks().template(required(form, "StackName")?)?;
    let text = template.as_str().map_or_else(|| template.to_string(), str::to_owned);
    xml.text("TemplateBody", text).texts("StagesAvailable", ["Original", "Processed"]);
    Ok(())
}

pub(super) fn resources(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    let resources = front.stacks().resources(required(form, "StackName")?)?;
    let page = cut(resources, form.get("NextToken"), front.page_size(100), false)?;
    page.write_token(xml);
    xml.members("StackResourceSummaries", page.items, |xml, it: StackResource| {
        xml.text("LogicalResourceId", it.logical_id).some("PhysicalResourceId", it.physical_id);
        xml.text("ResourceType", it.resource_type).text("ResourceStatus", it.status.as_str());
    });
    Ok(())
}

pub(super) fn delete(form: &Form, front: &Front, _: &mut Xml) -> Result<(), Refusal> {
    let retained = form.list("RetainResources");
    let token = form.get("ClientRequestToken").unwrap_or_default();
    let deletion = Deletion { stack: required(form, "StackName")?, token, retained: &retained };
    front.stacks().delete(&deletion)
}

pub(super) fn protect(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    let name = required(form, "StackName")?;
    let is_protected = form.flag("EnableTerminationProtection").unwrap_or(false);
    let mut stacks = front.stacks();
    stacks.protect(name, is_protected);
    xml.some("StackId", stacks.describe(name).map(|stack| stack.id));
    Ok(())
}
