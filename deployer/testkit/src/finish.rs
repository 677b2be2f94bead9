//! Runs futures that never wait.

use futures_util::FutureExt as _;

/// Runs a future on doubles to its end.
///
/// # Panics
/// When it waits: a double that never waits has been asked for something else.
#[track_caller]
pub fn finish<F: Future>(future: F) -> F::Output {
    future.now_or_never().expect("doubles never wait")
}

/// Runs a future until it sleeps on a stopped clock, and drops it there, as Ctrl-C would.
///
/// # Panics
/// When it ends by itself.
#[track_caller]
pub fn interrupt<F: Future>(future: F) {
    assert!(future.now_or_never().is_none(), "the operation ended before the clock stopped");
}
