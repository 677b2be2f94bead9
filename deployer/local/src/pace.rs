//! The only place that waits: every bounded wait of this crate is here.

use std::time::Duration;

/// How often a wait looks again.
const LOOK: Duration = Duration::from_millis(20);

/// Looks again and again until `look` has an answer, at most for `patience`.
pub(crate) async fn poll<T>(patience: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    tokio::time::timeout(patience, async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            pause().await;
        }
    })
    .await
    .ok()
}

/// Looks again and again until `look` has an answer.
pub(crate) async fn poll_forever<T>(mut look: impl FnMut() -> Option<T>) -> T {
    loop {
        if let Some(found) = look() {
            return found;
        }
        pause().await;
    }
}

#[expect(clippy::disallowed_methods, reason = "supervises a real process; there is no clock to inject")]
async fn pause() {
    tokio::time::sleep(LOOK).await;
}
