//! W3014: events that fail for good are lost.
//!
//! Source: Lambda API, Invoke: a failed asynchronous event is tried up to twice more; capturing records of
//! asynchronous invocations (read 2026-11-23).

use super::found;
use super::overlap::notifications;
use crate::diagnostic::{Diagnostic, EVENTS_MAY_BE_LOST};
use crate::template::TemplateResource;
use crate::world::graph::{Answer, Graph, is_set, text, value};
use crate::world::naming::INVOKE_CONFIG;

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let notified = notifications(graph)
        .into_iter()
        .filter(|notification| notification.list == "LambdaConfigurations")
        .filter_map(|notification| notification.destination);
    let subscribed = graph
        .of_type("AWS::SNS::Subscription")
        .filter(|subscription| text(*subscription, "Protocol") == Some("lambda"))
        .filter_map(|subscription| value(subscription, "Endpoint"));
    let mut functions: Vec<_> =
        notified.chain(subscribed).filter_map(|json| graph.function_named(json)).collect();
    functions.sort_unstable_by_key(|function| function.logical_id);
    functions.dedup_by_key(|function| function.logical_id);
    functions
        .into_iter()
        .filter(|function| keeps_failures(graph, *function) == Answer::No)
        .map(lost)
        .collect()
}

fn lost(function: TemplateResource<'_>) -> Diagnostic {
    let message = "Events that fail for good are lost: the function has no on-failure destination.";
    found(&EVENTS_MAY_BE_LOST, function, message)
        .help("Add an `AWS::Lambda::EventInvokeConfig` whose `OnFailure` names a standard queue.")
}

fn keeps_failures(graph: &Graph, function: TemplateResource<'_>) -> Answer {
    let configurations = graph.naming(&INVOKE_CONFIG, function).map(|(configuration, is_own)| {
        match (is_own, is_set(configuration, "DestinationConfig.OnFailure")) {
            (Answer::No, _) | (_, Answer::No) => Answer::No,
            (Answer::Yes, Answer::Yes) => Answer::Yes,
            _ => Answer::Unknown,
        }
    });
    Answer::any(configurations.chain([is_set(function, "DeadLetterConfig")]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn function_invoked_by_a_bucket_needs_an_on_failure_destination() {
        assert_eq!(codes_after(json!({"ExtractAsync": null})), ["W3014"]);
        let of_another = json!({"ExtractAsync": {"Properties": {"FunctionName": {"Ref": "Writer"}}}});
        assert!(codes_after(of_another).contains(&"W3014"));
        assert_eq!(codes_after(json!({})), NONE);
    }
}
