//! What ends the program from outside: Ctrl-C, the end of the session, and whoever sends SIGTERM.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// How the program was asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interrupt {
    /// A person pressed Ctrl-C, and may press it again.
    CtrlC,
    /// SIGTERM, or SIGHUP when the terminal goes away: nobody is asked any more.
    Ended,
}

/// Hears the signals from when it was made, not only while somebody waits.
#[derive(Debug)]
pub(crate) struct Interrupts {
    interrupt: Signal,
    terminate: Signal,
    /// `None` where it is ignored, as below `nohup`: then it stays so.
    hang_up: Option<Signal>,
}

impl Interrupts {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the system gives no handler.
    pub(crate) fn listen() -> io::Result<Self> {
        let hang_up = (!ignores_hang_up()).then(|| signal(SignalKind::hangup())).transpose()?;
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up,
        })
    }

    /// Waits for the next signal.
    pub(crate) async fn next(&mut self) -> Interrupt {
        let Self { interrupt, terminate, hang_up } = self;
        let hung_up = async {
            match hang_up {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupt.recv() => Interrupt::CtrlC,
            _ = terminate.recv() => Interrupt::Ended,
            _ = hung_up => Interrupt::Ended,
        }
    }
}

/// Says whether SIGHUP was ignored when the program began. Source: proc_pid_status(5), `SigIgn`; systems
/// without it have the default.
fn ignores_hang_up() -> bool {
    const HANG_UP: u64 = 1;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask & HANG_UP != 0)
}
