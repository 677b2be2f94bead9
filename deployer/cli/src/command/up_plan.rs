//! `pipectl up --plan`: carries out what `diff --save` has written.

use std::collections::BTreeMap;
use std::path::Path;

use pipectl_engine::execute::{SavedPlanError, up_saved};
use pipectl_engine::outcome::Outcome;
use pipectl_engine::plan_file::{self, PlanFile};

use super::outputs;
use super::up::{agreed, failure};
use crate::approve::Asking;
use crate::args::UpArgs;
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::invocation::{Invocation, Next};
use crate::reach::Reach;
use crate::report::Reporter;
use crate::report::console::Console;

/// Executes exactly what the plan says, or refuses it.
pub(crate) async fn run(args: &UpArgs, file: &Path, console: &Console) -> Result<Exit, Failure> {
    let plan = read(file)?;
    console.works_on(Invocation::new(&args.target, &args.place).on_stack(&plan.stack));
    let reach = Reach::find(&args.place, folder(&args.target.spec), console).await?;
    console.say(&format!("{} on {}", console.style.bold(&plan.stack), reach.name()));
    let reporter = Reporter::new(console, &reach);
    let account = reach.account();
    let ports = account.ports(&reporter);
    let agreed = agreed(args, &reach);
    match up_saved(&ports, &Asking { console, agreed }, &plan).await {
        Ok(Outcome::Declined) => Ok(Exit::Declined),
        Ok(
            Outcome::Deleted(_)
            | Outcome::Recovered(_)
            | Outcome::RecoveryPlanned { .. }
            | Outcome::Cancelled { .. },
        ) => Ok(Exit::Done),
        Ok(
            Outcome::Created { outputs: values }
            | Outcome::Updated { outputs: values }
            | Outcome::Unchanged { outputs: values },
        ) => {
            let shown: BTreeMap<String, String> =
                values.into_iter().map(|(name, value)| (name, reach.output(&value))).collect();
            outputs::show(&shown, console);
            Ok(Exit::Done)
        }
        Err(SavedPlanError::Up(error)) => Err(failure(error, agreed)),
        Err(error) => Err(Failure::from(&error)),
    }
}

fn read(file: &Path) -> Result<PlanFile, Failure> {
    let name = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::text(Exit::Usage, format!("cannot read `{name}`: {error}")))?;
    plan_file::read(&text).map_err(|error| {
        let mut failure = Failure::new(Exit::Usage, &error);
        failure.chain.insert(0, format!("`{name}` cannot be carried out"));
        failure.next("write a plan", Next::DiffSave)
    })
}

/// The folder whose project's local engine is meant.
fn folder(spec: &Path) -> &Path {
    match spec.parent() {
        Some(parent) if spec.is_file() && !parent.as_os_str().is_empty() => parent,
        Some(_) if spec.is_file() => Path::new("."),
        _ => spec,
    }
}
