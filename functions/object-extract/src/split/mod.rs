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
    use super::*;

    /// What a splitter says of `content`, which must not depend on how it is cut into parts.
    pub(super) fn split(format: Format, content: &str, limit: usize) -> Vec<String> {
        let whole = split_in_parts(format, content, limit, content.len().max(1));
        for at_a_time in [1, 2, 3, 7] {
            assert_eq!(split_in_parts(format, content, limit, at_a_time), whole, "in parts of {at_a_time}");
        }
        whole
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
