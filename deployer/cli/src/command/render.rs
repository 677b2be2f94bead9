//! `pipectl render`: prints the template.

use crate::args::RenderArgs;
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::project::Project;
use crate::report::console::Console;

/// Renders without network.
pub(crate) fn run(args: &RenderArgs, console: &Console) -> Result<Exit, Failure> {
    let project = Project::open(&args.target, console)?;
    let template = &project.lowered.template;
    let text = if args.compact { template.to_string() } else { format!("{template:#}") };
    match &args.output {
        None => console.result(&text),
        Some(path) => std::fs::write(path, text + "\n")
            .map_err(|error| Failure::unwritten(format_args!("`{}`", path.display()), &error))?,
    }
    Ok(Exit::Done)
}
