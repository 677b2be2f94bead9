//! E3034: a queue or function is subscribed to a topic, but does not let SNS in.
//!
//! The subscription is made all the same; nothing is ever delivered.
//! Source: re:Post knowledge centre, SQS subscriptions that receive nothing from an SNS topic (read 2026-11-23);
//! SNS developer guide, invoking a function.

use super::found;
use crate::diagnostic::{Diagnostic, SUBSCRIPTION_WITHOUT_PERMISSION};
use crate::world::access::QUEUE_POLICIES;
use crate::world::delivery::Subscription;
use crate::world::graph::{Answer, Graph};

const SNS: &str = "sns.amazonaws.com";

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let subscriptions = graph.subscriptions();
    let endpoints = subscriptions.iter().filter_map(|it| endpoint(graph, it));
    let dead_letters = subscriptions.iter().filter_map(|it| dead_letter_queue(graph, it));
    endpoints.chain(dead_letters).collect()
}

fn endpoint(graph: &Graph, it: &Subscription<'_>) -> Option<Diagnostic> {
    let named = graph.named(it.endpoint?)?;
    let (answer, help) = match it.protocol? {
        "sqs" if named.resource_type() == "AWS::SQS::Queue" => {
            let (answer, _) = graph.service_policies(QUEUE_POLICIES, named, SNS, "sqs:SendMessage");
            (answer, "Allow `sqs:SendMessage` to `sns.amazonaws.com` in a policy of the queue.")
        }
        "lambda" => {
            let (answer, _) = graph.permissions(graph.function_named(it.endpoint?)?, SNS);
            (answer, "Add an `AWS::Lambda::Permission` for `sns.amazonaws.com`.")
        }
        _ => return None,
    };
    let message = format!("`{}` does not let SNS in, so nothing is delivered.", named.logical_id);
    (answer == Answer::No).then(|| {
        found(&SUBSCRIPTION_WITHOUT_PERMISSION, it.resource, message).path(it.path("Endpoint")).help(help)
    })
}

fn dead_letter_queue(graph: &Graph, it: &Subscription<'_>) -> Option<Diagnostic> {
    let queue =
        graph.named(it.dead_letter_queue?).filter(|named| named.resource_type() == "AWS::SQS::Queue")?;
    let (answer, _) = graph.service_policies(QUEUE_POLICIES, queue, SNS, "sqs:SendMessage");
    (answer == Answer::No).then(|| {
        let message =
            format!("`{}` does not let SNS in, so what cannot be delivered is lost.", queue.logical_id);
        found(&SUBSCRIPTION_WITHOUT_PERMISSION, it.resource, message)
            .path(it.path("RedrivePolicy"))
            .help("Allow `sqs:SendMessage` to `sns.amazonaws.com` in a policy of the queue.")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn subscribed_queue_must_let_sns_in() {
        assert_eq!(codes_after(json!({"InboxPolicy": null})), ["E3034"]);
        assert_eq!(codes_after(json!({})), NONE);
    }

    #[test]
    fn queue_in_the_topics_list_must_let_sns_in() {
        let with = |queue: &str| {
            let entry = json!({"Protocol": "sqs", "Endpoint": {"Fn::GetAtt": [queue, "Arn"]}});
            codes_after(json!({"Alerts": {"Properties": {"Subscription": [entry]}}}))
        };
        assert_eq!(with("Dlq"), ["E3034"]);
        assert_eq!(with("Inbox"), NONE);
    }

    #[test]
    fn dead_letter_queue_of_a_subscription_must_let_sns_in() {
        let with = |queue: &str| {
            let policy = json!({"deadLetterTargetArn": {"Fn::GetAtt": [queue, "Arn"]}});
            codes_after(json!({"InboxSubscription": {"Properties": {"RedrivePolicy": policy}}}))
        };
        assert_eq!(with("Dlq"), ["E3034"]);
        // It lets SNS in, but no alarm watches it.
        assert_eq!(with("Inbox"), ["W3020"]);
    }

    #[test]
    fn subscribed_function_must_let_sns_in() {
        let arn = json!({"Fn::GetAtt": ["Extract", "Arn"]});
        let with = |principal: &str| {
            codes_after(json!({
                "ToExtract": {"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": {"Ref": "Alerts"}, "Protocol": "lambda", "Endpoint": arn}},
                "ToExtractPermission": {"Type": "AWS::Lambda::Permission", "Properties": {"Action": "lambda:InvokeFunction", "FunctionName": arn, "Principal": principal, "SourceArn": {"Ref": "Alerts"}}},
            }))
        };
        assert_eq!(with("events.amazonaws.com"), ["E3034"]);
        assert_eq!(with("sns.amazonaws.com"), NONE);
    }
}
