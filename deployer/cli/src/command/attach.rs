//! `pipectl attach`: shows an operation that goes on without us, and stops one.

use std::time::Duration;

use pipectl_aws::SystemClock;
use pipectl_engine::execute;
use pipectl_engine::port::{Clock as _, CloudFormation as _};

use crate::args::{AttachArgs, Command};
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::invocation::Next;
use crate::project::Project;
use crate::reach::Reach;
use crate::report::Reporter;
use crate::report::console::{Begun, Console};

/// Time in which a second Ctrl-C cancels the operation that the first one has left.
const SECOND_THOUGHTS: Duration = Duration::from_secs(5);

/// Time in which it is looked up whether an operation has begun.
const LOOK: Duration = Duration::from_secs(5);

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

/// True for a command that begins an operation on one stack, or follows one.
pub(crate) fn may_begin(command: &Command) -> bool {
    matches!(command, Command::Up(_) | Command::Down(_) | Command::Recover(_) | Command::Attach(_))
}

impl Failure {
    /// Says how to come back to an operation that goes on although we cannot look at it.
    pub(crate) fn coming_back(self, console: &Console) -> Self {
        match console.operation() {
            Some(operation) if self.exit == Exit::Access => {
                self.next("the operation goes on; come back with", Next::AttachOperation(operation))
            }
            _ => self,
        }
    }
}

/// Leaves the running operation to AWS after Ctrl-C and says how to come back; a second Ctrl-C stops it.
///
/// Only where a person sits at the terminal is there a second chance: a program that interrupts us wants
/// the end.
pub(crate) async fn interrupted(
    interrupt: Interrupt,
    may_begin: bool,
    console: &Console,
) -> Result<Exit, Failure> {
    console.idle();
    console.clear_line();
    if console.has_parts() {
        return Err(Failure::text(Exit::Declined, "interrupted").hint(
            "what CloudFormation has begun goes on; run the same command again to follow it to its end",
        ));
    }
    let operation = match console.begun() {
        Begun::Operation(operation) if may_begin => operation,
        Begun::Perhaps(operation) => match look_up(&operation, console).await {
            Some(true) => operation,
            seen => return Err(perhaps(operation, seen)),
        },
        Begun::ChangeSet { with_stack } => return Err(change_set_may_wait(with_stack)),
        Begun::Nothing | Begun::Operation(_) => {
            return Err(Failure::text(Exit::Declined, "interrupted")
                .hint("CloudFormation has begun nothing; run the same command again to go on"));
        }
    };
    let next = Next::AttachOperation(operation);
    if interrupt == Interrupt::CtrlC && console.can_ask() {
        let command = console.command(&next);
        console.warn(&format!("detached: the operation goes on; come back with: {command}"));
        console.warn("press Ctrl-C again to cancel it");
        tokio::select! {
            _ = tokio::signal::ctrl_c() => return cancel(console).await,
            () = SystemClock.sleep(SECOND_THOUGHTS) => {}
        }
    }
    Err(Failure::text(Exit::Declined, "interrupted: the operation that CloudFormation has begun goes on")
        .next("come back with", next)
        .next("stop it with", Next::AttachCancel))
}

async fn cancel(console: &Console) -> Result<Exit, Failure> {
    let (target, place) = console.invocation().into_parts();
    run(&AttachArgs { target, place, operation: None, cancel: true }, console).await?;
    Ok(Exit::Declined)
}

/// Looks whether the operation that was asked for has begun; `None` when that could not be seen in time.
async fn look_up(operation: &str, console: &Console) -> Option<bool> {
    let look = async {
        let (target, place) = console.invocation().into_parts();
        let project = Project::open(&target, console).ok()?;
        let reach = Reach::find_running(&place, project.spec.folder()).await.ok()?;
        let cloudformation = reach.session.cloudformation();
        let stack = cloudformation.describe_stack(&project.stack).await.ok()?;
        let Some(stack) = stack else { return Some(false) };
        let events = cloudformation.events(&stack.id, Some(operation), None).await.ok()?;
        Some(!events.is_empty())
    };
    tokio::select! {
        seen = look => seen,
        () = SystemClock.sleep(LOOK) => None,
    }
}

/// An operation whose call may still be on its way.
fn perhaps(operation: String, seen: Option<bool>) -> Failure {
    let seen = match seen {
        Some(_) => "no event of it is seen yet",
        None => "the stack could not be looked at",
    };
    Failure::text(
        Exit::Declined,
        format!("interrupted: whether CloudFormation has begun the operation is not known; {seen}"),
    )
    .next("look again in a minute", Next::AttachOperation(operation))
    .hint("or run the same command again: it joins what runs")
}

fn change_set_may_wait(with_stack: bool) -> Failure {
    let failure =
        Failure::text(Exit::Declined, "interrupted: a change set may wait, which changes no resource");
    let failure = failure.hint("run the same command again to go on with it");
    if with_stack {
        failure
            .next("or remove it with its stack, which is without resources in REVIEW_IN_PROGRESS", Next::Down)
    } else {
        failure
    }
}
