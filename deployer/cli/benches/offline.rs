//! Wall time of the verbs that need no network, as whole processes: `cargo bench -p pipectl --bench
//! offline`.
//!
//! Prints the median of 30 runs each, after 3 that do not count, and its ratio to `--version`, which
//! starts and ends the program and does nothing else: first of the ingest example, then of generated
//! specs by number of resources. Where `benches/peers/install` has installed them, the same template of
//! the ingest example goes through the CDK and the SAM CLI in the same run. Take the ratios.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures time and prints it"
)]

#[path = "../../engine/benches/offline/generated.rs"]
mod generated;
#[path = "peers/mod.rs"]
mod peers;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 30;
const WARM_UP: usize = 3;

fn main() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/ingest");
    let start = median(RUNS, || once(program(&["--version"])));
    row("--version", start, start);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-offline");
    std::fs::create_dir_all(&folder).expect("a folder");
    let template = verbs("ingest", &example, &folder, start);
    let render = median(RUNS, || once(program(&["render", text(&example)])));
    for size in generated::SIZES {
        let spec = folder.join(format!("{size}.yaml"));
        std::fs::write(&spec, generated::spec(size)).expect("our own folder");
        verbs(&format!("{size} resources"), &spec, &folder, start);
    }
    peers::print(&template, &folder, render);
}

/// Times the verbs of a spec; the template that it renders to.
fn verbs(what: &str, spec: &Path, folder: &Path, start: Duration) -> std::path::PathBuf {
    let old = folder.join(format!("{what}.json"));
    once(program(&["render", text(spec), "--output", text(&old)]));
    for args in
        [&["check", text(spec)][..], &["render", text(spec)], &["diff", text(spec), "--against", text(&old)]]
    {
        let time = median(RUNS, || once(program(args)));
        row(&format!("{what}: {}", args[0]), time, start);
    }
    old
}

fn row(what: &str, time: Duration, start: Duration) {
    let ratio = time.as_secs_f64() / start.as_secs_f64();
    println!("{what:<24} {:>7.1} ms  {ratio:>6.1} x", time.as_secs_f64() * 1000.0);
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pipectl"));
    command.args(args);
    command
}

fn once(mut command: Command) -> Duration {
    let begin = Instant::now();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let status = command.status().expect("the program runs");
    assert!(status.success(), "{command:?}");
    begin.elapsed()
}

/// A few runs warm up and do not count.
fn median(runs: usize, run: impl Fn() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..runs + WARM_UP).map(|_| run()).skip(WARM_UP).collect();
    times.sort_unstable();
    times[runs / 2]
}
