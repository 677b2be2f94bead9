//! Carries a saved plan out: exactly that, or nothing.

use super::Ports;
use super::join::settle;
use super::preview::template_sha256;
use super::start::Starting;
use super::up::UpError;
use crate::aws_error::{AwsError, AwsErrorCode};
use crate::change_set::ChangeSet;
use crate::deployed::DeployedStack;
use crate::event::{EventKind, Operation};
use crate::outcome::Outcome;
use crate::plan_file::{Base, Execution, PlanFile};
use crate::port::{Answer, Approver, Clock, CloudFormation, ObjectStore, Request};
use crate::status::{ChangeSetStatus, StackStatus};

/// Why a saved plan was not carried out to its end.
#[derive(Debug, thiserror::Error)]
pub enum SavedPlanError {
    /// What it was made for is no longer so. Nothing was changed.
    #[error("the plan for `{stack}` is obsolete: {reason}")]
    Obsolete {
        /// Stack name.
        stack: String,
        /// What changed since.
        reason: Obsolete,
    },
    /// As for any deployment.
    #[error(transparent)]
    Up(#[from] UpError),
}

/// What changed since a plan was saved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Obsolete {
    /// The stack is not there any more.
    #[error("the stack was deleted")]
    StackGone,
    /// The stack was not there.
    #[error("the stack was created meanwhile, it is in {0}")]
    StackThere(StackStatus),
    /// Another stack has the name now.
    #[error("the stack was deleted and another one was created under its name")]
    OtherStack,
    /// The stack was updated, or an update of it was tried.
    #[error("the stack was changed meanwhile, it is in {0}")]
    StackChanged(StackStatus),
    /// The stack has another template.
    #[error("the stack has another template now")]
    TemplateChanged,
    /// The change set is not there any more.
    #[error("its change set `{0}` is gone")]
    ChangeSetGone(String),
    /// Another change set has the name.
    #[error("its change set was replaced by another one of the name `{0}`")]
    OtherChangeSet(String),
    /// The change set cannot be executed any more.
    #[error("its change set `{0}` cannot be executed any more: it was executed, or the stack was changed")]
    ChangeSetSpent(String),
    /// A deployment package is not where it was put.
    #[error("the deployment package {key} is not in the bucket {bucket}")]
    PackageMissing {
        /// Bucket name.
        bucket: String,
        /// Object key.
        key: String,
    },
}

/// Carries a saved plan out.
///
/// Executes the plan's own change set, which holds template and parameter values, and nothing else. A
/// plan that found nothing to change is checked and ends as unchanged. Running it again after it was
/// carried out is refused, because its change set is spent.
///
/// # Effects
/// `cloudformation:DescribeStacks`, `GetTemplate`, `DescribeChangeSet`, `ExecuteChangeSet`,
/// `DescribeStackEvents`; `s3:ListBucket`.
///
/// # Errors
/// See [`SavedPlanError`]. A declined or refused plan stays as it is and can be carried out later.
pub async fn up_saved<C, S, T, A>(
    ports: &Ports<'_, C, S, T>,
    approver: &A,
    plan: &PlanFile,
) -> Result<Outcome, SavedPlanError>
where
    C: CloudFormation,
    S: ObjectStore,
    T: Clock,
    A: Approver,
{
    ports.emit(EventKind::Started { operation: Operation::Up, stack: plan.stack.clone() });
    let outcome = Saved { ports, plan }.run(approver).await?;
    ports.emit(EventKind::Finished { outcome: outcome.clone() });
    Ok(outcome)
}

struct Saved<'a, C, S, T> {
    ports: &'a Ports<'a, C, S, T>,
    plan: &'a PlanFile,
}

impl<C: CloudFormation, S: ObjectStore, T: Clock> Saved<'_, C, S, T> {
    fn aws(&self, during: &'static str) -> impl Fn(AwsError) -> SavedPlanError {
        let stack = self.plan.stack.clone();
        move |source| UpError::Aws { stack: stack.clone(), during, source }.into()
    }

    fn obsolete(&self, reason: Obsolete) -> SavedPlanError {
        SavedPlanError::Obsolete { stack: self.plan.stack.clone(), reason }
    }

    async fn run<A: Approver>(&self, approver: &A) -> Result<Outcome, SavedPlanError> {
        let stack = settle(self.ports, &self.plan.stack).await.map_err(self.aws("reading the stack"))?;
        let stack = stack.filter(|stack| stack.status != StackStatus::DeleteComplete);
        self.check_stack(stack.as_ref()).await?;
        let Some(execution) = &self.plan.execution else {
            let outputs = stack.map(|stack| stack.outputs).unwrap_or_default();
            return Ok(Outcome::Unchanged { outputs });
        };
        let change_set = self.change_set(execution).await?;
        self.check_packages(execution).await?;
        let review = self.plan.review(change_set.clone());
        match approver.approve(Request::Change(&review)).await {
            Answer::Approved => {
                let starting = Starting { ports: self.ports, stack: &self.plan.stack };
                Ok(starting.change_set(&execution.change_set, &change_set, review.creates).await?)
            }
            Answer::Declined => Ok(Outcome::Declined),
            Answer::Refused => {
                let (stack, consent) = (self.plan.stack.clone(), review.consent());
                Err(UpError::ConsentMissing { stack, consent }.into())
            }
        }
    }

    async fn check_stack(&self, stack: Option<&DeployedStack>) -> Result<(), SavedPlanError> {
        match (&self.plan.base, stack) {
            (None, None) => Ok(()),
            (None, Some(stack)) if stack.status == StackStatus::ReviewInProgress => Ok(()),
            (None, Some(stack)) => Err(self.obsolete(Obsolete::StackThere(stack.status.clone()))),
            (Some(_), None) => Err(self.obsolete(Obsolete::StackGone)),
            (Some(base), Some(stack)) => self.check_base(base, stack).await,
        }
    }

    async fn check_base(&self, base: &Base, stack: &DeployedStack) -> Result<(), SavedPlanError> {
        if base.stack_id.as_ref() != Some(&stack.id) {
            return Err(self.obsolete(Obsolete::OtherStack));
        }
        if base.status.as_deref() != Some(stack.status.as_str()) || base.changed_at_ms != stack.changed_at_ms
        {
            return Err(self.obsolete(Obsolete::StackChanged(stack.status.clone())));
        }
        let template = self.ports.template(&stack.name).await;
        let template = template.map_err(self.aws("reading the deployed template"))?;
        if template_sha256(&template) == base.template_sha256 {
            Ok(())
        } else {
            Err(self.obsolete(Obsolete::TemplateChanged))
        }
    }

    async fn change_set(&self, execution: &Execution) -> Result<ChangeSet, SavedPlanError> {
        let name = || execution.change_set.clone();
        let found = self.ports.cloudformation.describe_change_set(&self.plan.stack, &execution.change_set);
        match found.await {
            Err(error) if error.code == AwsErrorCode::NotFound => {
                Err(self.obsolete(Obsolete::ChangeSetGone(name())))
            }
            Err(error) => Err(self.aws("reading the change set")(error)),
            Ok(found) if found.id != execution.change_set_id => {
                Err(self.obsolete(Obsolete::OtherChangeSet(name())))
            }
            Ok(found) if found.status != ChangeSetStatus::CreateComplete || !found.is_executable => {
                Err(self.obsolete(Obsolete::ChangeSetSpent(name())))
            }
            Ok(found) => Ok(found),
        }
    }

    async fn check_packages(&self, execution: &Execution) -> Result<(), SavedPlanError> {
        for key in &execution.packages {
            let found = match self.ports.store.keys(&execution.bucket, key).await {
                Err(error) if error.code == AwsErrorCode::NotFound => false,
                answer => answer.map_err(self.aws("looking for the packages"))?.contains(key),
            };
            if !found {
                let (bucket, key) = (execution.bucket.clone(), key.clone());
                return Err(self.obsolete(Obsolete::PackageMissing { bucket, key }));
            }
        }
        Ok(())
    }
}
