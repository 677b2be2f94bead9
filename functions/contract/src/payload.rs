//! Names and versions of what crosses a queue.

use std::fmt;

use serde::{Serialize, Serializer};

/// A kind of message and its version, written `<name>/<version>`, as `shop.order/2`.
///
/// Sender and receiver agree on a payload when name and version are equal. A reader of two versions lists
/// both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payload {
    /// Lower-case letters, digits, `.`, `_` and `-`, a letter first; a prefix keeps names of several teams apart.
    pub name: &'static str,
    /// Version of the payload, from 1.
    pub version: u64,
}

impl fmt::Display for Payload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.name, self.version)
    }
}

impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
