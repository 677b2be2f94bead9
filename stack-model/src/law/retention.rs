//! E3007 and W3050: a dead-letter queue keeps messages for less time than its source queue, or for the same.
//!
//! A standard queue hands a message's age on; a FIFO queue starts it again, so FIFO queues are free.
//! Source: SQS developer guide, setting up dead-letter queue retention (read 2026-11-23).

use super::found;
use crate::diagnostic::{Diagnostic, EQUAL_DEAD_LETTER_RETENTION, SHORT_DEAD_LETTER_RETENTION};
use crate::template::TemplateResource;
use crate::world::graph::{Answer, Graph, flag, number};

/// SQS's default and its longest, in seconds.
const DEFAULT: u64 = 345_600;
const LONGEST: u64 = 1_209_600;

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    graph.of_type("AWS::SQS::Queue").filter_map(|source| judge(graph, source)).collect()
}

fn judge(graph: &Graph, source: TemplateResource<'_>) -> Option<Diagnostic> {
    let target = graph.target(source, "RedrivePolicy.deadLetterTargetArn", "AWS::SQS::Queue")?;
    let kept = number(source, "MessageRetentionPeriod", DEFAULT)?;
    let kept_dead = number(target, "MessageRetentionPeriod", DEFAULT)?;
    if flag(source, "FifoQueue") != Answer::No || kept_dead > kept || kept >= LONGEST {
        return None;
    }
    let source = source.logical_id;
    let (code, message) = if kept_dead < kept {
        let message = format!(
            "The dead-letter queue keeps messages for {kept_dead} s, but its source queue `{source}` for {kept} s."
        );
        (&SHORT_DEAD_LETTER_RETENTION, message)
    } else {
        let message = format!(
            "The dead-letter queue keeps messages for {kept} s, no longer than its source queue `{source}`: a message \
             that fails late has little time left there."
        );
        (&EQUAL_DEAD_LETTER_RETENTION, message)
    };
    let help = "Keep them 1209600 s (14 days) in the dead-letter queue, the longest SQS takes.";
    Some(found(code, target, message).path("Properties.MessageRetentionPeriod").help(help))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    fn with(seconds: u32) -> Vec<&'static str> {
        codes_after(json!({"Dlq": {"Properties": {"MessageRetentionPeriod": seconds}}}))
    }

    #[test]
    fn dead_letter_queue_must_keep_longer() {
        assert_eq!(with(345_599), ["E3007"]);
        assert_eq!(with(345_600), ["W3050"]);
        assert_eq!(with(345_601), NONE);
    }

    #[test]
    fn unknown_retention_is_no_finding() {
        let imported = json!({"Fn::ImportValue": "retention"});
        assert_eq!(codes_after(json!({"Dlq": {"Properties": {"MessageRetentionPeriod": imported}}})), NONE);
    }
}
