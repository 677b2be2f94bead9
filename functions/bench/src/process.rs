//! A function's process.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::clock;
use crate::quota::Quota;

/// Says that the shell is there, waits to be let go, and becomes the program: so the time that it takes to make a
/// process and to bring it under its quota does not count.
const LAUNCHER: &str = r#"echo ready; read -r go; exec "$0" >/dev/null"#;

/// A running function. Ends when dropped.
pub(crate) struct Bootstrap {
    child: Child,
    started: Instant,
    /// Behind the child, which is to end first.
    _quota: Option<Quota>,
}

impl Bootstrap {
    /// Starts `program` with nothing but `environment`.
    pub(crate) fn start<'variables>(
        program: &Path,
        environment: impl Iterator<Item = (&'variables str, &'variables str)>,
        quota: Option<Quota>,
    ) -> anyhow::Result<Self> {
        let mut child = Command::new("/bin/sh")
            .args([OsStr::new("-c"), OsStr::new(LAUNCHER), program.as_os_str()])
            .env_clear()
            .envs(environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .context("/bin/sh does not start")?;
        let mut go = launcher(&mut child).with_context(|| format!("{} does not start", program.display()))?;
        if let Some(quota) = &quota {
            quota.hold(child.id()).context("the processor share cannot be set")?;
        }
        let started = clock::now();
        go.write_all(b"go\n").context("the launcher has ended")?;
        Ok(Self { child, started, _quota: quota })
    }

    /// When the program was let go.
    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// The most memory that was ever resident, in bytes.
    pub(crate) fn peak_memory(&self) -> anyhow::Result<u64> {
        let status = fs::read_to_string(self.folder().join("status")).context("the process has ended")?;
        let kibibytes =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
        let kibibytes: u64 =
            kibibytes.and_then(|text| text.parse().ok()).context("no VmHWM in the status")?;
        Ok(kibibytes * 1024)
    }

    /// Processor time used so far by all threads.
    ///
    /// From `schedstat`, which counts in nanoseconds, where `stat` counts in ticks of 10 ms.
    pub(crate) fn processor_time(&self) -> anyhow::Result<Duration> {
        let threads = fs::read_dir(self.folder().join("task")).context("the process has ended")?;
        let mut nanoseconds = 0;
        for thread in threads {
            let text = fs::read_to_string(thread?.path().join("schedstat"))?;
            let on_processor = text.split(' ').next().and_then(|count| count.parse::<u64>().ok());
            nanoseconds += on_processor.context("schedstat begins with no number")?;
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    fn folder(&self) -> PathBuf {
        Path::new("/proc").join(self.child.id().to_string())
    }
}

/// Waits until the launcher is there; what is written to its input lets it go.
fn launcher(child: &mut Child) -> io::Result<ChildStdin> {
    let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    BufReader::new(output).read_line(&mut String::new())?;
    child.stdin.take().ok_or_else(|| io::ErrorKind::BrokenPipe.into())
}

impl Drop for Bootstrap {
    fn drop(&mut self) {
        // Both fail only for a process that has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
