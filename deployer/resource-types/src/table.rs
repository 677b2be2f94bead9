//! Reads the table: the index at once, each group when a type of it is first asked for.

use std::io::Read as _;
use std::sync::{LazyLock, OnceLock};

use flate2::read::DeflateDecoder;

use crate::record::{Group, GroupEntry, Index};

/// Written by `examples/generate`: the index's length in four bytes, the index, the groups.
static BYTES: &[u8] = include_bytes!("table.bin");

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::open(BYTES));

/// The index with the groups that were asked for.
pub(crate) struct Table {
    pub(crate) index: Index,
    /// Where the bytes of each group begin, and the group once it is read.
    groups: Vec<(usize, OnceLock<Group>)>,
}

/// A type: its group, and its place in the group.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    pub(crate) entry: &'static GroupEntry,
    pub(crate) group: &'static Group,
    pub(crate) position: usize,
}

pub(crate) fn table() -> &'static Table {
    &TABLE
}

impl Table {
    fn open(bytes: &'static [u8]) -> Self {
        let (length, rest) = bytes.split_first_chunk::<4>().expect("a test reads the table");
        let length = u32::from_le_bytes(*length) as usize;
        let index: Index = postcard::from_bytes(&rest[..length]).expect("a test reads the table");
        let mut start = 4 + length;
        let groups = index.groups.iter().map(|entry| {
            let own = start;
            start += entry.compressed as usize;
            (own, OnceLock::new())
        });
        Self { groups: groups.collect(), index }
    }

    /// Finds a type by its name; no group is read for a name that is in none.
    pub(crate) fn find(&'static self, name: &str) -> Option<Found> {
        let cut = name.rfind("::")? + 2;
        let (prefix, rest) = name.split_at(cut);
        let number = self.index.groups.binary_search_by(|entry| entry.prefix.as_str().cmp(prefix)).ok()?;
        let entry = &self.index.groups[number];
        let position = entry.names.binary_search_by(|known| known.as_str().cmp(rest)).ok()?;
        Some(Found { entry, group: self.group(number), position })
    }

    /// Reads a group, the first time it is asked for.
    pub(crate) fn group(&'static self, number: usize) -> &'static Group {
        let (start, group) = &self.groups[number];
        group.get_or_init(|| {
            let entry = &self.index.groups[number];
            let compressed = &BYTES[*start..*start + entry.compressed as usize];
            let mut bytes = Vec::with_capacity(entry.length as usize);
            DeflateDecoder::new(compressed).read_to_end(&mut bytes).expect("a test reads the table");
            postcard::from_bytes(&bytes).expect("a test reads the table")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_can_be_read_and_holds_the_types_of_the_index() {
        let table = table();
        for (number, entry) in table.index.groups.iter().enumerate() {
            let group = table.group(number);
            assert_eq!(group.types.len(), entry.names.len(), "{}", entry.prefix);
            assert!(group.types.iter().all(|it| (it.root as usize) < group.nodes.len()), "{}", entry.prefix);
        }
        let end = table.groups.last().map(|(start, _)| *start).unwrap_or_default();
        let last = table.index.groups.last().map_or(0, |entry| entry.compressed as usize);
        assert_eq!(end + last, BYTES.len());
    }

    #[test]
    fn index_is_in_order() {
        let groups = &table().index.groups;
        assert!(groups.windows(2).all(|pair| pair[0].prefix < pair[1].prefix));
        assert!(groups.iter().all(|entry| entry.names.windows(2).all(|pair| pair[0] < pair[1])));
    }
}
