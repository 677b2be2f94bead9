//! Remembers what the engine says.

use std::cell::RefCell;

use pipectl_engine::deployed::StackEvent;
use pipectl_engine::event::{Event, EventKind, EventSink};

/// Keeps every event.
#[derive(Debug, Default)]
pub struct Recorder {
    events: RefCell<Vec<Event>>,
}

impl Recorder {
    /// Lists all events so far.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.events.borrow().clone()
    }

    /// Lists what happened, without the times.
    #[must_use]
    pub fn kinds(&self) -> Vec<EventKind> {
        self.events.borrow().iter().map(|event| event.kind.clone()).collect()
    }

    /// Lists the stack events that were passed on.
    #[must_use]
    pub fn stack_events(&self) -> Vec<StackEvent> {
        let kinds = self.kinds().into_iter();
        kinds
            .filter_map(|kind| match kind {
                EventKind::ResourceChanged(event) => Some(event),
                _ => None,
            })
            .collect()
    }

    /// Forgets the events so far.
    pub fn clear(&self) {
        self.events.borrow_mut().clear();
    }
}

impl EventSink for Recorder {
    fn emit(&self, event: Event) {
        self.events.borrow_mut().push(event);
    }
}
