//! What a spec means: lowers it to a stack.

use super::file::DataVerb;

/// Returns the DynamoDB actions of an access, without their prefix.
pub(crate) fn table_actions(access: DataVerb) -> Vec<&'static str> {
    const READ: [&str; 5] = ["BatchGetItem", "ConditionCheckItem", "GetItem", "Query", "Scan"];
    const WRITE: [&str; 4] = ["BatchWriteItem", "DeleteItem", "PutItem", "UpdateItem"];
    match access {
        DataVerb::Read => READ.to_vec(),
        DataVerb::Write => WRITE.to_vec(),
        DataVerb::ReadWrite => [&READ[..], &WRITE[..]].concat(),
    }
}
