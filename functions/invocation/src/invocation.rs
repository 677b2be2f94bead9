//! One invocation: who asked, under which trace, until when.

use std::time::{Duration, SystemTime};

use crate::clock::Clock;

/// Facts of the current invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// Lambda's request id; the same in every retry of an asynchronous invocation.
    pub request_id: String,
    /// Value of the X-Ray trace header, when there is one.
    pub trace_id: Option<String>,
    /// When Lambda ends the invocation.
    pub deadline: SystemTime,
}

impl Invocation {
    /// True when less than `margin` is left before the deadline.
    #[must_use]
    pub fn is_ending(&self, clock: &dyn Clock, margin: Duration) -> bool {
        clock.now() + margin >= self.deadline
    }
}

impl From<&lambda_runtime::Context> for Invocation {
    fn from(context: &lambda_runtime::Context) -> Self {
        Self {
            request_id: context.request_id.clone(),
            trace_id: context.xray_trace_id.clone().filter(|trace_id| !trace_id.is_empty()),
            deadline: context.deadline(),
        }
    }
}
