//! Deletes a stack and says what remains.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Ports;
use super::watch::{OperationFailure, Watched, settle, watch};
use crate::aws_error::AwsError;
use crate::deployed::{DeployedStack, STACK_TYPE, StackResource};
use crate::event::{EventKind, Operation};
use crate::outcome::{Outcome, Receipt, Retained};
use crate::port::{Answer, Approver, Clock, CloudFormation, Deletion, ObjectStore, Request};
use crate::review::Inventory;
use crate::status::{ResourceStatus, StackStatus};

/// How often a deletion is tried when late writers fill a bucket again.
const ATTEMPTS: usize = 3;

/// Why `down` failed.
#[derive(Debug, thiserror::Error)]
pub enum DownError {
    /// A call to AWS failed.
    #[error("the deletion of `{stack}` was interrupted while {during}")]
    Aws {
        /// Stack name.
        stack: String,
        /// What was being done.
        during: &'static str,
        /// The failed call.
        source: AwsError,
    },
    /// The stack has termination protection.
    #[error("stack `{stack}` has termination protection")]
    Protected {
        /// Stack name.
        stack: String,
    },
    /// Consent is needed and nobody could be asked.
    #[error("nobody could be asked whether stack `{stack}` may be deleted")]
    ConsentMissing {
        /// Stack name.
        stack: String,
    },
    /// The operation ran and failed.
    #[error(transparent)]
    Operation(#[from] OperationFailure),
}

/// Deletes the stack: asks, empties its buckets, deletes, and reports what was kept.
///
/// Running it again is always safe; a stack that is not there counts as deleted.
///
/// # Effects
/// `cloudformation:DescribeStacks`, `GetTemplate`, `ListStackResources`, `DeleteStack`,
/// `DescribeStackEvents`; `s3:ListBucketVersions`, `DeleteObject`, `DeleteObjectVersion`.
///
/// # Errors
/// See [`DownError`].
pub async fn down<C, S, T, A>(
    ports: &Ports<'_, C, S, T>,
    approver: &A,
    stack: &str,
) -> Result<Outcome, DownError>
where
    C: CloudFormation,
    S: ObjectStore,
    T: Clock,
    A: Approver,
{
    ports.emit(EventKind::Started { operation: Operation::Down, stack: stack.to_owned() });
    let outcome = Down { ports, stack }.run(approver).await?;
    ports.emit(EventKind::Finished { outcome: outcome.clone() });
    Ok(outcome)
}

struct Down<'a, C, S, T> {
    ports: &'a Ports<'a, C, S, T>,
    stack: &'a str,
}

impl<C: CloudFormation, S: ObjectStore, T: Clock> Down<'_, C, S, T> {
    fn aws(&self, during: &'static str) -> impl Fn(AwsError) -> DownError {
        let stack = self.stack.to_owned();
        move |source| DownError::Aws { stack: stack.clone(), during, source }
    }

    async fn run<A: Approver>(&self, approver: &A) -> Result<Outcome, DownError> {
        let found = settle(self.ports, self.stack).await.map_err(self.aws("reading the stack"))?;
        let Some(found) = found.filter(|found| found.status != StackStatus::DeleteComplete) else {
            return Ok(Outcome::Deleted(Receipt { was_absent: true, ..Receipt::default() }));
        };
        if found.termination_protection {
            return Err(DownError::Protected { stack: self.stack.to_owned() });
        }
        let inventory = self.inventory(&found).await?;
        match approver.approve(Request::Delete(&inventory)).await {
            Answer::Approved => self.delete(&found, inventory).await,
            Answer::Declined => Ok(Outcome::Declined),
            Answer::Refused => Err(DownError::ConsentMissing { stack: self.stack.to_owned() }),
        }
    }

    async fn inventory(&self, found: &DeployedStack) -> Result<Inventory, DownError> {
        if found.status == StackStatus::ReviewInProgress {
            return Ok(Inventory { stack: self.stack.to_owned(), ..Inventory::default() });
        }
        let template = self.ports.template(&found.name).await;
        let template = template.map_err(self.aws("reading the deployed template"))?;
        let resources = self.ports.cloudformation.resources(&found.name).await;
        Ok(inventory(self.stack, &template, resources.map_err(self.aws("listing the resources"))?))
    }

    async fn delete(&self, found: &DeployedStack, inventory: Inventory) -> Result<Outcome, DownError> {
        let mut receipt = Receipt { retained: inventory.retains, ..Receipt::default() };
        let mut attempt = 1;
        loop {
            self.empty(&inventory.empties, &mut receipt.emptied).await?;
            let watched = self.delete_once(&found.id, inventory.deletes.len()).await?;
            receipt.deleted += deleted(&watched);
            if watched.status == StackStatus::DeleteComplete {
                return Ok(Outcome::Deleted(receipt));
            }
            let refilled = watched
                .events
                .iter()
                .any(|event| event.resource_type == BUCKET && event.status == ResourceStatus::DeleteFailed);
            if !refilled || attempt == ATTEMPTS {
                return Err(watched.failure(self.stack).into());
            }
            attempt += 1;
        }
    }

    async fn empty(&self, buckets: &[String], emptied: &mut BTreeMap<String, u64>) -> Result<(), DownError> {
        let work =
            buckets.iter().map(|bucket| async move { (bucket, self.ports.store.empty_bucket(bucket).await) });
        for (bucket, answer) in futures_util::future::join_all(work).await {
            let objects = answer.map_err(self.aws("emptying a bucket"))?;
            if objects > 0 {
                self.ports.emit(EventKind::BucketEmptied { bucket: bucket.clone(), objects });
            }
            *emptied.entry(bucket.clone()).or_default() += objects;
        }
        Ok(())
    }

    async fn delete_once(&self, stack_id: &str, resources: usize) -> Result<Watched, DownError> {
        let token = format!("pipectl-down-{}", self.ports.clock.now_ms());
        let answer = self.ports.cloudformation.delete_stack(&Deletion::of(stack_id, &token)).await;
        answer.map_err(self.aws("starting the deletion"))?;
        self.ports.emit(EventKind::OperationStarted { resources: Some(resources) });
        watch(self.ports, stack_id, &token).await.map_err(self.aws("watching the deletion, which goes on"))
    }
}

const BUCKET: &str = "AWS::S3::Bucket";

fn deleted(watched: &Watched) -> usize {
    let gone = |status: &ResourceStatus| *status == ResourceStatus::DeleteComplete;
    watched.events.iter().filter(|event| event.resource_type != STACK_TYPE && gone(&event.status)).count()
}

fn inventory(stack: &str, template: &Value, resources: Vec<StackResource>) -> Inventory {
    let mut inventory = Inventory { stack: stack.to_owned(), ..Inventory::default() };
    for resource in resources {
        let Some(physical_id) = resource.physical_id.clone() else { continue };
        if resource.status == ResourceStatus::DeleteComplete {
            continue;
        }
        if is_retained(template, &resource.logical_id) {
            let StackResource { logical_id, resource_type, .. } = resource;
            inventory.retains.push(Retained { logical_id, resource_type, physical_id });
            continue;
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
    let policy = template.get("Resources").and_then(|resources| resources.get(logical_id));
    let policy = policy.and_then(|resource| resource.get("DeletionPolicy")).and_then(Value::as_str);
    policy.is_some_and(|policy| policy.starts_with("Retain"))
}
