//! W3044: throttled batches of a function with reserved concurrency end in the dead-letter queue.
//!
//! Source: re:Post knowledge centre, concurrency of a function with an SQS event source: mappings do not account
//! for reserved concurrency (read 2026-11-23).

use super::found;
use crate::diagnostic::{Diagnostic, THROTTLED_INTO_DEAD_LETTER_QUEUE};
use crate::world::graph::{Answer, Graph, is_set};

const BOUNDS: [&str; 2] = ["ProvisionedPollerConfig", "ScalingConfig.MaximumConcurrency"];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let unbounded = graph.queue_mappings().into_iter().filter(|it| {
        let is_reserved =
            it.function.is_some_and(|it| is_set(it, "ReservedConcurrentExecutions") == Answer::Yes);
        is_reserved
            && is_set(it.queue, "RedrivePolicy") == Answer::Yes
            && BOUNDS.iter().all(|bound| is_set(it.mapping, bound) == Answer::No)
    });
    let report = unbounded.map(|it| {
        let message = "Batches beyond the reserved concurrency are throttled, and good messages end in the dead-letter queue.";
        found(&THROTTLED_INTO_DEAD_LETTER_QUEUE, it.mapping, message)
            .path("Properties.ScalingConfig")
            .help("Set `ScalingConfig.MaximumConcurrency` to at most what is reserved.")
    });
    report.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn reserved_concurrency_needs_a_bound_on_the_mapping() {
        let with = |scaling| {
            codes_after(json!({
                "Writer": {"Properties": {"ReservedConcurrentExecutions": 5}},
                "Mapping": {"Properties": {"ScalingConfig": scaling}},
            }))
        };
        assert_eq!(with(json!(null)), ["W3044"]);
        assert_eq!(with(json!({"MaximumConcurrency": 5})), NONE);
    }
}
