//! An execution environment: a process between its Runtime API and the stand-in for AWS.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::Value;

use crate::clock;
use crate::process::Bootstrap;
use crate::quota::{Means, Quota};
use crate::runtime_api::RuntimeApi;
use crate::stand_in::{Behaviour, Counts, StandIn};

/// What to run, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting<'run> {
    pub(crate) program: &'run Path,
    pub(crate) variables: &'static [(&'static str, &'static str)],
    pub(crate) behaviour: Behaviour,
    /// How the share is kept to, and the memory in MB that it follows from; none for no limit.
    pub(crate) share: Option<(Means, u32)>,
}

/// A running function with all around it.
pub(crate) struct ExecutionEnvironment {
    /// Before the servers, so that it ends first.
    bootstrap: Bootstrap,
    runtime_api: RuntimeApi,
    stand_in: StandIn,
}

/// Times from the start of a program.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ColdStart {
    /// Until it asked for its first event.
    pub(crate) init: Duration,
    /// Until its first response.
    pub(crate) response: Duration,
    /// Processor time used by then.
    pub(crate) processor_time: Duration,
}

/// Memory of a function without a limit, in MB; only told to it.
const MEMORY_UNLIMITED: u32 = 10_240;

impl ExecutionEnvironment {
    /// Starts the program with its first event waiting.
    pub(crate) fn start(setting: &Setting<'_>, first_event: &Value) -> anyhow::Result<(Self, ColdStart)> {
        let runtime_api = RuntimeApi::start().context("the Runtime API does not start")?;
        let stand_in = StandIn::start(setting.behaviour).context("the stand-in does not start")?;
        let quota = match setting.share {
            Some((means, memory)) => {
                let name = runtime_api.address().port().to_string();
                Some(Quota::new(means, &name, memory).context("the processor share cannot be set")?)
            }
            None => None,
        };
        let memory = setting.share.map_or(MEMORY_UNLIMITED, |(_, memory)| memory).to_string();
        let addresses = (runtime_api.address().to_string(), format!("http://{}", stand_in.address()));
        let own = [
            ("AWS_LAMBDA_RUNTIME_API", addresses.0.as_str()),
            ("AWS_ENDPOINT_URL", addresses.1.as_str()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", memory.as_str()),
        ];
        runtime_api.send(first_event.to_string().into_bytes())?;
        let variables = LAMBDA.iter().chain(setting.variables).chain(&own).copied();
        let bootstrap = Bootstrap::start(setting.program, variables, quota)?;
        let mut environment = Self { bootstrap, runtime_api, stand_in };
        let responded = environment.outcome()?;
        let started = environment.bootstrap.started();
        let asked = environment.runtime_api.asked_first().unwrap_or(responded);
        let processor_time = environment.processor_time()?;
        Ok((environment, ColdStart { init: asked - started, response: responded - started, processor_time }))
    }

    /// Time from an event to its response.
    pub(crate) fn invoke(&mut self, event: &Value) -> anyhow::Result<Duration> {
        let event = event.to_string().into_bytes();
        let begin = clock::now();
        self.runtime_api.send(event)?;
        Ok(self.outcome()? - begin)
    }

    fn outcome(&mut self) -> anyhow::Result<Instant> {
        let Self { bootstrap, runtime_api, .. } = self;
        runtime_api.outcome(|| bootstrap.is_alive()).map(|(at, _)| at)
    }

    pub(crate) fn counts(&self) -> Counts {
        self.stand_in.counts()
    }

    pub(crate) fn peak_memory(&self) -> anyhow::Result<u64> {
        self.bootstrap.peak_memory()
    }

    pub(crate) fn processor_time(&self) -> anyhow::Result<Duration> {
        self.bootstrap.processor_time()
    }
}

/// What Lambda sets, as far as the runtime and the functions read it; the credentials are nobody's.
/// Source: AWS Lambda developer guide, defined runtime environment variables (read 2026-11-23).
const LAMBDA: [(&str, &str); 9] = [
    ("AWS_REGION", "us-east-1"),
    ("AWS_ACCESS_KEY_ID", "bench"),
    ("AWS_SECRET_ACCESS_KEY", "bench"),
    ("AWS_SESSION_TOKEN", "bench"),
    ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
    ("LOG_LEVEL", "info"),
];
