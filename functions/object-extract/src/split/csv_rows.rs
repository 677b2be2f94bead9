//! Rows of separated values: lines, except that a quoted field may hold line ends.

use pipectl_messages::{Position, RejectCode};

use super::{Collector, Content, Emit, Piece};
use crate::csv::{self, Opening};

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    FieldStart,
    Unquoted,
    Quoted,
    /// Behind a quote within a quoted field: its end, or the first half of an escaped quote.
    QuoteInQuoted,
}

pub(crate) struct CsvRows {
    state: State,
    row: Collector,
    start: Position,
    /// Line ends within the current row.
    inner_lines: u64,
    /// The byte before was a carriage return, to which a line feed may still belong.
    is_half_ended: bool,
    /// What separates fields; unknown until the first row that is not blank has ended.
    delimiter: Option<u8>,
}

impl CsvRows {
    pub(super) fn new(offset: u64, limit: usize) -> Self {
        Self {
            state: State::FieldStart,
            row: Collector::new(limit),
            start: Position { number: 1, offset },
            inner_lines: 0,
            is_half_ended: false,
            delimiter: None,
        }
    }

    pub(super) fn position(&self) -> Position {
        self.start
    }

    pub(super) fn feed(&mut self, part: &[u8], emit: Emit<'_>) {
        let mut run = 0;
        for (index, byte) in part.iter().enumerate() {
            let is_second_half = *byte == b'\n' && self.is_half_ended;
            self.is_half_ended = *byte == b'\r';
            let is_line_end = matches!(byte, b'\n' | b'\r');
            if !is_line_end || self.state == State::Quoted {
                self.inner_lines += u64::from(is_line_end && !is_second_half);
                self.state = self.next_state(*byte);
                continue;
            }
            if !is_second_half {
                self.row.push(&part[run..index]);
                self.end_row(emit);
                self.start.number += 1;
            }
            self.start.offset += 1;
            run = index + 1;
        }
        self.row.push(&part[run..]);
    }

    pub(super) fn finish(&mut self, emit: Emit<'_>) {
        if self.state == State::Quoted {
            let content = Content::Broken { code: RejectCode::Unfinished, size: self.row.size };
            emit(Piece { position: self.start, content });
        } else if self.row.size > 0 {
            self.end_row(emit);
        }
    }

    fn end_row(&mut self, emit: Emit<'_>) {
        let content = self.row.content();
        if self.delimiter.is_none() {
            self.delimiter = match content {
                Content::Whole(b"") => None,
                Content::Whole(row) => {
                    let (Opening::Declaration(delimiter) | Opening::Header(delimiter)) = csv::opening(row);
                    Some(delimiter)
                }
                Content::TooLarge { .. } | Content::Broken { .. } => Some(csv::COMMA),
            };
        }
        emit(Piece { position: self.start, content });
        self.start.offset += self.row.size;
        self.start.number += self.inner_lines;
        self.inner_lines = 0;
        self.state = State::FieldStart;
        self.row.clear();
    }

    fn next_state(&self, byte: u8) -> State {
        let is_delimiter = match self.delimiter {
            Some(delimiter) => byte == delimiter,
            None => csv::DELIMITERS.contains(&byte),
        };
        match (self.state, byte) {
            (State::FieldStart | State::QuoteInQuoted, b'"') => State::Quoted,
            (State::Quoted, b'"') => State::QuoteInQuoted,
            (State::Quoted, _) => State::Quoted,
            _ if is_delimiter => State::FieldStart,
            (State::FieldStart | State::Unquoted | State::QuoteInQuoted, _) => State::Unquoted,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::format::Format;
    use crate::split::testing::split;

    fn rows(content: &str) -> Vec<String> {
        split(Format::Csv, content, 12)
    }

    #[test]
    fn rows_have_line_number_and_offset() {
        assert_eq!(rows("a,b\r\n1,2\n3,4"), ["1@0 a,b", "2@5 1,2", "3@9 3,4"]);
    }

    #[test]
    fn line_ends_in_quotes_belong_to_the_row() {
        assert_eq!(rows("\"x\n\"\"\r\ny\",1\n2,3\n"), ["1@0 \"x\n\"\"\r\ny\",1", "4@12 2,3"]);
    }

    #[test]
    fn quote_within_an_unquoted_field_is_ordinary() {
        assert_eq!(rows("5\" disk\nx\n"), ["1@0 5\" disk", "2@8 x"]);
    }

    #[test]
    fn quote_without_end_is_unfinished() {
        assert_eq!(rows("a\n\"b\nc\n"), ["1@0 a", "2@2 Unfinished: 5"]);
    }

    #[test]
    fn carriage_returns_end_rows_and_are_counted_within_quotes() {
        assert_eq!(rows("a,b\r1,2\r3,4\r"), ["1@0 a,b", "2@4 1,2", "3@8 3,4"]);
        assert_eq!(
            rows("a\r\r\n1\n\r\"x\ry\r\nz\"\r2"),
            ["1@0 a", "2@2 ", "3@4 1", "4@6 ", "5@7 \"x\ry\r\nz\"", "8@16 2"]
        );
    }

    #[test]
    fn quotes_open_fields_behind_the_delimiter_of_the_object() {
        assert_eq!(rows("a;b\n1;\"x\ny\"\n"), ["1@0 a;b", "2@4 1;\"x\ny\""]);
        assert_eq!(rows("a,b\n1;\"x\ny\"\n"), ["1@0 a,b", "2@4 1;\"x", "3@9 y\""]);
        assert_eq!(rows("sep=#\na\n1#\"x\n\""), ["1@0 sep=#", "2@6 a", "3@8 1#\"x\n\""]);
    }

    #[test]
    fn row_that_is_too_large_is_skipped_with_its_inner_lines() {
        assert_eq!(rows("\"123456\n7890123\"\nx"), ["1@0 too large: 16", "3@17 x"]);
    }
}
