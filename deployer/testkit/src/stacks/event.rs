//! What a stack says, operation by operation.

use pipectl_engine::status::ResourceStatus;

/// `OperationType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum OperationType {
    ContinueRollback,
    CreateChangeSet,
    CreateStack,
    DeleteStack,
    Rollback,
    UpdateStack,
}

impl OperationType {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::ContinueRollback => "CONTINUE_ROLLBACK",
            Self::CreateChangeSet => "CREATE_CHANGESET",
            Self::CreateStack => "CREATE_STACK",
            Self::DeleteStack => "DELETE_STACK",
            Self::Rollback => "ROLLBACK",
            Self::UpdateStack => "UPDATE_STACK",
        }
    }
}

/// One operation on a stack.
#[derive(Debug, Clone)]
pub(crate) struct OperationRecord {
    pub(crate) id: String,
    pub(crate) operation_type: OperationType,
    /// Token of the call that started it, or that started the operation it takes back.
    pub(crate) token: Option<String>,
}

/// One event of a stack or of a resource in it.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) at_ms: i64,
    /// `None` before the first operation: the event of `REVIEW_IN_PROGRESS`.
    pub(crate) operation: Option<OperationRecord>,
    pub(crate) logical_id: String,
    pub(crate) physical_id: Option<String>,
    pub(crate) resource_type: String,
    pub(crate) status: ResourceStatus,
    pub(crate) reason: Option<String>,
    /// `ResourceProperties`, as JSON.
    pub(crate) properties: Option<String>,
}

impl Event {
    pub(crate) fn token(&self) -> Option<&str> {
        self.operation.as_ref()?.token.as_deref()
    }
}
