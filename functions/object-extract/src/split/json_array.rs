//! Elements of a JSON array.
//!
//! Only brackets, strings and commas are looked at; whether an element is JSON is decided when it is read. So
//! one bad element costs that element, as long as its brackets and quotes close.

use pipectl_messages::{Position, RejectCode};

use super::{Collector, Content, Emit, Piece};

#[derive(Clone, Copy)]
enum State {
    BeforeArray,
    BetweenElements {
        after_comma: bool,
    },
    InElement {
        depth: u64,
    },
    InString {
        depth: u64,
        is_escaped: bool,
    },
    AfterArray,
    /// What follows cannot be told apart any more, for the reason given.
    Ignored {
        code: RejectCode,
    },
}

pub(crate) struct JsonArray {
    state: State,
    element: Collector,
    start: Position,
    offset: u64,
}

impl JsonArray {
    pub(super) fn new(offset: u64, limit: usize) -> Self {
        Self {
            state: State::BeforeArray,
            element: Collector::new(limit),
            start: Position { number: 1, offset },
            offset,
        }
    }

    pub(super) fn position(&self) -> Position {
        self.start
    }

    pub(super) fn feed(&mut self, part: &[u8], emit: Emit<'_>) {
        // Start of the bytes of the current element within this part.
        let mut run = 0;
        for (index, byte) in part.iter().enumerate() {
            let was_inside = self.is_inside();
            let next = self.next_state(*byte);
            let ends = was_inside && matches!(next, State::BetweenElements { .. } | State::AfterArray);
            if ends {
                self.element.push(&part[run..index]);
                self.end_element(emit);
            } else {
                self.outside(*byte, index as u64, next, emit);
            }
            self.state = next;
            if !was_inside && self.is_inside() {
                run = index;
                self.start.offset = self.offset + index as u64;
            }
        }
        if self.is_inside() {
            self.element.push(&part[run..]);
        }
        self.offset += part.len() as u64;
    }

    fn is_inside(&self) -> bool {
        matches!(self.state, State::InElement { .. } | State::InString { .. })
    }

    fn next_state(&self, byte: u8) -> State {
        match (self.state, byte) {
            (State::BeforeArray, b'[') => State::BetweenElements { after_comma: false },
            (State::BeforeArray | State::BetweenElements { .. } | State::AfterArray, _)
                if byte.is_ascii_whitespace() =>
            {
                self.state
            }
            (State::BeforeArray, _) => State::Ignored { code: RejectCode::NotAnArray },
            (State::AfterArray, _) => State::Ignored { code: RejectCode::TrailingContent },
            (State::Ignored { .. }, _) => self.state,
            (State::BetweenElements { .. } | State::InElement { depth: 0 }, b',') => {
                State::BetweenElements { after_comma: true }
            }
            (State::BetweenElements { .. } | State::InElement { depth: 0 }, b']') => State::AfterArray,
            (State::BetweenElements { .. }, _) => in_element(0, byte),
            (State::InElement { depth }, _) => in_element(depth, byte),
            (State::InString { depth, is_escaped: true }, _) => State::InString { depth, is_escaped: false },
            (State::InString { depth, .. }, b'\\') => State::InString { depth, is_escaped: true },
            (State::InString { depth, .. }, b'"') => State::InElement { depth },
            (State::InString { .. }, _) => self.state,
        }
    }

    /// Reports what a byte outside of elements says: a comma or the end without an element before it. Content
    /// before or behind the array is reported at its end.
    fn outside(&mut self, byte: u8, index: u64, next: State, emit: Emit<'_>) {
        let is_missing = match (self.state, next) {
            (State::BetweenElements { .. }, State::BetweenElements { .. }) => byte == b',',
            (State::BetweenElements { after_comma }, State::AfterArray) => after_comma,
            (State::BeforeArray | State::AfterArray, State::Ignored { .. }) => {
                self.start.offset = self.offset + index;
                false
            }
            _ => false,
        };
        if is_missing {
            self.start.offset = self.offset + index;
            emit(Piece {
                position: self.start,
                content: Content::Broken { code: RejectCode::NotJson, size: 0 },
            });
            self.start.number += 1;
        }
    }

    fn end_element(&mut self, emit: Emit<'_>) {
        let content = match self.element.content() {
            Content::Whole(bytes) => Content::Whole(bytes.trim_ascii_end()),
            other => other,
        };
        emit(Piece { position: self.start, content });
        self.start.number += 1;
        self.element.clear();
    }

    pub(super) fn finish(&mut self, emit: Emit<'_>) {
        let (code, size) = match self.state {
            State::BeforeArray | State::AfterArray => return,
            State::InElement { .. } | State::InString { .. } => (RejectCode::Unfinished, self.element.size),
            State::BetweenElements { .. } => {
                self.start.offset = self.offset;
                (RejectCode::Unfinished, 0)
            }
            State::Ignored { code } => (code, self.offset - self.start.offset),
        };
        emit(Piece { position: self.start, content: Content::Broken { code, size } });
    }
}

/// The state behind `byte` within an element. A closing bracket too many stays part of the element, which is
/// then no JSON.
fn in_element(depth: u64, byte: u8) -> State {
    match byte {
        b'"' => State::InString { depth, is_escaped: false },
        b'[' | b'{' => State::InElement { depth: depth + 1 },
        b']' | b'}' => State::InElement { depth: depth.saturating_sub(1) },
        _ => State::InElement { depth },
    }
}

#[cfg(test)]
mod tests {
    use crate::format::Format;
    use crate::split::testing::split;

    fn elements(content: &str) -> Vec<String> {
        split(Format::JsonArray, content, 20)
    }

    #[test]
    fn elements_have_number_and_offset() {
        assert_eq!(elements("\n[ 1 ,{\"a\":[2]}\n,\"x\"]\n"), ["1@3 1", "2@6 {\"a\":[2]}", "3@17 \"x\""]);
    }

    #[test]
    fn brackets_and_commas_in_strings_do_not_count() {
        assert_eq!(elements(r#"["],\"]",["}"]]"#), [r#"1@1 "],\"]""#, r#"2@9 ["}"]"#]);
    }

    #[test]
    fn empty_array_and_no_content_have_no_elements() {
        assert!(elements(" [ ] ").is_empty());
        assert!(elements("").is_empty());
        assert!(elements(" \n").is_empty());
    }

    #[test]
    fn missing_elements_are_reported_in_their_place() {
        assert_eq!(
            elements("[,1,,2,]"),
            ["1@1 NotJson: 0", "2@2 1", "3@4 NotJson: 0", "4@5 2", "5@7 NotJson: 0"]
        );
    }

    #[test]
    fn element_that_is_too_large_is_skipped() {
        assert_eq!(elements("[\"0123456789012345678901\",1]"), ["1@1 too large: 24", "2@26 1"]);
    }

    #[test]
    fn element_with_a_bracket_too_many_costs_only_itself() {
        assert_eq!(elements("[{}},1]"), ["1@1 {}}", "2@5 1"]);
    }

    #[test]
    fn element_without_end_is_unfinished() {
        assert_eq!(elements("[1,{\"a\":2"), ["1@1 1", "2@3 Unfinished: 6"]);
        assert_eq!(elements("[1,"), ["1@1 1", "2@3 Unfinished: 0"]);
        assert_eq!(elements("[1"), ["1@1 Unfinished: 1"]);
    }

    #[test]
    fn content_around_the_array_is_reported_once() {
        assert_eq!(elements("{\"a\":[1]}"), ["1@0 NotAnArray: 9"]);
        assert_eq!(elements("[1] x y"), ["1@1 1", "2@4 TrailingContent: 3"]);
    }
}
