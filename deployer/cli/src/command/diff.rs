//! `pipectl diff`: shows what `up` would change.

use std::collections::BTreeMap;
use std::path::Path;

use pipectl_engine::diff::{self, ARTIFACT_BUCKET, Diff, Side, code_parameters};
use pipectl_engine::package::Package;
use pipectl_engine::plan::{Artifacts, Deployed, Wanted, parameter_values};
use pipectl_engine::port::{CloudFormation as _, Packager as _};
use pipectl_engine::template_file::as_sent;
use serde_json::json;

use crate::args::{DiffArgs, FailOn};
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::packager;
use crate::project::{Project, SpecText, template};
use crate::reach::Reach;
use crate::report::console::Console;
use crate::report::diff as report;

/// Compares and shows; changes nothing.
pub(crate) async fn run(args: &DiffArgs, console: &Console) -> Result<Exit, Failure> {
    let project = Project::open(&args.target, console)?;
    let found = match &args.against {
        Some(file) => with_file(&project, file)?,
        None => with_stack(args, &project, console).await?,
    };
    if console.is_json() {
        console.json(&report::to_json(&found));
        let result = if found.is_empty() { "unchanged" } else { "changes" };
        console.json(&json!({"type": "outcome", "result": result}));
    } else {
        console.result(&report::text(&found, console.result_style));
    }
    let concerned = match args.fail_on {
        FailOn::None => false,
        FailOn::Any => !found.is_empty(),
        FailOn::Security => found.access.widens(),
        FailOn::Destructive => found.data_losses().next().is_some(),
    };
    Ok(if concerned { Exit::Found } else { Exit::Done })
}

/// Compares templates alone; parameter values are unknown on both sides.
fn with_file(project: &Project, file: &Path) -> Result<Diff, Failure> {
    let before = template(&SpecText::read(file)?)?;
    let none = BTreeMap::new();
    let before = Side { template: &before, parameters: &none };
    Ok(diff::diff(Some(before), Side { template: &project.lowered.template, parameters: &none }))
}

async fn with_stack(args: &DiffArgs, project: &Project, console: &Console) -> Result<Diff, Failure> {
    let reach = Reach::find(&args.place, project.spec.folder(), console).await?;
    let deployed = deployed(&reach, &project.stack).await?;
    let wanted = project.wanted(&args.parameter, &reach.parameters());
    let packages =
        if args.no_build { BTreeMap::new() } else { built(project, &wanted, &reach, console).await? };
    let known =
        |name: &str| deployed.as_ref().and_then(|deployed| deployed.stack.parameters.get(name)).cloned();
    let artifacts = Artifacts { bucket: known(ARTIFACT_BUCKET).unwrap_or_default(), packages };
    // A missing value is not this command's business: the comparison goes on without it.
    let values = parameter_values(&wanted, deployed.as_ref(), &artifacts).values;
    let before =
        deployed.as_ref().map(|it| Side { template: &it.template, parameters: &it.stack.parameters });
    Ok(diff::diff(before, Side { template: &wanted.template, parameters: &values }))
}

async fn deployed(reach: &Reach, stack: &str) -> Result<Option<Deployed>, Failure> {
    let cloudformation = reach.session.cloudformation();
    let found = cloudformation.describe_stack(stack).await?;
    let Some(found) = found.filter(|found| !found.status.is_absent()) else { return Ok(None) };
    let template = as_sent(cloudformation.template(stack).await?);
    Ok(Some(Deployed { stack: found, template }))
}

async fn built(
    project: &Project,
    wanted: &Wanted,
    reach: &Reach,
    console: &Console,
) -> Result<BTreeMap<String, Package>, Failure> {
    let crates = packager::crates(project, reach.engine.is_some());
    let requests: Vec<_> = crates.values().cloned().collect();
    let packages = packager::new(project, console).package(&requests).await;
    let packages = packages.map_err(|error| {
        let failure = Failure::new(Exit::Packaging, &error).hint("leave the code out with --no-build");
        packager::explained(failure, &error)
    })?;
    let parameters = code_parameters(&wanted.template);
    let by_parameter = crates.keys().zip(packages);
    Ok(by_parameter.filter_map(|(id, package)| Some((parameters.get(id)?.clone(), package))).collect())
}
