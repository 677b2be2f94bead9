//! `pipectl recover`: leads a stack out of a failed state.

use pipectl_engine::execute;

use crate::approve::{Agreed, Asking};
use crate::args::RecoverArgs;
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::project::Project;
use crate::reach::Reach;
use crate::report::Reporter;
use crate::report::console::Console;

/// Takes one safe step after the other, and asks before any that leaves something behind.
pub(crate) async fn run(args: &RecoverArgs, console: &Console) -> Result<Exit, Failure> {
    let project = Project::open(&args.target, console)?;
    let reach = Reach::find_running(&args.place, project.spec.folder()).await?;
    console.say(&format!("{} on {}", console.style.bold(&project.stack), reach.name()));
    let reporter = Reporter::new(console, &reach);
    let account = reach.account();
    let ports = account.ports(&reporter);
    let agreed = Agreed { recovery: args.yes, ..Agreed::default() };
    execute::recover(&ports, &Asking { console, agreed }, &project.stack, args.dry_run).await?;
    Ok(Exit::Done)
}
