//! Doubles for the functions' tests.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use crate::clock::Clock;
use crate::invocation::Invocation;
use crate::log::{Level, Log};
use crate::output::Output;

/// A clock that stands still except for pauses, which complete at once and move it.
#[derive(Debug)]
pub struct FakeClock(Mutex<SystemTime>);

impl FakeClock {
    /// Starts at 2026-11-23T13:00:00Z.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_438_800))))
    }

    /// Moves the clock.
    pub fn advance(&self, duration: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += duration;
    }
}

impl Clock for FakeClock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pause(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.advance(duration);
        // Gives way once, as a real pause does.
        Box::pin(tokio::task::yield_now())
    }
}

/// Remembers the lines written.
#[derive(Debug, Default)]
pub struct RecorderOutput(Mutex<Vec<String>>);

impl RecorderOutput {
    /// All lines so far.
    #[must_use]
    pub fn lines(&self) -> Vec<serde_json::Value> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(|line| serde_json::from_str(line).unwrap_or_default()).collect()
    }
}

impl Output for RecorderOutput {
    fn line(&self, line: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_owned());
    }
}

/// An invocation with `left` until its deadline.
#[must_use]
pub fn invocation(clock: &FakeClock, left: Duration) -> Invocation {
    Invocation {
        request_id: "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned(),
        trace_id: Some("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1".to_owned()),
        deadline: clock.now() + left,
    }
}

/// A log of everything into `output`.
#[must_use]
pub fn log(output: Arc<RecorderOutput>, clock: Arc<FakeClock>) -> Log {
    Log::new(Level::Debug, output, clock)
}
