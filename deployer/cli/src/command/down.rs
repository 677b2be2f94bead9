//! `pipectl down`: deletes the stack.

use pipectl_engine::execute;
use pipectl_engine::outcome::Outcome;

use crate::approve::{Agreed, Asking};
use crate::args::DownArgs;
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::many;
use crate::project::Project;
use crate::reach::Reach;
use crate::report::Reporter;
use crate::report::console::Console;

/// Asks, deletes, and says what remains.
pub(crate) async fn run(args: &DownArgs, console: &Console) -> Result<Exit, Failure> {
    if !args.more.is_empty() {
        return many::down(args, console).await;
    }
    let project = Project::open(&args.target, console)?;
    let reach = Reach::find(&args.place, project.spec.folder(), console).await?;
    console.say(&format!("{} on {}", console.style.bold(&project.stack), reach.name()));
    let reporter = Reporter::new(console, &reach);
    let account = reach.account();
    let ports = account.ports(&reporter);
    let agreed = Agreed { deletion: args.yes, recovery: args.yes, ..Agreed::default() };
    let outcome = execute::down(&ports, &Asking { console, agreed }, &project.stack, args.force).await;
    let outcome = outcome.map_err(|error| Failure::from(error).coming_back(console))?;
    Ok(if outcome == Outcome::Declined { Exit::Declined } else { Exit::Done })
}
