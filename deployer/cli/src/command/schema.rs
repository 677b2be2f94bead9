//! `pipectl schema`: prints a JSON Schema.

use pipectl_engine::plan_file;
use pipectl_engine::spec::{contract, schema};

use crate::args::SchemaArgs;
use crate::exit_code::Exit;
use crate::report::console::Console;

/// Prints the schema that editors are offered for the spec, for a function's contract, or for a plan.
pub(crate) fn run(args: &SchemaArgs, console: &Console) -> Exit {
    let schema = match args {
        SchemaArgs { contract: true, .. } => contract::schema(),
        SchemaArgs { plan: true, .. } => plan_file::schema(),
        _ => schema::schema(),
    };
    console.result(&format!("{schema:#}"));
    Exit::Done
}
