//! E3033: an alarm may not publish to its topic, so that nobody is told.
//!
//! The key that AWS manages for SNS has a policy that does not let CloudWatch use it.
//! Source: AWS re:Post, no SNS notification for a CloudWatch alarm; encrypted topics (read 2026-11-23).

use super::access::TOPIC_POLICY;
use super::found;
use super::graph::{Answer, Graph, elements, text};
use crate::diagnostic::{ALARM_MAY_NOT_PUBLISH, Diagnostic};
use crate::template::TemplateResource;

const ACTIONS: [&str; 3] = ["AlarmActions", "InsufficientDataActions", "OKActions"];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let types = ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"];
    let alarms = types.iter().flat_map(|resource_type| graph.of_type(resource_type));
    let actions = alarms.flat_map(|alarm| ACTIONS.iter().flat_map(move |name| elements(alarm, name)));
    let mut topics: Vec<_> = actions
        .filter_map(|json| graph.named(json))
        .filter(|it| it.resource_type() == "AWS::SNS::Topic")
        .collect();
    topics.sort_unstable_by_key(|topic| topic.logical_id);
    topics.dedup_by_key(|topic| topic.logical_id);
    topics.into_iter().filter_map(|topic| judge(graph, topic)).collect()
}

fn judge(graph: &Graph, topic: TemplateResource<'_>) -> Option<Diagnostic> {
    if text(topic, "KmsMasterKeyId").is_some_and(|key| key.ends_with("alias/aws/sns")) {
        let message = "Alarms publish to it, but may not use the key `alias/aws/sns`.";
        let found = found(&ALARM_MAY_NOT_PUBLISH, topic, message).path("Properties.KmsMasterKeyId");
        return Some(
            found.help("Use a key of your own whose policy lets `cloudwatch.amazonaws.com` use it."),
        );
    }
    // Without a policy of the template SNS's own lets the account's alarms publish.
    let (answer, _) = graph.service_policies(TOPIC_POLICY, topic, "cloudwatch.amazonaws.com", "sns:Publish");
    (graph.has_policy(TOPIC_POLICY, topic) == Answer::Yes && answer == Answer::No).then(|| {
        let message = "Alarms publish to it, but its policy does not let CloudWatch in.";
        found(&ALARM_MAY_NOT_PUBLISH, topic, message)
            .help("Allow `sns:Publish` to `cloudwatch.amazonaws.com` in the topic's policy.")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn policy_of_an_alarms_topic_must_let_cloudwatch_in() {
        let deny = json!({"Effect": "Deny", "Action": "sns:Publish", "Principal": "*", "Resource": "*"});
        let with = |patch| codes_after(json!({"AlertsPolicy": patch}));
        assert_eq!(with(json!({"Properties": {"PolicyDocument": {"Statement": [deny]}}})), ["E3033"]);
        assert_eq!(with(json!(null)), NONE);
    }

    #[test]
    fn key_of_aws_is_closed_to_alarms() {
        let with = |key: &str| codes_after(json!({"Alerts": {"Properties": {"KmsMasterKeyId": key}}}));
        assert_eq!(with("alias/aws/sns"), ["E3033"]);
        assert_eq!(with("alias/own"), NONE);
    }
}
