//! I3049: a batch cannot fill up with messages of the size that its queue takes.
//!
//! Said only where the queue names its largest message: by default that is 1 MiB, and then nothing was planned.
//! Source: Lambda API, EventSourceMappingConfiguration, BatchSize: all records of a batch in one call, up to the payload
//! limit of 6 MB (read 2026-11-23).

use super::found;
use crate::diagnostic::{BATCH_OVER_PAYLOAD, Diagnostic};
use crate::world::graph::{Graph, QueueMapping, as_number, number, value};

/// 6 MB as Lambda counts them, in bytes.
const LARGEST_PAYLOAD: u64 = 6_291_456;

/// Lambda's for queues.
const DEFAULT_BATCH_SIZE: u64 = 10;

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let judge = |QueueMapping { mapping, queue, .. }: QueueMapping<'_>| {
        let size = as_number(value(queue, "MaximumMessageSize")?).filter(|size| *size > 0)?;
        let batch = number(mapping, "BatchSize", DEFAULT_BATCH_SIZE)?;
        (batch.saturating_mul(size) > LARGEST_PAYLOAD).then(|| {
            let (queue, fit) = (queue.logical_id, LARGEST_PAYLOAD / size);
            let message = format!(
                "A batch takes {batch} messages, `{queue}` takes {size} bytes each, but only {fit} of these fit in 6 MB."
            );
            found(&BATCH_OVER_PAYLOAD, mapping, message)
                .path("Properties.BatchSize")
                .help("Lower the batch size, or the queue's `MaximumMessageSize`.")
        })
    };
    graph.queue_mappings().into_iter().filter_map(judge).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn full_batch_of_largest_messages_must_fit_in_an_invocation() {
        let with = |size| codes_after(json!({"Messages": {"Properties": {"MaximumMessageSize": size}}}));
        assert_eq!(with(629_146), ["I3049"]);
        assert_eq!(with(629_145), NONE);
    }

    #[test]
    fn batch_of_more_messages_takes_smaller_ones() {
        let with = |batch| {
            let mapping = json!({"Properties": {"BatchSize": batch, "MaximumBatchingWindowInSeconds": 1}});
            let queue = json!({"Properties": {"MaximumMessageSize": 262_144, "VisibilityTimeout": 175}});
            codes_after(json!({"Mapping": mapping, "Messages": queue}))
        };
        assert_eq!(with(25), ["I3049"]);
        assert_eq!(with(24), NONE);
    }
}
