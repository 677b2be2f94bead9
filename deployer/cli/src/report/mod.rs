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
pub(crate) mod recovery;
pub(crate) mod recovery_json;
pub(crate) mod sarif;
pub(crate) mod style;
pub(crate) mod tune;

use std::cell::Cell;

use pipectl_engine::event::{Event, EventKind, EventSink};

use self::console::Console;
use crate::reach::Reach;

/// Shows the engine's events as they come.
pub(crate) struct Reporter<'a> {
    console: &'a Console,
    reach: &'a Reach,
    started_at_ms: Cell<Option<i64>>,
    settled: Cell<usize>,
}

impl<'a> Reporter<'a> {
    /// Shows events on `console`; outputs are shown as `reach` uses them.
    pub(crate) fn new(console: &'a Console, reach: &'a Reach) -> Self {
        Self { console, reach, started_at_ms: Cell::new(None), settled: Cell::new(0) }
    }
}

impl EventSink for Reporter<'_> {
    fn emit(&self, event: Event) {
        let started = self.started_at_ms.get().unwrap_or(event.at_ms);
        self.started_at_ms.set(Some(started));
        match &event.kind {
            EventKind::OperationStarted { token, .. } => self.console.begin(Some(token)),
            EventKind::Finished { .. } => self.console.begin(None),
            _ => {}
        }
        if self.console.is_json() {
            self.console.json(&json_lines::event(&event, |value| self.reach.output(value)));
            return;
        }
        human::show(self.console, &event, event.at_ms - started, &self.settled);
    }
}
