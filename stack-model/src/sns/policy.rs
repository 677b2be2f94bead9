//! `AWS::SNS::TopicPolicy`.

use serde::Serialize;

use crate::iam::PolicyDocument;
use crate::resource::{Property, Resource, UpdateBehavior::NoInterruption};
use crate::value::Value;

/// Who else may use topics, and how.
///
/// Source: AWS::SNS::TopicPolicy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TopicPolicy {
    /// The policy; replaces any other of the topic, SNS's default policy for the owner included.
    ///
    /// Shape: a policy document. Update: no interruption.
    /// Source: AWS::SNS::TopicPolicy, PolicyDocument.
    pub policy_document: PolicyDocument,
    /// ARNs of the topics it is put on (their `Ref`).
    ///
    /// Update: no interruption. Source: AWS::SNS::TopicPolicy, Topics.
    pub topics: Vec<Value<String>>,
}

impl Resource for TopicPolicy {
    const TYPE: &'static str = "AWS::SNS::TopicPolicy";
    const ATTRIBUTES: &'static [&'static str] = &["Id"];
    const PROPERTIES: &'static [Property] =
        &[Property::required("PolicyDocument", NoInterruption), Property::required("Topics", NoInterruption)];
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::iam::{Principal, Statement};
    use crate::resource::{assert_properties_match, properties};

    fn policy() -> TopicPolicy {
        let cloudwatch = Principal::Service("cloudwatch.amazonaws.com".to_owned());
        let publish = Statement::allow(&["sns:Publish"], vec!["topic-arn".into()]).to(cloudwatch);
        TopicPolicy { policy_document: PolicyDocument::new(vec![publish]), topics: vec!["topic-arn".into()] }
    }

    #[test]
    fn properties_list_matches_the_fields() {
        assert_properties_match(&policy());
    }

    #[test]
    fn full_policy_renders_aws_names() {
        let expected = json!({
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{
                    "Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"},
                    "Action": ["sns:Publish"], "Resource": ["topic-arn"],
                }],
            },
            "Topics": ["topic-arn"],
        });
        assert_eq!(properties(&policy()), expected);
    }
}
