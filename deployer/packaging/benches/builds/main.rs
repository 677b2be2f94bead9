//! One compile for N functions, and what a build with nothing changed costs:
//! `cargo bench -p pipectl-packaging`, with the sizes as arguments after `--`; by default 2, 8 and 16.
//!
//! Generates a workspace of N function crates on `lambda_runtime` and `serde_json`, at the versions of
//! this workspace's lock file, and builds it from nothing as pipectl does for the local engine, as N
//! workspaces of one function each, and with cargo-lambda where `deployer/cli/benches/peers/install` has
//! put it, with the settings of the same profile. Prints the number of rustc's invocations, wall time,
//! and processor time with its ratio to the first line; take that ratio where the machine is shared.
//! Then the build is repeated with nothing changed, and split into cargo's own check and the rest.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures time and prints it"
)]

mod functions;
mod measured;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use functions::Functions;
use measured::{Measured, measured};

/// Runs of a build with nothing changed.
const RUNS: usize = 15;

fn main() {
    let given: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if given.is_empty() { vec![2, 8, 16] } else { given };
    println!("{:>9}  {:<20} {:>6}  {:>8}  {:>8}", "functions", "from nothing", "rustc", "wall", "cpu");
    for size in sizes {
        let together = Functions::generate(size);
        let one = measured(&together, || _ = together.package());
        row(size, "pipectl", &one, &one);
        unchanged(size, &together);
        row(size, "N separate builds", &separate(size), &one);
        match cargo_lambda() {
            Some(bin) => {
                let functions = Functions::generate(size);
                row(size, "cargo-lambda", &measured(&functions, || functions.cargo_lambda(&bin)), &one);
            }
            None => println!("{size:>9}  skipped: cargo-lambda; run deployer/cli/benches/peers/install"),
        }
    }
}

fn row(size: usize, what: &str, it: &Measured, one: &Measured) {
    let ratio = it.cpu.as_secs_f64() / one.cpu.as_secs_f64();
    let (wall, cpu) = (it.wall.as_secs_f64(), it.cpu.as_secs_f64());
    println!("{size:>9}  {what:<20} {:>6}  {wall:>6.1} s  {cpu:>6.1} s  {ratio:>5.2} x", it.rustc);
}

/// What tools do that build function by function, each in a folder of its own.
fn separate(size: usize) -> Measured {
    let alone = (0..size).map(|_| {
        let function = Functions::generate(1);
        measured(&function, || _ = function.package())
    });
    alone.fold(Measured::default(), |sum, it| sum + it)
}

/// Splits builds with nothing changed into cargo's own check and what pipectl adds.
fn unchanged(size: usize, functions: &Functions) {
    let mut runs: Vec<(Duration, Duration)> = (0..RUNS).map(|_| functions.package()).collect();
    runs.sort_unstable_by_key(|(total, cargo)| *total - *cargo);
    let (total, cargo) = runs[RUNS / 2];
    let added = total - cargo;
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let (total, cargo, added) = (ms(total), ms(cargo), ms(added));
    println!("{size:>9}  nothing changed: {total:.0} ms, of which cargo {cargo:.0} ms and we {added:.0} ms");
}

fn cargo_lambda() -> Option<PathBuf> {
    let bin = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench-peers/cargo/bin");
    let found = Command::new(bin.join("cargo-lambda")).args(["lambda", "--version"]).output();
    found.is_ok_and(|it| it.status.success()).then_some(bin)
}
