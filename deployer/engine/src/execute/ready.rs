//! Waits until what a pipeline needs is ready.

use std::time::Duration;

use super::Ports;
use super::watch::is_passing;
use crate::event::EventKind;
use crate::port::{Clock, CloudFormation, ObjectStore};
use crate::ready::Need;
use crate::ready::port::{Readiness, Standing};

/// Shortest wait between two looks; it grows by half to [`SLOWEST`].
const FASTEST: Duration = Duration::from_millis(500);

/// Longest wait between two looks.
const SLOWEST: Duration = Duration::from_secs(5);

/// Time after which a resource counts as not becoming ready. A table with indexes or a function with a
/// network interface takes minutes; nothing of a pipeline takes longer than this.
const PATIENCE_MS: i64 = 10 * 60 * 1_000;

/// A stack whose resources do not become ready.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("stack `{stack}` is configured but not ready after {} s: {}", .waited_ms / 1_000, Listed(.pending))]
pub struct NotReady {
    /// Stack name.
    pub stack: String,
    /// Milliseconds since it was configured.
    pub waited_ms: i64,
    /// What is not ready.
    pub pending: Vec<Pending>,
}

/// A resource that is not ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Logical ID.
    pub logical_id: String,
    /// How it stands, in AWS's words, or why that could not be seen.
    pub reason: String,
}

struct Listed<'a>(&'a [Pending]);

impl std::fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let texts = self.0.iter().map(|it| format!("{} ({})", it.logical_id, it.reason));
        f.write_str(&texts.collect::<Vec<_>>().join(", "))
    }
}

/// Looks at everything until all of it is ready; fails at once when one has failed, and after
/// [`PATIENCE_MS`].
pub(super) async fn wait_until_ready<C: CloudFormation, S: ObjectStore, T: Clock, R: Readiness>(
    ports: &Ports<'_, C, S, T>,
    readiness: &R,
    stack: &str,
    needs: Vec<Need>,
) -> Result<(), NotReady> {
    let since = ports.clock.now_ms();
    ports.emit(EventKind::Configured { needs: needs.len() });
    let (mut needs, mut unseen) = (needs, Vec::new());
    let mut pause = FASTEST;
    loop {
        let round = look(ports, readiness, needs).await;
        unseen.extend(round.unseen);
        let waited_ms = ports.clock.now_ms() - since;
        let failed = |pending| NotReady { stack: stack.to_owned(), waited_ms, pending };
        if !round.failed.is_empty() {
            return Err(failed(round.failed));
        }
        if round.waiting.is_empty() {
            ports.emit(EventKind::Ready { unseen });
            return Ok(());
        }
        if waited_ms >= PATIENCE_MS {
            return Err(failed(round.waiting.into_iter().map(|(_, pending)| pending).collect()));
        }
        needs = round.waiting.into_iter().map(|(need, _)| need).collect();
        ports.clock.sleep(pause).await;
        pause = (pause * 3 / 2).min(SLOWEST);
    }
}

/// What one look at everything has shown.
#[derive(Default)]
struct Round {
    waiting: Vec<(Need, Pending)>,
    failed: Vec<Pending>,
    unseen: Vec<String>,
}

async fn look<C: CloudFormation, S: ObjectStore, T: Clock, R: Readiness>(
    ports: &Ports<'_, C, S, T>,
    readiness: &R,
    needs: Vec<Need>,
) -> Round {
    let looks = needs.into_iter().map(|need| async move {
        let standing = readiness.look(&need.subject).await;
        (need, standing)
    });
    let mut round = Round::default();
    for (need, standing) in futures_util::future::join_all(looks).await {
        let pending = |reason: String| Pending { logical_id: need.logical_id.clone(), reason };
        match standing {
            Ok(Standing::Ready) => {
                ports.emit(EventKind::ResourceReady { logical_id: need.logical_id.clone() });
            }
            Ok(Standing::NotYet(word)) => round.waiting.push((need.clone(), pending(word))),
            Ok(Standing::Failed(reason)) => round.failed.push(pending(reason)),
            Ok(Standing::Unseen(reason)) => round.unseen.push(format!("{} ({reason})", need.logical_id)),
            Err(error) if is_passing(&error) => {
                round.waiting.push((need.clone(), pending(error.to_string())));
            }
            Err(error) => round.failed.push(pending(error.to_string())),
        }
    }
    round
}
