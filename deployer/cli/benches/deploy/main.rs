//! What a deployment costs: calls to AWS, pipectl's own time, peak memory. `cargo bench -p pipectl
//! --bench deploy`, against a local engine that it starts and stops.
//!
//! *Calls*: the ingest example, of which three stand-ins take the place of the functions, is created, left
//! alone, and changed in the code of one function; a proxy counts the calls. The artifact bucket is there
//! from before, as `cdk bootstrap` makes it for the CDK. The numbers beside it were counted
//! once, for the CDK and the SAM CLI with a pipeline of three functions on the same emulator; no run here repeats them.
//!
//! *Own time*: `up` of the ingest example with nothing to change, less the time of the `cargo build` in
//! it, which a program in cargo's place writes down. Medians; take processor time and ratios where the
//! machine is shared. *Peak memory* is `VmHWM`, looked at every millisecond.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures time and prints it"
)]

mod calls;
mod own_time;
#[path = "../../tests/support/mod.rs"]
mod support;

fn main() {
    calls::print();
    own_time::print();
}
