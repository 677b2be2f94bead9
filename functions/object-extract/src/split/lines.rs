//! Lines, ended by a line feed or a carriage return and a line feed.

use pipectl_messages::Position;

use super::{Collector, Content, Emit, Piece};

pub(crate) struct Lines {
    line: Collector,
    start: Position,
}

impl Lines {
    pub(super) fn new(offset: u64, limit: usize) -> Self {
        // A carriage return of a line of full length must still fit.
        Self { line: Collector::new(limit + 1), start: Position { number: 1, offset } }
    }

    pub(super) fn position(&self) -> Position {
        self.start
    }

    pub(super) fn feed(&mut self, part: &[u8], emit: Emit<'_>) {
        let mut rest = part;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.line.push(&rest[..end]);
            rest = &rest[end + 1..];
            self.end_line(emit);
            self.start.number += 1;
            self.start.offset += 1;
        }
        self.line.push(rest);
    }

    pub(super) fn finish(&mut self, emit: Emit<'_>) {
        if self.line.size > 0 {
            self.end_line(emit);
        }
    }

    fn end_line(&mut self, emit: Emit<'_>) {
        let limit = self.line.limit - 1;
        let content = match self.line.content() {
            Content::Whole(bytes) => match bytes.strip_suffix(b"\r").unwrap_or(bytes) {
                line if line.len() > limit => Content::TooLarge { size: line.len() as u64 },
                line => Content::Whole(line),
            },
            other => other,
        };
        emit(Piece { position: self.start, content });
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
}
