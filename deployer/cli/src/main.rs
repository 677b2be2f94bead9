//! The `pipectl` program: flags, reporters, exit codes and wiring. What it does is in the library
//! crates; what it says is in [`report`].

mod approve;
mod args;
mod command;
mod deploy;
mod env_var;
mod exit_code;
mod failure;
mod interrupt;
mod invocation;
mod many;
mod packager;
mod project;
mod reach;
mod report;
mod watch;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;

use crate::args::{Cli, Command, Global, LocalCommand};
use crate::command::attach;
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::interrupt::{Interrupt, Interrupts};
use crate::invocation::Invocation;
use crate::report::console::Console;
use crate::report::json_lines;
use crate::report::style::Style;

fn main() -> anyhow::Result<ExitCode> {
    // A panic has said what it is about; its own exit code, 101, is not among the documented ones.
    std::panic::catch_unwind(program).unwrap_or(Ok(ExitCode::FAILURE))
}

fn program() -> anyhow::Result<ExitCode> {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(said) => return Ok(command_line(&said).into()),
    };
    let invocation = Invocation::of(&cli.command);
    let console = Console::new(&cli.global, invocation);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("the system gave no event queue")?;
    let may_begin = attach::may_begin(&cli.command);
    // `tune` hears Ctrl-C itself: the function must get its memory size back. For the others it is the way to
    // end well.
    let ends_by_itself = match &cli.command {
        Command::Watch(_) | Command::Tune(_) => false,
        Command::Local(LocalCommand::Inbox(args)) => !args.follow,
        _ => true,
    };
    let ended = runtime.block_on(async {
        // What is at work ends when it is dropped, before a word is said: cargo, and every call.
        let interrupt = tokio::select! {
            ended = run(cli.command, &console) => return ended,
            how = interrupted(), if ends_by_itself => how,
        };
        attach::interrupted(interrupt, may_begin, &console).await
    });
    let exit = ended.unwrap_or_else(|failure| {
        console.failure(&failure);
        failure.exit
    });
    Ok(console.close(exit).into())
}

/// Prints help, the version, or what is wrong with the command line.
fn command_line(said: &clap::Error) -> Exit {
    let invocation = Invocation::in_folder(Path::new("."));
    let console = Console::new(&Global::default(), invocation);
    let text = said.render();
    let shown = |style: Style| if style.is_colored() { text.ansi().to_string() } else { text.to_string() };
    if said.use_stderr() {
        console.warn(shown(console.style).trim_end());
        return console.close(Exit::Usage);
    }
    console.result(shown(console.result_style).trim_end());
    console.close(Exit::Done)
}

/// Waits until the program is asked to end; for ever where no signal can be had.
async fn interrupted() -> Interrupt {
    match Interrupts::listen() {
        Ok(mut interrupts) => interrupts.next().await,
        Err(_) => std::future::pending().await,
    }
}

async fn run(command: Command, console: &Console) -> Result<Exit, Failure> {
    if console.is_sarif() && !matches!(command, Command::Check(_) | Command::Diff(_)) {
        return Err(Failure::text(Exit::Usage, "`--format sarif` is for `check` and `diff` only"));
    }
    if console.is_markdown() && !matches!(command, Command::Diff(_)) {
        return Err(Failure::text(Exit::Usage, "`--format markdown` is for `diff` only"));
    }
    let speaks_json =
        !matches!(command, Command::Render(_) | Command::Schema(_) | Command::Completions { .. });
    if console.is_json() && speaks_json {
        console.json(&json_lines::version());
    }
    match command {
        Command::Up(args) => command::up::run(&args, console).await,
        Command::Watch(args) => command::watch::run(&args, console).await,
        Command::Down(args) => command::down::run(&args, console).await,
        Command::Recover(args) => command::recover::run(&args, console).await,
        Command::Attach(args) => command::attach::run(&args, console).await,
        Command::Diff(args) => command::diff::run(&args, console).await,
        Command::Render(args) => command::render::run(&args, console),
        Command::Check(args) => command::check::run(&args, console),
        Command::Outputs(args) => command::outputs::run(&args, console).await,
        Command::Alerts(args) => command::alerts::run(&args, console).await,
        Command::Permissions(args) => command::permissions::run(&args, console),
        Command::Doctor(args) => command::doctor::run(&args, console).await,
        Command::Tune(args) => command::tune::run(&args, console).await,
        Command::Local(args) => command::local::run(&args, console).await,
        Command::Schema(args) => Ok(command::schema::run(&args, console)),
        Command::Completions { shell } => Ok(command::completions::run(shell, console)),
    }
}
