//! `AWS::KMS::*`: customer managed keys.
//!
//! Source: CloudFormation template reference, AWS::KMS.

use serde::Serialize;

use crate::iam::PolicyDocument;
use crate::resource::UpdateBehavior::NoInterruption;
use crate::resource::{Property, Resource, ResourceType, Tag};
use crate::unit::{Days, ranged};
use crate::value::Value;

/// Tag that names the stack of a key, for conditions of policies: a key's ARN says nothing of the stack.
pub const STACK_TAG: &str = "pipectl:stack";

pub(crate) const TYPES: &[ResourceType] = &[ResourceType::of::<Key>()];

ranged!(
    /// Time between the deletion of a key's resource and that of the key, in which it can be had back.
    ///
    /// Source: AWS::KMS::Key, PendingWindowInDays.
    PendingWindow(Days, "PendingWindowInDays", 7..=30)
);
ranged!(
    /// Time between two automatic rotations of the key material.
    ///
    /// Source: AWS::KMS::Key, RotationPeriodInDays.
    RotationPeriod(Days, "RotationPeriodInDays", 90..=2_560)
);

/// A symmetric key for encryption, made by KMS in one Region.
///
/// `Ref` gives its key ID. Kinds of key that no resource here can use (asymmetric, HMAC, multi-Region, imported
/// material) are left out. Source: AWS::KMS::Key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Key {
    /// What the key is for.
    ///
    /// Shape: at most 8,192 characters. Update: no interruption.
    /// Source: AWS::KMS::Key, Description.
    pub description: Option<Value<String>>,
    /// Whether KMS makes new key material every rotation period; old material stays usable.
    ///
    /// AWS default when absent: false. Update: no interruption.
    /// Source: AWS::KMS::Key, EnableKeyRotation.
    pub enable_key_rotation: Option<Value<bool>>,
    /// Whether the key can be used.
    ///
    /// AWS default when absent: true. Update: no interruption.
    /// Source: AWS::KMS::Key, Enabled.
    pub enabled: Option<Value<bool>>,
    /// Who may use and manage the key. IAM policies of the account count only if it lets the account in.
    ///
    /// AWS default when absent: the account may do everything. Update: no interruption.
    /// Source: AWS::KMS::Key, KeyPolicy.
    pub key_policy: Option<PolicyDocument>,
    /// How long a deleted key can be had back.
    ///
    /// Shape: days, `7..=30`. AWS default when absent: 30. Update: no interruption.
    /// Source: AWS::KMS::Key, PendingWindowInDays.
    pub pending_window_in_days: Option<Value<PendingWindow>>,
    /// Time between two rotations.
    ///
    /// Shape: days, `90..=2_560`. AWS default when absent: 365. Update: no interruption.
    /// Source: AWS::KMS::Key, RotationPeriodInDays.
    pub rotation_period_in_days: Option<Value<RotationPeriod>>,
    /// Tags of the key, 50 at most.
    ///
    /// Update: no interruption. Source: AWS::KMS::Key, Tags.
    pub tags: Option<Vec<Tag>>,
}

impl Resource for Key {
    const TYPE: &'static str = "AWS::KMS::Key";
    const ATTRIBUTES: &'static [&'static str] = &["Arn", "KeyId"];
    const STATEFUL: bool = true;
    const PROPERTIES: &'static [Property] = &[
        Property::optional("Description", NoInterruption),
        Property::optional("EnableKeyRotation", NoInterruption),
        Property::optional("Enabled", NoInterruption),
        Property::optional("KeyPolicy", NoInterruption),
        Property::optional("PendingWindowInDays", NoInterruption),
        Property::optional("RotationPeriodInDays", NoInterruption),
        Property::optional("Tags", NoInterruption),
    ];
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::iam::{Principal, Statement};
    use crate::resource::{assert_properties_match, properties};

    #[test]
    fn properties_list_matches_the_fields() {
        assert_properties_match(&Key::default());
    }

    #[test]
    fn full_key_renders_aws_names() {
        let everything = Statement::allow(&["kms:*"], vec!["*".into()])
            .to(Principal::Aws("arn:aws:iam::111122223333:root".into()));
        let key = Key {
            description: Some("d".into()),
            enable_key_rotation: Some(true.into()),
            enabled: Some(false.into()),
            key_policy: Some(PolicyDocument::new(vec![everything])),
            pending_window_in_days: Some(PendingWindow::new(Days(7)).unwrap().into()),
            rotation_period_in_days: Some(RotationPeriod::new(Days(90)).unwrap().into()),
            tags: Some(vec![Tag { key: "k".to_owned(), value: "v".into() }]),
        };
        let expected = json!({
            "Description": "d", "EnableKeyRotation": true, "Enabled": false,
            "KeyPolicy": {"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
                "Action": ["kms:*"], "Resource": ["*"],
            }]},
            "PendingWindowInDays": 7, "RotationPeriodInDays": 90, "Tags": [{"Key": "k", "Value": "v"}],
        });
        assert_eq!(properties(&key), expected);
    }
}
