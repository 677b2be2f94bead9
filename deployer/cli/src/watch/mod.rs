//! Watches a spec and the sources of its functions, and deploys what changes.

mod change;
mod files;
mod remember;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pipectl_engine::execute::Way;
use pipectl_packaging::sources;

use self::change::{Change, Watched};
use self::files::Files;
use self::remember::Remember;
use crate::approve::Agreed;
use crate::args::WatchArgs;
use crate::deploy::Deploy;
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::packager;
use crate::project::{Project, SpecText};
use crate::reach::Reach;
use crate::report::console::Console;

/// A watch that goes on.
pub(crate) struct Watching<'a> {
    args: &'a WatchArgs,
    console: &'a Console,
    reach: Reach,
    spec: PathBuf,
    files: Files,
    watched: Watched,
    next: Change,
    remember: Remember,
    rounds: u64,
}

impl<'a> Watching<'a> {
    /// Finds the account or the engine, and begins to watch.
    pub(crate) async fn start(args: &'a WatchArgs, console: &'a Console) -> Result<Self, Failure> {
        let file = args.target.template.as_deref().unwrap_or(&args.target.spec);
        let spec = SpecText::read(file)?;
        let reach = Reach::find(&args.place, spec.folder(), console).await?;
        let watched = Watched::only(spec.path.clone());
        let mut files = Files::new()?;
        files.watch(&watched)?;
        Ok(Self {
            args,
            console,
            reach,
            spec: spec.path,
            files,
            watched,
            next: Change::Everything,
            remember: Remember::default(),
            rounds: 0,
        })
    }

    /// How many deployments were begun.
    pub(crate) fn rounds(&self) -> u64 {
        self.rounds
    }

    /// Deploys what has changed, and shows a failure; the watch goes on.
    pub(crate) async fn deploy(&mut self) {
        self.rounds += 1;
        let change = std::mem::take(&mut self.next);
        let stack = match self.round(&change).await {
            Ok(stack) => Some(stack),
            Err(failure) => {
                self.console.of_round("").failure(&failure);
                // What has not been deployed is still to be.
                self.next = change;
                None
            }
        };
        let folders = self.watched.folders().len();
        let of = stack.map(|stack| format!(" of {stack}")).unwrap_or_default();
        self.console.say(&format!("watching the spec and {folders} source folders{of}; Ctrl-C ends it"));
    }

    async fn round(&mut self, change: &Change) -> Result<String, Failure> {
        let project = Project::open_to_watch(&self.args.target, self.console)?;
        if self.args.place.local {
            // It may have been stopped, or started again with another port, since the last round.
            self.reach = Reach::find(&self.args.place, project.spec.folder(), self.console).await?;
        }
        let console = self.console.of_round(&project.stack);
        console.say(&format!("{} on {}", console.style.bold(&project.stack), self.reach.name()));
        // Watched before it is built: what is saved from now on counts.
        self.watch(&project).await?;
        let deploy = Deploy {
            project: &project,
            reach: &self.reach,
            console: &console,
            parameters: &self.args.parameter,
            agreed: Agreed {
                access: self.args.yes || self.reach.engine.is_some(),
                data: self.args.allow_destructive,
                recovery: self.args.yes,
                ..Agreed::default()
            },
            way: Way::CodeOnly,
        };
        let packager = packager::new(&project, &console);
        deploy.run(&self.remember.with(&packager, change)).await?;
        Ok(project.stack)
    }

    async fn watch(&mut self, project: &Project) -> Result<(), Failure> {
        let crates = packager::crates(project, self.reach.engine.is_some());
        let names: BTreeSet<&str> = crates.values().map(|it| it.crate_name.as_str()).collect();
        if names.is_empty() {
            self.watched = Watched::only(self.spec.clone());
        } else {
            let sources = sources(&project.workspace()).await;
            let sources = sources
                .map_err(|error| packager::explained(Failure::new(Exit::Packaging, &error), &error))?;
            self.watched = Watched::of(self.spec.clone(), sources, &names);
        }
        self.files.watch(&self.watched)
    }

    /// Waits until something that counts has been saved.
    pub(crate) async fn changed(&mut self) -> Result<(), Failure> {
        loop {
            let paths = self.files.changed().await?;
            let change = self.watched.change(&paths);
            if change != Change::Nothing {
                self.console.say(&format!("changed: {}", named(&paths, &self.watched)));
                self.next.add(change);
                return Ok(());
            }
        }
    }
}

fn named(paths: &BTreeSet<PathBuf>, watched: &Watched) -> String {
    let names = paths.iter().filter(|path| watched.change_of(path) != Change::Nothing);
    let names: Vec<String> = names.take(3).map(|path| short(path)).collect();
    names.join(", ")
}

/// The last three parts of a path.
fn short(path: &Path) -> String {
    let parts: Vec<_> = path.components().collect();
    let last: PathBuf = parts.iter().skip(parts.len().saturating_sub(3)).collect();
    last.display().to_string()
}
