//! W3038: a log group keeps its events for ever.
//!
//! Source: CloudWatch Logs, PutRetentionPolicy: events of a group without one never expire (read 2026-11-23).

use super::found;
use crate::diagnostic::{Diagnostic, LOGS_KEPT_FOREVER};
use crate::world::graph::{Answer, Graph, is_set};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let groups = graph.of_type("AWS::Logs::LogGroup");
    let forever = groups.filter(|group| is_set(*group, "RetentionInDays") == Answer::No).map(|group| {
        found(&LOGS_KEPT_FOREVER, group, "It has no retention: its log events are kept and paid for ever.")
            .path("Properties.RetentionInDays")
            .help("Set `RetentionInDays`, as 30.")
    });
    forever.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn log_group_has_a_retention() {
        let with = |days| codes_after(json!({"WriterLogs": {"Properties": {"RetentionInDays": days}}}));
        assert_eq!(with(json!(null)), ["W3038"]);
        assert_eq!(with(json!(30)), NONE);
    }
}
