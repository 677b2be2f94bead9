//! What was called, and what is to go wrong.

use std::cell::RefCell;
use std::rc::Rc;

use pipectl_engine::aws_error::{AwsError, AwsErrorCode};

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
pub struct Journal(Rc<RefCell<Pages>>);

#[derive(Debug, Default)]
struct Pages {
    calls: Vec<&'static str>,
    faults: Vec<PlannedFault>,
}

#[derive(Debug)]
struct PlannedFault {
    operation: &'static str,
    calls_left: usize,
    fault: Fault,
}

impl Journal {
    /// Lists all calls so far, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<&'static str> {
        self.0.borrow().calls.clone()
    }

    /// Counts the calls of one operation.
    #[must_use]
    pub fn count(&self, operation: &str) -> usize {
        self.0.borrow().calls.iter().filter(|call| **call == operation).count()
    }

    /// Forgets the calls so far; planned faults stay.
    pub fn clear(&self) {
        self.0.borrow_mut().calls.clear();
    }

    /// Spoils the `nth` next call of an operation, counted from 1.
    pub fn spoil(&self, operation: &'static str, nth: usize, fault: Fault) {
        self.0.borrow_mut().faults.push(PlannedFault { operation, calls_left: nth, fault });
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
            Some(Fault::Refused(code)) => {
                Err(error(Refusal { code, message: "spoilt by the test".to_owned() }))
            }
            Some(Fault::AnswerLost) => {
                let _ = work();
                let message = "the answer was lost".to_owned();
                Err(error(Refusal { code: AwsErrorCode::Unreachable, message }))
            }
            Some(Fault::Repeated) => {
                let _ = work();
                work().map_err(error)
            }
        }
    }

    fn write_down(&self, operation: &'static str) -> Option<Fault> {
        let mut pages = self.0.borrow_mut();
        pages.calls.push(operation);
        let mut due = None;
        pages.faults.retain_mut(|planned| {
            if planned.operation != operation {
                return true;
            }
            planned.calls_left = planned.calls_left.saturating_sub(1);
            if planned.calls_left == 0 && due.is_none() {
                due = Some(planned.fault.clone());
                return false;
            }
            true
        });
        due
    }
}

/// Why a double refuses, before it is known on whose behalf.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: AwsErrorCode,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(code: AwsErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(AwsErrorCode::Invalid, message)
    }
}
