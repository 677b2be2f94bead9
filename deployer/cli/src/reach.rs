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
use pipectl_local::{EngineHome, LocalEvent, RunningEngine, StartOptions};
use stack_model::handle::BUCKET_NAME_SUFFIX;
use stack_model::pipeline::PERMISSIONS_BOUNDARY;

use crate::args::Where;
use crate::env_var;
use crate::exit_code::Exit;
use crate::failure::Failure;
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

impl Where {
    /// The arguments that name this place on the command line.
    pub(crate) fn arguments(&self) -> String {
        let given =
            |flag: &str, value: &Option<String>| value.as_ref().map(|value| format!("{flag} {value}"));
        let all = [
            self.local.then(|| "--local".to_owned()),
            given("--profile", &self.profile),
            given("--region", &self.region),
            given("--endpoint-url", &self.endpoint_url),
        ];
        all.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// Programs that start together shall not ask in step.
fn pace() -> Pace {
    let now = u64::try_from(SystemClock.now_ms()).unwrap_or_default();
    Pace::new(now ^ (u64::from(std::process::id()) << 32))
}

impl Reach {
    /// Finds credentials, or starts the local engine of the project that `folder` belongs to.
    pub(crate) async fn find(place: &Where, folder: &Path, console: &Console) -> Result<Self, Failure> {
        if place.local {
            let engine = start(&home(folder)?, &StartOptions::default(), console).await?;
            let session = Session::load(engine_options(&engine)).await?;
            return Ok(Self { session, engine: Some(engine), pace: pace() });
        }
        let options = SessionOptions {
            profile: place.profile.clone(),
            region: place.region.clone(),
            endpoint_url: place.endpoint_url.clone(),
            execution_role: place.role_arn.clone(),
            ..SessionOptions::default()
        };
        Ok(Self { session: Session::load(options).await?, engine: None, pace: pace() })
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
    Ok(EngineHome::new(cache, project::root(folder).join(".pipectl").join("local")))
}

/// Starts the engine, or finds it running.
pub(crate) async fn start(
    home: &EngineHome,
    options: &StartOptions,
    console: &Console,
) -> Result<RunningEngine, Failure> {
    let show = |event: LocalEvent| local::show(console, &event);
    let started = pipectl_local::start(home, options, &show).await;
    console.idle();
    started.map_err(|error| engine_failure(&error))
}

/// Says what to do about an engine that does not start.
fn engine_failure(error: &pipectl_local::StartError) -> Failure {
    use pipectl_local::StartError;
    let failure = Failure::new(Exit::Access, error);
    match error {
        StartError::PortTaken { .. } => failure.hint("leave --port out to take a free one"),
        StartError::RunsOtherwise { .. } => failure.hint("stop it first: pipectl local stop"),
        StartError::Exited { log, .. } | StartError::Silent { log, .. } => {
            failure.hint(format!("see its log: {}", log.display()))
        }
        StartError::Provision(_) => failure
            .hint("it needs Python 3.10 or later with venv, and the Python Package Index the first time"),
        _ => failure,
    }
}
