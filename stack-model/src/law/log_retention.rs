//! W3038: a log group keeps its events for ever.
//!
//! The class `DELIVERY` is free: its events are kept for one day.
//! Source: CloudWatch Logs, PutRetentionPolicy: events of a group without one never expire (read 2026-11-23);
//! CreateLogGroup, logGroupClass (read 2026-12-01).

use super::found;
use crate::diagnostic::{Diagnostic, LOGS_KEPT_FOREVER};
use crate::template::TemplateResource;
use crate::world::graph::{Answer, Found, Graph, find, is_set};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let groups = graph.of_type("AWS::Logs::LogGroup");
    let endless = groups.filter(|it| is_set(*it, "RetentionInDays") == Answer::No && keeps_events(*it));
    let forever = endless.map(|group| {
        found(&LOGS_KEPT_FOREVER, group, "It has no retention: its log events are kept and paid for ever.")
            .path("Properties.RetentionInDays")
            .help("Set `RetentionInDays`, for example to 30.")
    });
    forever.collect()
}

/// Whether the group is of a class that keeps its events until a retention ends.
fn keeps_events(group: TemplateResource<'_>) -> bool {
    match find(group, "LogGroupClass") {
        Found::Absent => true,
        Found::Unknown => false,
        Found::Value(class) => class == "STANDARD" || class == "INFREQUENT_ACCESS",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn log_group_has_a_retention() {
        let with = |days| codes_after(json!({"WriterLogs": {"Properties": {"RetentionInDays": days}}}));
        assert_eq!(with(json!(null)), ["W3038"]);
        assert_eq!(with(json!(30)), NONE);
    }

    #[test]
    fn class_of_a_log_group_may_need_no_retention() {
        let with = |class: Json| {
            codes_after(
                json!({"WriterLogs": {"Properties": {"RetentionInDays": null, "LogGroupClass": class}}}),
            )
        };
        assert_eq!(with(json!("INFREQUENT_ACCESS")), ["W3038"]);
        assert_eq!(with(json!("DELIVERY")), NONE);
        assert_eq!(with(json!({"Ref": "ArtifactBucket"})), NONE);
    }
}
