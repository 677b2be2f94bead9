//! E3034: a queue or function is subscribed to a topic, but does not let SNS in.
//!
//! The subscription is made all the same; nothing is ever delivered.
//! Source: re:Post knowledge centre, SQS subscriptions that receive nothing from an SNS topic (read 2026-11-23);
//! SNS developer guide, invoking a function.

use super::found;
use crate::diagnostic::{Diagnostic, SUBSCRIPTION_WITHOUT_PERMISSION};
use crate::world::access::QUEUE_POLICIES;
use crate::world::graph::{Answer, Graph, text, value};

const SNS: &str = "sns.amazonaws.com";

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let refused = graph.of_type("AWS::SNS::Subscription").filter_map(|subscription| {
        let endpoint = value(subscription, "Endpoint")?;
        let (answer, help) = match text(subscription, "Protocol")? {
            "sqs" => {
                let queue = graph.target(subscription, "Endpoint", "AWS::SQS::Queue")?;
                let (answer, _) = graph.service_policies(QUEUE_POLICIES, queue, SNS, "sqs:SendMessage");
                (answer, "Allow `sqs:SendMessage` to `sns.amazonaws.com` in a policy of the queue.")
            }
            "lambda" => {
                let (answer, _) = graph.permissions(graph.function_named(endpoint)?, SNS);
                (answer, "Add an `AWS::Lambda::Permission` for `sns.amazonaws.com`.")
            }
            _ => return None,
        };
        let endpoint = graph.named(endpoint)?.logical_id;
        let message = format!("`{endpoint}` does not let SNS in, so nothing is delivered.");
        (answer == Answer::No).then(|| {
            found(&SUBSCRIPTION_WITHOUT_PERMISSION, subscription, message)
                .path("Properties.Endpoint")
                .help(help)
        })
    });
    refused.collect()
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
