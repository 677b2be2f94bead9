//! Names of the attributes, and reading them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

/// Partition key.
pub const ID: &str = "id";
/// Where the record came from.
pub const SOURCE: &str = "source";
/// Line or element number in the source.
pub const POSITION: &str = "position";
/// The record itself.
pub const BODY: &str = "body";
/// Ordering of the newest message seen.
pub const ORDERING: &str = "ordering";
/// Identity of the message that the body came from.
pub const DEDUPLICATION_ID: &str = "deduplication_id";
/// Count of changes.
pub const REVISION: &str = "revision";
/// When the item was made.
pub const CREATED_AT: &str = "created_at";
/// When the item was last changed.
pub const UPDATED_AT: &str = "updated_at";
/// Marks a tombstone.
pub const DELETED: &str = "deleted";
/// When DynamoDB may remove a tombstone.
pub const EXPIRES_AT: &str = "expires_at";

/// An item as DynamoDB gives it.
pub type Item = HashMap<String, AttributeValue>;

/// Text of a string attribute; `None` when it is absent or of another type.
#[must_use]
pub fn text<'item>(item: &'item Item, name: &str) -> Option<&'item str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// Value of a whole, not negative number attribute; `None` when it is absent or anything else.
#[must_use]
pub fn number(item: &Item, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

/// True when the item is the tombstone of a deleted record.
#[must_use]
pub fn is_tombstone(item: &Item) -> bool {
    item.get(DELETED).is_some_and(|deleted| deleted.as_bool() == Ok(&true))
}
