//! `AWS::Logs::*`: log groups.
//!
//! Source: CloudFormation template reference, AWS::Logs.

use serde::Serialize;

use crate::resource::UpdateBehavior::{NoInterruption, Replacement};
use crate::resource::{Property, Resource, ResourceType, Tag};
use crate::unit::Days;
use crate::value::Value;

pub(crate) const TYPES: &[ResourceType] = &[ResourceType::of::<LogGroup>()];

/// The only retention periods that CloudWatch Logs takes, in days.
pub const RETENTION_DAYS: [u32; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1_096, 1_827, 2_192, 2_557, 2_922, 3_288,
    3_653,
];

/// Time log events are kept: one of [`RETENTION_DAYS`].
///
/// Source: AWS::Logs::LogGroup, RetentionInDays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Retention(Days);

impl Retention {
    /// 30 days.
    pub const ONE_MONTH: Self = Self(Days(30));

    /// Takes one of [`RETENTION_DAYS`].
    ///
    /// # Errors
    /// [`RetentionError`] with the nearest longer period.
    pub fn new(days: Days) -> Result<Self, RetentionError> {
        if RETENTION_DAYS.contains(&days.0) {
            return Ok(Self(days));
        }
        let next = RETENTION_DAYS.into_iter().find(|&known| known > days.0);
        Err(RetentionError { actual: days, nearest: Days(next.unwrap_or(3_653)) })
    }

    /// The period with its unit.
    #[must_use]
    pub fn get(self) -> Days {
        self.0
    }
}

/// A retention period that CloudWatch Logs does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetentionError {
    /// The refused period.
    pub actual: Days,
    /// The nearest longer one that is taken, or the longest.
    pub nearest: Days,
}

impl std::fmt::Display for RetentionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "RetentionInDays is `{}`, but only fixed periods are taken, as {}",
            self.actual.0, self.nearest
        )
    }
}

impl std::error::Error for RetentionError {}

/// Price and feature class of a log group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum LogGroupClass {
    /// Everything: alarms, live tail, embedded metric format.
    Standard,
    /// Half the price to take in, without metric filters and embedded metric format.
    InfrequentAccess,
    /// Lambda only: hands logs on to S3 or Firehose, keeps them for a day.
    Delivery,
}

/// A log group.
///
/// `Ref` gives its name. Source: AWS::Logs::LogGroup.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct LogGroup {
    /// Whether the group cannot be deleted.
    ///
    /// AWS default when absent: false. Update: no interruption.
    /// Source: AWS::Logs::LogGroup, DeletionProtectionEnabled.
    pub deletion_protection_enabled: Option<Value<bool>>,
    /// KMS key for encryption at rest.
    ///
    /// Shape: key ARN; the key's policy must let `logs.<region>.amazonaws.com` use it. Update: no interruption.
    /// Source: AWS::Logs::LogGroup, KmsKeyId.
    pub kms_key_id: Option<Value<String>>,
    /// Price and feature class.
    ///
    /// AWS default when absent: `STANDARD`. Update: no interruption, but AWS refuses to change it.
    /// Source: AWS::Logs::LogGroup, LogGroupClass.
    pub log_group_class: Option<Value<LogGroupClass>>,
    /// Physical name.
    ///
    /// Shape: `1..=512` of letters, digits and `.-_/#`. AWS default when absent: made by CloudFormation.
    /// Update: replacement. Source: AWS::Logs::LogGroup, LogGroupName.
    pub log_group_name: Option<Value<String>>,
    /// Time log events are kept.
    ///
    /// Shape: one of [`RETENTION_DAYS`]. AWS default when absent: for ever. Update: no interruption.
    /// Source: AWS::Logs::LogGroup, RetentionInDays.
    pub retention_in_days: Option<Value<Retention>>,
    /// Tags of the group, 50 at most.
    ///
    /// Update: no interruption. Source: AWS::Logs::LogGroup, Tags.
    pub tags: Option<Vec<Tag>>,
}

impl Resource for LogGroup {
    const TYPE: &'static str = "AWS::Logs::LogGroup";
    const ATTRIBUTES: &'static [&'static str] = &["Arn"];
    const PROPERTIES: &'static [Property] = &[
        Property::optional("DeletionProtectionEnabled", NoInterruption),
        Property::optional("KmsKeyId", NoInterruption),
        Property::optional("LogGroupClass", NoInterruption),
        Property::optional("LogGroupName", Replacement),
        Property::optional("RetentionInDays", NoInterruption),
        Property::optional("Tags", NoInterruption),
    ];
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::{assert_properties_match, properties};

    #[test]
    fn properties_list_matches_the_fields() {
        assert_properties_match(&LogGroup::default());
    }

    #[test]
    fn full_log_group_renders_aws_names() {
        let group = LogGroup {
            deletion_protection_enabled: Some(true.into()),
            kms_key_id: Some("k".into()),
            log_group_class: Some(LogGroupClass::InfrequentAccess.into()),
            log_group_name: Some("/aws/lambda/f".into()),
            retention_in_days: Some(Retention::new(Days(30)).unwrap().into()),
            tags: Some(vec![Tag { key: "k".to_owned(), value: "v".into() }]),
        };
        let expected = json!({
            "DeletionProtectionEnabled": true, "KmsKeyId": "k", "LogGroupClass": "INFREQUENT_ACCESS",
            "LogGroupName": "/aws/lambda/f", "RetentionInDays": 30, "Tags": [{"Key": "k", "Value": "v"}],
        });
        assert_eq!(properties(&group), expected);
    }

    #[test]
    fn retention_between_two_periods_names_the_longer_one() {
        let error = Retention::new(Days(31)).unwrap_err();
        assert_eq!(error.nearest, Days(60));
    }

    #[test]
    fn retention_beyond_ten_years_names_the_longest() {
        assert_eq!(Retention::new(Days(4_000)).unwrap_err().nearest, Days(3_653));
    }
}
