//! Declarations of the environment variables that a function reads.

use serde::Serialize;

use crate::Payload;

/// One environment variable of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Name as in the process environment.
    pub name: &'static str,
    /// What happens when it is absent or empty.
    pub presence: Presence,
    /// What its value is.
    pub value: ValueKind,
    /// One sentence for people: what it sets.
    pub documentation: &'static str,
}

/// What the absence of a [`Variable`] means; an empty value counts as absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The function refuses to start without it.
    Required,
    /// The function works without it; nothing stands in for it.
    Optional,
    /// This value stands in for it.
    Default(&'static str),
}

/// What the value of a [`Variable`] is.
///
/// The kinds that name a resource also say what the function does with it, so that a binding that grants less
/// is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueKind {
    /// Any text.
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A whole number within these bounds, both included.
    Number {
        /// Smallest number.
        minimum: u64,
        /// Largest number.
        maximum: u64,
    },
    /// Something that must not stand in a template.
    Secret,
    /// URL of an SQS queue.
    QueueUrl {
        /// What the function does with the queue.
        access: QueueAccess,
        /// What it sends there, or can read from there; empty when it makes no difference.
        #[serde(skip_serializing_if = "<[Payload]>::is_empty")]
        payloads: &'static [Payload],
    },
    /// Name of a DynamoDB table.
    TableName {
        /// What the function does with the table.
        access: DataAccess,
        /// Every DynamoDB action that it calls, without the prefix, as `UpdateItem`; empty when that is not said.
        #[serde(skip_serializing_if = "<[&str]>::is_empty")]
        actions: &'static [&'static str],
    },
    /// Name of an S3 bucket.
    BucketName {
        /// What the function does with the bucket's objects.
        access: DataAccess,
    },
    /// ARN of an SNS topic, to which the function publishes.
    TopicArn,
}

/// What a function does with a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueAccess {
    /// Sends messages.
    Send,
    /// Receives messages without deleting them.
    Receive,
    /// Receives and deletes messages.
    Consume,
}

/// What a function does with data at rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DataAccess {
    /// Reads.
    Read,
    /// Writes and deletes.
    Write,
    /// Both.
    ReadWrite,
}

/// The names of choices, for [`ValueKind::Choice`], so that they stand once.
///
/// ```
/// use pipectl_contract::{ValueKind, names};
///
/// const COLORS: [(&str, u32); 2] = [("red", 0xff_0000), ("green", 0x00_ff00)];
/// const COLOR: ValueKind = ValueKind::Choice(&names(&COLORS));
/// assert_eq!(COLOR, ValueKind::Choice(&["red", "green"]));
/// ```
#[must_use]
pub const fn names<const COUNT: usize, Choice>(
    choices: &[(&'static str, Choice); COUNT],
) -> [&'static str; COUNT] {
    let mut names = [""; COUNT];
    let mut index = 0;
    while index < COUNT {
        names[index] = choices[index].0;
        index += 1;
    }
    names
}
