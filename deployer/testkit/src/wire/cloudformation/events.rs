//! Events: of a stack, newest first, and by operation.

use pipectl_engine::deployed::StackEvent;

use super::page::cut;
use super::required;
use crate::refusal::Refusal;
use crate::wire::form::Form;
use crate::wire::front::Front;
use crate::wire::time::iso;
use crate::wire::xml::Xml;

pub(super) fn of_stack(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    let stacks = front.stacks();
    let name = required(form, "StackName")?;
    let missing = || Refusal::invalid(format!("Stack [{name}] does not exist"));
    let stack = stacks.describe(name).ok_or_else(missing)?;
    let mut events = stacks.all_events(name)?;
    events.reverse();
    let page = cut(events, form.get("NextToken"), front.page_size(100), true)?;
    page.write_token(xml);
    xml.members("StackEvents", page.items, |xml, event: StackEvent| {
        xml.text("StackId", &stack.id).text("StackName", &stack.name).text("EventId", event.id);
        xml.text("LogicalResourceId", event.logical_id).some("PhysicalResourceId", event.physical_id);
        xml.text("ResourceType", event.resource_type).text("Timestamp", iso(event.at_ms));
        xml.text("ResourceStatus", event.status.as_str()).some("ResourceStatusReason", event.reason);
        xml.some("ClientRequestToken", event.client_request_token);
    });
    Ok(())
}

pub(super) fn describe(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    let stacks = front.stacks();
    let id = form.get("ChangeSetName").unwrap_or_default();
    let findings = stacks.validation_findings(id)?;
    let page = cut(findings, form.get("NextToken"), front.page_size(100), false)?;
    page.write_token(xml);
    xml.members("OperationEvents", page.items, |xml, finding| {
        xml.text("EventType", "VALIDATION_ERROR").text("OperationType", "CREATE_CHANGESET");
        xml.text("LogicalResourceId", finding.logical_id).text("ResourceType", finding.resource_type);
        xml.some("ValidationPath", finding.path).some("ValidationName", finding.validation);
        xml.text("ValidationStatus", "FAILED").text("ValidationStatusReason", finding.reason);
        xml.text("ValidationFailureMode", if finding.is_failure { "FAIL" } else { "WARN" });
    });
    Ok(())
}
