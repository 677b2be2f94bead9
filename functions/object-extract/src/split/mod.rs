//! Cuts content into pieces, each the bytes of one record, whatever parts the content arrives in.
//!
//! No splitter holds more than the largest record accepted: a longer one is skipped, counted and reported.

mod csv_rows;
mod json_array;
mod lines;

use pipectl_messages::{Position, RejectCode};

pub(crate) use csv_rows::CsvRows;
pub(crate) use json_array::JsonArray;
pub(crate) use lines::Lines;

use crate::format::Format;

/// The bytes of one record, or what is to be said instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece<'content> {
    pub(crate) position: Position,
    pub(crate) content: Content<'content>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content<'content> {
    /// The record, without its line end or the white space around it.
    Whole(&'content [u8]),
    /// A record longer than accepted, with its size in bytes.
    TooLarge { size: u64 },
    /// No record can be told here, for the reason given.
    Broken { code: RejectCode, size: u64 },
}

/// Takes pieces in the order of the content.
pub(crate) type Emit<'call> = &'call mut dyn FnMut(Piece<'_>);

/// A splitter of one of the formats.
pub(crate) enum Splitter {
    Lines(Lines),
    JsonArray(JsonArray),
    CsvRows(CsvRows),
}

impl Splitter {
    /// A splitter for `format` of content that starts at byte `offset`, for records of up to `limit` bytes.
    pub(crate) fn new(format: Format, offset: u64, limit: usize) -> Self {
        match format {
            Format::JsonLines | Format::Text => Self::Lines(Lines::new(offset, limit)),
            Format::JsonArray => Self::JsonArray(JsonArray::new(offset, limit)),
            Format::Csv => Self::CsvRows(CsvRows::new(offset, limit)),
        }
    }

    /// Takes the next part of the content.
    pub(crate) fn feed(&mut self, part: &[u8], emit: Emit<'_>) {
        match self {
            Self::Lines(splitter) => splitter.feed(part, emit),
            Self::JsonArray(splitter) => splitter.feed(part, emit),
            Self::CsvRows(splitter) => splitter.feed(part, emit),
        }
    }

    /// Ends the content.
    pub(crate) fn finish(&mut self, emit: Emit<'_>) {
        match self {
            Self::Lines(splitter) => splitter.finish(emit),
            Self::JsonArray(splitter) => splitter.finish(emit),
            Self::CsvRows(splitter) => splitter.finish(emit),
        }
    }

    /// Where the next record would start.
    pub(crate) fn position(&self) -> Position {
        match self {
            Self::Lines(splitter) => splitter.position(),
            Self::JsonArray(splitter) => splitter.position(),
            Self::CsvRows(splitter) => splitter.position(),
        }
    }
}

/// Collects the parts of one record up to a limit, and counts what is beyond.
struct Collector {
    bytes: Vec<u8>,
    size: u64,
    limit: usize,
}

impl Collector {
    fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), size: 0, limit }
    }

    fn push(&mut self, part: &[u8]) {
        self.size += part.len() as u64;
        if self.is_too_large() {
            self.bytes.clear();
        } else {
            self.bytes.extend_from_slice(part);
        }
    }

    fn is_too_large(&self) -> bool {
        self.size > self.limit as u64
    }

    fn content(&self) -> Content<'_> {
        if self.is_too_large() { Content::TooLarge { size: self.size } } else { Content::Whole(&self.bytes) }
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.size = 0;
    }
}

#[cfg(test)]
mod testing {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;
    use proptest::{collection, sample};

    use super::*;

    /// What a splitter says of `content`, which must not depend on how it is cut into parts.
    pub(super) fn split(format: Format, content: &str, limit: usize) -> Vec<String> {
        let whole = split_in_parts(format, content, limit, content.len().max(1));
        for at_a_time in [1, 2, 3, 7] {
            assert_eq!(split_in_parts(format, content, limit, at_a_time), whole, "in parts of {at_a_time}");
        }
        whole
    }

    /// Start and size of each piece.
    fn extents(format: Format, content: &[u8], limit: usize, at_a_time: usize) -> Vec<(usize, usize)> {
        let mut extents = Vec::new();
        let mut emit = |piece: Piece<'_>| {
            let size = match piece.content {
                Content::Whole(bytes) => bytes.len() as u64,
                Content::TooLarge { size } | Content::Broken { size, .. } => size,
            };
            let index = |number: u64| usize::try_from(number).expect("a small number");
            extents.push((index(piece.position.offset), index(size)));
        };
        let mut splitter = Splitter::new(format, 0, limit);
        for part in content.chunks(at_a_time) {
            splitter.feed(part, &mut emit);
        }
        splitter.finish(&mut emit);
        extents
    }

    fn separators(format: Format) -> &'static [u8] {
        match format {
            Format::JsonArray => b"[,] \t\n\r\x0c",
            Format::JsonLines | Format::Csv | Format::Text => b"\n\r",
        }
    }

    /// Bytes that formats give a meaning to, among any others.
    fn content() -> impl Strategy<Value = Vec<u8>> {
        let meaningful = sample::select(b"[]{},;\t|\"\\ \n\r1a".to_vec());
        collection::vec(prop_oneof![4 => meaningful, 1 => any::<u8>()], 0..200)
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 2_000,
            rng_seed: RngSeed::Fixed(1),
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn every_byte_is_part_of_a_piece_or_a_separator(
            content in content(),
            format in sample::select(vec![Format::JsonLines, Format::JsonArray, Format::Csv, Format::Text]),
            limit in 1_usize..30,
            at_a_time in 1_usize..20,
        ) {
            let extents = extents(format, &content, limit, at_a_time);
            let mut next = 0;
            for (start, size) in extents.into_iter().chain([(content.len(), 0)]) {
                prop_assert!(next <= start && start + size <= content.len(), "{next} {start} {size}");
                let between = &content[next..start];
                prop_assert!(between.iter().all(|byte| separators(format).contains(byte)), "{between:?}");
                next = start + size;
            }
        }
    }

    fn split_in_parts(format: Format, content: &str, limit: usize, at_a_time: usize) -> Vec<String> {
        let mut pieces = Vec::new();
        let mut emit = |piece: Piece<'_>| {
            let Position { number, offset } = piece.position;
            pieces.push(match piece.content {
                Content::Whole(bytes) => format!("{number}@{offset} {}", String::from_utf8_lossy(bytes)),
                Content::TooLarge { size } => format!("{number}@{offset} too large: {size}"),
                Content::Broken { code, size } => format!("{number}@{offset} {code:?}: {size}"),
            });
        };
        let mut splitter = Splitter::new(format, 0, limit);
        for part in content.as_bytes().chunks(at_a_time) {
            splitter.feed(part, &mut emit);
        }
        splitter.finish(&mut emit);
        pieces
    }
}
