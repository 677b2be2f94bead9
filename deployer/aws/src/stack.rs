//! Stacks, events and resources in the engine's words.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types;
use aws_smithy_types::DateTime;
use pipectl_engine::change_set::{ChangeSetSummary, ValidationFinding};
use pipectl_engine::deployed::{
    DeployedStack, DeploymentMode, NewestOperation, StackEvent, StackOperation, StackResource,
};
use pipectl_engine::status::{ChangeSetStatus, ResourceStatus, StackStatus};

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
        mode: stack.deployment_config.as_ref().map_or(DeploymentMode::Standard, mode),
        rollback_disabled: is_rollback_disabled(stack.disable_rollback, stack.deployment_config.as_ref()),
        change_set_id: non_empty(stack.change_set_id),
        changed_at_ms: stack.last_updated_time.or(stack.creation_time).map(epoch_ms),
        last_operations: stack
            .last_operations
            .unwrap_or_default()
            .into_iter()
            .filter_map(operation)
            .collect(),
    })
}

fn mode(config: &types::DeploymentConfig) -> DeploymentMode {
    match config.mode {
        Some(types::DeploymentConfigMode::Express) => DeploymentMode::Express,
        _ => DeploymentMode::Standard,
    }
}

/// Express mode disables the rollback unless it is asked for.
fn is_rollback_disabled(of_stack: Option<bool>, config: Option<&types::DeploymentConfig>) -> bool {
    let of_config = config.and_then(|config| config.disable_rollback);
    let by_default = config.map(mode) == Some(DeploymentMode::Express);
    of_config.unwrap_or(of_stack.unwrap_or(false) || by_default)
}

fn operation(entry: types::OperationEntry) -> Option<StackOperation> {
    let operation_type = entry.operation_type.map(|it| it.as_str().to_owned()).unwrap_or_default();
    Some(StackOperation { id: entry.operation_id?, operation_type })
}

/// Reads a listed change set; `None` when it has no name.
pub(crate) fn summary(summary: types::ChangeSetSummary) -> Option<ChangeSetSummary> {
    Some(ChangeSetSummary {
        name: summary.change_set_name?,
        status: ChangeSetStatus::from_aws(summary.status.as_ref().map_or("", |status| status.as_str())),
        is_executable: summary.execution_status == Some(types::ExecutionStatus::Available),
    })
}

/// Reads what a validation found; `None` for any other event.
pub(crate) fn validation(event: types::OperationEvent) -> Option<ValidationFinding> {
    if event.event_type != Some(types::EventType::ValidationError) {
        return None;
    }
    let reason = non_empty(event.validation_status_reason).or(non_empty(event.resource_status_reason));
    Some(ValidationFinding {
        logical_id: event.logical_resource_id.unwrap_or_default(),
        resource_type: event.resource_type.unwrap_or_default(),
        path: non_empty(event.validation_path),
        validation: non_empty(event.validation_name),
        reason: reason.unwrap_or_else(|| "AWS gave no reason".to_owned()),
        is_failure: event.validation_failure_mode != Some(types::HookFailureMode::Warn),
    })
}

/// Reads the operation that the newest events belong to.
pub(crate) fn newest_operation(newest_first: impl Iterator<Item = StackEvent>) -> Option<NewestOperation> {
    let mut found: Option<NewestOperation> = None;
    for event in newest_first {
        let operation = found.get_or_insert_with(|| NewestOperation {
            token: event.client_request_token.clone(),
            since_ms: event.at_ms,
        });
        if event.client_request_token != operation.token {
            break;
        }
        operation.since_ms = event.at_ms;
        if operation.token.is_none() && event.is_start_of_operation() {
            break;
        }
    }
    found
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
