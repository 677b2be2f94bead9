//! W3014: events that fail for good are lost.
//!
//! S3, SNS, EventBridge, its Scheduler and IoT rules invoke a function asynchronously. Their own dead-letter queues take
//! what Lambda does not accept, not what the function fails on.
//! Source: Lambda API, Invoke: a failed asynchronous event is tried up to twice more; capturing records of
//! asynchronous invocations (read 2026-11-23).

use super::found;
use super::overlap::notifications;
use crate::diagnostic::{Diagnostic, EVENTS_MAY_BE_LOST};
use crate::template::TemplateResource;
use crate::world::graph::{Answer, Graph, elements, is_set};
use crate::world::naming::INVOKE_CONFIG;

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let notified = notifications(graph)
        .into_iter()
        .filter(|notification| notification.list == "LambdaConfigurations")
        .filter_map(|notification| notification.destination);
    let subscriptions = graph.subscriptions().into_iter();
    let subscribed = subscriptions.filter(|it| it.protocol == Some("lambda")).filter_map(|it| it.endpoint);
    let scheduled = graph.event_targets().into_iter().filter_map(|target| target.arn);
    let actions =
        graph.of_type("AWS::IoT::TopicRule").flat_map(|rule| elements(rule, "TopicRulePayload.Actions"));
    let ruled = actions.filter_map(|action| action.get("Lambda")?.get("FunctionArn"));
    let invoking = notified.chain(subscribed).chain(scheduled).chain(ruled);
    let mut functions: Vec<_> = invoking.filter_map(|json| graph.function_named(json)).collect();
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
    use serde_json::{Value as Json, json};

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn function_invoked_by_a_bucket_needs_an_on_failure_destination() {
        assert_eq!(codes_after(json!({"ExtractAsync": null})), ["W3014"]);
        let of_another = json!({"ExtractAsync": {"Properties": {"FunctionName": {"Ref": "Writer"}}}});
        assert!(codes_after(of_another).contains(&"W3014"));
        assert_eq!(codes_after(json!({})), NONE);
    }

    #[test]
    fn function_invoked_by_a_rule_or_schedule_needs_one_too() {
        let with = |name: &str, resource: Json| {
            let quiet = json!({"Properties": {"NotificationConfiguration": null}});
            let permission = |id: &str| {
                let principal = format!("{name}.amazonaws.com");
                json!({"Type": "AWS::Lambda::Permission", "Properties": {"Action": "lambda:InvokeFunction", "FunctionName": {"Ref": id}, "Principal": principal, "SourceArn": "a"}})
            };
            let after = |keeps: bool| {
                let mut patch =
                    json!({"Uploads": quiet, "UploadsPermission": permission("Extract"), "R": resource});
                if !keeps {
                    patch["ExtractAsync"] = json!(null);
                    patch["Failures"] = json!(null);
                    patch["FailuresAlarm"] = json!(null);
                    patch["ExtractRole"] = json!({"Properties": {"Policies": null}});
                    patch["Extract"] = json!({"Properties": {"Environment": null}});
                }
                codes_after(patch)
            };
            (after(false), after(true))
        };
        let arn = json!({"Fn::GetAtt": ["Extract", "Arn"]});
        let rule = json!({"Type": "AWS::Events::Rule", "Properties": {"Targets": [{"Id": "t", "Arn": arn}]}});
        assert_eq!(with("events", rule), (vec!["W3014"], NONE.to_vec()));
        let target = json!({"Arn": arn, "RoleArn": "arn:aws:iam::123456789012:role/r"});
        let schedule = json!({"Type": "AWS::Scheduler::Schedule", "Properties": {"Target": target}});
        assert_eq!(with("scheduler", schedule), (vec!["W3014"], NONE.to_vec()));
        let payload = json!({"Sql": "SELECT 1", "Actions": [{"Lambda": {"FunctionArn": arn}}]});
        let topic_rule = json!({"Type": "AWS::IoT::TopicRule", "Properties": {"TopicRulePayload": payload}});
        assert_eq!(with("iot", topic_rule), (vec!["W3014"], NONE.to_vec()));
    }
}
