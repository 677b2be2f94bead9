//! Stack, change set and resource statuses, with the questions the engine asks of them.

use std::fmt;

macro_rules! statuses {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`.")] $variant,)*
            /// A status this version does not know, as AWS wrote it.
            Unknown(String),
        }

        impl $name {
            /// Every status AWS documents, in no particular order.
            pub const KNOWN: &'static [&'static str] = &[$($text),*];

            /// Reads AWS's spelling; never fails, see [`Self::Unknown`].
            #[must_use]
            pub fn from_aws(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    other => Self::Unknown(other.to_owned()),
                }
            }

            /// Returns AWS's spelling.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unknown(text) => text,
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

statuses! {
    /// Status of a stack. Source: CloudFormation API reference, `Stack.StackStatus`.
    StackStatus {
        CreateInProgress = "CREATE_IN_PROGRESS",
        CreateFailed = "CREATE_FAILED",
        CreateComplete = "CREATE_COMPLETE",
        RollbackInProgress = "ROLLBACK_IN_PROGRESS",
        RollbackFailed = "ROLLBACK_FAILED",
        RollbackComplete = "ROLLBACK_COMPLETE",
        DeleteInProgress = "DELETE_IN_PROGRESS",
        DeleteFailed = "DELETE_FAILED",
        DeleteComplete = "DELETE_COMPLETE",
        UpdateInProgress = "UPDATE_IN_PROGRESS",
        UpdateCompleteCleanupInProgress = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        UpdateComplete = "UPDATE_COMPLETE",
        UpdateFailed = "UPDATE_FAILED",
        UpdateRollbackInProgress = "UPDATE_ROLLBACK_IN_PROGRESS",
        UpdateRollbackFailed = "UPDATE_ROLLBACK_FAILED",
        UpdateRollbackCompleteCleanupInProgress = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        UpdateRollbackComplete = "UPDATE_ROLLBACK_COMPLETE",
        ReviewInProgress = "REVIEW_IN_PROGRESS",
        ImportInProgress = "IMPORT_IN_PROGRESS",
        ImportComplete = "IMPORT_COMPLETE",
        ImportRollbackInProgress = "IMPORT_ROLLBACK_IN_PROGRESS",
        ImportRollbackFailed = "IMPORT_ROLLBACK_FAILED",
        ImportRollbackComplete = "IMPORT_ROLLBACK_COMPLETE",
    }
}

statuses! {
    /// Status of a change set. Source: `DescribeChangeSet.Status`.
    ChangeSetStatus {
        CreatePending = "CREATE_PENDING",
        CreateInProgress = "CREATE_IN_PROGRESS",
        CreateComplete = "CREATE_COMPLETE",
        DeletePending = "DELETE_PENDING",
        DeleteInProgress = "DELETE_IN_PROGRESS",
        DeleteComplete = "DELETE_COMPLETE",
        DeleteFailed = "DELETE_FAILED",
        Failed = "FAILED",
    }
}

statuses! {
    /// Status of a resource in a stack event. Source: `StackEvent.ResourceStatus`.
    ResourceStatus {
        CreateInProgress = "CREATE_IN_PROGRESS",
        CreateFailed = "CREATE_FAILED",
        CreateComplete = "CREATE_COMPLETE",
        DeleteInProgress = "DELETE_IN_PROGRESS",
        DeleteFailed = "DELETE_FAILED",
        DeleteComplete = "DELETE_COMPLETE",
        DeleteSkipped = "DELETE_SKIPPED",
        UpdateInProgress = "UPDATE_IN_PROGRESS",
        UpdateFailed = "UPDATE_FAILED",
        UpdateComplete = "UPDATE_COMPLETE",
        ImportInProgress = "IMPORT_IN_PROGRESS",
        ImportFailed = "IMPORT_FAILED",
        ImportComplete = "IMPORT_COMPLETE",
        ImportRollbackInProgress = "IMPORT_ROLLBACK_IN_PROGRESS",
        ImportRollbackFailed = "IMPORT_ROLLBACK_FAILED",
        ImportRollbackComplete = "IMPORT_ROLLBACK_COMPLETE",
        UpdateRollbackInProgress = "UPDATE_ROLLBACK_IN_PROGRESS",
        UpdateRollbackFailed = "UPDATE_ROLLBACK_FAILED",
        UpdateRollbackComplete = "UPDATE_ROLLBACK_COMPLETE",
        RollbackInProgress = "ROLLBACK_IN_PROGRESS",
        RollbackFailed = "ROLLBACK_FAILED",
        RollbackComplete = "ROLLBACK_COMPLETE",
    }
}

impl StackStatus {
    /// True when no operation is running on the stack.
    ///
    /// `REVIEW_IN_PROGRESS` counts as settled: the stack waits for a change set, not for AWS. An
    /// unknown status settles unless its name says that it is in progress.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        *self == Self::ReviewInProgress || !self.as_str().ends_with("_IN_PROGRESS")
    }

    /// True when the last operation reached what was asked of it.
    #[must_use]
    pub fn is_good(&self) -> bool {
        matches!(
            self,
            Self::CreateComplete | Self::UpdateComplete | Self::DeleteComplete | Self::ImportComplete
        )
    }

    /// True when the last operation failed and AWS went back to the state before it.
    #[must_use]
    pub fn is_rolled_back(&self) -> bool {
        matches!(self, Self::RollbackComplete | Self::UpdateRollbackComplete | Self::ImportRollbackComplete)
    }

    /// True when the stack has resources that an update can start from.
    #[must_use]
    pub fn is_updatable(&self) -> bool {
        matches!(
            self,
            Self::CreateComplete
                | Self::UpdateComplete
                | Self::UpdateRollbackComplete
                | Self::ImportComplete
                | Self::ImportRollbackComplete
        )
    }

    /// True when nothing of the stack is left, or nothing was ever made.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::DeleteComplete | Self::ReviewInProgress)
    }
}

impl ResourceStatus {
    /// True when the resource's own operation failed.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        self.as_str().ends_with("_FAILED")
    }

    /// True when the resource's own operation is over.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        !self.as_str().ends_with("_IN_PROGRESS")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_status_reads_back_as_itself() {
        for text in StackStatus::KNOWN {
            let status = StackStatus::from_aws(text);
            assert_eq!(status.as_str(), *text);
            assert!(!matches!(status, StackStatus::Unknown(_)));
        }
    }

    #[test]
    fn each_settled_stack_status_is_good_or_rolled_back_or_failed_or_waiting_for_review() {
        for status in StackStatus::KNOWN.iter().map(|text| StackStatus::from_aws(text)) {
            let answers = [
                status.is_good(),
                status.is_rolled_back(),
                status.as_str().ends_with("_FAILED"),
                status == StackStatus::ReviewInProgress,
                !status.is_settled(),
            ];
            assert_eq!(answers.iter().filter(|yes| **yes).count(), 1, "{status}");
        }
    }

    #[test]
    fn unknown_status_in_progress_is_not_settled() {
        assert!(!StackStatus::from_aws("REFACTOR_IN_PROGRESS").is_settled());
        assert!(StackStatus::from_aws("REFACTOR_COMPLETE").is_settled());
    }
}
