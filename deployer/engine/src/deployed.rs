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
