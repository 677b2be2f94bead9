//! Gives up early on an endpoint that cannot be reached, while throttled calls keep their patience, and
//! takes fresh credentials once AWS says that those in use have expired.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority,
};

use crate::credentials::Expiry;

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
    expiry: Expiry,
}

impl Reach {
    /// Tells `expiry` of credentials that have expired.
    pub(crate) fn telling(expiry: Expiry) -> Self {
        Self { expiry, ..Self::default() }
    }

    /// A call that was refused because of expired credentials is repeated once, with those that are found
    /// then. Whether they are others nobody knows before.
    fn note_expired(&self, has_expired: bool) -> RetryAction {
        if !has_expired {
            self.expiry.forget();
            return RetryAction::NoActionIndicated;
        }
        self.expiry.note();
        if self.expiry.was_reread() { RetryAction::RetryForbidden } else { RetryAction::client_error() }
    }

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
        if let noted @ (RetryAction::RetryIndicated(_) | RetryAction::RetryForbidden) =
            self.note_expired(failure.is_some() && says_expired(context))
        {
            return noted;
        }
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

/// Every protocol of AWS writes the error's code into the body.
fn says_expired(context: &InterceptorContext) -> bool {
    let body = context.response().and_then(|response| response.body().bytes()).unwrap_or_default();
    ["ExpiredToken", "TokenRefreshRequired"]
        .iter()
        .any(|code| body.windows(code.len()).any(|part| part == code.as_bytes()))
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
    fn expired_credentials_are_tried_anew_once() {
        let expiry = Expiry::default();
        let reach = Reach::telling(expiry.clone());
        // The SDK may classify the same attempt twice.
        for _ in 0..2 {
            assert!(matches!(reach.note_expired(true), RetryAction::RetryIndicated(_)));
        }
        assert!(expiry.take());
        assert_eq!(reach.note_expired(true), RetryAction::RetryForbidden);
        reach.note_expired(false);
        assert!(matches!(reach.note_expired(true), RetryAction::RetryIndicated(_)));
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
