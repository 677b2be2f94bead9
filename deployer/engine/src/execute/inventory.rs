//! What the deletion of a stack would touch, and what it would leave.

use serde_json::Value;

use crate::deployed::{DeployedStack, StackResource};
use crate::diff::{ARTIFACT_BUCKET, code_parameters};
use crate::outcome::{Artifact, Retained, Why};
use crate::review::Inventory;
use crate::status::ResourceStatus;

/// The type of a bucket.
pub(super) const BUCKET: &str = "AWS::S3::Bucket";

const FUNCTION: &str = "AWS::Lambda::Function";

/// Sorts the resources of a stack by what its deletion does to them.
pub(super) fn inventory(found: &DeployedStack, template: &Value, resources: Vec<StackResource>) -> Inventory {
    let stack = found.name.clone();
    let mut inventory = Inventory { stack, artifacts: artifacts(found, template), ..Inventory::default() };
    for resource in resources {
        let Some(physical_id) = resource.physical_id.clone() else { continue };
        if resource.status == ResourceStatus::DeleteComplete {
            continue;
        }
        if is_retained(template, &resource.logical_id) {
            let StackResource { logical_id, resource_type, .. } = resource;
            let why = Why::DeletionPolicy;
            inventory.retains.push(Retained { logical_id, resource_type, physical_id, why });
            continue;
        }
        if resource.resource_type == FUNCTION && !owns_log_group(template, &resource.logical_id) {
            inventory.log_groups.push(format!("/aws/lambda/{physical_id}"));
        }
        // Where the policies cannot be read, nothing is emptied on a guess.
        if resource.resource_type == BUCKET && template.is_object() {
            inventory.empties.push(physical_id);
        }
        if stack_model::resource::is_stateful(&resource.resource_type) {
            inventory.loses_data.push(resource.logical_id.clone());
        }
        inventory.deletes.push(resource);
    }
    inventory
}

/// On the deletion of a stack `RetainExceptOnCreate` keeps like `Retain`.
fn is_retained(template: &Value, logical_id: &str) -> bool {
    let policy = of_resource(template, logical_id).and_then(|resource| resource.get("DeletionPolicy"));
    policy.and_then(Value::as_str).is_some_and(|policy| policy.starts_with("Retain"))
}

/// A function without `LoggingConfig.LogGroup` writes to a log group that Lambda makes and nobody deletes.
fn owns_log_group(template: &Value, logical_id: &str) -> bool {
    let function = of_resource(template, logical_id);
    function.and_then(|function| function.pointer("/Properties/LoggingConfig/LogGroup")).is_some()
}

fn of_resource<'a>(template: &'a Value, logical_id: &str) -> Option<&'a Value> {
    template.get("Resources")?.get(logical_id)
}

/// Lists the packages that the stack was deployed from.
fn artifacts(found: &DeployedStack, template: &Value) -> Vec<Artifact> {
    let Some(bucket) = found.parameters.get(ARTIFACT_BUCKET) else { return Vec::new() };
    let parameters = code_parameters(template);
    let keys = parameters.values().filter_map(|parameter| found.parameters.get(parameter));
    let mut artifacts: Vec<Artifact> =
        keys.map(|key| Artifact { bucket: bucket.clone(), key: key.clone() }).collect();
    artifacts.sort_unstable();
    artifacts.dedup();
    artifacts
}
