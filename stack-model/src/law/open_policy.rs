//! W3025: a resource policy or permission lets everyone in, without a condition on who comes from where.
//!
//! Source: IAM user guide, AWS JSON policy elements: Principal, all principals; NotPrincipal; AWS global condition
//! context keys (read 2026-12-01).

use serde_json::Value as Json;

use super::found;
use crate::diagnostic::{Diagnostic, OPEN_TO_EVERYONE};
use crate::world::access::{is_everyone, statements};
use crate::world::graph::{Answer, Graph, is_set, text, value};

/// Where types keep the policy that says who is let in.
const POLICIES: [(&str, &str); 14] = [
    ("AWS::DynamoDB::Table", "ResourcePolicy.PolicyDocument"),
    ("AWS::ECR::Repository", "RepositoryPolicyText"),
    ("AWS::EFS::FileSystem", "FileSystemPolicy"),
    ("AWS::IAM::Role", "AssumeRolePolicyDocument"),
    ("AWS::KMS::Key", "KeyPolicy"),
    ("AWS::KMS::ReplicaKey", "KeyPolicy"),
    ("AWS::Kinesis::ResourcePolicy", "ResourcePolicy"),
    ("AWS::S3::AccessPoint", "Policy"),
    ("AWS::S3::BucketPolicy", "PolicyDocument"),
    ("AWS::SNS::TopicInlinePolicy", "PolicyDocument"),
    ("AWS::SNS::TopicPolicy", "PolicyDocument"),
    ("AWS::SQS::QueueInlinePolicy", "PolicyDocument"),
    ("AWS::SQS::QueuePolicy", "PolicyDocument"),
    ("AWS::SecretsManager::ResourcePolicy", "ResourcePolicy"),
];

/// Condition keys that say how, when or what for somebody comes, but not who or from where.
const NOT_NARROWING: [&str; 15] = [
    "aws:currenttime",
    "aws:epochtime",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:useragent",
    "s3:authtype",
    "s3:delimiter",
    "s3:max-keys",
    "s3:prefix",
    "s3:signatureage",
    "s3:signatureversion",
    "s3:tlsversion",
    "s3:versionid",
    "s3:x-amz-acl",
    "s3:x-amz-server-side-encryption",
];

/// Properties that narrow a function's permission.
const NARROWING: [&str; 5] =
    ["EventSourceToken", "FunctionUrlAuthType", "PrincipalOrgID", "SourceAccount", "SourceArn"];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let open = POLICIES.iter().flat_map(|(resource_type, path)| {
        let policies = graph.of_type(resource_type);
        policies.filter(move |policy| {
            let found = statements(value(*policy, path)).unwrap_or_default();
            found.into_iter().any(lets_everyone_in)
        })
    });
    let permissions = graph.of_type("AWS::Lambda::Permission").filter(|permission| {
        text(*permission, "Principal") == Some("*")
            && NARROWING.iter().all(|name| is_set(*permission, name) == Answer::No)
    });
    let message = "Everyone is let in, from any account.";
    let report = open.chain(permissions).map(|resource| {
        found(&OPEN_TO_EVERYONE, resource, message)
            .help("Name the principal, or add a condition on its account or ARN.")
    });
    report.collect()
}

fn lets_everyone_in(statement: &Json) -> bool {
    statement["Effect"] == "Allow"
        && (is_everyone(&statement["Principal"]) || statement.get("NotPrincipal").is_some())
        && statement.get("Condition").is_none_or(|condition| !narrows(condition))
}

/// Whether a condition says, or may say, who is let in or from where.
fn narrows(condition: &Json) -> bool {
    let Json::Object(operators) = condition else { return true };
    let mut keys = operators.values().map(Json::as_object);
    keys.any(|keys| {
        keys.is_none_or(|keys| keys.keys().any(|key| !NOT_NARROWING.contains(&key.to_lowercase().as_str())))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn policy_for_everyone_needs_a_condition() {
        let with = |condition| {
            let statement = json!({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", "Principal": {"AWS": "*"}, "Condition": condition});
            codes_after(json!({"InboxPolicy": {"Properties": {"PolicyDocument": {"Statement": statement}}}}))
        };
        let account = json!({"StringEquals": {"aws:SourceAccount": "123456789012"}});
        let without =
            json!({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", "Principal": "*"});
        assert_eq!(
            codes_after(json!({"InboxPolicy": {"Properties": {"PolicyDocument": {"Statement": [without]}}}})),
            ["W3025"]
        );
        assert_eq!(with(account), NONE);
        assert_eq!(with(json!({"Bool": {"aws:SecureTransport": "true"}})), ["W3025"]);
        let both =
            json!({"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:PrincipalOrgID": "o-1"}});
        assert_eq!(with(both), NONE);
    }

    #[test]
    fn keys_trust_policies_and_inline_policies_are_looked_at() {
        let statement = |principal: &str| json!({"Statement": {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", "Resource": "*"}});
        let role = |principal: &str| {
            codes_after(
                json!({"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": statement(principal)}}}),
            )
        };
        assert_eq!(role("*"), ["W3025"]);
        assert_eq!(role("123456789012"), NONE);
        let key = |principal: &str| {
            let key = json!({"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": statement(principal)}});
            codes_after(json!({"K": key}))
        };
        assert_eq!(key("*"), ["W3025"]);
        assert_eq!(key("123456789012"), NONE);
        let queue = |principal: &str| {
            let policy = json!({"Queue": {"Ref": "Inbox"}, "PolicyDocument": statement(principal)});
            codes_after(json!({"P": {"Type": "AWS::SQS::QueueInlinePolicy", "Properties": policy}}))
        };
        assert_eq!(queue("*"), ["W3025"]);
        assert_eq!(queue("123456789012"), NONE);
    }
}
