//! Time as a port, so that tests decide it.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

/// Tells and spends time.
pub trait Clock: Send + Sync {
    /// The current time.
    fn now(&self) -> SystemTime;

    /// Completes when `duration` has passed.
    fn pause(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the functions' Clock port")]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the functions' Clock port")]
    fn pause(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// `time` in RFC 3339, UTC, with milliseconds where there are any.
///
/// A time outside of the years 1 to 9999 is given as the epoch; no clock of Lambda tells such a time.
#[must_use]
pub fn rfc_3339(time: SystemTime) -> String {
    let milliseconds = i64::try_from(epoch_milliseconds(time)).unwrap_or_default();
    aws_smithy_types::DateTime::from_millis(milliseconds)
        .fmt(aws_smithy_types::date_time::Format::DateTime)
        .unwrap_or_else(|_| "1970-01-01T00:00:00Z".to_owned())
}

/// Milliseconds from the Unix epoch to `time`; 0 for a time before it.
#[must_use]
pub fn epoch_milliseconds(time: SystemTime) -> u64 {
    let since_epoch = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_written_in_utc_with_milliseconds() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_438_800_250);
        assert_eq!(rfc_3339(time), "2026-11-23T13:00:00.25Z");
    }
}
