//! Brings functions in line with the stack after a deployment, where code was updated past it.

use serde_json::Value;

use super::Ports;
use super::code_only::{DirectUpdate, records};
use super::fast::DeployError;
use crate::code_only::port::FunctionCode;
use crate::code_only::to_restore;
use crate::deployed::DeployedStack;
use crate::diff::ARTIFACT_BUCKET;
use crate::port::{Clock, CloudFormation, ObjectStore};

/// Gives every function with a record the code that the stack names, and clears the records.
///
/// `before` is the stack as it was before the deployment; without records it is all that is asked.
pub(super) async fn reconcile<C: CloudFormation, S: ObjectStore, T: Clock, F: FunctionCode>(
    ports: &Ports<'_, C, S, T>,
    functions: &F,
    before: &DeployedStack,
    template: &Value,
) -> Result<(), DeployError> {
    let Some(bucket) = before.parameters.get(ARTIFACT_BUCKET) else { return Ok(()) };
    let failed = |source| DeployError::Afterwards {
        stack: before.name.clone(),
        during: "reading what was updated directly",
        source,
    };
    let records = records(ports, bucket, before).await.map_err(failed)?;
    if records.is_empty() {
        return Ok(());
    }
    let now = ports.cloudformation.describe_stack(&before.id).await.map_err(failed)?;
    let Some(now) = now else { return Ok(()) };
    let direct = DirectUpdate { ports, functions, stack: &now, bucket };
    direct.bring(&to_restore(template, &now.parameters, &records), &records).await?;
    Ok(direct.delete(&records.keys(&now.name, &now.id)).await?)
}
