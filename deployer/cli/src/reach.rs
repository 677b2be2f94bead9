//! Finds the account or the local engine that a command works on.

use std::collections::BTreeMap;
use std::path::Path;

use pipectl_aws::{
    SdkCloudFormation, SdkObjectStore, Session, SessionOptions, StaticCredentials, SystemClock,
};
use pipectl_engine::event::EventSink;
use pipectl_engine::execute::{Pace, Ports};
use pipectl_engine::permission::role::boundary_of;
use pipectl_engine::port::Clock as _;
use pipectl_local::{EngineHome, EngineStatus, LocalEvent, RunningEngine, StartOptions};
use stack_model::handle::BUCKET_NAME_SUFFIX;
use stack_model::pipeline::PERMISSIONS_BOUNDARY;

use crate::args::Where;
use crate::env_var;
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::invocation::{Invocation, Next};
use crate::project;
use crate::report::console::Console;
use crate::report::local;

/// An account, or an engine, and the way to it.
pub(crate) struct Reach {
    /// The way.
    pub(crate) session: Session,
    /// The local engine, when it is one.
    pub(crate) engine: Option<RunningEngine>,
    /// How often it is asked what happens.
    pub(crate) pace: Pace,
}

/// The services of a place that a deployment works on.
pub(crate) struct Account<'a> {
    cloudformation: SdkCloudFormation,
    store: SdkObjectStore,
    pace: &'a Pace,
}

impl Reach {
    /// Returns the services.
    pub(crate) fn account(&self) -> Account<'_> {
        let Self { session, pace, .. } = self;
        Account { cloudformation: session.cloudformation(), store: session.object_store(), pace }
    }
}

impl Account<'_> {
    /// Returns the engine's ports, with one who hears what happens.
    pub(crate) fn ports<'a>(
        &'a self,
        events: &'a dyn EventSink,
    ) -> Ports<'a, SdkCloudFormation, SdkObjectStore, SystemClock> {
        let Self { cloudformation, store, pace } = self;
        Ports { cloudformation, store, clock: &SystemClock, pace, events }
    }
}

/// Programs that start together shall not ask in step.
fn pace() -> Pace {
    let now = u64::try_from(SystemClock.now_ms()).unwrap_or_default();
    Pace::new(now ^ (u64::from(std::process::id()) << 32))
}

impl Reach {
    /// Finds credentials, or starts the local engine of the project that `folder` belongs to: for verbs that
    /// deploy.
    pub(crate) async fn find(place: &Where, folder: &Path, console: &Console) -> Result<Self, Failure> {
        if place.local {
            let engine = start(folder, &StartOptions::default(), console).await?;
            return Self::of(engine).await;
        }
        Self::account_of(place).await
    }

    /// Finds credentials, or the running local engine of the project that `folder` belongs to: for verbs
    /// that only read. They start none.
    pub(crate) async fn find_running(place: &Where, folder: &Path) -> Result<Self, Failure> {
        if place.local {
            return Self::of(running(folder).await?).await;
        }
        Self::account_of(place).await
    }

    async fn of(engine: RunningEngine) -> Result<Self, Failure> {
        let session = Session::load(engine_options(&engine)).await?;
        Ok(Self { session, engine: Some(engine), pace: pace() })
    }

    async fn account_of(place: &Where) -> Result<Self, Failure> {
        let options = SessionOptions {
            profile: place.profile.clone(),
            region: place.region.clone(),
            endpoint_url: place.endpoint_url.clone(),
            execution_role: place.role_arn.clone(),
            ..SessionOptions::default()
        };
        Ok(Self {
            session: Session::load(options).await?,
            engine: None,
            pace: pace().with_credential_wait(place.credential_wait),
        })
    }

    /// Says where this is, for people.
    pub(crate) fn name(&self) -> String {
        match (&self.engine, self.session.endpoint_url()) {
            (Some(engine), _) => format!("the local engine at {}", engine.endpoint),
            (None, Some(endpoint)) => format!("{endpoint} ({})", self.session.region()),
            (None, None) => self.session.region().to_owned(),
        }
    }

    /// Parameter values that this place needs, where the template has the parameter.
    ///
    /// The local engine does not know the account-regional namespace of buckets. CloudFormation's role of
    /// `pipectl permissions` makes roles only under the boundary that belongs to it.
    pub(crate) fn parameters(&self) -> BTreeMap<String, String> {
        let suffix = self.engine.as_ref().map(|_| (BUCKET_NAME_SUFFIX.to_owned(), String::new()));
        let boundary = self.session.execution_role().and_then(boundary_of);
        let boundary = boundary.map(|arn| (PERMISSIONS_BOUNDARY.to_owned(), arn));
        suffix.into_iter().chain(boundary).collect()
    }

    /// Returns an output as it is used from here: the local engine serves an API under its own address.
    pub(crate) fn output(&self, value: &str) -> String {
        let Some(engine) = &self.engine else { return value.to_owned() };
        let host = value.split_once("://").and_then(|(_, rest)| rest.split('/').next());
        match host.and_then(|host| host.split_once(".execute-api.")) {
            Some((api_id, _)) => pipectl_local::local_api_url(&engine.endpoint, api_id),
            None => value.to_owned(),
        }
    }
}

fn engine_options(engine: &RunningEngine) -> SessionOptions {
    SessionOptions {
        region: Some(engine.region.to_owned()),
        endpoint_url: Some(engine.endpoint.clone()),
        static_credentials: Some(StaticCredentials {
            access_key_id: engine.credentials.access_key_id.clone(),
            secret_access_key: engine.credentials.secret_access_key.clone(),
        }),
        ..SessionOptions::default()
    }
}

/// Returns the folders of the local engine of the project that `folder` belongs to.
pub(crate) fn home(folder: &Path) -> Result<EngineHome, Failure> {
    let cache = env_var::cache_dir().ok_or_else(|| {
        let hint = format!("set {} to a folder", env_var::CACHE_DIR);
        Failure::text(Exit::Usage, "there is no cache folder: neither HOME nor XDG_CACHE_HOME is set")
            .hint(hint)
    })?;
    let cache = std::path::absolute(&cache).unwrap_or(cache);
    Ok(EngineHome::new(cache, project::engine_folder(&project::root(folder))))
}

/// Starts the engine of the project that `folder` belongs to, or finds it running.
pub(crate) async fn start(
    folder: &Path,
    options: &StartOptions,
    console: &Console,
) -> Result<RunningEngine, Failure> {
    let show = |event: LocalEvent| local::show(console, &event);
    let started = pipectl_local::start(&home(folder)?, options, &show).await;
    console.idle();
    let engine = started.map_err(|error| engine_failure(&error))?;
    for other in others(folder).await {
        console.warn(&other);
    }
    Ok(engine)
}

/// Finds the running engine of the project that `folder` belongs to.
async fn running(folder: &Path) -> Result<RunningEngine, Failure> {
    let status = pipectl_local::status(&home(folder)?).await;
    match status.map_err(|error| Failure::new(Exit::Access, &error))? {
        EngineStatus::Running(engine) => Ok(engine),
        EngineStatus::Unresponsive { pid, port } => {
            Err(engine_failure(&pipectl_local::StartError::Unresponsive { pid, port }))
        }
        EngineStatus::Stale { .. } | EngineStatus::Stopped => {
            let root = project::root(folder);
            let what = format!("the local engine of `{}` is not running", root.display());
            Err(Failure::text(Exit::Access, what).next("start it with", Next::LocalStart))
        }
    }
}

/// Names the engines that run for folders above the project.
pub(crate) async fn others(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for other in project::others_above(&project::root(folder)) {
        let Ok(home) = home(&other) else { continue };
        if let Ok(EngineStatus::Running(engine)) = pipectl_local::status(&home).await {
            found.push(format!(
                "another local engine runs for `{}` at {}; stop it with: {}",
                other.display(),
                engine.endpoint,
                Invocation::in_folder(&other).command(&Next::LocalStop)
            ));
        }
    }
    found
}

/// Says what to do about an engine that does not start.
fn engine_failure(error: &pipectl_local::StartError) -> Failure {
    use pipectl_local::{ProvisionError, StartError};
    let failure = Failure::new(Exit::Access, error);
    match error {
        StartError::PortTaken { .. } => failure.hint("leave --port out to take a free one"),
        StartError::RunsOtherwise { .. } => failure.next("stop it first", Next::LocalStop),
        StartError::Moved { .. } => {
            failure.next("stop it, which brings what it has saved to the new place", Next::LocalStop)
        }
        StartError::Unresponsive { .. } => failure
            .hint("wait until it answers again, if the machine is busy")
            .next("or end it", Next::LocalStop),
        StartError::Exited { log, .. } | StartError::Silent { log, .. } => {
            failure.hint(format!("see its log: {}", log.display()))
        }
        StartError::Provision(ProvisionError::Cache { .. }) => failure
            .hint(format!("make room there, or set {} to a folder on another disk", env_var::CACHE_DIR)),
        StartError::Provision(
            ProvisionError::NoPython { .. } | ProvisionError::Run { .. } | ProvisionError::Failed { .. },
        ) => failure
            .hint("it needs Python 3.10 or later with venv, and the Python Package Index the first time"),
        StartError::NoPort => failure.hint("choose one: start the engine with --port PORT"),
        _ => failure,
    }
}
