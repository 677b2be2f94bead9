//! What differs between a stack's template and its real resources.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A resource that is not as the template of its stack says. Source: CloudFormation API reference,
/// `StackResourceDrift` (read 2026-11-23).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResourceDrift {
    /// Logical ID.
    pub logical_id: String,
    /// Physical ID; null when there is none.
    pub physical_id: Option<String>,
    /// Resource type.
    pub resource_type: String,
    /// How it drifted.
    pub status: DriftStatus,
    /// Properties that differ, in order of path; empty for a deleted resource.
    pub properties: Vec<DriftedProperty>,
}

/// How a resource drifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DriftStatus {
    /// Properties differ.
    Modified,
    /// It was deleted outside of CloudFormation.
    Deleted,
}

/// A property that is not as the template says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DriftedProperty {
    /// Path as AWS writes it, for example `/VisibilityTimeout`.
    pub path: String,
    /// Value by the template; null when the template has none.
    pub expected: Option<Value>,
    /// Real value; null when there is none.
    pub actual: Option<Value>,
}

/// State of a drift detection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DriftDetectionStatus {
    /// It goes on.
    InProgress,
    /// It is over, and every resource that supports it was checked.
    Complete,
    /// It is over, and some resources could not be checked: AWS's reason.
    Failed(String),
}
