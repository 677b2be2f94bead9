//! `pipectl up`: builds the functions and makes the stack as the spec wants it.

use pipectl_engine::execute::UpError;
use pipectl_engine::outcome::Outcome;
use pipectl_packaging::PackageError;

use super::up_plan;
use crate::approve::Agreed;
use crate::args::UpArgs;
use crate::deploy::{Deploy, shown, values, way};
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::many;
use crate::packager;
use crate::project::Project;
use crate::reach::Reach;
use crate::report::console::Console;
use crate::report::next_steps;

/// Deploys, prints the outputs, and says what to try next.
pub(crate) async fn run(args: &UpArgs, console: &Console) -> Result<Exit, Failure> {
    if let Some(file) = &args.plan {
        return up_plan::run(args, file, console).await;
    }
    if !args.more.is_empty() {
        return many::up(args, console).await;
    }
    let project = Project::open_to_build(&args.target, console)?;
    let reach = Reach::find(&args.place, project.spec.folder(), console).await?;
    console.say(&format!("{} on {}", console.style.bold(&project.stack), reach.name()));
    let deploy = Deploy {
        project: &project,
        reach: &reach,
        console,
        parameters: &args.parameter,
        agreed: agreed(args, &reach),
        way: way(args),
    };
    let outcome = deploy.run(&packager::new(&project, console)).await;
    let outcome = outcome.map_err(|failure| failure.coming_back(console))?;
    if let Some(values) = values(&outcome).filter(|_| !console.is_json() && !console.is_quiet()) {
        console.say(&next_steps::text(
            &shown(values, &reach),
            &project.lowered.template,
            reach.engine.is_some(),
            console,
        ));
    }
    Ok(if outcome == Outcome::Declined { Exit::Declined } else { Exit::Done })
}

/// What the flags agree to. On the local engine access protects nobody, so none is asked for.
pub(crate) fn agreed(args: &UpArgs, reach: &Reach) -> Agreed {
    Agreed {
        access: args.yes || reach.engine.is_some(),
        data: args.allow_destructive,
        recovery: args.yes,
        ..Agreed::default()
    }
}

/// Says what failed; of missing consents only those that no flag has given.
pub(crate) fn failure(error: UpError, agreed: Agreed) -> Failure {
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
