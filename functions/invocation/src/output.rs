//! Where lines for CloudWatch go.

use std::io::Write as _;

/// Takes whole lines; Lambda sends each line of standard output to the function's log group.
pub trait Output: Send + Sync {
    /// Writes one line, given without its line end.
    fn line(&self, line: &str);
}

/// Standard output of the process.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stdout;

impl Output for Stdout {
    fn line(&self, line: &str) {
        // One write for the line and its end, so that concurrent lines do not mix. A closed pipe leaves nobody
        // to tell.
        drop(std::io::stdout().lock().write_all(format!("{line}\n").as_bytes()));
    }
}
