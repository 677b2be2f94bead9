//! Time that stands still.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use pipectl_engine::port::Clock;

/// A clock that moves when somebody sleeps on it. Clones share the time.
#[derive(Debug, Clone)]
pub struct FakeClock {
    now_ms: Rc<Cell<i64>>,
    stops_at_ms: Rc<Cell<Option<i64>>>,
}

impl FakeClock {
    /// Where a new clock stands: 2026-11-23T00:00:00Z.
    pub const START_MS: i64 = 1_795_392_000_000;

    /// Makes a clock that stands at [`Self::START_MS`].
    #[must_use]
    pub fn new() -> Self {
        Self { now_ms: Rc::new(Cell::new(Self::START_MS)), stops_at_ms: Rc::new(Cell::new(None)) }
    }

    /// Lets time pass.
    pub fn advance(&self, duration: Duration) {
        let ms = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        self.now_ms.set(self.now_ms.get().saturating_add(ms));
    }

    /// Lets nobody sleep beyond `after` from now: such a sleep never ends, so that the operation can
    /// be dropped as by Ctrl-C. See [`interrupt`](crate::interrupt).
    pub fn stop_after(&self, after: Duration) {
        let ms = i64::try_from(after.as_millis()).unwrap_or(i64::MAX);
        self.stops_at_ms.set(Some(self.now_ms.get().saturating_add(ms)));
    }

    /// Takes [`Self::stop_after`] back.
    pub fn go_on(&self) {
        self.stops_at_ms.set(None);
    }
}

impl Default for FakeClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for FakeClock {
    fn now_ms(&self) -> i64 {
        self.now_ms.get()
    }

    async fn sleep(&self, duration: Duration) {
        self.advance(duration);
        if self.stops_at_ms.get().is_some_and(|stop| self.now_ms.get() > stop) {
            std::future::pending::<()>().await;
        }
    }
}
