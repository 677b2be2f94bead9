//! `pipectl schema`: prints the JSON Schema of the spec.

use crate::exit_code::Exit;
use crate::report::console::Console;

/// Prints the schema that editors are offered.
pub(crate) fn run(console: &Console) -> Exit {
    console.result(&format!("{:#}", pipectl_engine::spec::schema::schema()));
    Exit::Done
}
