//! E3009: event source mappings may run a function more often at once than is reserved for it.
//!
//! Source: Lambda developer guide, scaling of SQS event source mappings: reserved concurrency at least the total
//! maximum concurrency of all SQS event sources (read 2026-11-23).

use super::found;
use crate::diagnostic::{CONCURRENCY_OVER_RESERVED, Diagnostic};
use crate::world::graph::{Graph, as_number, number, value};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mappings = graph.queue_mappings();
    let over = graph.of_type("AWS::Lambda::Function").filter_map(|function| {
        let reserved = as_number(value(function, "ReservedConcurrentExecutions")?)?;
        let own =
            mappings.iter().filter(|it| it.function.is_some_and(|f| f.logical_id == function.logical_id));
        let mapped: u64 =
            own.filter_map(|it| number(it.mapping, "ScalingConfig.MaximumConcurrency", 0)).sum();
        (mapped > reserved).then(|| {
            let message = format!("Mappings may run it {mapped} times at once, but {reserved} are reserved.");
            found(&CONCURRENCY_OVER_RESERVED, function, message)
                .path("Properties.ReservedConcurrentExecutions")
                .help("Reserve at least the sum of the mappings' maximum concurrency.")
        })
    });
    over.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn mapping_may_not_run_more_than_is_reserved() {
        let with = |reserved| {
            codes_after(json!({
                "Writer": {"Properties": {"ReservedConcurrentExecutions": reserved}},
                "Mapping": {"Properties": {"ScalingConfig": {"MaximumConcurrency": 5}}},
            }))
        };
        assert_eq!(with(4), ["E3009"]);
        assert_eq!(with(5), NONE);
    }
}
