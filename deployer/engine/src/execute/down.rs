//! Deletes a stack and says what remains.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::Ports;
use super::inventory::{BUCKET, inventory};
use super::join::settle;
use super::recovery::kept_change_sets;
use super::watch::{OperationFailure, Watched, patiently, watch};
use crate::aws_error::AwsError;
use crate::deployed::{DeployedStack, StackResource};
use crate::event::{EventKind, Operation};
use crate::outcome::{Outcome, Receipt, Retained, Why};
use crate::port::{Answer, Approver, Clock, CloudFormation, Deletion, ObjectStore, Request};
use crate::recover::Action;
use crate::review::{Inventory, Proposal};
use crate::status::{ResourceStatus, StackStatus};

/// How often a deletion is tried when late writers fill a bucket again.
const ATTEMPTS: usize = 4;

/// Wait between two looks at a bucket into which somebody still writes.
const WRITER_PAUSE: Duration = Duration::from_secs(5);

/// Looks at a bucket into which somebody still writes, before its deletion is tried again.
const WRITER_LOOKS: usize = 12;

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

/// Deletes the stack: asks, empties its buckets, deletes, and reports what was kept and why.
///
/// Termination protection is respected unless `force`, which lifts it after consent. A resource that
/// AWS cannot delete is left in the account, again after consent; where even that does not let the stack
/// go, `force` has AWS drop it. Running it again is always safe; a stack that is not there counts as
/// deleted.
///
/// # Effects
/// `cloudformation:DescribeStacks`, `GetTemplate`, `ListStackResources`, `ListChangeSets`,
/// `UpdateTerminationProtection`, `DeleteStack`, `DescribeStackEvents`; `s3:ListBucketVersions`,
/// `DeleteObject`, `DeleteObjectVersion`.
///
/// # Errors
/// See [`DownError`].
pub async fn down<C, S, T, A>(
    ports: &Ports<'_, C, S, T>,
    approver: &A,
    stack: &str,
    force: bool,
) -> Result<Outcome, DownError>
where
    C: CloudFormation,
    S: ObjectStore,
    T: Clock,
    A: Approver,
{
    ports.emit(EventKind::Started { operation: Operation::Down, stack: stack.to_owned() });
    let outcome = Down { ports, approver, stack, force }.run().await?;
    ports.emit(EventKind::Finished { outcome: outcome.clone() });
    Ok(outcome)
}

struct Down<'a, C, S, T, A> {
    ports: &'a Ports<'a, C, S, T>,
    approver: &'a A,
    stack: &'a str,
    force: bool,
}

impl<C: CloudFormation, S: ObjectStore, T: Clock, A: Approver> Down<'_, C, S, T, A> {
    fn aws(&self, during: &'static str) -> impl Fn(AwsError) -> DownError + use<C, S, T, A> {
        let stack = self.stack.to_owned();
        move |source| DownError::Aws { stack: stack.clone(), during, source }
    }

    async fn run(&self) -> Result<Outcome, DownError> {
        let found = settle(self.ports, self.stack).await.map_err(self.aws("reading the stack"))?;
        let Some(found) = found.filter(|found| found.status != StackStatus::DeleteComplete) else {
            return Ok(Outcome::Deleted(Receipt { was_absent: true, ..Receipt::default() }));
        };
        if found.termination_protection && !self.force {
            return Err(DownError::Protected { stack: self.stack.to_owned() });
        }
        let inventory = self.inventory(&found).await?;
        self.ports.emit(EventKind::Inventoried {
            deletes: inventory.deletes.len(),
            retains: inventory.retains.len(),
            empties: inventory.empties.clone(),
        });
        match self.approver.approve(Request::Delete(&inventory)).await {
            Answer::Approved => self.delete(&found, inventory).await,
            Answer::Declined => Ok(Outcome::Declined),
            Answer::Refused => Err(DownError::ConsentMissing { stack: self.stack.to_owned() }),
        }
    }

    async fn inventory(&self, found: &DeployedStack) -> Result<Inventory, DownError> {
        let lifts_protection = found.termination_protection;
        if found.status == StackStatus::ReviewInProgress {
            let discards = kept_change_sets(self.ports, &found.id).await;
            let discards = discards.map_err(self.aws("listing the change sets"))?;
            let stack = self.stack.to_owned();
            return Ok(Inventory { stack, lifts_protection, discards, ..Inventory::default() });
        }
        let template = self.ports.template(&found.name).await;
        let template = template.map_err(self.aws("reading the deployed template"))?;
        let resources = self.ports.cloudformation.resources(&found.name).await;
        let resources = resources.map_err(self.aws("listing the resources"))?;
        Ok(Inventory { lifts_protection, ..inventory(found, &template, resources) })
    }

    async fn delete(&self, found: &DeployedStack, inventory: Inventory) -> Result<Outcome, DownError> {
        if inventory.lifts_protection {
            let lifted = self.ports.cloudformation.set_termination_protection(&found.id, false).await;
            lifted.map_err(self.aws("lifting the termination protection"))?;
            self.ports.emit(EventKind::ProtectionLifted);
        }
        let Inventory { deletes, retains: retained, empties, discards, log_groups, artifacts, .. } =
            inventory;
        let mut receipt = Receipt { retained, log_groups, artifacts, ..Receipt::default() };
        let mut attempt = 1;
        loop {
            self.empty(&empties, &mut receipt.emptied, attempt > 1).await?;
            let watched = self.delete_once(&found.id, deletes.len(), Insistence::None).await?;
            receipt.add(&watched);
            if watched.status == StackStatus::DeleteComplete {
                if !discards.is_empty() {
                    self.ports.emit(EventKind::ChangeSetsDiscarded { names: discards });
                }
                return Ok(Outcome::Deleted(receipt));
            }
            if !is_refilled(&watched) || attempt == ATTEMPTS {
                return self.leave_stubborn(found, watched, deletes, receipt).await;
            }
            attempt += 1;
        }
    }

    /// Deletes the stack without the resources that AWS could not delete, if the user agrees.
    async fn leave_stubborn(
        &self,
        found: &DeployedStack,
        watched: Watched,
        deletes: Vec<StackResource>,
        mut receipt: Receipt,
    ) -> Result<Outcome, DownError> {
        let stubborn = watched.undeleted();
        let ids: Vec<String> = stubborn.iter().map(|it| it.logical_id.clone()).collect();
        if ids.is_empty() {
            return self.force_away(found, watched, remaining(deletes, &receipt, &stubborn), receipt).await;
        }
        if !self.agrees(&watched, Action::RetainStubborn(ids.clone())).await {
            return Err(watched.failure(self.stack).into());
        }
        let last = self.delete_once(&found.id, 0, Insistence::Without(&ids)).await?;
        receipt.add(&last);
        if last.status == StackStatus::DeleteComplete {
            receipt.retained.extend(stubborn);
            return Ok(Outcome::Deleted(receipt));
        }
        let known = [stubborn, last.undeleted()].concat();
        self.force_away(found, last, remaining(deletes, &receipt, &known), receipt).await
    }

    /// Has AWS drop the stack, with `force` and if the user agrees: the last resort.
    async fn force_away(
        &self,
        found: &DeployedStack,
        watched: Watched,
        left: Vec<Retained>,
        mut receipt: Receipt,
    ) -> Result<Outcome, DownError> {
        let ids = left.iter().map(|it| it.logical_id.clone()).collect();
        if !self.force || !self.agrees(&watched, Action::ForceDeletion(ids)).await {
            return Err(watched.failure(self.stack).into());
        }
        let last = self.delete_once(&found.id, left.len(), Insistence::Forced).await?;
        receipt.add(&last);
        if last.status != StackStatus::DeleteComplete {
            return Err(last.failure(self.stack).into());
        }
        let gone: BTreeSet<&String> = receipt.resources.iter().map(|it| &it.logical_id).collect();
        let left: Vec<Retained> = left.into_iter().filter(|it| !gone.contains(&it.logical_id)).collect();
        receipt.retained.extend(left);
        Ok(Outcome::Deleted(receipt))
    }

    /// Asks whether a stack that could not be deleted is deleted in this way, and says so when it is.
    async fn agrees(&self, watched: &Watched, action: Action) -> bool {
        let status = watched.status.clone();
        let proposal = Proposal { stack: self.stack.to_owned(), status: status.clone(), action };
        let agrees = status == StackStatus::DeleteFailed
            && self.approver.approve(Request::Recover(&proposal)).await == Answer::Approved;
        if agrees {
            self.ports.emit(EventKind::RecoveryChosen { status, action: proposal.action });
        }
        agrees
    }

    /// Empties the buckets, all at once. With `outwait` each is looked at until nobody writes any more.
    async fn empty(
        &self,
        buckets: &[String],
        emptied: &mut BTreeMap<String, u64>,
        outwait: bool,
    ) -> Result<(), DownError> {
        let work = buckets.iter().map(|bucket| async move {
            let mut total = 0;
            for look in 0..WRITER_LOOKS {
                let objects = self.ports.store.empty_bucket(bucket).await?;
                total += objects;
                if !outwait || (look > 0 && objects == 0) {
                    break;
                }
                self.ports.clock.sleep(WRITER_PAUSE).await;
            }
            Ok((bucket, total))
        });
        for answer in futures_util::future::join_all(work).await {
            let (bucket, objects) = answer.map_err(self.aws("emptying a bucket"))?;
            if objects > 0 {
                self.ports.emit(EventKind::BucketEmptied { bucket: bucket.clone(), objects });
            }
            *emptied.entry(bucket.clone()).or_default() += objects;
        }
        Ok(())
    }

    async fn delete_once(
        &self,
        stack_id: &str,
        resources: usize,
        insistence: Insistence<'_>,
    ) -> Result<Watched, DownError> {
        let token = format!("pipectl-down-{}", self.ports.clock.now_ms());
        let plain = Deletion::of(stack_id, &token);
        let deletion = match insistence {
            Insistence::None => plain,
            Insistence::Without(retained) => Deletion { retained, ..plain },
            Insistence::Forced => Deletion { is_forced: true, ..plain },
        };
        self.ports.emit(EventKind::OperationRequested { token: deletion.token.to_owned() });
        let cloudformation = self.ports.cloudformation;
        let answer = patiently(self.ports, async || cloudformation.delete_stack(&deletion).await).await;
        answer.map_err(self.aws("starting the deletion"))?;
        self.ports.emit(EventKind::OperationStarted { resources: Some(resources), token: token.clone() });
        let watched = watch(self.ports, stack_id, Some(&token)).await;
        watched.map_err(self.aws("watching the deletion, which goes on"))
    }
}

/// How far a deletion goes to get rid of its stack.
#[derive(Debug, Clone, Copy)]
enum Insistence<'a> {
    /// Every resource must go.
    None,
    /// These stay in the account.
    Without(&'a [String]),
    /// What AWS cannot delete stays in the account.
    Forced,
}

/// Lists what was to be deleted and was not, with the reasons that are known.
fn remaining(deletes: Vec<StackResource>, receipt: &Receipt, failed: &[Retained]) -> Vec<Retained> {
    let is_gone = |id: &String| receipt.resources.iter().any(|it| it.logical_id == *id);
    let reason = |id: &String| failed.iter().rev().find(|it| it.logical_id == *id).map(|it| it.why.clone());
    let left = deletes.into_iter().filter(|it| !is_gone(&it.logical_id));
    left.map(|it| Retained {
        why: reason(&it.logical_id)
            .unwrap_or_else(|| Why::CouldNotBeDeleted("AWS gave no reason".to_owned())),
        physical_id: it.physical_id.unwrap_or_default(),
        logical_id: it.logical_id,
        resource_type: it.resource_type,
    })
    .collect()
}

impl Receipt {
    fn add(&mut self, watched: &Watched) {
        self.resources.extend(watched.deleted());
        self.deleted = self.resources.len();
    }
}

fn is_refilled(watched: &Watched) -> bool {
    let mut events = watched.events.iter();
    events.any(|event| event.resource_type == BUCKET && event.status == ResourceStatus::DeleteFailed)
}

impl Watched {
    /// Lists the resources that AWS could not delete, with its reasons.
    fn undeleted(&self) -> Vec<Retained> {
        let failed = self.events.iter().filter(|event| {
            event.status == ResourceStatus::DeleteFailed && event.resource_type != crate::deployed::STACK_TYPE
        });
        let retained = failed.map(|event| Retained {
            logical_id: event.logical_id.clone(),
            resource_type: event.resource_type.clone(),
            physical_id: event.physical_id.clone().unwrap_or_default(),
            why: Why::CouldNotBeDeleted(event.reason.clone().unwrap_or_default()),
        });
        retained.collect()
    }
}
