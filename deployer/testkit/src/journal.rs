//! What was called, and what is to go wrong.

use pipectl_engine::aws_error::{AwsError, AwsErrorCode};

use crate::faults::Faults;
use crate::refusal::Refusal;
use crate::shared::Shared;

/// What becomes of a spoilt call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is done and the call fails with this code.
    Refused(AwsErrorCode),
    /// The work is done but no answer comes: the call fails with `Unreachable`.
    AnswerLost,
    /// The work is done, no answer comes, and the SDK repeats the call: the second answer counts.
    Repeated,
}

/// Every call of an account's doubles, by AWS's name of the operation. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Journal(Shared<Pages>);

#[derive(Debug, Default)]
struct Pages {
    calls: Vec<&'static str>,
    faults: Faults<Fault>,
    /// How many calls are still answered; `None` for all.
    calls_to_live: Option<usize>,
}

impl Journal {
    /// Lists all calls so far, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<&'static str> {
        self.0.lock().calls.clone()
    }

    /// Counts the calls of one operation.
    #[must_use]
    pub fn count(&self, operation: &str) -> usize {
        self.0.lock().calls.iter().filter(|call| **call == operation).count()
    }

    /// Forgets the calls so far; planned faults stay.
    pub fn clear(&self) {
        self.0.lock().calls.clear();
    }

    /// Spoils the `nth` next call of an operation, counted from 1.
    pub fn spoil(&self, operation: &'static str, nth: usize, fault: Fault) {
        self.0.lock().faults.plan(operation, nth, fault);
    }

    /// Kills the caller after its `nth` next call, counted from 1: that call is done, and neither it nor
    /// any later one is ever answered. [`interrupt`](crate::interrupt) drops the operation there, as a
    /// kill of the process would.
    pub fn die_after(&self, nth: usize) {
        self.0.lock().calls_to_live = Some(nth);
    }

    /// Takes [`Self::die_after`] back.
    pub fn revive(&self) {
        self.0.lock().calls_to_live = None;
    }

    /// Writes a call down, does its work unless a fault is due, and answers unless the caller is dead.
    pub(crate) async fn answer<T>(
        &self,
        service: &'static str,
        operation: &'static str,
        work: impl FnMut() -> Result<T, Refusal>,
    ) -> Result<T, AwsError> {
        if self.is_dead() {
            std::future::pending::<()>().await;
        }
        let answer = self.call(service, operation, work);
        self.age();
        if self.is_dead() {
            std::future::pending::<()>().await;
        }
        answer
    }

    fn is_dead(&self) -> bool {
        self.0.lock().calls_to_live == Some(0)
    }

    fn age(&self) {
        let mut pages = self.0.lock();
        pages.calls_to_live = pages.calls_to_live.map(|left| left.saturating_sub(1));
    }

    /// Writes a call down and does its work, unless a fault is due.
    pub(crate) fn call<T>(
        &self,
        service: &'static str,
        operation: &'static str,
        mut work: impl FnMut() -> Result<T, Refusal>,
    ) -> Result<T, AwsError> {
        let error = |refusal: Refusal| AwsError {
            service,
            operation,
            code: refusal.code,
            message: refusal.message,
            request_id: None,
        };
        match self.write_down(operation) {
            None => work().map_err(error),
            Some(Fault::Refused(code)) => Err(error(Refusal::new(code, "spoilt by the test"))),
            Some(Fault::AnswerLost) => {
                let _ = work();
                let message = "the answer was lost";
                Err(error(Refusal::new(AwsErrorCode::Unreachable, message)))
            }
            Some(Fault::Repeated) => {
                let _ = work();
                work().map_err(error)
            }
        }
    }

    /// Writes a call down that was made over the wire.
    pub(crate) fn note(&self, operation: &'static str) {
        self.0.lock().calls.push(operation);
    }

    fn write_down(&self, operation: &'static str) -> Option<Fault> {
        let mut pages = self.0.lock();
        pages.calls.push(operation);
        pages.faults.due(operation)
    }
}
