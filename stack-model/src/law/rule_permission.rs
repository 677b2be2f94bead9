//! E3048: an EventBridge rule targets a function or queue that does not let EventBridge in.
//!
//! The rule is made all the same, and its events are dropped.
//! Source: EventBridge user guide, using resource-based policies; event retry policy and dead-letter queues: no
//! retry without permission (read 2026-11-23).

use super::found;
use crate::diagnostic::{Diagnostic, RULE_WITHOUT_PERMISSION};
use crate::world::access::QUEUE_POLICIES;
use crate::world::graph::{Answer, Graph, elements};

const EVENTS: &str = "events.amazonaws.com";

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut report = Vec::new();
    for rule in graph.of_type("AWS::Events::Rule") {
        for target in elements(rule, "Targets").into_iter().filter(|target| target.get("RoleArn").is_none()) {
            let Some(named) = target.get("Arn").and_then(|arn| graph.named(arn)) else { continue };
            let answer = match named.resource_type() {
                "AWS::SQS::Queue" => {
                    graph.service_policies(QUEUE_POLICIES, named, EVENTS, "sqs:SendMessage").0
                }
                "AWS::Lambda::Function" => graph.permissions(named, EVENTS).0,
                _ => continue,
            };
            if answer == Answer::No {
                let message =
                    format!("It targets `{}`, which does not let EventBridge in.", named.logical_id);
                let found = found(&RULE_WITHOUT_PERMISSION, rule, message).path("Properties.Targets");
                report.push(found.help("Let `events.amazonaws.com` in by a permission or a queue policy."));
            }
        }
    }
    report
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
}
