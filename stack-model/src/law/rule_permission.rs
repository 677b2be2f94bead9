//! E3048: an EventBridge rule targets a function, queue or topic that does not let EventBridge in.
//!
//! The rule is made all the same, and its events are dropped; so are those that its dead-letter queue does not take.
//! Source: EventBridge user guide, using resource-based policies; event retry policy and dead-letter queues: no
//! retry without permission, and the queue's own policy (read 2026-11-23). SNS developer guide, default policies of
//! topics: the owner alone.

use super::found;
use crate::diagnostic::{Diagnostic, RULE_WITHOUT_PERMISSION};
use crate::template::TemplateResource;
use crate::world::access::{QUEUE_POLICIES, TOPIC_POLICIES};
use crate::world::graph::{Answer, Graph};

const EVENTS: &str = "events.amazonaws.com";

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut report = Vec::new();
    // A schedule sends with a role.
    for target in
        graph.event_targets().into_iter().filter(|it| it.resource.resource_type() == "AWS::Events::Rule")
    {
        let main = target.arn.filter(|_| !target.by_role).map(|arn| (arn, "It targets"));
        let spare = target.dead_letter_queue.map(|arn| (arn, "Its dead-letter queue is"));
        for (arn, what) in main.into_iter().chain(spare) {
            let Some(named) = graph.named(arn).filter(|named| lets_in(graph, *named) == Answer::No) else {
                continue;
            };
            let message = format!("{what} `{}`, which does not let EventBridge in.", named.logical_id);
            let found = found(&RULE_WITHOUT_PERMISSION, target.resource, message)
                .path(format!("Properties.{}", target.property));
            report.push(found.help(
                "Let `events.amazonaws.com` in by a permission, or by a policy of the queue or topic.",
            ));
        }
    }
    report
}

fn lets_in(graph: &Graph, target: TemplateResource<'_>) -> Answer {
    match target.resource_type() {
        "AWS::SQS::Queue" => graph.service_policies(QUEUE_POLICIES, target, EVENTS, "sqs:SendMessage").0,
        "AWS::SNS::Topic" => graph.service_policies(TOPIC_POLICIES, target, EVENTS, "sns:Publish").0,
        "AWS::Lambda::Function" => graph.permissions(target, EVENTS).0,
        _ => Answer::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn target_of_a_rule_must_let_eventbridge_in() {
        let with = |principal: &str| {
            let arn = json!({"Fn::GetAtt": ["Extract", "Arn"]});
            let rule = json!({"ScheduleExpression": "rate(1 day)", "Targets": [{"Id": "t", "Arn": arn}]});
            let permission = json!({"Action": "lambda:InvokeFunction", "FunctionName": arn, "Principal": principal, "SourceArn": {"Fn::GetAtt": ["Daily", "Arn"]}});
            codes_after(json!({
                "Daily": {"Type": "AWS::Events::Rule", "Properties": rule},
                "DailyPermission": {"Type": "AWS::Lambda::Permission", "Properties": permission},
            }))
        };
        assert_eq!(with("sns.amazonaws.com"), ["E3048"]);
        assert_eq!(with("events.amazonaws.com"), NONE);
    }

    /// A rule to a queue or topic, with another queue for what cannot be delivered.
    fn sending(target: &str, dead_letter_queue: &str, role: bool) -> Vec<&'static str> {
        let arn =
            if target == "Alerts" { json!({"Ref": target}) } else { json!({"Fn::GetAtt": [target, "Arn"]}) };
        let mut entry = json!({"Id": "t", "Arn": arn, "DeadLetterConfig": {"Arn": {"Fn::GetAtt": [dead_letter_queue, "Arn"]}}});
        if role {
            entry["RoleArn"] = json!("arn:aws:iam::123456789012:role/r");
        }
        let policy = |id: &str| {
            let statement = json!({"Effect": "Allow", "Action": "sqs:SendMessage", "Principal": {"Service": "events.amazonaws.com"}, "Resource": {"Fn::GetAtt": [id, "Arn"]}});
            json!({"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": id}], "PolicyDocument": {"Statement": [statement]}}})
        };
        let rule = json!({"Type": "AWS::Events::Rule", "Properties": {"Targets": [entry]}});
        codes_after(json!({"R": rule, "P": policy("Messages"), "DlqPolicy": policy("Dlq")}))
    }

    #[test]
    fn topic_and_dead_letter_queue_of_a_rule_must_let_eventbridge_in() {
        assert_eq!(sending("Messages", "Dlq", false), NONE);
        assert_eq!(sending("Alerts", "Dlq", false), ["E3048"]);
        assert_eq!(sending("Alerts", "Dlq", true), NONE);
        assert_eq!(sending("Messages", "Failures", false), ["E3048"]);
    }
}
