//! Wires the packager to a project.

use std::collections::BTreeMap;

use pipectl_engine::package::{self, FunctionCrate};
use pipectl_packaging::{CargoOutput, CargoPackager, PackageError, PackagerOptions};

use crate::failure::Failure;
use crate::project::Project;
use crate::report::console::Console;

/// Returns the function crates of a project by the logical ID of their function. The local engine
/// runs them on this machine, whatever architecture the spec names.
pub(crate) fn crates(project: &Project, local: bool) -> BTreeMap<String, FunctionCrate> {
    let for_place = |function: FunctionCrate| FunctionCrate {
        architecture: function.architecture.filter(|_| !local),
        ..function
    };
    let crates = package::function_crates(&project.lowered.template);
    crates.into_iter().map(|(id, function)| (id, for_place(function))).collect()
}

/// Makes the packager of a project. cargo's own talk goes to stderr unless that shall be quiet.
pub(crate) fn new(project: &Project, console: &Console) -> CargoPackager {
    let mut options = PackagerOptions::new(project.workspace());
    options.cargo_output =
        if console.is_quiet() || console.is_json() { CargoOutput::Capture } else { CargoOutput::Inherit };
    CargoPackager::new(options)
}

/// Adds what cargo wrote, unless it was seen, and what to do.
pub(crate) fn explained(mut failure: Failure, error: &PackageError) -> Failure {
    failure.chain.extend(error.diagnostics().map(|text| text.trim_end().to_owned()));
    let remedy = error.remedy();
    remedy.iter().flat_map(|remedy| remedy.lines()).fold(failure, |failure, line| failure.hint(line))
}
