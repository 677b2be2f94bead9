//! E3017: a bucket notifies a function, queue or topic that does not let S3 in.
//!
//! Source: AWS::S3::Bucket, NotificationConfiguration: S3 checks on creation that it may invoke the function; S3
//! user guide, granting permissions to publish event notification messages (the former read 2026-11-23).

use super::found;
use super::overlap::{Notification, notifications};
use crate::diagnostic::{Diagnostic, NOTIFICATION_WITHOUT_PERMISSION};
use crate::template::TemplateResource;
use crate::world::access::{QUEUE_POLICIES, TOPIC_POLICIES};
use crate::world::graph::{Answer, Graph};

const S3: &str = "s3.amazonaws.com";

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let refused = notifications(graph).into_iter().filter_map(|notification| {
        let (answer, _) = notification_grants(graph, &notification)?;
        (answer == Answer::No).then(|| {
            let destination = graph.named(notification.destination?)?;
            let message =
                format!("The bucket notifies `{}`, which does not let S3 in.", destination.logical_id);
            let found = found(&NOTIFICATION_WITHOUT_PERMISSION, notification.bucket, message)
                .path(format!("Properties.NotificationConfiguration.{}", notification.list));
            Some(found.help(
                "Add an `AWS::Lambda::Permission`, or a queue or topic policy, for `s3.amazonaws.com`.",
            ))
        })?
    });
    refused.collect()
}

/// Whether the destination lets S3 in, and the resources that say so; `None` for one outside the template.
pub(super) fn notification_grants<'a>(
    graph: &'a Graph,
    notification: &Notification<'_>,
) -> Option<(Answer, Vec<TemplateResource<'a>>)> {
    let destination = notification.destination?;
    let named = graph.named(destination)?;
    match named.resource_type() {
        "AWS::SQS::Queue" => Some(graph.service_policies(QUEUE_POLICIES, named, S3, "sqs:SendMessage")),
        "AWS::SNS::Topic" => Some(graph.service_policies(TOPIC_POLICIES, named, S3, "sns:Publish")),
        _ => Some(graph.permissions(graph.function_named(destination)?, S3)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn function_must_let_s3_in() {
        let removed = json!({"UploadsPermission": null, "Uploads": {"DependsOn": null}});
        assert_eq!(codes_after(removed), ["E3017"]);
        assert_eq!(codes_after(json!({})), NONE);
    }

    #[test]
    fn queue_must_let_s3_in() {
        let entry = json!({"Event": "s3:ObjectRemoved:*", "Queue": {"Fn::GetAtt": ["Inbox", "Arn"]}});
        let with = |patch| {
            codes_after(json!({
                "Uploads": {"DependsOn": ["UploadsPermission", "InboxPolicy"], "Properties": {"NotificationConfiguration": {"QueueConfigurations": [entry]}}},
                "InboxPolicy": patch,
            }))
        };
        assert_eq!(with(json!({})), ["E3017"]);
        let services = json!({"Service": ["s3.amazonaws.com", "sns.amazonaws.com"]});
        let statement = json!({
            "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", "Principal": services,
            "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
        });
        assert_eq!(with(json!({"Properties": {"PolicyDocument": {"Statement": [statement]}}})), NONE);
    }
}
