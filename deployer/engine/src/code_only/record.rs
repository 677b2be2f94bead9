//! What is remembered of direct updates: objects of the artifact bucket whose keys say it all.
//!
//! A key is `code-only/<stack>/<unique part of the stack ID>/<logical ID>/<SHA-256>`, so that one listing
//! tells a deployment everything, and a stack that was made anew under the same name has no record. The
//! record is written before the function is updated and deleted after stack and function are in line
//! again; a run that is stopped in between leaves one record too many, never one too few.

use std::collections::{BTreeMap, BTreeSet};

/// The records of one stack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Records {
    /// Digests that a function may run, by its logical ID.
    pub by_function: BTreeMap<String, BTreeSet<String>>,
    /// Keys of records of an earlier stack of the same name.
    pub stale: Vec<String>,
}

impl Records {
    /// Reads a listing of the keys below [`prefix`].
    #[must_use]
    pub fn read<'a>(stack: &str, stack_id: &str, keys: impl IntoIterator<Item = &'a String>) -> Self {
        let own = format!("{}{}/", prefix(stack), unique(stack_id));
        let mut found = Self::default();
        for key in keys {
            match key.strip_prefix(&own).and_then(|rest| rest.split_once('/')) {
                Some((logical_id, digest)) => {
                    let digests = found.by_function.entry(logical_id.to_owned()).or_default();
                    digests.insert(digest.to_owned());
                }
                None => found.stale.push(key.clone()),
            }
        }
        found
    }

    /// True when there is nothing, not even of an earlier stack.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_function.is_empty() && self.stale.is_empty()
    }

    /// Lists the keys of all records.
    #[must_use]
    pub fn keys(&self, stack: &str, stack_id: &str) -> Vec<String> {
        let own = self.by_function.iter().flat_map(|(logical_id, digests)| {
            digests.iter().map(move |digest| key(stack, stack_id, logical_id, digest))
        });
        own.chain(self.stale.iter().cloned()).collect()
    }
}

/// Where the records of a stack lie.
#[must_use]
pub fn prefix(stack: &str) -> String {
    format!("code-only/{stack}/")
}

/// The key of one record.
#[must_use]
pub fn key(stack: &str, stack_id: &str, logical_id: &str, sha256: &str) -> String {
    format!("{}{}/{logical_id}/{sha256}", prefix(stack), unique(stack_id))
}

/// The last part of a stack's ARN, which no other stack ever has.
fn unique(stack_id: &str) -> &str {
    stack_id.rsplit('/').next().unwrap_or(stack_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "arn:aws:cloudformation:eu-west-1:111122223333:stack/ingest/4f1b";

    #[test]
    fn written_keys_are_read_back() {
        let keys = [key("ingest", ID, "Reader", "aa"), key("ingest", ID, "Reader", "bb")];
        let records = Records::read("ingest", ID, &keys);
        assert_eq!(records.by_function["Reader"], BTreeSet::from(["aa".to_owned(), "bb".to_owned()]));
        assert_eq!(records.keys("ingest", ID), keys);
    }

    #[test]
    fn record_of_an_earlier_stack_is_stale() {
        let keys = ["code-only/ingest/0000/Reader/aa".to_owned()];
        let records = Records::read("ingest", ID, &keys);
        assert_eq!((records.by_function.len(), records.stale.as_slice()), (0, keys.as_slice()));
    }
}
