//! Pace of repeated attempts.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

/// First pause.
const BASE: Duration = Duration::from_millis(100);

/// Longest pause.
const CAP: Duration = Duration::from_secs(5);

/// Pause after failed attempt `attempt` (from 1): doubles from 100 ms up to 5 s, of which a share between one
/// half and the whole is taken, spread by `seed` so that callers that failed together do not return together.
///
/// Equal arguments give equal pauses.
#[must_use]
pub fn pause_after(attempt: u32, seed: &str) -> Duration {
    let whole = BASE.saturating_mul(1 << attempt.saturating_sub(1).min(10)).min(CAP);
    let mut hasher = DefaultHasher::new();
    (seed, attempt).hash(&mut hasher);
    let share = u32::try_from(hasher.finish() % 512).unwrap_or_default();
    whole / 2 + whole / 1024 * share
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pause_stays_between_half_and_whole_of_the_doubled_base() {
        for (attempt, whole) in [(1, 100), (2, 200), (5, 1_600), (7, 5_000), (40, 5_000)] {
            let pause = pause_after(attempt, "seed").as_millis();
            assert!((whole / 2..=whole).contains(&pause), "{attempt}: {pause}");
        }
    }

    #[test]
    fn callers_are_spread() {
        assert_ne!(pause_after(3, "a"), pause_after(3, "b"));
    }
}
