//! E3051: a service sends to a queue or topic that is encrypted with a key which it may not use.
//!
//! Each message is refused by KMS; the policy of the queue or topic does not help.
//! Source: SQS developer guide, key management, compatibility between event sources and encrypted queues; SNS developer
//! guide, subscribing an encrypted queue; EventBridge user guide, encrypted targets (read 2026-12-01).

use std::collections::BTreeSet;

use super::found;
use super::overlap::notifications;
use crate::diagnostic::{Diagnostic, SERVICE_MAY_NOT_USE_KEY};
use crate::template::TemplateResource;
use crate::world::graph::Graph;

const SNS: &str = "sns.amazonaws.com";
const S3: &str = "s3.amazonaws.com";
const EVENTS: &str = "events.amazonaws.com";

/// What can be encrypted here.
const ENCRYPTED: [&str; 2] = ["AWS::SNS::Topic", "AWS::SQS::Queue"];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut told = BTreeSet::new();
    let refused = deliveries(graph).into_iter().filter_map(|(service, to)| {
        let key = graph.key_that_refuses(to, service)?;
        told.insert((service, to.logical_id)).then(|| {
            let message = format!("`{service}` sends to it, but it is encrypted with {key}: nothing arrives.");
            let help = format!(
                "Use a key of your own, and allow `kms:Decrypt` and `kms:GenerateDataKey*` to `{service}` in its policy."
            );
            found(&SERVICE_MAY_NOT_USE_KEY, to, message).path("Properties.KmsMasterKeyId").help(help)
        })
    });
    refused.collect()
}

/// Which services send to which queues and topics in their own name.
fn deliveries(graph: &Graph) -> Vec<(&'static str, TemplateResource<'_>)> {
    let subscriptions = graph.subscriptions().into_iter();
    let subscribed = subscriptions
        .flat_map(|it| [it.endpoint.filter(|_| it.protocol == Some("sqs")), it.dead_letter_queue])
        .map(|arn| (SNS, arn));
    let notified = notifications(graph).into_iter().map(|notification| (S3, notification.destination));
    // A schedule sends with a role.
    let rules =
        graph.event_targets().into_iter().filter(|it| it.resource.resource_type() == "AWS::Events::Rule");
    let targeted =
        rules.flat_map(|it| [it.arn.filter(|_| !it.by_role), it.dead_letter_queue]).map(|arn| (EVENTS, arn));
    subscribed
        .chain(notified)
        .chain(targeted)
        .filter_map(|(service, arn)| Some((service, graph.named(arn?)?)))
        .filter(|(_, named)| ENCRYPTED.contains(&named.resource_type()))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::fixture::{NONE, codes_after};

    fn key_for(services: &[&str]) -> Json {
        let account = json!({"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"});
        let service = json!({"Effect": "Allow", "Principal": {"Service": services}, "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*"});
        json!({"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": [account, service]}}})
    }

    #[test]
    fn queue_of_a_subscription_must_let_sns_use_its_key() {
        let with = |key: Json, services: &[&str]| {
            let inbox = json!({"Properties": {"KmsMasterKeyId": key}});
            codes_after(json!({"Inbox": inbox, "Key": key_for(services)}))
        };
        assert_eq!(with(json!("alias/aws/sqs"), &[]), ["E3051"]);
        assert_eq!(with(json!({"Ref": "Key"}), &["s3.amazonaws.com"]), ["E3051"]);
        assert_eq!(with(json!({"Ref": "Key"}), &["sns.amazonaws.com"]), NONE);
        assert_eq!(with(json!({"Fn::ImportValue": "key"}), &[]), NONE);
    }

    #[test]
    fn queue_of_a_bucket_must_let_s3_use_its_key() {
        let with = |service: &str| {
            let statement = json!({"Effect": "Allow", "Principal": {"Service": ["s3.amazonaws.com", "sns.amazonaws.com"]}, "Action": "sqs:SendMessage", "Resource": "*", "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}});
            let notification =
                json!({"Event": "s3:ObjectRemoved:*", "Queue": {"Fn::GetAtt": ["Inbox", "Arn"]}});
            codes_after(json!({
                "Inbox": {"Properties": {"KmsMasterKeyId": {"Ref": "Key"}}},
                "InboxPolicy": {"Properties": {"PolicyDocument": {"Statement": [statement]}}},
                "InboxSubscription": null,
                "Key": key_for(&[service]),
                "Uploads": {"DependsOn": ["InboxPolicy", "UploadsPermission"], "Properties": {"NotificationConfiguration": {"QueueConfigurations": [notification]}}},
            }))
        };
        assert_eq!(with("sns.amazonaws.com"), ["E3051"]);
        assert_eq!(with("s3.amazonaws.com"), NONE);
    }
}
