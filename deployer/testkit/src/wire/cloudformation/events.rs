//! Events: of a stack, newest first, and by operation.

use super::page::cut;
use super::request::required;
use crate::refusal::Refusal;
use crate::stacks::{Event, OperationRecord, Stack, StoredChangeSet};
use crate::wire::form::Form;
use crate::wire::front::Front;
use crate::wire::time::iso;
use crate::wire::xml::Xml;
use pipectl_engine::deployed::STACK_TYPE;

pub(super) fn of_stack(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    let stacks = front.stacks();
    let name = required(form, "StackName")?;
    let missing = |refusal| Refusal { message: format!("Stack [{name}] does not exist"), ..refusal };
    let stack = stacks.find(name).map_err(missing)?;
    let newest_first = stack.events.iter().rev().collect();
    let page = cut(newest_first, form.get("NextToken"), front.page_size(100), true)?;
    page.write_token(xml);
    xml.members("StackEvents", page.items, |xml, event| {
        xml.text("StackName", &stack.name);
        write(xml, stack, event);
    });
    Ok(())
}

fn write(xml: &mut Xml, stack: &Stack, event: &Event) {
    xml.text("StackId", &stack.id).text("EventId", &event.id).text("Timestamp", iso(event.at_ms));
    xml.some("OperationId", event.operation.as_ref().map(|it| &it.id));
    xml.text("LogicalResourceId", &event.logical_id).some("PhysicalResourceId", event.physical_id.as_ref());
    xml.text("ResourceType", &event.resource_type).text("ResourceStatus", event.status.as_str());
    xml.some("ResourceStatusReason", event.reason.as_ref()).some("ClientRequestToken", event.token());
    xml.some("ResourceProperties", event.properties.as_ref());
}

/// What `DescribeEvents` is about.
enum Listed<'a> {
    Happened(&'a Event),
    Found(&'a StoredChangeSet, usize),
}

impl Listed<'_> {
    fn operation(&self) -> Option<&OperationRecord> {
        match self {
            Self::Happened(event) => event.operation.as_ref(),
            Self::Found(change_set, _) => Some(&change_set.operation),
        }
    }

    fn at_ms(&self) -> i64 {
        match self {
            Self::Happened(event) => event.at_ms,
            Self::Found(change_set, _) => change_set.asked_ms,
        }
    }

    /// True for what the filter `FailedEvents` leaves.
    fn is_failed(&self) -> bool {
        match self {
            Self::Happened(event) => event.status.is_failed(),
            Self::Found(..) => true,
        }
    }
}

/// The events of a change set, of an operation, or of all operations of a stack; newest first.
pub(super) fn describe(form: &Form, front: &Front, xml: &mut Xml) -> Result<(), Refusal> {
    let stacks = front.stacks();
    let (change_set, stack) = (form.get("ChangeSetName"), form.get("StackName"));
    let operation = form.get("OperationId");
    let of_what = || Refusal::invalid("One of ChangeSetName, OperationId or StackName must be specified");
    let (stack, listed) = match (change_set, stack, operation) {
        (Some(name), stack, _) => {
            let (stack, found) = stacks.change_set(stack.unwrap_or_default(), name)?;
            (stack, findings(found, stacks.now_ms()))
        }
        (None, Some(name), _) => {
            let stack = stacks.find(name)?;
            (stack, all(stack, stacks.now_ms()))
        }
        (None, None, Some(id)) => {
            let stack = stacks.of_operation(id)?;
            (stack, all(stack, stacks.now_ms()))
        }
        (None, None, None) => return Err(of_what()),
    };
    let only_failed = form.structure("Filters").flag("FailedEvents") == Some(true);
    let wanted = listed.into_iter().filter(|it| !only_failed || it.is_failed());
    let of_operation =
        |it: &Listed<'_>| operation.is_none_or(|id| it.operation().is_some_and(|it| it.id == id));
    let mut wanted: Vec<Listed<'_>> = wanted.filter(of_operation).collect();
    wanted.reverse();
    let page = cut(wanted, form.get("NextToken"), front.page_size(100), true)?;
    page.write_token(xml);
    xml.members("OperationEvents", page.items, |xml, it| {
        let operation = it.operation();
        xml.some("OperationType", operation.map(|it| it.operation_type.as_str()));
        match it {
            Listed::Happened(event) => {
                xml.text("EventType", event_type(event));
                write(xml, stack, event);
            }
            Listed::Found(change_set, index) => write_finding(xml, stack, change_set, index),
        }
    });
    Ok(())
}

fn all(stack: &Stack, now_ms: i64) -> Vec<Listed<'_>> {
    let happened = stack.events.iter().map(Listed::Happened);
    let found = stack.change_sets.iter().flat_map(|it| findings(it, now_ms));
    let mut all: Vec<Listed<'_>> = happened.chain(found).collect();
    all.sort_by_key(Listed::at_ms);
    all
}

fn findings(change_set: &StoredChangeSet, now_ms: i64) -> Vec<Listed<'_>> {
    let found = change_set.shown_findings(now_ms).len();
    // Given newest first; so the first finding is the last here.
    (0..found).rev().map(|index| Listed::Found(change_set, index)).collect()
}

fn event_type(event: &Event) -> &'static str {
    match event.resource_type.as_str() {
        STACK_TYPE => "STACK_EVENT",
        _ if event.status.is_failed() => "PROVISIONING_ERROR",
        _ => "PROGRESS_EVENT",
    }
}

fn write_finding(xml: &mut Xml, stack: &Stack, change_set: &StoredChangeSet, index: usize) {
    let finding = &change_set.findings[index];
    let operation = &change_set.operation.id;
    xml.text("EventType", "VALIDATION_ERROR").text("EventId", format!("{operation}-{index}"));
    xml.text("StackId", &stack.id).text("OperationId", operation).text("Timestamp", iso(change_set.asked_ms));
    xml.text("LogicalResourceId", &finding.logical_id).text("ResourceType", &finding.resource_type);
    xml.some("ValidationPath", finding.path.as_ref()).some("ValidationName", finding.validation.as_ref());
    xml.text("ValidationStatus", "FAILED").text("ValidationStatusReason", &finding.reason);
    xml.text("ValidationFailureMode", if finding.is_failure { "FAIL" } else { "WARN" });
}
