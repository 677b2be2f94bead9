//! E3004 and W3005: a queue shows a message again while its consumer may still be at work on it.
//!
//! Source: Lambda developer guide, creating an SQS event source mapping (read 2026-11-23). That the batching
//! window is added stands in earlier editions of the guide, and follows from what the timeout is for.

use super::found;
use crate::diagnostic::{Diagnostic, VISIBILITY_BELOW_SIX_TIMEOUTS, VISIBILITY_BELOW_TIMEOUT};
use crate::world::graph::{Graph, QueueMapping, number};

/// AWS's defaults when the properties are absent.
const VISIBILITY: u64 = 30;
const TIMEOUT: u64 = 3;
/// The longest that SQS takes.
const LONGEST: u64 = 43_200;

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    graph.queue_mappings().into_iter().filter_map(judge).collect()
}

fn judge(QueueMapping { mapping, queue, function }: QueueMapping<'_>) -> Option<Diagnostic> {
    let function = function?;
    let visibility = number(queue, "VisibilityTimeout", VISIBILITY)?;
    let timeout = number(function, "Timeout", TIMEOUT)?;
    let window = number(mapping, "MaximumBatchingWindowInSeconds", 0)?;
    let advised = timeout.saturating_mul(6).saturating_add(window).min(LONGEST);
    let code = if visibility < timeout {
        &VISIBILITY_BELOW_TIMEOUT
    } else if visibility < advised {
        &VISIBILITY_BELOW_SIX_TIMEOUTS
    } else {
        return None;
    };
    let consumer = function.logical_id;
    let message = if visibility < timeout {
        format!(
            "The visibility timeout is {visibility} s, but the consumer `{consumer}` may run for {timeout} s."
        )
    } else {
        let window =
            if window > 0 { format!(", and a batching window of {window} s") } else { String::new() };
        format!(
            "The visibility timeout is {visibility} s, less than the advised {advised} s: six times the timeout of \
             `{consumer}`, {timeout} s{window}."
        )
    };
    let help = format!("Set `VisibilityTimeout` to at least {advised}.");
    Some(found(code, queue, message).path("Properties.VisibilityTimeout").help(help))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after, found_after};

    fn with(visibility: u32) -> Vec<&'static str> {
        codes_after(json!({"Messages": {"Properties": {"VisibilityTimeout": visibility}}}))
    }

    #[test]
    fn visibility_below_the_consumers_timeout() {
        assert_eq!(with(28), ["E3004"]);
    }

    #[test]
    fn visibility_below_six_timeouts() {
        assert_eq!(with(29), ["W3005"]);
        assert_eq!(with(173), ["W3005"]);
        assert_eq!(with(174), NONE);
    }

    #[test]
    fn advice_says_how_the_number_comes_about() {
        let found = found_after(json!({
            "Messages": {"Properties": {"VisibilityTimeout": 100}},
            "Mapping": {"Properties": {"MaximumBatchingWindowInSeconds": 20}},
        }));
        let expected = "The visibility timeout is 100 s, less than the advised 194 s: six times the timeout of \
                        `Writer`, 29 s, and a batching window of 20 s.";
        assert_eq!(found[0].message, expected);
    }

    #[test]
    fn defaults_of_aws_stand_in_for_what_is_absent() {
        let absent = json!({"Messages": {"Properties": {"VisibilityTimeout": null}}});
        assert_eq!(codes_after(absent), ["W3005"]);
    }
}
