//! Several stacks at once, in the order of their dependencies.

mod build;
mod run;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use pipectl_engine::execute;
use pipectl_engine::outcome::Outcome;
use pipectl_engine::several::{Member, Schedule, dependencies};

use self::build::BuiltOnce;
use self::run::{End, conclude, run};
use crate::approve::{Agreed, Asking};
use crate::args::{DownArgs, Target, UpArgs, Where};
use crate::command::up::agreed;
use crate::deploy::{Deploy, way};
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::packager;
use crate::project::{self, Project};
use crate::reach::Reach;
use crate::report::Reporter;
use crate::report::console::Console;

/// Deploys the stacks of several specs.
pub(crate) async fn up(args: &UpArgs, console: &Console) -> Result<Exit, Failure> {
    let projects = opened(&args.target, &args.more, console, Project::open_to_build)?;
    let stacks = Stacks::of(projects, &args.place, &args.parameter, console).await?;
    let schedule = Schedule::of_up(stacks.dependencies(&args.parameter)).map_err(circle)?;
    let builds = stacks.builds(console);
    let bars = console.bars();
    let ends = run(schedule, args.concurrency, async |stack| {
        let console = console.of_stack(&stack, stacks.invocation(&stack, &args.place), &bars);
        let project = stacks.get(&stack);
        let deploy = Deploy {
            project,
            reach: &stacks.reach,
            console: &console,
            parameters: &stacks.fitting(project, &args.parameter),
            agreed: agreed(args, &stacks.reach),
            way: way(args),
        };
        let build = &builds[&project.workspace()];
        let ended = deploy.run(build).await.map(|outcome| exit(&outcome));
        conclude(ended.map_err(|failure| failure.coming_back(&console)), &console)
    })
    .await;
    Ok(summary(&ends, console))
}

/// Deletes the stacks of several specs.
pub(crate) async fn down(args: &DownArgs, console: &Console) -> Result<Exit, Failure> {
    let projects = opened(&args.target, &args.more, console, Project::open)?;
    let stacks = Stacks::of(projects, &args.place, &[], console).await?;
    let schedule = Schedule::of_down(&stacks.dependencies(&[])).map_err(circle)?;
    let bars = console.bars();
    let ends = run(schedule, args.concurrency, async |stack| {
        let console = console.of_stack(&stack, stacks.invocation(&stack, &args.place), &bars);
        let reporter = Reporter::new(&console, &stacks.reach);
        let account = stacks.reach.account();
        let ports = account.ports(&reporter);
        let agreed = Agreed { deletion: args.yes, recovery: args.yes, ..Agreed::default() };
        let asking = Asking { console: &console, agreed };
        let ended = execute::down(&ports, &asking, &stack, args.force).await;
        let ended = ended.map(|outcome| exit(&outcome)).map_err(Failure::from);
        conclude(ended.map_err(|failure| failure.coming_back(&console)), &console)
    })
    .await;
    Ok(summary(&ends, console))
}

fn exit(outcome: &Outcome) -> Exit {
    if *outcome == Outcome::Declined { Exit::Declined } else { Exit::Done }
}

fn circle(error: pipectl_engine::several::CycleError) -> Failure {
    Failure::new(Exit::Spec, &error).hint("break the circle: move what both use into a stack of its own")
}

/// Reads all specs before anything is done; every mistake in any of them is shown.
fn opened(
    first: &Target,
    more: &[PathBuf],
    console: &Console,
    open: impl Fn(&Target, &Console) -> Result<Project, Failure>,
) -> Result<Vec<(Target, Project)>, Failure> {
    let specs = [&first.spec].into_iter().chain(more);
    let targets = specs.map(|spec| Target { spec: spec.clone(), ..first.clone() });
    let opened: Vec<_> = targets.map(|target| open(&target, console).map(|it| (target, it))).collect();
    opened.into_iter().collect()
}

/// The projects of one command, in one account and Region.
struct Stacks {
    targets: Vec<Target>,
    projects: Vec<Project>,
    reach: Reach,
}

impl Stacks {
    async fn of(
        opened: Vec<(Target, Project)>,
        place: &Where,
        given: &[(String, String)],
        console: &Console,
    ) -> Result<Self, Failure> {
        let (targets, projects): (Vec<Target>, Vec<Project>) = opened.into_iter().unzip();
        check(&projects, place, given)?;
        let folder = projects.first().map(|project| project.spec.folder().to_owned()).unwrap_or_default();
        let reach = Reach::find(place, &folder, console).await?;
        let names: Vec<&str> = projects.iter().map(|project| project.stack.as_str()).collect();
        console.say(&format!("{} on {}", console.style.bold(&names.join(", ")), reach.name()));
        Ok(Self { targets, projects, reach })
    }

    fn get(&self, stack: &str) -> &Project {
        let found = self.projects.iter().find(|project| project.stack == stack);
        found.expect("the schedule was made of these projects")
    }

    fn invocation(&self, stack: &str, place: &Where) -> Invocation {
        let found = self.projects.iter().zip(&self.targets).find(|(project, _)| project.stack == stack);
        let (_, target) = found.expect("the schedule was made of these projects");
        Invocation::new(target, place)
    }

    /// The given parameter values that a stack's template declares.
    fn fitting(&self, project: &Project, given: &[(String, String)]) -> Vec<(String, String)> {
        given.iter().filter(|(name, _)| declares(project, name)).cloned().collect()
    }

    fn dependencies(&self, given: &[(String, String)]) -> BTreeMap<String, BTreeSet<String>> {
        let parameters: Vec<_> = self
            .projects
            .iter()
            .map(|project| project.wanted(&self.fitting(project, given), &self.reach.parameters()).given)
            .collect();
        let members: Vec<Member<'_>> = self
            .projects
            .iter()
            .zip(&parameters)
            .map(|(project, parameters)| Member {
                stack: &project.stack,
                template: &project.lowered.template,
                parameters,
            })
            .collect();
        dependencies(&members)
    }

    /// One build of all functions for each Cargo workspace.
    fn builds(&self, console: &Console) -> BTreeMap<PathBuf, BuiltOnce<pipectl_packaging::CargoPackager>> {
        let mut builds = BTreeMap::new();
        for project in &self.projects {
            let build = builds
                .entry(project.workspace())
                .or_insert_with(|| BuiltOnce::new(packager::new(project, console)));
            build.add(packager::crates(project, self.reach.engine.is_some()).into_values());
        }
        builds
    }
}

fn declares(project: &Project, parameter: &str) -> bool {
    let parameters = project.lowered.template.get("Parameters");
    parameters.and_then(|parameters| parameters.get(parameter)).is_some()
}

/// Each stack once, one local engine for all, and no parameter that none of them has.
fn check(projects: &[Project], place: &Where, given: &[(String, String)]) -> Result<(), Failure> {
    let mut names = BTreeSet::new();
    if let Some(twice) = projects.iter().find(|project| !names.insert(&project.stack)) {
        let what = format!("stack `{}` is named by more than one spec", twice.stack);
        return Err(Failure::text(Exit::Usage, what));
    }
    if let Some((unknown, _)) =
        given.iter().find(|(name, _)| !projects.iter().any(|project| declares(project, name)))
    {
        let what = format!("none of the stacks has a parameter `{unknown}`");
        return Err(Failure::text(Exit::Usage, what));
    }
    let roots: BTreeSet<PathBuf> =
        projects.iter().map(|project| project::root(project.spec.folder())).collect();
    if place.local && roots.len() > 1 {
        let roots: Vec<String> = roots.iter().map(|root| root.display().to_string()).collect();
        let what = format!("these specs belong to different projects: {}", roots.join(", "));
        let hint = "each project has a local engine of its own; deploy them one after the other";
        return Err(Failure::text(Exit::Usage, what).hint(hint));
    }
    Ok(())
}

fn summary(ends: &BTreeMap<String, End>, console: &Console) -> Exit {
    let exit = run::worst(ends);
    if console.is_json() {
        console.json(&run::outcome(ends, exit));
        return exit;
    }
    for (stack, end) in ends {
        let line = match end {
            End::Ended(Exit::Done) => continue,
            End::Ended(Exit::Declined) => format!("{stack}: declined"),
            End::Ended(_) => format!("{stack}: failed"),
            End::LeftOut { because } => format!("{stack}: left out, because {because} was not done"),
        };
        console.warn(&console.style.red(&line));
    }
    exit
}
