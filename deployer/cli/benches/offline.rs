//! Wall time of the verbs that need no network, as whole processes: `cargo bench -p pipectl`.
//!
//! Prints the median of 30 runs each, after 3 that do not count, and its ratio to `--version`,
//! which starts and ends the program and does nothing else. Take the ratios.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures time and prints it"
)]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 30;
const WARM_UP: usize = 3;

fn main() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/ingest");
    let example = example.to_str().expect("a path in UTF-8");
    let old = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-template.json");
    let old = old.to_str().expect("a path in UTF-8");
    once(&["render", example, "--output", old]);
    let start = median(&["--version"]);
    for args in
        [&["--version"][..], &["check", example], &["render", example], &["diff", example, "--against", old]]
    {
        let time = median(args);
        let ratio = time.as_secs_f64() / start.as_secs_f64();
        println!("{:<10} {:>7.1} ms  {ratio:>5.1} x", args[0], time.as_secs_f64() * 1000.0);
    }
}

fn once(args: &[&str]) -> Duration {
    let begin = Instant::now();
    let status = Command::new(env!("CARGO_BIN_EXE_pipectl"))
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the program runs");
    assert!(status.success(), "{args:?}");
    begin.elapsed()
}

fn median(args: &[&str]) -> Duration {
    for _ in 0..WARM_UP {
        once(args);
    }
    let mut times: Vec<Duration> = (0..RUNS).map(|_| once(args)).collect();
    times.sort_unstable();
    times[RUNS / 2]
}
