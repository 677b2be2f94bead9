//! E3060: two policies of the template are for one queue, topic or bucket.
//!
//! A queue and a topic have one policy, so that the one written last is the only one there; S3's second policy is
//! refused. Source: AWS::SQS::QueuePolicy, AWS::SNS::TopicPolicy, AWS::S3::BucketPolicy; SQS SetQueueAttributes, SNS
//! SetTopicAttributes (read 2026-12-01).

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::found;
use crate::diagnostic::{Diagnostic, SECOND_POLICY};
use crate::template::TemplateResource;
use crate::world::graph::{Graph, elements, references};
use crate::world::intrinsic::to_text;

/// Types of policies, and the property that names what they are for.
const POLICIES: [(&str, &str); 3] = [
    ("AWS::SQS::QueuePolicy", "Queues"),
    ("AWS::SNS::TopicPolicy", "Topics"),
    ("AWS::S3::BucketPolicy", "Bucket"),
];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut report = Vec::new();
    for (resource_type, property) in POLICIES {
        let mut first: BTreeMap<String, TemplateResource<'_>> = BTreeMap::new();
        for policy in graph.of_type(resource_type) {
            for target in elements(policy, property) {
                let named = graph.named(target).filter(|_| is_whole(target));
                // The same expression is the same target, also where the template does not hold it.
                let key = named.map_or_else(|| target.to_string(), |it| it.logical_id.to_owned());
                let Some(other) = first.get(&key) else {
                    first.insert(key, policy);
                    continue;
                };
                if other.logical_id == policy.logical_id || same_document(*other, policy, resource_type) {
                    continue;
                }
                let name = named.map_or_else(|| target.to_string(), |it| format!("`{}`", it.logical_id));
                let message =
                    format!("{name} has the policy `{}`, too, and only one can hold.", other.logical_id);
                let found = found(&SECOND_POLICY, policy, message).path(format!("Properties.{property}"));
                report.push(found.help("Put the statements of both into one policy; those of a pipeline's own policy change by an override."));
            }
        }
    }
    report
}

/// Whether the value is a name as it stands, or nothing but a reference: `${Bucket}-logs` names another bucket.
fn is_whole(value: &Json) -> bool {
    let Some(text) = to_text(value) else { return false };
    match references(&text).first() {
        None => true,
        Some(_) => text.starts_with("${") && text.find('}') == Some(text.len() - 1),
    }
}

/// Whether it makes no difference which of the two holds; S3 takes no second policy, whatever it says.
fn same_document(one: TemplateResource<'_>, two: TemplateResource<'_>, resource_type: &str) -> bool {
    resource_type != "AWS::S3::BucketPolicy"
        && one.property("PolicyDocument") == two.property("PolicyDocument")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::codes_of;
    use super::super::fixture::NONE;

    fn codes(
        resource_type: &str,
        property: &str,
        targets: [Json; 2],
        actions: [&str; 2],
    ) -> Vec<&'static str> {
        let policy = |target: &Json, action: &str| {
            let statement = json!({"Effect": "Deny", "Principal": {"AWS": "111122223333"}, "Action": action, "Resource": "*"});
            let target = if property == "Bucket" { target.clone() } else { json!([target]) };
            let mut properties = json!({"PolicyDocument": {"Statement": [statement]}});
            properties[property] = target;
            json!({"Type": resource_type, "Properties": properties})
        };
        let mut found = codes_of(json!({"Resources": {
            "Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "orders"}},
            "T": {"Type": "AWS::SNS::Topic"},
            "B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "uploads-1"}},
            "P1": policy(&targets[0], actions[0]),
            "P2": policy(&targets[1], actions[1]),
        }}));
        found.retain(|code| *code == "E3060");
        found
    }

    #[test]
    fn queue_topic_and_bucket_have_one_policy() {
        let one = |resource_type: &str, property: &str, id: &str| {
            codes(resource_type, property, [json!({"Ref": id}), json!({"Ref": id})], ["a:B", "a:C"])
        };
        assert_eq!(one("AWS::SQS::QueuePolicy", "Queues", "Q"), ["E3060"]);
        assert_eq!(one("AWS::SNS::TopicPolicy", "Topics", "T"), ["E3060"]);
        assert_eq!(one("AWS::S3::BucketPolicy", "Bucket", "B"), ["E3060"]);
    }

    #[test]
    fn literal_name_and_reference_are_one_target() {
        let url = json!("https://sqs.eu-west-1.amazonaws.com/111122223333/other");
        assert_eq!(
            codes("AWS::SQS::QueuePolicy", "Queues", [url.clone(), url.clone()], ["a:B", "a:C"]),
            ["E3060"]
        );
        let bucket = [json!({"Ref": "B"}), json!("uploads-1")];
        assert_eq!(codes("AWS::S3::BucketPolicy", "Bucket", bucket, ["s3:B", "s3:C"]), ["E3060"]);
        let logs = [json!({"Ref": "B"}), json!({"Fn::Sub": "${B}-logs"})];
        assert_eq!(codes("AWS::S3::BucketPolicy", "Bucket", logs, ["s3:B", "s3:C"]), NONE);
        let others = [url, json!({"Ref": "Q"})];
        assert_eq!(codes("AWS::SQS::QueuePolicy", "Queues", others, ["a:B", "a:C"]), NONE);
    }

    #[test]
    fn equal_policies_of_a_queue_do_no_harm_but_s3_refuses_the_second() {
        let both = |id: &str| [json!({"Ref": id}), json!({"Ref": id})];
        assert_eq!(codes("AWS::SQS::QueuePolicy", "Queues", both("Q"), ["a:B", "a:B"]), NONE);
        assert_eq!(codes("AWS::S3::BucketPolicy", "Bucket", both("B"), ["s3:B", "s3:B"]), ["E3060"]);
    }
}
