//! The clocks of the machine.

use std::time::{Instant, SystemTime};

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "the deadline of an invocation is a time of day")]
pub(crate) fn wall() -> SystemTime {
    SystemTime::now()
}
