//! `pipectl local`: the local engine itself.

use pipectl_local::{Bridge, EngineStatus, GAPS, LocalEvent, RunningEngine, StartOptions};
use serde_json::json;

use crate::args::{LocalArgs, LocalCommand, LocalResetArgs, LocalStartArgs, LocalStatusArgs};
use crate::command::local_inbox;
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::invocation::Next;
use crate::reach;
use crate::report::console::Console;
use crate::report::local::show;

/// Runs one of the engine's verbs.
pub(crate) async fn run(command: &LocalCommand, console: &Console) -> Result<Exit, Failure> {
    match command {
        LocalCommand::Start(args) => start(args, console).await,
        LocalCommand::Stop(args) => stop(args, console).await,
        LocalCommand::Status(args) => status(args, console).await,
        LocalCommand::Reset(args) => reset(args, console).await,
        LocalCommand::Inbox(args) => local_inbox::run(args, console).await,
    }
}

async fn start(args: &LocalStartArgs, console: &Console) -> Result<Exit, Failure> {
    let options = StartOptions {
        port: args.port,
        persist: args.ephemeral.then_some(false),
        enforce_iam: args.allow_everything.then_some(false),
        open: args.open.then_some(true),
        ..StartOptions::default()
    };
    let engine = reach::start(&args.project.project, &options, console).await?;
    if engine.open {
        console
            .warn("the local engine takes the access key `test`: any web page that you visit can drive it");
    }
    running(&engine, console);
    Ok(Exit::Done)
}

/// Prints how to reach the engine, as lines a shell can evaluate.
fn running(engine: &RunningEngine, console: &Console) {
    if console.is_json() {
        console.json(&json!({
            "type": "outcome", "result": "running", "endpoint_url": engine.endpoint, "port": engine.port,
            "pid": engine.pid, "region": engine.region, "account_id": engine.account_id, "version": engine.version,
            "persist": engine.persist, "enforce_iam": engine.enforce_iam, "open": engine.open,
            "access_key_id": engine.credentials.access_key_id,
            "secret_access_key": engine.credentials.secret_access_key,
        }));
        return;
    }
    for (name, value) in engine.environment() {
        console.result(&format!("export {name}={value}"));
    }
}

async fn stop(args: &LocalArgs, console: &Console) -> Result<Exit, Failure> {
    let events = |event: LocalEvent| show(console, &event);
    let stopped = pipectl_local::stop(&reach::home(&args.project)?, &events).await;
    stopped.map_err(|error| Failure::new(Exit::Access, &error))?;
    finished("stopped", console);
    Ok(Exit::Done)
}

async fn status(args: &LocalStatusArgs, console: &Console) -> Result<Exit, Failure> {
    if args.gaps {
        gaps(console);
        return Ok(Exit::Done);
    }
    let folder = &args.project.project;
    let status = pipectl_local::status(&reach::home(folder)?).await;
    let start = format!("start it with: {}", console.command(&Next::LocalStart));
    let (result, text) = match status.map_err(|error| Failure::new(Exit::Access, &error))? {
        EngineStatus::Running(engine) => {
            running(&engine, console);
            return Ok(Exit::Done);
        }
        EngineStatus::Unresponsive { pid, port } => (
            "unresponsive",
            format!(
                "not answering: process {pid} on port {port}; end it with: {}",
                console.command(&Next::LocalStop)
            ),
        ),
        EngineStatus::Stale { pid } => {
            ("stopped", format!("not running: process {pid} ended without being stopped; {start}"))
        }
        EngineStatus::Stopped => ("stopped", format!("not running; {start}")),
    };
    // Nothing on stdout but JSON: its lines are evaluated by shells.
    if !console.is_json() {
        console.warn(&format!("the local engine is {text}"));
        for other in reach::others(folder).await {
            console.warn(&other);
        }
    }
    finished(result, console);
    Ok(Exit::Access)
}

fn gaps(console: &Console) {
    for gap in GAPS {
        if console.is_json() {
            console.json(&json!({
                "type": "gap", "area": gap.area, "engine": gap.engine, "aws": gap.aws,
                "bridge": bridge(gap.bridge),
            }));
        } else {
            let style = console.result_style;
            console.result(&style.bold(gap.area));
            console.result(&format!(
                "  engine  {}\n  AWS     {}\n  pipectl {}",
                gap.engine,
                gap.aws,
                bridge(gap.bridge)
            ));
        }
    }
    finished("listed", console);
}

fn bridge(bridge: Bridge) -> String {
    match bridge {
        Bridge::Launch => "closed when the engine is started".to_owned(),
        Bridge::Pipectl(what) => format!("closed by pipectl: {what}"),
        Bridge::Open(what) => format!("open: {what}"),
    }
}

async fn reset(args: &LocalResetArgs, console: &Console) -> Result<Exit, Failure> {
    if !args.yes {
        if !console.can_ask() {
            return Err(Failure::text(Exit::Refused, "nobody could be asked").hint("agree with --yes"));
        }
        if !console.ask("delete every stack and all data of the local engine?").await {
            return Ok(Exit::Declined);
        }
    }
    let events = |event: LocalEvent| show(console, &event);
    let emptied = pipectl_local::reset(&reach::home(&args.project.project)?, &events).await;
    emptied.map_err(|error| Failure::new(Exit::Access, &error))?;
    finished("emptied", console);
    Ok(Exit::Done)
}

fn finished(result: &str, console: &Console) {
    if console.is_json() {
        console.json(&json!({"type": "outcome", "result": result}));
    }
}
