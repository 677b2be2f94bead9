//! `pipectl diff`: shows what `up` would change.

use std::collections::BTreeMap;
use std::path::Path;

use pipectl_engine::execute::{Asked, PreviewError, Question, preview, preview_of_templates};
use pipectl_engine::plan::check_names;
use pipectl_engine::plan_file::PlanFile;
use pipectl_packaging::PackageError;
use serde_json::json;

use crate::args::{DiffArgs, FailOn};
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::invocation::Next;
use crate::packager;
use crate::project::{Project, SpecText, template};
use crate::reach::Reach;
use crate::report::Reporter;
use crate::report::console::Console;
use crate::report::plan as report;

/// Compares, shows and saves; changes no resource.
pub(crate) async fn run(args: &DiffArgs, console: &Console) -> Result<Exit, Failure> {
    let builds = args.against.is_none() && !args.no_build;
    let open = if builds { Project::open_to_build } else { Project::open_with_warnings };
    let project = open(&args.target, console)?;
    let plan = match &args.against {
        Some(file) => {
            let before = template(&SpecText::read(file)?)?;
            let given = given(args, &project)?;
            preview_of_templates(&project.stack, &before, &project.lowered.template, &given)
        }
        None => with_stack(args, &project, console).await?,
    };
    console.idle();
    if let Some(file) = &args.save {
        save(&plan, file, console)?;
    }
    show(&plan, &project, console);
    let concerned = match args.fail_on {
        FailOn::None => false,
        FailOn::Any => !plan.is_empty(),
        FailOn::Security => plan.summary.widens_access > 0,
        FailOn::Destructive => plan.summary.loses_data > 0,
    };
    Ok(if concerned { Exit::Found } else { Exit::Done })
}

/// Takes the parameter values that count for both templates.
fn given(args: &DiffArgs, project: &Project) -> Result<BTreeMap<String, String>, Failure> {
    let wanted = project.wanted(&args.parameter, &BTreeMap::new());
    check_names(&wanted).map_err(|error| Failure::from(&PreviewError::Plan(error)))?;
    Ok(wanted.given)
}

async fn with_stack(args: &DiffArgs, project: &Project, console: &Console) -> Result<PlanFile, Failure> {
    let reach = Reach::find_running(&args.place, project.spec.folder()).await?;
    let reporter = Reporter::new(console, &reach);
    let account = reach.account();
    let ports = account.ports(&reporter);
    let question = Question {
        wanted: project.wanted(&args.parameter, &reach.parameters()),
        functions: (!args.no_build).then(|| packager::crates(project, reach.engine.is_some())),
        change_set: match (&args.save, args.change_set) {
            (Some(_), _) => Asked::Kept,
            (None, true) => Asked::Described,
            (None, false) => Asked::No,
        },
        drift: args.drift,
    };
    let packager = packager::new(project, console);
    let found = preview(&ports, &reach.session.function_code(), &packager, &question).await;
    found.map_err(|error| failure(&error))
}

fn failure(error: &PreviewError) -> Failure {
    let failure = Failure::from(error);
    match error {
        PreviewError::Packaging(cause) => match cause.downcast_ref::<PackageError>() {
            Some(cause) => packager::explained(failure, cause),
            None => failure,
        },
        _ => failure,
    }
}

fn save(plan: &PlanFile, file: &Path, console: &Console) -> Result<(), Failure> {
    let name = file.display();
    std::fs::write(file, format!("{:#}\n", plan.to_json()))
        .map_err(|error| Failure::unwritten(format_args!("`{name}`"), &error))?;
    let next = console.command(&Next::UpPlan(file.to_owned()));
    console.say(&format!("saved as {name}; carry it out with: {next}"));
    Ok(())
}

fn show(plan: &PlanFile, project: &Project, console: &Console) {
    if console.is_json() {
        console.json(&report::to_json(plan));
        let result = if plan.is_empty() { "unchanged" } else { "changes" };
        console.json(&json!({"type": "outcome", "result": result}));
    } else if console.is_sarif() {
        let document = report::sarif::document(plan, &project.spec.name(), &project.lowered);
        console.result(&format!("{document:#}"));
    } else if console.is_markdown() {
        console.result(&report::markdown::markdown(plan));
    } else {
        console.result(&report::text::text(plan, console.result_style));
    }
}
