//! One deployment of one stack: wires the engine, and shows what comes out.

use std::collections::BTreeMap;

use pipectl_aws::ApiAddress;
use pipectl_engine::execute::{self, CodeOnlyError, DeployError, Direct, Inputs, Way};
use pipectl_engine::outcome::Outcome;
use pipectl_engine::port::Packager;
use pipectl_packaging::PackageError;

use crate::approve::{Agreed, Asking};
use crate::args::UpArgs;
use crate::command::{outputs, up};
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::packager;
use crate::project::Project;
use crate::reach::Reach;
use crate::report::Reporter;
use crate::report::console::Console;

/// A deployment that is about to run.
pub(crate) struct Deploy<'a> {
    /// What is deployed.
    pub(crate) project: &'a Project,
    /// Where.
    pub(crate) reach: &'a Reach,
    /// Where it is shown.
    pub(crate) console: &'a Console,
    /// Values of template parameters.
    pub(crate) parameters: &'a [(String, String)],
    /// What flags have agreed to.
    pub(crate) agreed: Agreed,
    /// How.
    pub(crate) way: Way,
}

impl Deploy<'_> {
    /// Deploys, and shows the outputs.
    pub(crate) async fn run<P: Packager>(&self, packager: &P) -> Result<Outcome, Failure> {
        let Self { project, reach, console, agreed, .. } = *self;
        let reporter = Reporter::new(console, reach);
        let account = reach.account();
        let ports = account.ports(&reporter);
        let inputs = Inputs {
            wanted: project.wanted(self.parameters, &reach.parameters()),
            functions: packager::crates(project, reach.engine.is_some()),
        };
        let direct = Direct {
            functions: &reach.session.function_code(),
            readiness: &reach.session.readiness(api_address(reach)),
        };
        let asking = Asking { console, agreed };
        let deployed = execute::deploy(&ports, packager, &asking, &direct, &inputs, self.way).await;
        let outcome = deployed.map_err(|error| failure(error, agreed))?;
        if let Some(values) = values(&outcome) {
            outputs::show(&shown(values, reach), console);
        }
        Ok(outcome)
    }
}

/// The way that flags ask for.
pub(crate) fn way(args: &UpArgs) -> Way {
    match (args.express, args.code_only) {
        (true, _) => Way::Express,
        (_, true) => Way::CodeOnly,
        _ => Way::Standard,
    }
}

/// Returns the output values of an outcome that has some.
pub(crate) fn values(outcome: &Outcome) -> Option<&BTreeMap<String, String>> {
    match outcome {
        Outcome::Created { outputs } | Outcome::Updated { outputs } | Outcome::Unchanged { outputs } => {
            Some(outputs)
        }
        _ => None,
    }
}

/// Returns outputs as they are used from here.
pub(crate) fn shown(values: &BTreeMap<String, String>, reach: &Reach) -> BTreeMap<String, String> {
    values.iter().map(|(name, value)| (name.clone(), reach.output(value))).collect()
}

/// Where APIs answer: on AWS at their own address, on the local engine below its. What another endpoint
/// does with APIs nobody knows.
fn api_address(reach: &Reach) -> ApiAddress {
    let local = reach.engine.as_ref().map(|engine| engine.endpoint.clone());
    let is_aws = reach.session.endpoint_url().is_none();
    Box::new(move |url| match &local {
        Some(endpoint) => {
            let api_id = url.split_once("://")?.1.split('.').next()?;
            Some(pipectl_local::local_api_url(endpoint, api_id))
        }
        None => is_aws.then(|| url.to_owned()),
    })
}

fn failure(error: DeployError, agreed: Agreed) -> Failure {
    match error {
        DeployError::Up(error) => up::failure(error, agreed),
        DeployError::CodeOnly(CodeOnlyError::Packaging(cause)) => match cause.downcast::<PackageError>() {
            Ok(cause) => packager::explained(Failure::new(Exit::Packaging, cause.as_ref()), &cause),
            Err(cause) => Failure::new(Exit::Packaging, cause.as_ref()),
        },
        other => Failure::from(&other),
    }
}
