//! Joins several runs of the engine to one operation for whoever listens.

use std::cell::{Cell, RefCell};

use crate::event::{Event, EventKind, EventSink};

/// Passes events on, but one `Started` only, and holds `Finished` back until it is [released](Self::release).
pub(super) struct Held<'a> {
    inner: &'a dyn EventSink,
    started: Cell<bool>,
    packaged: Cell<bool>,
    finished: RefCell<Option<Event>>,
}

impl<'a> Held<'a> {
    pub(super) fn new(inner: &'a dyn EventSink) -> Self {
        Self { inner, started: Cell::new(false), packaged: Cell::new(false), finished: RefCell::default() }
    }

    /// From now on what is said of packaging is known already.
    pub(super) fn forget_packaging(&self) {
        self.packaged.set(true);
    }

    /// Passes `Finished` on, with the time of now.
    pub(super) fn release(&self, now_ms: i64) {
        if let Some(event) = self.finished.take() {
            self.inner.emit(Event { at_ms: now_ms, ..event });
        }
    }
}

impl EventSink for Held<'_> {
    fn emit(&self, event: Event) {
        match &event.kind {
            EventKind::Finished { .. } => *self.finished.borrow_mut() = Some(event),
            EventKind::Started { .. } if self.started.replace(true) => {}
            EventKind::PackagingStarted { .. } | EventKind::Packaged { .. } if self.packaged.get() => {}
            _ => self.inner.emit(event),
        }
    }
}
