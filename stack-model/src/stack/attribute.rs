//! What a resource carries beside its properties, and resources that are given as JSON.

use serde::Serialize;
use serde_json::Value as Json;

use crate::logical_id::LogicalId;

/// What CloudFormation does with the thing behind a resource that leaves the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum RetentionPolicy {
    /// Deletes it, with what it holds.
    Delete,
    /// Leaves it in the account, outside the stack.
    Retain,
    /// As `Retain`, but deletes it when its own creation fails or is rolled back. On replacement: `Retain`.
    RetainExceptOnCreate,
}

impl RetentionPolicy {
    /// The value for `UpdateReplacePolicy`, which does not know `RetainExceptOnCreate`.
    #[must_use]
    pub fn on_replace(self) -> Self {
        match self {
            Self::Delete => Self::Delete,
            Self::Retain | Self::RetainExceptOnCreate => Self::Retain,
        }
    }
}

/// Attributes that any resource may carry beside its properties.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResourceAttributes {
    /// Resources to be settled first, beyond those that properties refer to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<LogicalId>,
    /// Created only when this condition holds.
    pub condition: Option<LogicalId>,
    /// What happens on removal; AWS's default: `Delete` (and `Snapshot` for a few types that are not modelled).
    pub deletion_policy: Option<RetentionPolicy>,
    /// What happens to the old one on replacement; AWS's default: `Delete`. Takes no `RetainExceptOnCreate`.
    pub update_replace_policy: Option<RetentionPolicy>,
    /// Free JSON, shown by `DescribeStackResource`.
    pub metadata: Option<Json>,
}

impl ResourceAttributes {
    /// Sets both policies of a resource that holds what users put into it.
    #[must_use]
    pub fn keeping(policy: RetentionPolicy) -> Self {
        Self {
            deletion_policy: Some(policy),
            update_replace_policy: Some(policy.on_replace()),
            ..Self::default()
        }
    }

    /// Adds resources to be settled first.
    #[must_use]
    pub fn after(mut self, ids: impl IntoIterator<Item = LogicalId>) -> Self {
        self.depends_on.extend(ids);
        self
    }
}

/// A resource given as JSON: for types and properties that the model does not know.
#[derive(Debug, Clone, PartialEq)]
pub struct RawResource {
    /// The type's name, as `AWS::EC2::VPC`.
    pub resource_type: String,
    /// Its properties as they shall stand in the template.
    pub properties: Json,
    /// Its attributes.
    pub attributes: ResourceAttributes,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retention_on_replace_never_is_retain_except_on_create() {
        let attributes = ResourceAttributes::keeping(RetentionPolicy::RetainExceptOnCreate);
        assert_eq!(attributes.update_replace_policy, Some(RetentionPolicy::Retain));
    }
}
