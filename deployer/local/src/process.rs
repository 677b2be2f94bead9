//! Processes that outlive this one, told apart by their start, because pids are used again.

use std::io;
#[cfg(not(target_os = "linux"))]
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde::{Deserialize, Serialize};

/// A process that cannot be mistaken for a later one with the same pid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// Process ID; also the ID of its process group, which it leads.
    pub(crate) pid: u32,
    /// When it started, as the system tells it; compared, never read.
    pub(crate) started: String,
}

impl Identity {
    /// Reads the identity of a process; `None` when there is none, or only its remains.
    pub(crate) fn of(pid: u32) -> Option<Self> {
        started(pid).map(|started| Self { pid, started })
    }

    /// Whether this very process still runs.
    pub(crate) fn is_alive(&self) -> bool {
        started(self.pid).is_some_and(|started| started == self.started)
    }

    /// Asks the process to end. One that has ended is no error.
    pub(crate) fn terminate(&self) -> io::Result<()> {
        let Some(pid) = self.living_pid() else { return Ok(()) };
        ignore_absent(kill_process(pid, Signal::TERM))
    }

    /// Ends the process and all it started. One that has ended is no error.
    pub(crate) fn kill_group(&self) -> io::Result<()> {
        let Some(pid) = self.living_pid() else { return Ok(()) };
        ignore_absent(kill_process_group(pid, Signal::KILL))
    }

    /// Ends what the process started and left behind; to be called as soon as it has ended.
    ///
    /// A group keeps its number from being given to another process. With no one left in it the
    /// number is free, and then unused for as long as it takes the system to count around.
    pub(crate) fn kill_orphans(&self) -> io::Result<()> {
        match raw(self.pid) {
            Some(pid) if started(self.pid).is_none() => ignore_absent(kill_process_group(pid, Signal::KILL)),
            _ => Ok(()),
        }
    }

    fn living_pid(&self) -> Option<Pid> {
        self.is_alive().then(|| raw(self.pid)).flatten()
    }
}

fn raw(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw)
}

fn ignore_absent(result: rustix::io::Result<()>) -> io::Result<()> {
    match result {
        Err(rustix::io::Errno::SRCH) | Ok(()) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Boot and clock ticks since then: a pid used again after a restart is another process.
#[cfg(target_os = "linux")]
fn started(pid: u32) -> Option<String> {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    Some(format!("{}/{}", boot.trim(), ticks(&stat)?))
}

/// The start time in `/proc/<pid>/stat`: field 22, counted after the name, which may hold anything.
/// `None` for a zombie.
#[cfg_attr(not(any(target_os = "linux", test)), expect(dead_code, reason = "only Linux has /proc"))]
fn ticks(stat: &str) -> Option<&str> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_ascii_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X") {
        return None;
    }
    fields.nth(18)
}

#[cfg(not(target_os = "linux"))]
fn started(pid: u32) -> Option<String> {
    let output = Command::new("ps")
        .env("LC_ALL", "C")
        .args(["-o", "stat=,lstart=", "-p", &pid.to_string()])
        .output()
        .ok()?;
    start_in_listing(&String::from_utf8_lossy(&output.stdout))
}

/// The start time in what `ps -o stat=,lstart=` prints; `None` for a zombie.
#[cfg_attr(all(target_os = "linux", not(test)), expect(dead_code, reason = "Linux has /proc"))]
fn start_in_listing(listing: &str) -> Option<String> {
    let (state, start) = listing.trim().split_once(char::is_whitespace)?;
    (!state.starts_with('Z')).then(|| start.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_process_is_alive() {
        assert!(Identity::of(std::process::id()).unwrap().is_alive());
    }

    #[test]
    fn pid_used_again_is_another_process() {
        let mut other = Identity::of(std::process::id()).unwrap();
        other.started.push('0');
        assert!(!other.is_alive());
        other.terminate().unwrap();
    }

    #[test]
    fn start_is_found_behind_a_name_with_brackets_and_spaces() {
        let stat = "42 (a) b (c) S 1 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 1000 10";
        assert_eq!(ticks(stat), Some("987654"));
    }

    #[test]
    fn zombie_is_dead() {
        assert_eq!(ticks("42 (x) Z 1 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 1000"), None);
        assert_eq!(start_in_listing("Z+   Mon Nov 23 12:00:00 2026\n"), None);
    }

    #[test]
    fn start_is_what_follows_the_state() {
        let start = start_in_listing("Ss   Mon Nov 23 12:00:00 2026\n");
        assert_eq!(start.as_deref(), Some("Mon Nov 23 12:00:00 2026"));
    }
}
