//! W3018: one bad message makes Lambda retry its whole batch.
//!
//! Source: Lambda developer guide, creating an SQS event source mapping; partial batch responses (read
//! 2026-11-23).

use super::found;
use crate::diagnostic::{Diagnostic, WHOLE_BATCH_RETRIED};
use crate::world::graph::{Answer, Graph, elements, is_set, number};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let whole = graph.queue_mappings().into_iter().filter_map(|it| {
        let size = number(it.mapping, "BatchSize", 10)?;
        let types = elements(it.mapping, "FunctionResponseTypes");
        let reports = types.iter().any(|it| *it == "ReportBatchItemFailures" || !it.is_string());
        let is_known = is_set(it.mapping, "FunctionResponseTypes") != Answer::Unknown;
        (size > 1 && is_known && !reports).then(|| {
            let message = format!("One failed message makes Lambda retry all of its batch of up to {size}.");
            found(&WHOLE_BATCH_RETRIED, it.mapping, message)
                .path("Properties.FunctionResponseTypes")
                .help("Set `FunctionResponseTypes: [ReportBatchItemFailures]`, and return the failed IDs.")
        })
    });
    whole.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn batch_of_several_needs_partial_responses() {
        let with = |size| {
            codes_after(
                json!({"Mapping": {"Properties": {"FunctionResponseTypes": null, "BatchSize": size}}}),
            )
        };
        assert_eq!(with(2), ["W3018"]);
        assert_eq!(with(1), NONE);
    }
}
