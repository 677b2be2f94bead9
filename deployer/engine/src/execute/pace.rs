//! How often AWS is asked what happens: one pace for all watches of a process.

use std::cell::Cell;
use std::time::Duration;

/// Shortest wait between two looks at an operation; it grows by half to [`SLOWEST`] while nothing happens.
const FASTEST: Duration = Duration::from_secs(1);

/// Longest wait between two looks while AWS answers.
const SLOWEST: Duration = Duration::from_secs(5);

/// Longest wait while AWS asks to slow down.
const THROTTLED: Duration = Duration::from_secs(30);

/// How long credentials that have expired are waited for, unless it is said otherwise: long enough for a
/// person to log in again.
const CREDENTIAL_WAIT: Duration = Duration::from_secs(10 * 60);

/// Wait between two looks while the credentials have expired: only a person can help.
const EXPIRED: Duration = Duration::from_secs(30);

/// A wait is up to this part shorter or longer than computed, so that many programs do not ask in step.
const JITTER_PERCENT: u64 = 20;

/// The pace at which an account's operations are looked at, shared by all watches of a process.
///
/// CloudFormation throttles by account and Region: with `n` watches each waits `n` times as long, and a
/// look that AWS throttles slows all of them down. The random part follows from the seed alone.
#[derive(Debug)]
pub struct Pace {
    random: Cell<u64>,
    watches: Cell<u32>,
    /// Times the wait is doubled because AWS asked to slow down.
    slowed: Cell<u32>,
    /// How long credentials that have expired are waited for.
    credential_wait: Duration,
}

impl Pace {
    /// Makes a pace whose random part follows from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            random: Cell::new(seed),
            watches: Cell::new(0),
            slowed: Cell::new(0),
            credential_wait: CREDENTIAL_WAIT,
        }
    }

    /// Waits so long for fresh credentials while an operation is watched. Default: 10 minutes.
    #[must_use]
    pub fn with_credential_wait(self, credential_wait: Duration) -> Self {
        Self { credential_wait, ..self }
    }

    /// How long credentials that have expired are waited for.
    pub(super) fn credential_wait(&self) -> Duration {
        self.credential_wait
    }

    /// Takes part in the pace until the watch is dropped.
    pub(super) fn watch(&self) -> Watch<'_> {
        self.watches.set(self.watches.get().saturating_add(1));
        Watch { pace: self, quiet: 0 }
    }

    fn wait(&self, quiet: u32) -> Duration {
        let own = FASTEST.mul_f64(1.5_f64.powi(i32::try_from(quiet.min(8)).unwrap_or(8))).min(SLOWEST);
        let shared = own * self.watches.get().max(1) * 2_u32.saturating_pow(self.slowed.get());
        let longest = if self.slowed.get() > 0 { THROTTLED } else { SLOWEST * self.watches.get().max(1) };
        self.with_jitter(shared.min(longest))
    }

    fn with_jitter(&self, wait: Duration) -> Duration {
        let percent = 100 - JITTER_PERCENT + self.next_random() % (2 * JITTER_PERCENT + 1);
        wait * u32::try_from(percent).unwrap_or(100) / 100
    }

    /// SplitMix64: small, and good enough to spread waits.
    fn next_random(&self) -> u64 {
        let state = self.random.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.random.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// One watch's part in the pace.
#[derive(Debug)]
pub(super) struct Watch<'a> {
    pace: &'a Pace,
    quiet: u32,
}

impl Watch<'_> {
    /// Returns the wait after a look that AWS answered.
    pub(super) fn after_answer(&mut self, has_news: bool) -> Duration {
        self.pace.slowed.set(self.pace.slowed.get().saturating_sub(1));
        self.quiet = if has_news { 0 } else { self.quiet.saturating_add(1) };
        self.pace.wait(self.quiet)
    }

    /// Returns the wait after a look that failed.
    pub(super) fn after_failure(&mut self, was_throttled: bool) -> Duration {
        if was_throttled {
            self.pace.slowed.set(self.pace.slowed.get().saturating_add(1).min(5));
        }
        self.quiet = self.quiet.saturating_add(4);
        self.pace.wait(self.quiet)
    }

    /// Returns the wait after a look that was refused because the credentials have expired.
    pub(super) fn after_expiry(&mut self) -> Duration {
        self.pace.with_jitter(EXPIRED)
    }

    /// Looks in a row without news.
    pub(super) fn quiet_looks(&self) -> u32 {
        self.quiet
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.pace.watches.set(self.pace.watches.get().saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_about(wait: Duration, expected: Duration) -> bool {
        wait >= expected.mul_f64(0.8) && wait <= expected.mul_f64(1.2)
    }

    #[test]
    fn wait_grows_while_nothing_happens_and_is_short_again_after_news() {
        let pace = Pace::new(1);
        let mut watch = pace.watch();
        assert!(is_about(watch.after_answer(true), FASTEST));
        let waits: Vec<Duration> = (0..10).map(|_| watch.after_answer(false)).collect();
        assert!(is_about(waits[9], SLOWEST), "{waits:?}");
        assert!(is_about(watch.after_answer(true), FASTEST));
    }

    #[test]
    fn throttling_of_one_watch_slows_the_other_down_and_passes() {
        let pace = Pace::new(1);
        let (mut one, mut other) = (pace.watch(), pace.watch());
        for _ in 0..9 {
            one.after_failure(true);
        }
        assert!(is_about(one.after_failure(true), THROTTLED));
        assert!(other.after_answer(true) > SLOWEST * 2);
        for _ in 0..5 {
            other.after_answer(true);
        }
        assert!(is_about(other.after_answer(true), FASTEST * 2));
    }

    #[test]
    fn each_watch_asks_less_often_the_more_there_are() {
        let pace = Pace::new(1);
        let mut watches: Vec<Watch<'_>> = (0..4).map(|_| pace.watch()).collect();
        assert!(is_about(watches[0].after_answer(true), FASTEST * 4));
        watches.truncate(1);
        assert!(is_about(watches[0].after_answer(true), FASTEST));
    }

    #[test]
    fn same_seed_gives_the_same_waits_and_another_one_others() {
        let waits = |seed| {
            let pace = Pace::new(seed);
            let mut watch = pace.watch();
            (0..5).map(|_| watch.after_answer(false)).collect::<Vec<_>>()
        };
        assert_eq!(waits(7), waits(7));
        assert_ne!(waits(7), waits(8));
    }
}
