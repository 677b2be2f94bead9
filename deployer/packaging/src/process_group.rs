//! A process together with everything that it starts.

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Child;

/// A group of processes that is ended when this is dropped, unless it [has ended](Self::has_ended) itself.
///
/// cargo ends at once when it is killed, but the compilers that it has started would go on.
#[derive(Debug)]
pub(crate) struct ProcessGroup(Option<Pid>);

impl ProcessGroup {
    /// The group of a process that was started as the first of its own.
    pub(crate) fn led_by(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(Pid::from_raw))
    }

    /// Leaves the group alone: its number may be another's by now.
    pub(crate) fn has_ended(mut self) {
        self.0 = None;
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // A group that is gone has ended.
            let _ = kill_process_group(group, Signal::TERM);
        }
    }
}
