//! A share of one processor, as Lambda gives it by memory.
//!
//! Lambda's share is a quota of the Linux scheduler: in each period a process may use so much processor time, and
//! then stands still until the next one. Control groups do just that. Where they cannot be made (they need root, or
//! a delegated group), the process is stopped and continued by signals instead. That is stricter: it also stops a
//! process that has used nothing of its share.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// Memory, in MB, for which Lambda gives one whole processor.
/// Source: AWS Lambda developer guide, configure function memory (read 2026-11-23).
pub(crate) const MB_PER_CPU: u32 = 1769;

/// Time over which the share is counted.
const PERIOD: Duration = Duration::from_millis(20);

/// Where control groups are mounted.
const ROOT: &str = "/sys/fs/cgroup";

/// How a share is kept to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Means {
    /// `cpu.max` of a control group, version 2.
    GroupV2,
    /// `cpu.cfs_quota_us` of a control group, version 1.
    GroupV1,
    /// `SIGSTOP` and `SIGCONT`.
    Signals,
}

impl Means {
    /// The first that works on this machine.
    pub(crate) fn of_this_machine() -> Self {
        let works = |means: &Self| Group::new(*means, "probe", run_time(MB_PER_CPU)).is_ok();
        [Self::GroupV2, Self::GroupV1].into_iter().find(works).unwrap_or(Self::Signals)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::GroupV2 => "cgroup v2 cpu.max",
            Self::GroupV1 => "cgroup v1 cpu.cfs_quota_us",
            Self::Signals => "SIGSTOP and SIGCONT",
        }
    }
}

/// The share of `memory` MB: processor time in each [`PERIOD`].
fn run_time(memory: u32) -> Duration {
    PERIOD * memory / MB_PER_CPU
}

/// Holds a process to a share, as long as it lives.
pub(crate) enum Quota {
    Group(Group),
    Signals(DutyCycle),
}

impl Quota {
    /// The share that Lambda gives for `memory` MB. `name` tells the quotas of this process apart.
    pub(crate) fn new(means: Means, name: &str, memory: u32) -> io::Result<Self> {
        let run_time = run_time(memory);
        Ok(match means {
            Means::Signals => Self::Signals(DutyCycle::new(run_time)),
            _ => Self::Group(Group::new(means, name, run_time)?),
        })
    }

    /// Takes in process `id`.
    pub(crate) fn hold(&self, id: u32) -> io::Result<()> {
        match self {
            Self::Group(group) => fs::write(group.folder.join("cgroup.procs"), id.to_string()),
            Self::Signals(cycle) => {
                cycle.process.store(id, Ordering::Relaxed);
                Ok(())
            }
        }
    }
}

/// A control group that is removed when dropped; the processes in it must have ended by then.
pub(crate) struct Group {
    folder: PathBuf,
}

impl Group {
    fn new(means: Means, name: &str, run_time: Duration) -> io::Result<Self> {
        let parent = if means == Means::GroupV1 { Path::new(ROOT).join("cpu") } else { ROOT.into() };
        // A file of the version asked for; without it a plain folder would be made somewhere else.
        let proof = if means == Means::GroupV1 { "cpu.cfs_quota_us" } else { "cgroup.subtree_control" };
        fs::metadata(parent.join(proof))?;
        let folder = parent.join(format!("pipectl-bench-{}-{name}", std::process::id()));
        fs::create_dir(&folder)?;
        let group = Self { folder };
        let (run, period) = (run_time.as_micros(), PERIOD.as_micros());
        if means == Means::GroupV1 {
            fs::write(group.folder.join("cpu.cfs_period_us"), period.to_string())?;
            fs::write(group.folder.join("cpu.cfs_quota_us"), run.to_string())?;
        } else {
            fs::write(group.folder.join("cpu.max"), format!("{run} {period}"))?;
        }
        Ok(group)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // What cannot be removed is empty and harmless.
        drop(fs::remove_dir(&self.folder));
    }
}

/// Stops and continues a process.
pub(crate) struct DutyCycle {
    /// 0 as long as there is none.
    process: Arc<AtomicU32>,
    is_ended: Arc<AtomicBool>,
}

impl DutyCycle {
    fn new(run_time: Duration) -> Self {
        let cycle = Self { process: Arc::default(), is_ended: Arc::default() };
        let (process, is_ended) = (Arc::clone(&cycle.process), Arc::clone(&cycle.is_ended));
        thread::spawn(move || {
            while !is_ended.load(Ordering::Relaxed) {
                signal(&process, Signal::CONT);
                thread::sleep(run_time);
                signal(&process, Signal::STOP);
                thread::sleep(PERIOD.saturating_sub(run_time));
            }
            signal(&process, Signal::CONT);
        });
        cycle
    }
}

impl Drop for DutyCycle {
    fn drop(&mut self) {
        self.is_ended.store(true, Ordering::Relaxed);
    }
}

fn signal(process: &AtomicU32, signal: Signal) {
    let id = i32::try_from(process.load(Ordering::Relaxed)).unwrap_or_default();
    if let Some(id) = Pid::from_raw(id) {
        // The process may have ended.
        kill_process(id, signal).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn share_grows_with_memory() {
        assert_eq!(run_time(128).as_micros(), 1_447);
        assert_eq!(run_time(1769), PERIOD);
        assert_eq!(run_time(3538), PERIOD * 2);
    }
}
