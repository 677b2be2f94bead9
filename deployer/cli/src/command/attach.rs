//! `pipectl attach`: shows an operation that goes on without us, and stops one.

use std::time::Duration;

use pipectl_aws::SystemClock;
use pipectl_engine::execute;
use pipectl_engine::port::Clock as _;

use crate::args::{AttachArgs, Command, DownArgs, Target, UpArgs, Where};
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::project::{self, Project};
use crate::reach::Reach;
use crate::report::Reporter;
use crate::report::console::Console;

/// Time in which a second Ctrl-C cancels the operation that the first one has left.
const SECOND_THOUGHTS: Duration = Duration::from_secs(5);

/// Shows the operation, or stops it.
pub(crate) async fn run(args: &AttachArgs, console: &Console) -> Result<Exit, Failure> {
    let project = Project::open(&args.target, console)?;
    let reach = Reach::find_running(&args.place, project.spec.folder()).await?;
    console.say(&format!("{} on {}", console.style.bold(&project.stack), reach.name()));
    let reporter = Reporter::new(console, &reach);
    let account = reach.account();
    let ports = account.ports(&reporter);
    if args.cancel {
        execute::cancel(&ports, &project.stack).await?;
    } else {
        execute::attach(&ports, &project.stack, args.operation.as_deref()).await?;
    }
    Ok(Exit::Done)
}

/// The way back to the stack of a command that was interrupted.
#[derive(Debug, Clone)]
pub(crate) struct WayBack {
    target: Target,
    place: Where,
}

impl WayBack {
    /// Finds the way; `None` for a command that starts no operation on a stack.
    pub(crate) fn of(command: &Command) -> Option<Self> {
        let (target, place) = match command {
            Command::Up(args) => return Some(Self::up(args)),
            Command::Down(args) => return Some(Self::down(args)),
            Command::Recover(args) => (&args.target, &args.place),
            Command::Attach(args) => (&args.target, &args.place),
            _ => return None,
        };
        Some(Self { target: target.clone(), place: place.clone() })
    }

    /// The way back to a stack.
    pub(crate) fn to(target: &Target, place: &Where) -> Self {
        Self { target: target.clone(), place: place.clone() }
    }

    /// The way back to what `up` has begun.
    pub(crate) fn up(args: &UpArgs) -> Self {
        Self { target: args.target.clone(), place: args.place.clone() }
    }

    /// The way back to what `down` has begun.
    pub(crate) fn down(args: &DownArgs) -> Self {
        Self { target: args.target.clone(), place: args.place.clone() }
    }

    /// The command that shows the operation.
    pub(crate) fn command(&self, operation: &str) -> String {
        let parts = ["pipectl attach".to_owned(), project::arguments(&self.target), self.place.arguments()];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        format!("{} --operation {operation}", parts.join(" "))
    }
}

impl Failure {
    /// Says how to come back to an operation that goes on although we cannot look at it.
    pub(crate) fn coming_back(self, way_back: &WayBack, console: &Console) -> Self {
        match console.operation() {
            Some(operation) if self.exit == Exit::Access => {
                self.hint(format!("the operation goes on; come back with: {}", way_back.command(&operation)))
            }
            _ => self,
        }
    }
}

/// Leaves the running operation to AWS after Ctrl-C and says how to come back; a second Ctrl-C stops it.
///
/// Only where a person sits at the terminal is there a second chance: a program that interrupts us wants
/// the end.
pub(crate) async fn interrupted(way_back: Option<WayBack>, console: &Console) -> Result<Exit, Failure> {
    let Some((way_back, operation)) = way_back.zip(console.operation()) else {
        let failure = Failure::text(Exit::Declined, "interrupted");
        if console.has_parts() {
            return Err(failure.hint(
                "what CloudFormation has begun goes on; run the same command again to follow it to its end",
            ));
        }
        return Err(failure.hint("CloudFormation has begun nothing; run the same command again to go on"));
    };
    let command = way_back.command(&operation);
    if console.can_ask() {
        console.idle();
        console.warn(&format!("detached: the operation goes on; come back with: {command}"));
        console.warn("press Ctrl-C again to cancel it");
        tokio::select! {
            _ = tokio::signal::ctrl_c() => return cancel(way_back, console).await,
            () = SystemClock.sleep(SECOND_THOUGHTS) => {}
        }
    }
    Err(Failure::text(Exit::Declined, "interrupted: the operation that CloudFormation has begun goes on")
        .hint(format!("come back with: {command}"))
        .hint(format!("stop it with: {}", command.replace(&format!("--operation {operation}"), "--cancel"))))
}

async fn cancel(way_back: WayBack, console: &Console) -> Result<Exit, Failure> {
    let WayBack { target, place } = way_back;
    run(&AttachArgs { target, place, operation: None, cancel: true }, console).await?;
    Ok(Exit::Declined)
}
