//! Stacks, events and resources in the engine's words.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types;
use aws_smithy_types::DateTime;
use pipectl_engine::deployed::{DeployedStack, StackEvent, StackResource};
use pipectl_engine::status::{ResourceStatus, StackStatus};

/// Reads a stack; the name of a missing required field otherwise.
pub(crate) fn deployed_stack(stack: types::Stack) -> Result<DeployedStack, &'static str> {
    let parameters = stack.parameters.unwrap_or_default().into_iter();
    let outputs = stack.outputs.unwrap_or_default().into_iter();
    let tags = stack.tags.unwrap_or_default().into_iter();
    Ok(DeployedStack {
        name: stack.stack_name.ok_or("StackName")?,
        id: stack.stack_id.ok_or("StackId")?,
        status: StackStatus::from_aws(stack.stack_status.ok_or("StackStatus")?.as_str()),
        status_reason: non_empty(stack.stack_status_reason),
        parameters: pairs(parameters.map(|parameter| {
            // A parameter of an SSM type has the name of the SSM parameter as its value.
            (parameter.parameter_key, parameter.parameter_value)
        })),
        outputs: pairs(outputs.map(|output| (output.output_key, output.output_value))),
        tags: pairs(tags.map(|tag| (tag.key, tag.value))),
        termination_protection: stack.enable_termination_protection.unwrap_or(false),
    })
}

/// Reads an event; `None` when it has no ID, and so no place in the order.
pub(crate) fn stack_event(event: types::StackEvent) -> Option<StackEvent> {
    Some(StackEvent {
        id: event.event_id?,
        at_ms: event.timestamp.map_or(0, epoch_ms),
        logical_id: event.logical_resource_id.unwrap_or_default(),
        physical_id: non_empty(event.physical_resource_id),
        resource_type: event.resource_type.unwrap_or_default(),
        status: resource_status(event.resource_status.as_ref()),
        reason: non_empty(event.resource_status_reason),
        client_request_token: event.client_request_token,
    })
}

/// Reads a resource; `None` when it has no logical ID.
pub(crate) fn stack_resource(resource: types::StackResourceSummary) -> Option<StackResource> {
    Some(StackResource {
        logical_id: resource.logical_resource_id?,
        physical_id: non_empty(resource.physical_resource_id),
        resource_type: resource.resource_type.unwrap_or_default(),
        status: resource_status(resource.resource_status.as_ref()),
    })
}

fn resource_status(status: Option<&types::ResourceStatus>) -> ResourceStatus {
    ResourceStatus::from_aws(status.map_or("", types::ResourceStatus::as_str))
}

fn pairs(entries: impl Iterator<Item = (Option<String>, Option<String>)>) -> BTreeMap<String, String> {
    entries.filter_map(|(key, value)| Some((key?, value.unwrap_or_default()))).collect()
}

/// The first event of a resource has an empty physical ID, and emulators send empty reasons.
pub(crate) fn non_empty(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn epoch_ms(time: DateTime) -> i64 {
    time.to_millis().unwrap_or(0)
}
