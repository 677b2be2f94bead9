//! `pipectl tune`: measures a deployed function at several memory sizes.

use std::path::Path;

use pipectl_aws::SystemClock;
use pipectl_engine::package::function_crates;
use pipectl_engine::port::CloudFormation as _;
use pipectl_engine::tune::choose::{Goal, choose};
use pipectl_engine::tune::edit::set_memory_size;
use pipectl_engine::tune::measure::{Trial, measure};
use pipectl_engine::tune::price::Price;

use crate::args::{TuneArgs, TuneGoal};
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::invocation::Next;
use crate::project::Project;
use crate::reach::Reach;
use crate::report::console::Console;
use crate::report::tune as report;

/// Measures, shows what was found, and writes the best size into the spec if that is wanted.
pub(crate) async fn run(args: &TuneArgs, console: &Console) -> Result<Exit, Failure> {
    if args.place.local {
        let what = "`tune` cannot measure on the local engine: its functions share this machine's CPU, which says nothing of Lambda's";
        return Err(Failure::text(Exit::Usage, what)
            .hint("deploy to a stage on AWS, and measure there: --stage NAME"));
    }
    let project = Project::open(&args.target, console)?;
    let event = event(args.payload.as_deref())?;
    let logical_id = logical_id(&project, &args.function)?;
    let reach = Reach::find(&args.place, project.spec.folder(), console).await?;
    let function = physical_id(&project, &logical_id, &reach).await?;
    let tuning = reach.session.tuning();
    let sizes = sorted(&args.sizes);
    let trial = Trial { function: &function, event: &event, sizes: &sizes, invocations: args.invocations };
    // Listens from here on, not only while somebody waits for it.
    let mut interrupts = Interrupts::listen()
        .map_err(|error| Failure::text(Exit::Access, format!("cannot listen for Ctrl-C: {error}")))?;
    let interrupted = async {
        interrupts.next().await;
    };
    let show = report::Progressing::new(console, &trial);
    let measured = measure((&tuning, &SystemClock), &trial, interrupted, &|step| show.show(step)).await;
    console.idle();
    let measured = measured.map_err(|error| Failure::from(&error))?;
    let price = Price::of(measured.architecture);
    let best = choose(goal(args.goal), &measured.samples, &price);
    let best = best.map_or(measured.deployed, |sample| sample.megabytes);
    report::measured(console, &measured, &price, best);
    let is_written = args.write && write(&project, args, &logical_id, best)?;
    let outcome = report::Outcome { best, deployed: measured.deployed, is_written };
    report::outcome(console, &outcome, &project.spec.name(), &args.function);
    Ok(Exit::Done)
}

fn goal(goal: TuneGoal) -> Goal {
    match goal {
        TuneGoal::Cost => Goal::Cost,
        TuneGoal::Speed => Goal::Speed,
        TuneGoal::Balanced => Goal::Balanced,
    }
}

fn sorted(sizes: &[u32]) -> Vec<u32> {
    let mut sizes = sizes.to_vec();
    sizes.sort_unstable();
    sizes.dedup();
    sizes
}

/// Reads the event; it is sent as it is.
fn event(file: Option<&Path>) -> Result<Vec<u8>, Failure> {
    let Some(file) = file else { return Ok(b"{}".to_vec()) };
    let wrong = |error: &dyn std::fmt::Display| {
        Failure::text(Exit::Usage, format!("cannot use `{}` as an event: {error}", file.display()))
    };
    let bytes = std::fs::read(file).map_err(|error| wrong(&error))?;
    serde_json::from_slice::<serde_json::Value>(&bytes).map_err(|error| wrong(&error))?;
    Ok(bytes)
}

/// Finds the function in the template, by its name in the spec or its logical ID.
fn logical_id(project: &Project, name: &str) -> Result<String, Failure> {
    let functions = function_crates(&project.lowered.template);
    let found = functions.iter().find(|(id, function)| function.function == name || *id == name);
    found.map(|(id, _)| id.clone()).ok_or_else(|| {
        let known: Vec<&str> = functions.values().map(|function| function.function.as_str()).collect();
        let failure = Failure::text(Exit::Usage, format!("there is no function `{name}`"));
        failure.hint(format!("there is {}", known.join(", ")))
    })
}

async fn physical_id(project: &Project, logical_id: &str, reach: &Reach) -> Result<String, Failure> {
    let cloudformation = reach.session.cloudformation();
    let not_deployed = || {
        let what =
            format!("function `{logical_id}` is not deployed in `{}` on {}", project.stack, reach.name());
        Failure::text(Exit::Usage, what).next("deploy it first", Next::Up)
    };
    let stack = cloudformation.describe_stack(&project.stack).await?;
    let stack = stack.filter(|stack| !stack.status.is_absent()).ok_or_else(not_deployed)?;
    let resources = cloudformation.resources(&stack.id).await?;
    let function = resources.into_iter().find(|resource| resource.logical_id == logical_id);
    function.and_then(|function| function.physical_id).filter(|id| !id.is_empty()).ok_or_else(not_deployed)
}

/// Writes a size into the spec; says whether the spec was another before.
fn write(project: &Project, args: &TuneArgs, logical_id: &str, megabytes: u32) -> Result<bool, Failure> {
    let functions = function_crates(&project.lowered.template);
    let name = functions.get(logical_id).map_or(args.function.as_str(), |found| found.function.as_str());
    let spec = &project.spec;
    let by_hand = || format!("write `memory_size: {megabytes}MB` into function `{name}` by hand");
    let edited = set_memory_size(&spec.text, args.target.stage.as_deref(), name, megabytes)
        .map_err(|error| Failure::new(Exit::Usage, &error).hint(by_hand()))?;
    if edited == spec.text {
        return Ok(false);
    }
    let written = std::fs::write(&spec.path, edited);
    written
        .map(|()| true)
        .map_err(|error| Failure::unwritten(format_args!("`{}`", spec.name()), &error).hint(by_hand()))
}
