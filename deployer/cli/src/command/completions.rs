//! `pipectl completions`: prints a completion script.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::args::Cli;
use crate::exit_code::Exit;
use crate::report::console::Console;

/// Prints the script for `shell`.
pub(crate) fn run(shell: Shell, console: &Console) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "pipectl", &mut script);
    console.result(String::from_utf8_lossy(&script).trim_end());
    Exit::Done
}
