//! Looks at some of the messages.

use std::collections::BTreeMap;
use std::time::Duration;

use pipectl_invocation::aws_error::AwsError;
use pipectl_invocation::clock::Clock;
use pipectl_invocation::invocation::Invocation;

use crate::effects::{DeadLetter, DeadLetterQueue};

/// Calls in a row that showed nothing new, after which there is probably nothing more to see.
const IDLE_CALLS: usize = 3;

/// Time kept before the deadline for the notice.
const MARGIN: Duration = Duration::from_secs(5);

/// Up to `size` different messages, oldest first. Stops early when nothing new comes up or time runs out.
pub(crate) async fn take<Q: DeadLetterQueue>(
    queue: &Q,
    size: usize,
    clock: &dyn Clock,
    invocation: &Invocation,
) -> Result<Vec<DeadLetter>, AwsError> {
    let mut found: BTreeMap<String, DeadLetter> = BTreeMap::new();
    let mut idle_calls = 0;
    while found.len() < size && idle_calls < IDLE_CALLS && !invocation.is_ending(clock, MARGIN) {
        let known = found.len();
        for letter in queue.peek().await? {
            if found.len() < size {
                found.entry(letter.message_id.clone()).or_insert(letter);
            }
        }
        idle_calls = if found.len() == known { idle_calls + 1 } else { 0 };
    }
    let mut letters: Vec<DeadLetter> = found.into_values().collect();
    letters.sort_by(|one, other| (one.sent, &one.message_id).cmp(&(other.sent, &other.message_id)));
    Ok(letters)
}
