//! E3033: an alarm may not publish to its topic, so that nobody is told.
//!
//! The key that AWS manages for SNS has a policy that does not let CloudWatch use it.
//! Source: re:Post knowledge centre, no SNS notification for a CloudWatch alarm; alarms with encrypted SNS topics
//! (read 2026-11-23).

use super::found;
use crate::diagnostic::{ALARM_MAY_NOT_PUBLISH, Diagnostic};
use crate::template::TemplateResource;
use crate::world::access::TOPIC_POLICIES;
use crate::world::graph::{Answer, Graph, elements};

const CLOUDWATCH: &str = "cloudwatch.amazonaws.com";
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
    if let Some(key) = graph.key_that_refuses(topic, CLOUDWATCH) {
        let message = format!("Alarms publish to it, but it is encrypted with {key}.");
        let found = found(&ALARM_MAY_NOT_PUBLISH, topic, message).path("Properties.KmsMasterKeyId");
        return Some(found.help(
            "Use a key of your own, and allow `kms:Decrypt` and `kms:GenerateDataKey*` to `cloudwatch.amazonaws.com` in its policy.",
        ));
    }
    // Without a policy of the template SNS's own lets the account's alarms publish.
    let (answer, _) = graph.service_policies(TOPIC_POLICIES, topic, CLOUDWATCH, "sns:Publish");
    (graph.has_policy(TOPIC_POLICIES, topic) == Answer::Yes && answer == Answer::No).then(|| {
        let message = "Alarms publish to it, but its policy does not let CloudWatch in.";
        found(&ALARM_MAY_NOT_PUBLISH, topic, message)
            .help("Allow `sns:Publish` to `cloudwatch.amazonaws.com` in the topic's policy.")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

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
        let with = |key: Json| codes_after(json!({"Alerts": {"Properties": {"KmsMasterKeyId": key}}}));
        assert_eq!(with(json!("alias/aws/sns")), ["E3033"]);
        let arn = "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:alias/aws/sns";
        assert_eq!(with(json!({"Fn::Sub": arn})), ["E3033"]);
        assert_eq!(with(json!("alias/own")), NONE);
    }

    #[test]
    fn key_of_the_template_must_let_cloudwatch_in() {
        let with = |key: Json, actions: &[&str]| {
            let account = json!({"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"});
            let alarms = json!({
                "Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": actions, "Resource": "*",
            });
            codes_after(json!({
                "Alerts": {"Properties": {"KmsMasterKeyId": key}},
                "KeyAlias": {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/own", "TargetKeyId": {"Ref": "Key"}}},
                "Key": {
                    "Type": "AWS::KMS::Key", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain",
                    "Properties": {"EnableKeyRotation": true, "KeyPolicy": {"Statement": [account, alarms]}},
                },
            }))
        };
        for key in [json!({"Ref": "Key"}), json!({"Ref": "KeyAlias"}), json!("alias/own")] {
            assert_eq!(with(key.clone(), &["kms:Decrypt"]), ["E3033"]);
            assert_eq!(with(key, &["kms:Decrypt", "kms:GenerateDataKey*"]), NONE);
        }
    }
}
