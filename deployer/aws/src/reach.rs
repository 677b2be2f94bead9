//! Gives up early on an endpoint that cannot be reached, while throttled calls keep their patience.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority,
};

/// Connections in a row that may fail before a call is given up.
const UNREACHED_LIMIT: u32 = 3;

/// Forbids a retry once the endpoint was out of reach [`UNREACHED_LIMIT`] times in a row.
///
/// The SDK knows one number of attempts for all failures. Throttling needs many of them, and a wrong
/// port or a missing network must not take as long. The count is the service's, not the call's: while
/// the endpoint stays out of reach, later calls get one attempt each.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reach {
    unreached_in_a_row: Arc<AtomicU32>,
}

impl Reach {
    fn note(&self, was_unreached: bool) -> RetryAction {
        if !was_unreached {
            self.unreached_in_a_row.store(0, Ordering::Relaxed);
            return RetryAction::NoActionIndicated;
        }
        let before = self.unreached_in_a_row.fetch_add(1, Ordering::Relaxed);
        if before.saturating_add(1) >= UNREACHED_LIMIT {
            RetryAction::RetryForbidden
        } else {
            RetryAction::NoActionIndicated
        }
    }
}

impl ClassifyRetry for Reach {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let failure = context.output_or_error().and_then(Result::err);
        let connector_error = failure.and_then(|failure| failure.as_connector_error());
        self.note(connector_error.is_some_and(|error| error.is_io() || error.is_timeout()))
    }

    fn name(&self) -> &'static str {
        "Reach"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn third_failed_connection_in_a_row_forbids_a_retry() {
        let reach = Reach::default();
        let actions = [(); 3].map(|()| reach.note(true));
        assert_eq!(
            actions,
            [RetryAction::NoActionIndicated, RetryAction::NoActionIndicated, RetryAction::RetryForbidden]
        );
    }

    #[test]
    fn an_answer_starts_the_count_again() {
        let reach = Reach::default();
        reach.note(true);
        reach.note(true);
        reach.note(false);
        assert_eq!(reach.note(true), RetryAction::NoActionIndicated);
    }
}
