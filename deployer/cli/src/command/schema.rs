//! `pipectl schema`: prints a JSON Schema.

use pipectl_engine::spec::{contract, schema};

use crate::args::SchemaArgs;
use crate::exit_code::Exit;
use crate::report::console::Console;

/// Prints the schema that editors are offered for the spec, or for a function's contract.
pub(crate) fn run(args: &SchemaArgs, console: &Console) -> Exit {
    let schema = if args.contract { contract::schema() } else { schema::schema() };
    console.result(&format!("{schema:#}"));
    Exit::Done
}
