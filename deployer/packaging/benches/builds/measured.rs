//! What a build took.

use std::ops::Add;
use std::time::{Duration, Instant};

use super::functions::Functions;

/// What a build took.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Measured {
    /// Compilations.
    pub(crate) rustc: usize,
    /// Time on the clock.
    pub(crate) wall: Duration,
    /// Processor time of cargo and all that it started.
    pub(crate) cpu: Duration,
}

impl Add for Measured {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { rustc: self.rustc + other.rustc, wall: self.wall + other.wall, cpu: self.cpu + other.cpu }
    }
}

/// Measures one build of `functions`.
pub(crate) fn measured(functions: &Functions, build: impl FnOnce()) -> Measured {
    let (compiled, cpu, begin) = (functions.compiled(), cpu_of_children(), Instant::now());
    build();
    Measured {
        rustc: functions.compiled() - compiled,
        wall: begin.elapsed(),
        cpu: cpu_of_children().saturating_sub(cpu),
    }
}

/// Processor time of all children that have ended. Source: proc_pid_stat(5), cutime and cstime, in
/// hundredths of a second on Linux (read 2026-11-23).
fn cpu_of_children() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let after_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks = after_name.split(' ').skip(13).take(2).filter_map(|field| field.parse::<u64>().ok());
    Duration::from_millis(ticks.sum::<u64>() * 10)
}
