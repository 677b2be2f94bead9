//! The AWS sentences that must be recognised because no error code tells the cases apart.
//!
//! Each function quotes its sentence and where it was read. A sentence that AWS rewords makes the
//! matching test useless, not wrong: the error then keeps its general code.

/// True for a `ValidationError` that means that the stack does not exist.
///
/// - DescribeStacks, GetTemplate, ListStackResources, CreateChangeSet (update): "Stack with id foo
///   does not exist" (boto/boto3#2807, cloudquery/cq-provider-aws#824; read 2026-11-23).
/// - DescribeStackEvents, ExecuteChangeSet, DeleteChangeSet: "Stack \[foo\] does not exist"
///   (cloudtools/stacker#683), formerly "Stack:foo does not exist" (aws/aws-sdk-js#264).
pub(crate) fn says_stack_is_missing(message: &str) -> bool {
    ["Stack with id ", "Stack [", "Stack:"].iter().any(|start| message.starts_with(start))
        && message.trim_end_matches('.').ends_with(" does not exist")
}

/// True for the status reason of a change set that was not made because nothing differs.
///
/// - "The submitted information didn't contain changes. Submit different information to create a
///   change set." (aws-cloudformation/rain#94; read 2026-11-23).
/// - "No updates are to be performed." (ansible-collections/amazon.aws#507: the reason for
///   templates with a transform; read 2026-11-23).
pub(crate) fn says_nothing_differs(status_reason: &str) -> bool {
    status_reason.starts_with("The submitted information didn't contain changes")
        || status_reason.starts_with("No updates are to be performed")
}

/// True when a call was refused because an operation is running.
///
/// - CreateChangeSet, `ValidationError`: "Stack:arn:... is in UPDATE_IN_PROGRESS state and can not be
///   updated." (the sentence of aws/aws-cdk#7731 and jenseickmeyer/todo-app-nodejs#5 with their
///   statuses; read 2026-11-23).
/// - ExecuteChangeSet, `InvalidChangeSetStatus`: "An operation on this ChangeSet is currently in
///   progress. Please attempt this operation again later." (aws/aws-cdk#26182) and "ChangeSet
///   \[...\] cannot be executed in its current status of \[CREATE_IN_PROGRESS\]" (saksdirect/nova#10).
pub(crate) fn says_operation_is_running(message: &str) -> bool {
    let waits_for_review = message.contains("REVIEW_IN_PROGRESS");
    let names_running_status = message.contains("_IN_PROGRESS") && !waits_for_review;
    names_running_status && (message.contains("can not be updated") || message.contains("cannot be executed"))
        || message.contains("is currently in progress")
}

/// True for a credentials failure that means that a login has run out.
///
/// "the SSO token has expired and cannot be refreshed" and "the cached session has expired": texts
/// of aws-config 1.13 (`sso/token.rs`); its error types are private.
pub(crate) fn says_login_has_expired(message: &str) -> bool {
    message.contains("has expired") || message.contains("token is expired")
}

/// Says whether a signature was refused for its time.
///
/// "Signature expired: 20231030T120000Z is now earlier than ..." and "Signature not yet current: ... is still
/// later than ..." (IAM User Guide, "Troubleshoot Signature Version 4 requests", credential scope and time).
pub(crate) fn says_clock_is_wrong(message: &str) -> bool {
    message.contains("Signature expired") || message.contains("Signature not yet current")
}

/// Reads the Region out of "the region 'us-east-1' is wrong; expecting 'eu-west-1'" (S3 API reference, error
/// `AuthorizationHeaderMalformed`).
pub(crate) fn expected_region(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("expecting '")?;
    rest.split_once('\'').map(|(region, _)| region.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_stack_is_recognised_in_each_wording() {
        for message in [
            "Stack with id foo does not exist",
            "Stack with id arn:aws:cloudformation:us-east-1:111122223333:stack/foo/1 does not exist",
            "Stack [foo] does not exist",
            "Stack:foo does not exist",
        ] {
            assert!(says_stack_is_missing(message), "{message}");
        }
    }

    #[test]
    fn other_missing_thing_is_not_a_missing_stack() {
        for message in [
            "ChangeSet [foo] does not exist",
            "Parameters: [A] do not exist in the template",
            "Template format error: Stack with id",
        ] {
            assert!(!says_stack_is_missing(message), "{message}");
        }
    }

    #[test]
    fn empty_change_set_is_recognised_in_each_wording() {
        assert!(says_nothing_differs(
            "The submitted information didn't contain changes. Submit different information to create a change set."
        ));
        assert!(says_nothing_differs("No updates are to be performed."));
        assert!(!says_nothing_differs("Transform AWS::Serverless failed with: no updates"));
    }

    #[test]
    fn running_operation_is_recognised_in_each_wording() {
        for message in [
            "Stack:arn:aws:cloudformation:us-east-1:1:stack/a/1 is in UPDATE_IN_PROGRESS state and can not be updated.",
            "An operation on this ChangeSet is currently in progress.  Please attempt this operation again later.",
            "ChangeSet [a] cannot be executed in its current status of [CREATE_IN_PROGRESS]",
        ] {
            assert!(says_operation_is_running(message), "{message}");
        }
    }

    #[test]
    fn settled_stack_that_refuses_is_not_a_running_operation() {
        for message in [
            "Stack:arn:aws:cloudformation:us-east-1:1:stack/a/1 is in ROLLBACK_COMPLETE state and can not be updated.",
            "Stack:arn:aws:cloudformation:us-east-1:1:stack/a/1 is in REVIEW_IN_PROGRESS state and can not be updated.",
            "ChangeSet [a] cannot be executed in its current execution status of [OBSOLETE]",
        ] {
            assert!(!says_operation_is_running(message), "{message}");
        }
    }

    #[test]
    fn expired_login_is_recognised() {
        assert!(says_login_has_expired("the SSO token has expired and cannot be refreshed"));
        assert!(!says_login_has_expired("no providers in chain provided credentials"));
    }
}
