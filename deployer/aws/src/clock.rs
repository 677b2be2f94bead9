//! The system's clock; the only place of the deployer that reads it or waits on it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pipectl_engine::port::Clock;

/// The real clock. Needs a Tokio runtime with time enabled.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the Clock port's one real clock")]
    fn now_ms(&self) -> i64 {
        // A clock before 1970 or after the year 292,277,026 reads as the nearest end.
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
    }

    #[expect(clippy::disallowed_methods, reason = "this is the Clock port's one real clock")]
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
