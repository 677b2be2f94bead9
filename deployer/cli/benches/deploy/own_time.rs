//! Time and memory of an `up` that changes nothing.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::Sandbox;
use crate::support::ingest::write_spec;

const RUNS: usize = 15;

/// Stands in cargo's place and writes down when it began and ended, in seconds, and its verb.
const WATCH: &str = r#"#!/usr/bin/env bash
begin=$EPOCHREALTIME
"{cargo}" "$@"
code=$?
echo "$begin $EPOCHREALTIME $1" >>"${0%/*}/log"
exit $code
"#;

/// One run.
struct Seen {
    wall: Duration,
    cargo_build: Duration,
    peak_kib: u64,
}

impl Seen {
    fn own(&self) -> Duration {
        self.wall.saturating_sub(self.cargo_build)
    }
}

/// Prints medians.
pub(crate) fn print() {
    let sandbox = Sandbox::new();
    write_spec(&sandbox, |spec| spec);
    sandbox.run(&["up", "--local"]).exits(0);
    let watch = watch(&sandbox);
    let mut runs: Vec<Seen> = (0..=RUNS).map(|_| run(&sandbox, &watch)).skip(1).collect();
    runs.sort_by_key(Seen::own);
    let Seen { wall, cargo_build, .. } = runs[RUNS / 2];
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    println!(
        "up, nothing changed: {:.0} ms, of which cargo build {:.0} ms and we {:.0} ms (best {:.0} ms)",
        ms(wall),
        ms(cargo_build),
        ms(runs[RUNS / 2].own()),
        ms(runs[0].own()),
    );
    let peak = runs.iter().map(|it| it.peak_kib).max().unwrap_or_default();
    println!("peak memory: {:.1} MB", peak as f64 * 1024.0 / 1e6);
}

/// Puts the stand-in for cargo into a folder of its own.
fn watch(sandbox: &Sandbox) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::env::split_paths(&path);
    let real = folders.find_map(|folder| Some(folder.join("cargo")).filter(|it| it.is_file()));
    let real = real.expect("cargo is in PATH");
    let file = sandbox.write("watch/cargo", &WATCH.replace("{cargo}", &real.display().to_string()));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).expect("our own file");
    file.parent().expect("a folder").to_owned()
}

fn run(sandbox: &Sandbox, watch: &Path) -> Seen {
    let log = watch.join("log");
    std::fs::write(&log, "").expect("our own folder");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([watch.to_owned()].into_iter().chain(std::env::split_paths(&path)));
    let mut command: Command = sandbox.command(&["up", "--local", "--quiet"]);
    command.env("PATH", path.expect("no colon")).stdout(Stdio::null()).stderr(Stdio::null());
    let begin = Instant::now();
    let peak_kib = peak(command.spawn().expect("the program runs"));
    let wall = begin.elapsed();
    let log = std::fs::read_to_string(&log).expect("cargo was run");
    let builds = log.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (from, to) = (words.next()?.parse::<f64>().ok()?, words.next()?.parse::<f64>().ok()?);
        (words.next() == Some("build")).then(|| Duration::from_secs_f64(to - from))
    });
    Seen { wall, cargo_build: builds.sum(), peak_kib }
}

/// Waits for the end of a program; the most memory that it had, as far as was seen.
fn peak(mut child: Child) -> u64 {
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = 0;
    loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let seen = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        peak = peak.max(seen.unwrap_or(0));
        if let Some(ended) = child.try_wait().expect("it is our child") {
            assert!(ended.success(), "up --local: {ended}");
            return peak;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}
