//! The process of a function: what it has from its start on, and its invocations.

use std::sync::Arc;

use aws_types::SdkConfig;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use pipectl_contract::EnvironmentError;
use serde::{Serialize, de::DeserializeOwned};

use crate::client;
use crate::clock::{Clock as _, SystemClock};
use crate::environment::Reporting;
use crate::invocation::Invocation;
use crate::log::Log;
use crate::metrics::Metrics;
use crate::output::Stdout;

/// The process that Lambda starts for a function and gives one invocation after the other.
pub struct Process {
    /// Settings for all AWS clients.
    pub settings: SdkConfig,
    /// The clock of the machine.
    pub clock: Arc<SystemClock>,
    /// A log to standard output.
    pub log: Log,
    metrics_namespace: String,
}

impl Process {
    /// Reads what Lambda sets through `lookup`.
    ///
    /// # Errors
    /// [`EnvironmentError`] when region or credentials are missing.
    pub fn new(
        reporting: &Reporting,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, EnvironmentError> {
        let clock = Arc::new(SystemClock);
        Ok(Self {
            settings: client::settings(lookup)?,
            log: Log::new(reporting.log_level, Arc::new(Stdout), clock.clone()),
            clock,
            metrics_namespace: reporting.metrics_namespace.clone(),
        })
    }

    /// Has `handle` answer events until Lambda ends the process, and publishes what each invocation counts,
    /// also when it fails.
    ///
    /// # Errors
    /// When Lambda's runtime API fails; what `handle` fails with goes to Lambda, as the invocation's failure.
    pub async fn run<Event, Answer>(
        &self,
        handle: impl AsyncFn(Event, &Invocation, &mut Metrics) -> Result<Answer, Error>,
    ) -> Result<(), Error>
    where
        Event: DeserializeOwned,
        Answer: Serialize,
    {
        let handle = &handle;
        lambda_runtime::run(service_fn(async |event: LambdaEvent<Event>| {
            let invocation = Invocation::from(&event.context);
            let mut metrics = Metrics::new(&self.metrics_namespace, &event.context.env_config.function_name);
            // Boxed: within the futures of the runtime, those of AWS clients nest deeper than the compiler goes.
            let result = Box::pin(handle(event.payload, &invocation, &mut metrics)).await;
            metrics.publish(&Stdout, self.clock.now());
            result
        }))
        .await
    }
}
