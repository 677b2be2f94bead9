//! Rows of comma-separated values: lines, except that a quoted field may hold line ends.

use pipectl_messages::{Position, RejectCode};

use super::{Collector, Content, Emit, Piece};

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
}

impl CsvRows {
    pub(super) fn new(offset: u64, limit: usize) -> Self {
        Self {
            state: State::FieldStart,
            // A carriage return of a row of full length must still fit.
            row: Collector::new(limit + 1),
            start: Position { number: 1, offset },
            inner_lines: 0,
        }
    }

    pub(super) fn position(&self) -> Position {
        self.start
    }

    pub(super) fn feed(&mut self, part: &[u8], emit: Emit<'_>) {
        let mut run = 0;
        for (index, byte) in part.iter().enumerate() {
            let is_line_end = *byte == b'\n';
            if is_line_end && self.state != State::Quoted {
                self.row.push(&part[run..index]);
                run = index + 1;
                self.end_row(emit);
                self.start.offset += 1;
                self.start.number += 1;
            } else {
                self.inner_lines += u64::from(is_line_end);
                self.state = next_state(self.state, *byte);
            }
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
        let limit = self.row.limit - 1;
        let content = match self.row.content() {
            Content::Whole(bytes) => match bytes.strip_suffix(b"\r").unwrap_or(bytes) {
                row if row.len() > limit => Content::TooLarge { size: row.len() as u64 },
                row => Content::Whole(row),
            },
            other => other,
        };
        emit(Piece { position: self.start, content });
        self.start.offset += self.row.size;
        self.start.number += self.inner_lines;
        self.inner_lines = 0;
        self.state = State::FieldStart;
        self.row.clear();
    }
}

fn next_state(state: State, byte: u8) -> State {
    match (state, byte) {
        (State::FieldStart | State::QuoteInQuoted, b'"') => State::Quoted,
        (State::Quoted, b'"') => State::QuoteInQuoted,
        (State::Quoted, _) => State::Quoted,
        (_, b',') => State::FieldStart,
        (State::FieldStart | State::Unquoted | State::QuoteInQuoted, _) => State::Unquoted,
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
    fn row_that_is_too_large_is_skipped_with_its_inner_lines() {
        assert_eq!(rows("\"123456\n7890123\"\nx"), ["1@0 too large: 16", "3@17 x"]);
    }
}
