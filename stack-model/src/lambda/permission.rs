//! `AWS::Lambda::Permission`: who may invoke a function, by its resource policy.

use serde::Serialize;

use crate::resource::UpdateBehavior::Replacement;
use crate::resource::{Property, Resource};
use crate::value::Value;

/// Lets an AWS service or another account use a function.
///
/// Every change replaces it. Source: AWS::Lambda::Permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Permission {
    /// What is allowed, as `lambda:InvokeFunction`.
    ///
    /// Update: replacement. Source: AWS::Lambda::Permission, Action.
    pub action: Value<String>,
    /// The function, by name, ARN or partial ARN.
    ///
    /// Update: replacement. Source: AWS::Lambda::Permission, FunctionName.
    pub function_name: Value<String>,
    /// Who: a service as `s3.amazonaws.com`, an account number, or a role's ARN.
    ///
    /// Update: replacement. Source: AWS::Lambda::Permission, Principal.
    pub principal: Value<String>,
    /// The account that owns the source: 12 digits.
    ///
    /// Needed beside [`Self::source_arn`] for S3, whose ARNs name no account: a deleted bucket's name may be taken
    /// by another. Update: replacement. Source: AWS::Lambda::Permission, SourceAccount.
    pub source_account: Option<Value<String>>,
    /// ARN of the resource that invokes; `*` and `?` match as in IAM.
    ///
    /// Update: replacement. Source: AWS::Lambda::Permission, SourceArn.
    pub source_arn: Option<Value<String>>,
}

impl Resource for Permission {
    const TYPE: &'static str = "AWS::Lambda::Permission";
    const ATTRIBUTES: &'static [&'static str] = &["Id"];
    const PROPERTIES: &'static [Property] = &[
        Property::required("Action", Replacement),
        Property::required("FunctionName", Replacement),
        Property::required("Principal", Replacement),
        Property::optional("SourceAccount", Replacement),
        Property::optional("SourceArn", Replacement),
    ];
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::{assert_properties_match, properties};

    #[test]
    fn full_permission_renders_aws_names() {
        let permission = Permission {
            action: "lambda:InvokeFunction".into(),
            function_name: "f".into(),
            principal: "s3.amazonaws.com".into(),
            source_account: Some("111122223333".into()),
            source_arn: Some("arn:aws:s3:::b".into()),
        };
        let expected = json!({
            "Action": "lambda:InvokeFunction", "FunctionName": "f", "Principal": "s3.amazonaws.com",
            "SourceAccount": "111122223333", "SourceArn": "arn:aws:s3:::b",
        });
        assert_eq!(properties(&permission), expected);
        assert_properties_match(&permission);
    }
}
