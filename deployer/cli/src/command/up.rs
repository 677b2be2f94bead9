//! `pipectl up`: builds the functions and makes the stack as the spec wants it.

use std::collections::BTreeMap;

use pipectl_aws::SystemClock;
use pipectl_engine::execute::{self, Inputs, Ports, UpError};
use pipectl_engine::outcome::Outcome;
use pipectl_packaging::PackageError;

use super::attach::WayBack;
use super::{outputs, up_plan};
use crate::approve::{Agreed, Asking};
use crate::args::UpArgs;
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::packager;
use crate::project::Project;
use crate::reach::Reach;
use crate::report::Reporter;
use crate::report::console::Console;
use crate::report::next_steps;

/// Deploys, prints the outputs, and says what to try next.
pub(crate) async fn run(args: &UpArgs, console: &Console) -> Result<Exit, Failure> {
    if let Some(file) = &args.plan {
        return up_plan::run(args, file, console).await;
    }
    let project = Project::open(&args.target, console)?;
    let reach = Reach::find(&args.place, project.spec.folder(), console).await?;
    console.say(&format!("{} on {}", console.style.bold(&project.stack), reach.name()));
    let reporter = Reporter::new(console, &reach);
    let ports = Ports {
        cloudformation: &reach.session.cloudformation(),
        store: &reach.session.object_store(),
        clock: &SystemClock,
        pace: &reach.pace,
        events: &reporter,
    };
    let inputs = Inputs {
        wanted: project.wanted(&args.parameter, &reach.parameters()),
        functions: packager::crates(&project, reach.engine.is_some()),
    };
    let packager = packager::new(&project, console);
    let agreed = agreed(args, &reach);
    let outcome = execute::up(&ports, &packager, &Asking { console, agreed }, &inputs).await;
    match outcome.map_err(|error| failure(error, agreed).coming_back(&WayBack::up(args), console))? {
        Outcome::Created { outputs: values }
        | Outcome::Updated { outputs: values }
        | Outcome::Unchanged { outputs: values } => {
            show(values, &project, &reach, console);
            Ok(Exit::Done)
        }
        Outcome::Declined => Ok(Exit::Declined),
        Outcome::Deleted(_)
        | Outcome::Recovered(_)
        | Outcome::RecoveryPlanned { .. }
        | Outcome::Cancelled { .. } => Ok(Exit::Done),
    }
}

fn show(values: BTreeMap<String, String>, project: &Project, reach: &Reach, console: &Console) {
    let outputs: BTreeMap<String, String> =
        values.into_iter().map(|(name, value)| (name, reach.output(&value))).collect();
    outputs::show(&outputs, console);
    if !console.is_json() && !console.is_quiet() {
        console.say(&next_steps::text(&outputs, project, reach));
    }
}

/// What the flags agree to. On the local engine access protects nobody, so none is asked for.
pub(super) fn agreed(args: &UpArgs, reach: &Reach) -> Agreed {
    Agreed {
        access: args.yes || reach.engine.is_some(),
        data: args.allow_destructive,
        recovery: args.yes,
        ..Agreed::default()
    }
}

/// Says what failed; of missing consents only those that no flag has given.
pub(super) fn failure(error: UpError, agreed: Agreed) -> Failure {
    let error = match error {
        UpError::ConsentMissing { stack, consent } => {
            UpError::ConsentMissing { stack, consent: agreed.left(consent) }
        }
        other => other,
    };
    let failure = Failure::from(&error);
    match &error {
        UpError::Packaging(cause) => match cause.downcast_ref::<PackageError>() {
            Some(cause) => packager::explained(failure, cause),
            None => failure,
        },
        _ => failure,
    }
}
