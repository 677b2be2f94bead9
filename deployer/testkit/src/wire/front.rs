//! What all connections share, and what they decide by.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::MutexGuard;
use std::time::Duration;

use pipectl_engine::port::Clock as _;

use super::fault::WireFault;
use crate::faults::Faults;
use crate::shared::Shared;
use crate::stacks::Stacks;
use crate::{FakeAccount, FakeClock, FakeCloudFormation, FakeObjectStore, Journal};

/// An account as its connections see it.
#[derive(Debug)]
pub(super) struct Front {
    pub(super) endpoint_url: String,
    pub(super) cloudformation: FakeCloudFormation,
    pub(super) store: FakeObjectStore,
    pub(super) faults: Shared<Faults<WireFault>>,
    pub(super) settings: Shared<Settings>,
    clock: FakeClock,
    journal: Journal,
    limits: Shared<BTreeMap<&'static str, Limit>>,
    requests: Shared<u64>,
}

/// What a test can set.
#[derive(Debug, Default)]
pub(super) struct Settings {
    pub(super) ms_per_call: i64,
    pub(super) page_size: Option<usize>,
    pub(super) dropped_with_values: BTreeSet<String>,
    pub(super) expired_keys: BTreeSet<String>,
    pub(super) skew: Option<Skew>,
}

/// How far the service's clock is ahead, and where the caller's stood when that was first seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Skew {
    pub(super) ahead_ms: i64,
    pub(super) first_ms: Option<i64>,
}

/// A bucket of tokens that the account's clock fills.
#[derive(Debug)]
struct Limit {
    burst_ms: i64,
    ms_per_call: i64,
    /// Time worth of calls that may be made now.
    left_ms: i64,
    seen_ms: i64,
}

impl Front {
    pub(super) fn new(account: &FakeAccount, endpoint_url: String) -> Self {
        Self {
            endpoint_url,
            cloudformation: account.cloudformation.clone(),
            store: account.store.clone(),
            faults: Shared::default(),
            settings: Shared::default(),
            clock: account.clock.clone(),
            journal: account.journal.clone(),
            limits: Shared::default(),
            requests: Shared::default(),
        }
    }

    /// Writes a call down.
    pub(super) fn note(&self, operation: &'static str) {
        self.journal.note(operation);
    }

    /// The stacks, with everything done that is due by now.
    pub(super) fn stacks(&self) -> MutexGuard<'_, Stacks> {
        self.cloudformation.now()
    }

    /// Lets the time of one call pass.
    pub(super) fn tick(&self) {
        let ms = self.settings.lock().ms_per_call;
        self.clock.advance(Duration::from_millis(u64::try_from(ms).unwrap_or_default()));
    }

    /// The most entries of a page, where AWS's own maximum is `usual`.
    pub(super) fn page_size(&self, usual: usize) -> usize {
        self.settings.lock().page_size.unwrap_or(usual)
    }

    pub(super) fn next_request_id(&self) -> String {
        let mut requests = self.requests.lock();
        *requests += 1;
        format!("00000000-0000-0000-0000-{:012}", *requests)
    }

    pub(super) fn limit(&self, operation: &'static str, burst: u32, per_second: u32) {
        let ms_per_call = 1_000 / i64::from(per_second.max(1));
        let burst_ms = i64::from(burst.max(1)) * ms_per_call;
        let limit = Limit { burst_ms, ms_per_call, left_ms: burst_ms, seen_ms: self.clock.now_ms() };
        self.limits.lock().insert(operation, limit);
    }

    /// Counts a call against its operation's limit; false when it is above.
    pub(super) fn is_within_limit(&self, operation: &'static str) -> bool {
        let now_ms = self.clock.now_ms();
        self.limits.lock().get_mut(operation).is_none_or(|limit| limit.take(now_ms))
    }
}

impl Limit {
    fn take(&mut self, now_ms: i64) -> bool {
        self.left_ms = (self.left_ms + now_ms - self.seen_ms).min(self.burst_ms);
        self.seen_ms = now_ms;
        let is_within = self.left_ms >= self.ms_per_call;
        if is_within {
            self.left_ms -= self.ms_per_call;
        }
        is_within
    }
}
