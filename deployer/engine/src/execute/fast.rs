//! Deploys in the way that is asked for: as usual, express with a look at readiness, or code alone.

use serde_json::Value;

use super::code_only::{CodeOnlyError, Done, code_only};
use super::held::Held;
use super::ready::{NotReady, wait_until_ready};
use super::reconcile::reconcile;
use super::up::up_reporting;
use super::{Inputs, Ports, UpError};
use crate::aws_error::AwsError;
use crate::code_only::port::FunctionCode;
use crate::deployed::DeploymentMode;
use crate::event::EventKind;
use crate::outcome::Outcome;
use crate::package::{FunctionCrate, Package};
use crate::port::{Approver, Clock, CloudFormation, ObjectStore, Packager};
use crate::ready::port::Readiness;

/// How fast a deployment is to be, and what it may leave out for that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Way {
    /// CloudFormation says when the stack is ready.
    #[default]
    Standard,
    /// CloudFormation says when the stack is configured (`DeploymentConfig.Mode` `EXPRESS`); then what the
    /// pipeline needs is looked at until it is ready. Falls back to standard mode, with an event, where
    /// [`obstacle`](crate::express::obstacle) finds one.
    Express,
    /// Where nothing but code differs, the functions get it through Lambda, past CloudFormation. Falls
    /// back to a standard deployment, with an event, where more differs.
    CodeOnly,
}

/// The services of a deployment beside those of [`Ports`].
pub struct Direct<'a, F, R> {
    /// Lambda.
    pub functions: &'a F,
    /// Looks at resources.
    pub readiness: &'a R,
}

/// Why a deployment failed.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// The deployment itself failed.
    #[error(transparent)]
    Up(#[from] UpError),
    /// The stack is configured, but does not become ready.
    #[error(transparent)]
    NotReady(#[from] NotReady),
    /// Code could not be updated directly.
    #[error(transparent)]
    CodeOnly(#[from] CodeOnlyError),
    /// The stack is deployed, but a call after that failed.
    #[error("stack `{stack}` is deployed, but {during} failed")]
    Afterwards {
        /// Stack name.
        stack: String,
        /// What was being done.
        during: &'static str,
        /// The failed call.
        source: AwsError,
    },
}

/// Makes the stack as wanted, in the way that is asked for.
///
/// Running it again is always safe. After every way but code alone, functions that an earlier update of
/// code alone has left with other code are brought in line with the stack.
///
/// # Effects
/// As [`up`](super::up), and `s3:ListBucket` for the records of direct updates. Where there are some, or
/// with [`Way::CodeOnly`]: `cloudformation:ListStackResources`, `lambda:GetFunctionConfiguration`,
/// `UpdateFunctionCode`, `s3:PutObject`, `DeleteObject`. With [`Way::Express`] what [`Readiness`] asks.
///
/// # Errors
/// See [`DeployError`].
pub async fn deploy<C, S, T, P, A, F, R>(
    ports: &Ports<'_, C, S, T>,
    packager: &P,
    approver: &A,
    direct: &Direct<'_, F, R>,
    inputs: &Inputs,
    way: Way,
) -> Result<Outcome, DeployError>
where
    C: CloudFormation,
    S: ObjectStore,
    T: Clock,
    P: Packager,
    A: Approver,
    F: FunctionCode,
    R: Readiness,
{
    let held = Held::new(ports.events);
    let ports = Ports { events: &held, ..*ports };
    let outcome = match way {
        Way::CodeOnly => match code_only(&ports, packager, direct.functions, inputs).await? {
            Done::Directly(outcome) => {
                ports.emit(EventKind::Finished { outcome: outcome.clone() });
                outcome
            }
            Done::Nothing { packages, because } => {
                ports.emit(EventKind::FellBack { from: "code_only", because });
                held.forget_packaging();
                let packager = Packed { packages, inner: packager };
                as_usual(&ports, &packager, approver, direct, inputs).await?
            }
        },
        Way::Standard => as_usual(&ports, packager, approver, direct, inputs).await?,
        Way::Express => {
            let mut inputs = inputs.clone();
            inputs.wanted.mode = DeploymentMode::Express;
            let outcome = as_usual(&ports, packager, approver, direct, &inputs).await?;
            if !matches!(outcome, Outcome::Declined) {
                let (stack, template) = (&inputs.wanted.stack, &inputs.wanted.template);
                ready(&ports, direct.readiness, stack, template).await?;
            }
            outcome
        }
    };
    held.release(ports.clock.now_ms());
    Ok(outcome)
}

async fn as_usual<C, S, T, P, A, F, R>(
    ports: &Ports<'_, C, S, T>,
    packager: &P,
    approver: &A,
    direct: &Direct<'_, F, R>,
    inputs: &Inputs,
) -> Result<Outcome, DeployError>
where
    C: CloudFormation,
    S: ObjectStore,
    T: Clock,
    P: Packager,
    A: Approver,
    F: FunctionCode,
{
    let (outcome, found) = up_reporting(ports, packager, approver, inputs).await?;
    if let (Some(before), Outcome::Updated { .. } | Outcome::Unchanged { .. }) = (found, &outcome) {
        reconcile(ports, direct.functions, &before, &inputs.wanted.template).await?;
    }
    Ok(outcome)
}

async fn ready<C: CloudFormation, S: ObjectStore, T: Clock, R: Readiness>(
    ports: &Ports<'_, C, S, T>,
    readiness: &R,
    stack: &str,
    template: &Value,
) -> Result<(), DeployError> {
    let failed = |source| DeployError::Afterwards {
        stack: stack.to_owned(),
        during: "listing what must be ready",
        source,
    };
    let found = ports.cloudformation.describe_stack(stack).await.map_err(failed)?;
    let Some(found) = found else { return Ok(()) };
    let resources = ports.cloudformation.resources(&found.id).await.map_err(failed)?;
    let needs = crate::ready::needs(template, &resources, &found.id);
    Ok(wait_until_ready(ports, readiness, stack, needs).await?)
}

/// Answers with packages that were built before.
struct Packed<'a, P> {
    packages: Vec<(FunctionCrate, Package)>,
    inner: &'a P,
}

impl<P: Packager> Packager for Packed<'_, P> {
    type Error = P::Error;

    async fn package(&self, crates: &[FunctionCrate]) -> Result<Vec<Package>, P::Error> {
        let known = |wanted: &FunctionCrate| {
            self.packages.iter().find(|(built, _)| built == wanted).map(|(_, package)| package.clone())
        };
        match crates.iter().map(known).collect() {
            Some(packages) => Ok(packages),
            None => self.inner.package(crates).await,
        }
    }
}
