//! Time that stands still.

use std::time::Duration;

use pipectl_engine::port::Clock;

use crate::shared::Shared;

/// A clock that moves when somebody sleeps on it. Clones share the time, on any thread.
#[derive(Debug, Clone)]
pub struct FakeClock(Shared<Hands>);

#[derive(Debug)]
struct Hands {
    now_ms: i64,
    stops_at_ms: Option<i64>,
}

impl FakeClock {
    /// Where a new clock stands: 2026-11-23T00:00:00Z.
    pub const START_MS: i64 = 1_795_392_000_000;

    /// Makes a clock that stands at [`Self::START_MS`].
    #[must_use]
    pub fn new() -> Self {
        Self(Shared::new(Hands { now_ms: Self::START_MS, stops_at_ms: None }))
    }

    /// Lets time pass.
    pub fn advance(&self, duration: Duration) {
        let mut hands = self.0.lock();
        hands.now_ms = hands.now_ms.saturating_add(millis(duration));
    }

    /// Lets nobody sleep beyond `after` from now: such a sleep never ends, so that the operation can
    /// be dropped as by Ctrl-C. See [`interrupt`](crate::interrupt).
    pub fn stop_after(&self, after: Duration) {
        let mut hands = self.0.lock();
        hands.stops_at_ms = Some(hands.now_ms.saturating_add(millis(after)));
    }

    /// Takes [`Self::stop_after`] back.
    pub fn go_on(&self) {
        self.0.lock().stops_at_ms = None;
    }

    fn is_stopped(&self) -> bool {
        let hands = self.0.lock();
        hands.stops_at_ms.is_some_and(|stop| hands.now_ms > stop)
    }
}

/// Whole milliseconds of a duration, as times are counted here.
pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl Default for FakeClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for FakeClock {
    fn now_ms(&self) -> i64 {
        self.0.lock().now_ms
    }

    async fn sleep(&self, duration: Duration) {
        self.advance(duration);
        if self.is_stopped() {
            std::future::pending::<()>().await;
        }
    }
}
