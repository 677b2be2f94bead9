//! Lines, ended by a line feed, a carriage return, or a carriage return and a line feed.

use pipectl_messages::Position;

use super::{Collector, Emit, Piece};

pub(crate) struct Lines {
    line: Collector,
    start: Position,
    /// The line before ended with a carriage return, to which a line feed may still belong.
    is_half_ended: bool,
}

impl Lines {
    pub(super) fn new(offset: u64, limit: usize) -> Self {
        Self { line: Collector::new(limit), start: Position { number: 1, offset }, is_half_ended: false }
    }

    pub(super) fn position(&self) -> Position {
        self.start
    }

    pub(super) fn feed(&mut self, part: &[u8], emit: Emit<'_>) {
        let mut rest = part;
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let is_second_half = end == 0 && rest[0] == b'\n' && self.is_half_ended;
            self.is_half_ended = rest[end] == b'\r';
            if is_second_half {
                self.start.offset += 1;
            } else {
                self.line.push(&rest[..end]);
                self.end_line(emit);
                self.start.number += 1;
                self.start.offset += 1;
            }
            rest = &rest[end + 1..];
        }
        if !rest.is_empty() {
            self.is_half_ended = false;
            self.line.push(rest);
        }
    }

    pub(super) fn finish(&mut self, emit: Emit<'_>) {
        if self.line.size > 0 {
            self.end_line(emit);
        }
    }

    fn end_line(&mut self, emit: Emit<'_>) {
        emit(Piece { position: self.start, content: self.line.content() });
        self.start.offset += self.line.size;
        self.line.clear();
    }
}

#[cfg(test)]
mod tests {
    use crate::format::Format;
    use crate::split::testing::split;

    #[test]
    fn lines_have_number_and_offset() {
        assert_eq!(
            split(Format::JsonLines, "ab\n\r\n\ncd\r\ne", 9),
            ["1@0 ab", "2@3 ", "3@5 ", "4@6 cd", "5@10 e"]
        );
    }

    #[test]
    fn no_content_is_no_line() {
        assert!(split(Format::Text, "", 9).is_empty());
    }

    #[test]
    fn line_of_full_length_fits_and_a_longer_one_is_skipped() {
        assert_eq!(
            split(Format::Text, "abc\r\nabcd\nabcdefgh\nx", 3),
            ["1@0 abc", "2@5 too large: 4", "3@10 too large: 8", "4@19 x"]
        );
    }

    #[test]
    fn carriage_returns_end_lines_by_themselves_and_before_a_line_feed() {
        assert_eq!(split(Format::JsonLines, "1\r2\r", 9), ["1@0 1", "2@2 2"]);
        assert_eq!(
            split(Format::JsonLines, "1\r\r\n2\n\r3\r\n\n4", 9),
            ["1@0 1", "2@2 ", "3@4 2", "4@6 ", "5@7 3", "6@10 ", "7@11 4"]
        );
    }
}
