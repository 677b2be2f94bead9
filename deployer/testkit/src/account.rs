//! An account with everything in it.

use pipectl_engine::execute::{Pace, Ports};

use crate::{FakeClock, FakeCloudFormation, FakeFunctions, FakeObjectStore, FakePackager, Journal, Recorder};

/// The doubles of one account, wired to each other.
#[derive(Debug)]
pub struct FakeAccount {
    /// Its time.
    pub clock: FakeClock,
    /// Every call to it.
    pub journal: Journal,
    /// Its stacks.
    pub cloudformation: FakeCloudFormation,
    /// Its buckets.
    pub store: FakeObjectStore,
    /// Its functions.
    pub functions: FakeFunctions,
    /// The machine that packages are built on.
    pub packager: FakePackager,
    /// How often it is asked.
    pub pace: Pace,
    /// What the engine said.
    pub recorder: Recorder,
}

impl FakeAccount {
    /// Makes an account in which nothing is.
    #[must_use]
    pub fn new() -> Self {
        let (clock, journal) = (FakeClock::new(), Journal::default());
        let store = FakeObjectStore::new(journal.clone());
        let cloudformation = FakeCloudFormation::new(journal.clone(), clock.clone(), store.clone());
        let functions = FakeFunctions::new(journal.clone());
        let (packager, recorder) = (FakePackager::default(), Recorder::default());
        Self { clock, journal, cloudformation, store, functions, packager, pace: Pace::new(0), recorder }
    }

    /// Returns the ports of an operation.
    #[must_use]
    pub fn ports(&self) -> Ports<'_, FakeCloudFormation, FakeObjectStore, FakeClock> {
        Ports {
            cloudformation: &self.cloudformation,
            store: &self.store,
            clock: &self.clock,
            pace: &self.pace,
            events: &self.recorder,
        }
    }
}

impl Default for FakeAccount {
    fn default() -> Self {
        Self::new()
    }
}
