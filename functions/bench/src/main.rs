//! Measures the shipped functions as Lambda would run them, with nothing of AWS and no emulator in the path.
//!
//! Each function's binary runs in a process of its own between two small servers on 127.0.0.1: the Runtime API,
//! which hands it events, and a stand-in for S3, SQS, SNS and DynamoDB, which answers at once. So what is left is
//! the function's own time. It is laid beside a *baseline*: a program with the same runtime, the same AWS clients
//! and the same build profile that does nothing else.
//!
//! ```console
//! $ cargo run --release -p pipectl-function-bench
//! $ cargo run --release -p pipectl-function-bench -- records-api --memory 128 --memory 512
//! ```
//!
//! With `--memory` a function gets the share of a processor that Lambda gives for it: memory / 1769 of one. Memory
//! itself is not limited, but the most that was used is printed. Times depend on the machine; take the ratios.
//!
//! Read [`measure`] first.

mod clock;
mod environment;
mod http;
mod measure;
mod process;
mod program;
mod quota;
mod report;
mod runtime_api;
mod stand_in;
mod statistics;
mod subject;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use measure::{Bench, Effort, Figures, program_of};
use quota::Means;
use serde_json::json;
use stand_in::ObjectShape;
use subject::{SUBJECTS, Subject};

/// Measures functions as Lambda would run them.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Functions to measure; all by default.
    functions: Vec<String>,
    /// Memory size, in MB, whose share of a processor a function gets; can be repeated. Without it there is no limit,
    /// and processor time and large objects are measured too.
    #[arg(long, value_parser = clap::value_parser!(u32).range(128..=10_240))]
    memory: Vec<u32>,
    /// Cold starts of each program.
    #[arg(long, default_value_t = 20)]
    cold_starts: usize,
    /// Warm invocations of each function.
    #[arg(long, default_value_t = 1_000)]
    invocations: usize,
    /// Measurements of processor time, of which the smallest counts.
    #[arg(long, default_value_t = 3)]
    repetitions: usize,
    /// Records of the object by which object-extract's processor time is measured.
    #[arg(long, default_value_t = 50_000)]
    records: u64,
    /// Bytes of each of them, line end included.
    #[arg(long, default_value_t = 200, value_parser = record_bytes)]
    record_bytes: usize,
    /// Bytes of the object by which object-extract's memory is measured.
    #[arg(long, default_value_t = 2_000_000_000)]
    object_bytes: u64,
    /// Bytes of each of its records.
    #[arg(long, default_value_t = 1_000, value_parser = record_bytes)]
    object_record_bytes: usize,
    /// Milliseconds that S3 and SQS take for a call meanwhile, as they would on AWS.
    #[arg(long, default_value_t = 10)]
    latency: u64,
    /// Folder with the built binaries, of functions and baselines, instead of a build of the workspace.
    #[arg(long, value_name = "FOLDER")]
    binaries: Option<PathBuf>,
    /// What is written to standard output.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables.
    Human,
    /// One JSON object.
    Json,
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this program prints what it measures")]
fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let subjects = subjects(&arguments.functions)?;
    let programs = programs(&arguments, &subjects)?;
    let means = Means::of_this_machine();
    let shares: Vec<_> = arguments.memory.iter().map(|memory| Some((means, *memory))).collect();
    let shares = if shares.is_empty() { vec![None] } else { shares };
    let mut figures: Vec<Figures> = Vec::new();
    for subject in subjects {
        for share in &shares {
            eprintln!(
                "{} {}",
                subject.name,
                share.map_or_else(String::new, |(_, memory)| format!("{memory} MB"))
            );
            let bench = Bench {
                subject,
                function: program_of(&programs, subject.name)?,
                baseline: program_of(&programs, subject.baseline)?,
                share: *share,
                effort: arguments.effort(),
            };
            figures.push(bench.figures()?);
        }
    }
    match arguments.format {
        Format::Human => print!("{}", report::render(&figures, means.name())),
        Format::Json => println!("{}", json!({ "version": 1, "share_by": means.name(), "figures": figures })),
    }
    Ok(())
}

impl Arguments {
    fn effort(&self) -> Effort {
        let large_records = self.object_bytes / self.object_record_bytes as u64;
        Effort {
            cold_starts: self.cold_starts,
            invocations: self.invocations,
            repetitions: self.repetitions,
            work_object: ObjectShape { records: self.records, record_bytes: self.record_bytes },
            large_object: ObjectShape { records: large_records, record_bytes: self.object_record_bytes },
            latency: Duration::from_millis(self.latency),
        }
    }
}

fn record_bytes(text: &str) -> Result<usize, String> {
    let bytes: usize = text.parse().map_err(|_| format!("`{text}` is no number"))?;
    let smallest = ObjectShape::SMALLEST_RECORD;
    if bytes < smallest { Err(format!("a record has at least {smallest} bytes")) } else { Ok(bytes) }
}

fn subjects(names: &[String]) -> anyhow::Result<Vec<&'static Subject>> {
    if let Some(unknown) = names.iter().find(|name| SUBJECTS.iter().all(|subject| subject.name != **name)) {
        let known: Vec<&str> = SUBJECTS.iter().map(|subject| subject.name).collect();
        anyhow::bail!("there is no function `{unknown}`; there are {}", known.join(", "));
    }
    let is_wanted = |subject: &&Subject| names.is_empty() || names.iter().any(|name| name == subject.name);
    Ok(SUBJECTS.iter().filter(is_wanted).collect())
}

fn programs(arguments: &Arguments, subjects: &[&Subject]) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let functions: Vec<&str> = subjects.iter().map(|subject| subject.name).collect();
    let mut baselines: Vec<&str> = subjects.iter().map(|subject| subject.baseline).collect();
    baselines.sort_unstable();
    baselines.dedup();
    match &arguments.binaries {
        Some(folder) => Ok(program::of_folder(folder, &[functions, baselines].concat())),
        None => program::build(&functions, &baselines),
    }
}
