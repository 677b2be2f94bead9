//! E3009: event source mappings may run a function more often at once than is reserved for it.
//!
//! Source: Lambda developer guide, scaling of SQS event source mappings: reserved concurrency at least the total
//! maximum concurrency of all SQS event sources (read 2026-11-23).

use std::collections::BTreeMap;

use super::found;
use crate::diagnostic::{CONCURRENCY_OVER_RESERVED, Diagnostic};
use crate::world::graph::{Graph, as_number, number, value};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut mapped: BTreeMap<&str, u64> = BTreeMap::new();
    for it in graph.queue_mappings() {
        if let Some(function) = it.function {
            let sum = mapped.entry(function.logical_id).or_default();
            *sum += number(it.mapping, "ScalingConfig.MaximumConcurrency", 0).unwrap_or_default();
        }
    }
    let over = graph.of_type("AWS::Lambda::Function").filter_map(|function| {
        let reserved = as_number(value(function, "ReservedConcurrentExecutions")?)?;
        let mapped = mapped.get(function.logical_id).copied().unwrap_or_default();
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
