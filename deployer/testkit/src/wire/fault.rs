//! What can go wrong on the wire.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// What becomes of a spoilt call.
#[derive(Debug, Clone)]
pub enum WireFault {
    /// The connection breaks once the request is read; nothing is done.
    Unreached,
    /// The connection breaks when half of the body is read; nothing is done.
    UploadReset,
    /// The work is done and the connection breaks before the answer.
    AnswerLost,
    /// The work is done and the connection breaks in the middle of the answer.
    AnswerCut,
    /// Nothing is done and this is answered.
    Refused {
        /// HTTP status.
        status: u16,
        /// AWS's error code, for example `Throttling`.
        code: &'static str,
        /// AWS's sentence.
        message: &'static str,
    },
    /// The call waits at the gate; nothing is done before it is opened.
    Held(Gate),
}

impl WireFault {
    /// CloudFormation's throttling: `Throttling`, 400.
    #[must_use]
    pub fn throttled() -> Self {
        Self::Refused { status: 400, code: "Throttling", message: "Rate exceeded" }
    }

    /// The throttling of S3: `SlowDown`, 503.
    #[must_use]
    pub fn slow_down() -> Self {
        Self::Refused { status: 503, code: "SlowDown", message: "Please reduce your request rate." }
    }

    /// A fault of the service: `InternalFailure`, 500.
    #[must_use]
    pub fn internal_failure() -> Self {
        Self::Refused { status: 500, code: "InternalFailure", message: "An internal error occurred." }
    }

    /// A service that is not there for the moment: `ServiceUnavailable`, 503.
    #[must_use]
    pub fn unavailable() -> Self {
        Self::Refused { status: 503, code: "ServiceUnavailable", message: "Please try again later." }
    }

    /// Credentials that have run out: `ExpiredToken`, 403.
    #[must_use]
    pub fn expired_token() -> Self {
        let message = "The security token included in the request is expired";
        Self::Refused { status: 403, code: "ExpiredToken", message }
    }

    /// A missing permission: `AccessDenied`, 403.
    #[must_use]
    pub fn access_denied() -> Self {
        let message = "User is not authorized to perform this operation";
        Self::Refused { status: 403, code: "AccessDenied", message }
    }
}

/// Where a call waits until the test lets it go on, so that a slow service needs no sleeping.
#[derive(Debug, Clone, Default)]
pub struct Gate(Arc<(Mutex<Passage>, Condvar)>);

#[derive(Debug, Default)]
struct Passage {
    is_reached: bool,
    is_open: bool,
}

impl Gate {
    /// Makes a closed gate.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Blocks until a call waits here.
    pub fn wait_until_reached(&self) {
        self.wait(|passage| passage.is_reached);
    }

    /// Lets the call go on, and every later one.
    pub fn open(&self) {
        self.change(|passage| passage.is_open = true);
    }

    pub(super) fn pass(&self) {
        self.change(|passage| passage.is_reached = true);
        self.wait(|passage| passage.is_open);
    }

    fn change(&self, change: impl FnOnce(&mut Passage)) {
        let (passage, changed) = &*self.0;
        change(&mut passage.lock().unwrap_or_else(PoisonError::into_inner));
        changed.notify_all();
    }

    fn wait(&self, until: impl Fn(&Passage) -> bool) {
        let (passage, changed) = &*self.0;
        let passage = passage.lock().unwrap_or_else(PoisonError::into_inner);
        drop(changed.wait_while(passage, |passage| !until(passage)));
    }
}
