//! W3008: a message moves to the dead-letter queue after few receives, though Lambda's throttles count as receives.
//!
//! Source: Lambda developer guide, using Lambda with SQS: at least 5, so that throttling moves nothing (read
//! 2026-11-23).

use super::found;
use crate::diagnostic::{Diagnostic, FEW_RECEIVES};
use crate::world::graph::{Graph, as_number, value};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut queues: Vec<_> = graph.queue_mappings().into_iter().map(|mapping| mapping.queue).collect();
    queues.dedup_by_key(|queue| queue.logical_id);
    let few = queues.into_iter().filter_map(|queue| {
        let path = "RedrivePolicy.maxReceiveCount";
        let count = as_number(value(queue, path)?).filter(|count| *count < 5)?;
        let message = format!("A message moves to the dead-letter queue after {count} receives.");
        let found = found(&FEW_RECEIVES, queue, message).path(format!("Properties.{path}"));
        Some(found.help("Set it to at least 5."))
    });
    few.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn four_receives_are_few() {
        let with = |count| {
            codes_after(json!({"Messages": {"Properties": {"RedrivePolicy": {"maxReceiveCount": count}}}}))
        };
        assert_eq!(with(4), ["W3008"]);
        assert_eq!(with(5), NONE);
    }
}
