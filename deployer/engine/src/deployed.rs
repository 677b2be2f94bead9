//! What AWS says now about a stack.

use std::collections::BTreeMap;

use crate::status::{ResourceStatus, StackStatus};

/// A stack as `DescribeStacks` reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeployedStack {
    /// Stack name, 1 to 128 characters.
    pub name: String,
    /// Stack ID (an ARN); unlike the name it survives deletion.
    pub id: String,
    /// Current status.
    pub status: StackStatus,
    /// AWS's reason for the status, when it gives one.
    pub status_reason: Option<String>,
    /// Parameter values in force. A `NoEcho` value is AWS's mask, not the value.
    pub parameters: BTreeMap<String, String>,
    /// Output values by output key.
    pub outputs: BTreeMap<String, String>,
    /// Tags of the stack.
    pub tags: BTreeMap<String, String>,
    /// Whether AWS refuses to delete the stack.
    pub termination_protection: bool,
    /// Mode of the last operation (`DeploymentConfig.Mode`).
    pub mode: DeploymentMode,
    /// True when a failed operation is left as it failed (`DisableRollback`).
    pub rollback_disabled: bool,
    /// ID of the change set that was executed last, when one was.
    pub change_set_id: Option<String>,
    /// When the stack was last updated, or made, in milliseconds since the Unix epoch.
    pub changed_at_ms: Option<i64>,
    /// The last operation of each type (`LastOperations`), in AWS's order.
    pub last_operations: Vec<StackOperation>,
}

/// How CloudFormation carries an operation out. Source: CloudFormation API reference,
/// `DeploymentConfig.Mode`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DeploymentMode {
    /// A resource is done when it is ready.
    #[default]
    Standard,
    /// A resource is done when its configuration is applied. Unless asked otherwise, a failure is left
    /// as it is instead of being rolled back.
    Express,
}

/// An operation as `DescribeStacks` lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackOperation {
    /// AWS's ID of the operation.
    pub id: String,
    /// Its type as AWS writes it, for example `UPDATE_STACK`.
    pub operation_type: String,
}

/// The newest operation of a stack, by its events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewestOperation {
    /// Token of the call that started it; `None` when none was given.
    pub token: Option<String>,
    /// When its first event that was seen happened, in milliseconds since the Unix epoch.
    pub since_ms: i64,
}

/// One event of a stack, as `DescribeStackEvents` reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackEvent {
    /// Unique id of the event; the cursor of the watch.
    pub id: String,
    /// Time in milliseconds since the Unix epoch, AWS's clock.
    pub at_ms: i64,
    /// Logical ID; the stack's own events carry the stack's name.
    pub logical_id: String,
    /// Physical ID, once there is one.
    pub physical_id: Option<String>,
    /// Resource type, for example `AWS::SQS::Queue`.
    pub resource_type: String,
    /// Status the event reports.
    pub status: ResourceStatus,
    /// AWS's reason, when it gives one.
    pub reason: Option<String>,
    /// Token of the call that started the operation, when one was given.
    pub client_request_token: Option<String>,
}

impl StackEvent {
    /// Returns the status as AWS wrote it; the stack's own events carry a stack status.
    #[must_use]
    pub fn status_text(&self) -> &str {
        self.status.as_str()
    }

    /// True for the stack's own event with which an operation begins.
    ///
    /// AWS has no code for it. Quoted from the CloudFormation user guide's samples of stack events (read
    /// 2026-11-23): "User Initiated".
    #[must_use]
    pub fn is_start_of_operation(&self) -> bool {
        self.resource_type == STACK_TYPE && self.reason.as_deref() == Some("User Initiated")
    }

    /// True when the resource was given up because another one failed.
    ///
    /// AWS has no code for it. Quoted from the CloudFormation troubleshooting guide (read
    /// 2026-11-23): "Resource creation cancelled", "Resource update cancelled".
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        let reason = self.reason.as_deref().unwrap_or_default();
        reason.starts_with("Resource ") && reason.ends_with(" cancelled")
    }
}

/// The type under which a stack's own events are listed.
pub const STACK_TYPE: &str = "AWS::CloudFormation::Stack";

/// One resource of a stack, as `ListStackResources` reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackResource {
    /// Logical ID.
    pub logical_id: String,
    /// Physical ID, once there is one.
    pub physical_id: Option<String>,
    /// Resource type.
    pub resource_type: String,
    /// Status of the resource.
    pub status: ResourceStatus,
}
