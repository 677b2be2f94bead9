//! Resources that become ready in their own time.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use pipectl_engine::aws_error::AwsError;
use pipectl_engine::port::Clock as _;
use pipectl_engine::ready::Subject;
use pipectl_engine::ready::port::{Readiness, Standing};

use crate::clock::millis;
use crate::{FakeClock, Journal};

/// Resources by their name, UUID or URL; each is ready unless a test says otherwise.
#[derive(Debug, Default)]
pub struct FakeReadiness {
    journal: Journal,
    clock: FakeClock,
    standings: RefCell<BTreeMap<String, (i64, Standing)>>,
}

impl FakeReadiness {
    /// Makes the resources of an account with this journal and clock.
    #[must_use]
    pub fn new(journal: Journal, clock: FakeClock) -> Self {
        Self { journal, clock, standings: RefCell::default() }
    }

    /// Lets a resource stand like this for a time, after which it is ready.
    pub fn stand(&self, subject: &str, standing: Standing, duration: Duration) {
        let until_ms = self.clock.now_ms().saturating_add(millis(duration));
        self.standings.borrow_mut().insert(subject.to_owned(), (until_ms, standing));
    }
}

impl Readiness for FakeReadiness {
    async fn look(&self, subject: &Subject) -> Result<Standing, AwsError> {
        let (name, operation) = match subject {
            Subject::Function { name } => (name, "GetFunctionConfiguration"),
            Subject::EventSourceMapping { uuid } => (uuid, "GetEventSourceMapping"),
            Subject::Table { name } => (name, "DescribeTable"),
            Subject::Api { url } => (url, "OPTIONS"),
        };
        self.journal
            .answer("Readiness", operation, || {
                let standings = self.standings.borrow();
                let standing = standings.get(name).filter(|(until_ms, _)| self.clock.now_ms() < *until_ms);
                Ok(standing.map_or(Standing::Ready, |(_, standing)| standing.clone()))
            })
            .await
    }
}
