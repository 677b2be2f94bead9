//! What the user and the calling program see. The only place that writes to stdout or stderr.
//!
//! stdout carries the result and nothing else; stderr carries talk. With `--format json` stdout is
//! JSON lines: first a `version` line, then events, last exactly one `outcome` line.

pub(crate) mod alerts;
pub(crate) mod cause;
pub(crate) mod console;
pub(crate) mod delivery;
pub(crate) mod diagnostic;
pub(crate) mod doctor;
pub(crate) mod fast;
pub(crate) mod human;
pub(crate) mod json_lines;
pub(crate) mod local;
pub(crate) mod next_steps;
pub(crate) mod plan;
mod progress;
pub(crate) mod recovery;
pub(crate) mod recovery_json;
pub(crate) mod sarif;
pub(crate) mod style;
pub(crate) mod tune;

use std::cell::{Cell, RefCell};

use pipectl_engine::event::{Event, EventKind, EventSink};

use self::console::{Begun, Console};
use self::progress::Progress;
use crate::reach::Reach;

/// Shows the engine's events as they come.
pub(crate) struct Reporter<'a> {
    console: &'a Console,
    reach: &'a Reach,
    started_at_ms: Cell<Option<i64>>,
    progress: RefCell<Progress>,
}

impl<'a> Reporter<'a> {
    /// Shows events on `console`; outputs are shown as `reach` uses them.
    pub(crate) fn new(console: &'a Console, reach: &'a Reach) -> Self {
        let progress = RefCell::new(Progress::new(reach.engine.is_some()));
        Self { console, reach, started_at_ms: Cell::new(None), progress }
    }
}

impl EventSink for Reporter<'_> {
    fn emit(&self, event: Event) {
        let started = self.started_at_ms.get().unwrap_or(event.at_ms);
        self.started_at_ms.set(Some(started));
        if let Some(begun) = begun(&event.kind) {
            self.console.begin(begun);
        }
        if self.console.is_json() {
            self.console.json(&json_lines::event(&event, |value| self.reach.output(value)));
            return;
        }
        let mut progress = self.progress.borrow_mut();
        progress.note(&event);
        human::show(self.console, &event, event.at_ms - started, &mut progress);
    }
}

/// What an event says about what CloudFormation has begun for us; `None` when it says nothing new.
fn begun(kind: &EventKind) -> Option<Begun> {
    match kind {
        EventKind::ChangeSetRequested { creates, .. } => Some(Begun::ChangeSet { with_stack: *creates }),
        EventKind::OperationRequested { token } => Some(Begun::Perhaps(token.clone())),
        EventKind::OperationStarted { token, .. } => Some(Begun::Operation(token.clone())),
        EventKind::Finished { .. } => Some(Begun::Nothing),
        _ => None,
    }
}
