//! Invokes a function at several memory sizes.

use std::future::Future;
use std::pin::{Pin, pin};
use std::time::Duration;

use futures_util::future::{Either, select};

use super::port::{Configuration, Invocation, Tuning, Update};
use super::report_line::{self, Report};
use super::sample::Sample;
use crate::aws_error::{AwsError, AwsErrorCode};
use crate::package::Architecture;
use crate::port::Clock;

/// Time between two looks at an update, and the number of looks: 2 minutes.
const PACE: Duration = Duration::from_millis(500);
const LOOKS: u32 = 240;

/// What is tried.
#[derive(Debug, Clone, Copy)]
pub struct Trial<'a> {
    /// Name or ARN of the function.
    pub function: &'a str,
    /// The event, JSON.
    pub event: &'a [u8],
    /// Memory sizes, MB, in the order in which they are tried.
    pub sizes: &'a [u32],
    /// Invocations at each size, besides one that starts the function.
    pub invocations: u32,
}

/// What happened meanwhile.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// The function has this memory size, MB, and is going to be invoked.
    Resized(u32),
    /// It was invoked at this size, MB; the first invocation at a size is number 0.
    Invoked {
        /// Memory size, MB.
        megabytes: u32,
        /// Number of the invocation.
        number: u32,
    },
    /// It failed at this size, MB, and why. It is not invoked at this size again.
    Failed {
        /// Memory size, MB.
        megabytes: u32,
        /// The function's sentence, or Lambda's.
        reason: String,
    },
    /// It has its old memory size again, MB.
    Restored(u32),
}

/// What was found out.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Memory size of the function before and after, MB.
    pub deployed: u32,
    /// Its architecture, which decides the price.
    pub architecture: Architecture,
    /// One sample for each size at which the function did not fail; not empty.
    pub samples: Vec<Sample>,
}

/// Why nothing was found out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TuneError {
    /// A call failed.
    #[error("cannot measure function `{function}`")]
    Aws {
        /// The function.
        function: String,
        /// The call.
        source: Box<AwsError>,
    },
    /// An update of the function failed or did not end.
    #[error("function `{function}` could not be updated: {reason}")]
    Update {
        /// The function.
        function: String,
        /// Lambda's reason.
        reason: String,
    },
    /// The function failed at every size.
    #[error("function `{function}` failed at every size: {reason}")]
    Failing {
        /// The function.
        function: String,
        /// Why it failed at the last.
        reason: String,
    },
    /// Lambda gave no `REPORT` line to read.
    #[error("the log of function `{function}` has no report of its invocation")]
    NoReport {
        /// The function.
        function: String,
    },
    /// It was interrupted; the function has its old size again.
    #[error("interrupted")]
    Interrupted,
    /// The function was left at another size, whatever else happened.
    #[error("function `{function}` could not be given its {megabytes} MB again")]
    NotRestored {
        /// The function.
        function: String,
        /// The size that it should have, MB.
        megabytes: u32,
        /// What is in the way.
        source: Box<TuneError>,
    },
}

/// Measures a function until all sizes are tried or `interrupted` is ready, and puts the old size back
/// in either case.
///
/// A size at which the function fails is left out of the result, as one that is too small may be.
/// Repeating it is safe as far as the function's own work is.
///
/// # Effects
/// `lambda:GetFunctionConfiguration`, `UpdateFunctionConfiguration`, `InvokeFunction`; whatever the
/// function does. A process that is killed leaves the function at the size that it was trying.
///
/// # Errors
/// As listed on [`TuneError`]; [`TuneError::NotRestored`] before any other.
pub async fn measure<T: Tuning, C: Clock>(
    (tuning, clock): (&T, &C),
    trial: &Trial<'_>,
    interrupted: impl Future<Output = ()>,
    heard: &dyn Fn(Progress),
) -> Result<Measured, TuneError> {
    let run = Run { tuning, clock, trial, heard };
    let Configuration { megabytes: deployed, architecture, .. } = run.settled().await?;
    let outcome = run.all_sizes(pin!(interrupted)).await;
    run.restore(deployed).await?;
    Ok(Measured { deployed, architecture, samples: outcome? })
}

struct Run<'a, T, C> {
    tuning: &'a T,
    clock: &'a C,
    trial: &'a Trial<'a>,
    heard: &'a dyn Fn(Progress),
}

impl<T: Tuning, C: Clock> Run<'_, T, C> {
    async fn all_sizes(
        &self,
        mut interrupted: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<Vec<Sample>, TuneError> {
        let (mut samples, mut failure) = (Vec::new(), None);
        for megabytes in self.trial.sizes {
            self.resize(*megabytes).await?;
            (self.heard)(Progress::Resized(*megabytes));
            match self.one_size(*megabytes, interrupted.as_mut()).await? {
                Ok(reports) => samples.extend(Sample::new(*megabytes, reports)),
                Err(reason) => {
                    (self.heard)(Progress::Failed { megabytes: *megabytes, reason: reason.clone() });
                    failure = Some(reason);
                }
            }
        }
        match failure {
            Some(reason) if samples.is_empty() => {
                Err(TuneError::Failing { function: self.function(), reason })
            }
            _ => Ok(samples),
        }
    }

    /// Invokes the function at the size that it has; `Err` within is what it failed of.
    async fn one_size(
        &self,
        megabytes: u32,
        mut interrupted: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<Result<Vec<Report>, String>, TuneError> {
        let mut reports = Vec::new();
        for number in 0..=self.trial.invocations {
            let invocation = self.invoke(interrupted.as_mut()).await?;
            if let Some(reason) = invocation.error {
                return Ok(Err(reason));
            }
            let report = report_line::read(&invocation.log);
            let report = report.ok_or_else(|| TuneError::NoReport { function: self.function() })?;
            // The first invocation starts the function, or meets what the start has left to do.
            if number > 0 || report.init_ms.is_some() {
                reports.push(report);
            }
            (self.heard)(Progress::Invoked { megabytes, number });
        }
        Ok(Ok(reports))
    }

    /// Only an invocation can be interrupted: an update whose answer nobody has heard could come into
    /// force after the old size was put back.
    async fn invoke(&self, interrupted: Pin<&mut impl Future<Output = ()>>) -> Result<Invocation, TuneError> {
        let invocation = pin!(self.tuning.invoke(self.trial.function, self.trial.event));
        match select(interrupted, invocation).await {
            Either::Left(_) => Err(TuneError::Interrupted),
            Either::Right((answer, _)) => answer.map_err(|source| self.aws(source)),
        }
    }

    /// Gives the function a memory size, and waits until it has it.
    async fn resize(&self, megabytes: u32) -> Result<(), TuneError> {
        let mut is_asked = false;
        for _ in 0..LOOKS {
            let found = self.settled().await?;
            match found.update {
                Update::Failed(reason) if is_asked => return Err(self.stuck(reason)),
                Update::Settled if found.megabytes == megabytes => return Ok(()),
                _ => {}
            }
            match self.tuning.set_memory_size(self.trial.function, megabytes).await {
                Ok(()) => is_asked = true,
                // Somebody else was faster.
                Err(error) if error.code == AwsErrorCode::OperationInProgress => {
                    self.clock.sleep(PACE).await;
                }
                Err(source) => return Err(self.aws(source)),
            }
        }
        Err(self.stuck("it is always busy".to_owned()))
    }

    /// Waits until no update of the function runs.
    async fn settled(&self) -> Result<Configuration, TuneError> {
        for _ in 0..LOOKS {
            let answer = self.tuning.configuration(self.trial.function).await;
            let found = answer.map_err(|source| self.aws(source))?;
            if found.update != Update::Running {
                return Ok(found);
            }
            self.clock.sleep(PACE).await;
        }
        Err(self.stuck("the update does not end".to_owned()))
    }

    async fn restore(&self, megabytes: u32) -> Result<(), TuneError> {
        let restored = self.resize(megabytes).await;
        restored.map_err(|error| TuneError::NotRestored {
            function: self.function(),
            megabytes,
            source: Box::new(error),
        })?;
        (self.heard)(Progress::Restored(megabytes));
        Ok(())
    }

    fn aws(&self, source: AwsError) -> TuneError {
        TuneError::Aws { function: self.function(), source: Box::new(source) }
    }

    fn stuck(&self, reason: String) -> TuneError {
        TuneError::Update { function: self.function(), reason }
    }

    fn function(&self) -> String {
        self.trial.function.to_owned()
    }
}
