//! `pipectl outputs`: prints the outputs of the deployed stack.

use std::collections::BTreeMap;

use pipectl_engine::port::CloudFormation as _;
use serde_json::json;

use crate::args::OutputsArgs;
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::invocation::Next;
use crate::project::Project;
use crate::reach::Reach;
use crate::report::console::Console;

/// Prints all outputs, or one as bare text.
pub(crate) async fn run(args: &OutputsArgs, console: &Console) -> Result<Exit, Failure> {
    let project = Project::open(&args.target, console)?;
    let reach = Reach::find_running(&args.place, project.spec.folder()).await?;
    let found = reach.session.cloudformation().describe_stack(&project.stack).await?;
    let Some(found) = found.filter(|found| !found.status.is_absent()) else {
        let what = format!("there is no stack `{}` on {}", project.stack, reach.name());
        return Err(Failure::text(Exit::Usage, what).next("deploy it first", Next::Up));
    };
    let outputs: BTreeMap<String, String> =
        found.outputs.into_iter().map(|(name, value)| (name, reach.output(&value))).collect();
    match &args.only {
        Some(name) => one(&outputs, name, console),
        None => {
            show(&outputs, console);
            if console.is_json() {
                console.json(&json!({"type": "outcome", "result": "read", "outputs": outputs}));
            }
            Ok(Exit::Done)
        }
    }
}

fn one(outputs: &BTreeMap<String, String>, name: &str, console: &Console) -> Result<Exit, Failure> {
    let Some(value) = outputs.get(name) else {
        let known: Vec<&str> = outputs.keys().map(String::as_str).collect();
        let failure = Failure::text(Exit::Usage, format!("the stack has no output `{name}`"));
        return Err(failure.hint(format!("it has {}", known.join(", "))));
    };
    if console.is_json() {
        console.json(&json!({"type": "outcome", "result": "read", "outputs": {name: value}}));
    } else {
        console.result(value);
    }
    Ok(Exit::Done)
}

/// Prints outputs as a table for people.
pub(crate) fn show(outputs: &BTreeMap<String, String>, console: &Console) {
    if console.is_json() {
        return;
    }
    let width = outputs.keys().map(String::len).max().unwrap_or(0);
    for (name, value) in outputs {
        let padded = format!("{name:<width$}");
        console.result(&format!("{}  {value}", console.result_style.bold(&padded)));
    }
}
