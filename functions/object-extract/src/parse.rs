//! From the bytes of an object to messages, a little at a time.

use std::collections::VecDeque;

use pipectl_messages::{Position, Reason, RejectCode};

use crate::convert::{Converter, Origin, Outgoing, sentence};
use crate::format::{self, Format};
use crate::inflate::Inflate;
use crate::split::Splitter;

/// Content looked at between two looks at the queue of messages. A record has at least two bytes with its
/// delimiter, so at most half as many messages are held.
const STEP_BYTES: usize = 8 * 1024;

/// Stored bytes inflated at once; deflate makes at most 1,032 bytes of one, so about 1 MiB of content.
const STORED_STEP_BYTES: usize = 1024;

/// Content looked at to choose the format, unless there is less.
const HEAD_BYTES: usize = 4 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

const START: Position = Position { number: 1, offset: 0 };

/// How the format is found.
pub(crate) struct FormatChoice {
    /// The format that is set, if one is.
    pub(crate) set: Option<Format>,
    /// Key of the object.
    pub(crate) key: String,
    /// Content type of the object.
    pub(crate) content_type: Option<String>,
    /// Size of the object as it is stored, if known.
    pub(crate) size: Option<u64>,
}

/// Turns the bytes of one object into messages. Write stored bytes, then take messages until there are none.
pub(crate) struct Parser {
    choice: FormatChoice,
    origin: Origin,
    inflate: Inflate,
    stored: VecDeque<u8>,
    content: Vec<u8>,
    consumed: usize,
    reading: Option<Reading>,
    /// A damage that is to be reported behind the content before it.
    is_damaged: bool,
    is_ended: bool,
    is_finished: bool,
}

struct Reading {
    splitter: Splitter,
    converter: Converter,
}

impl Parser {
    pub(crate) fn new(choice: FormatChoice, origin: Origin) -> Self {
        Self {
            choice,
            origin,
            inflate: Inflate::new(),
            stored: VecDeque::new(),
            content: Vec::new(),
            consumed: 0,
            reading: None,
            is_damaged: false,
            is_ended: false,
            is_finished: false,
        }
    }

    /// Takes stored bytes.
    pub(crate) fn write(&mut self, stored: &[u8]) {
        self.stored.extend(stored);
    }

    /// Ends the object.
    pub(crate) fn end(&mut self) {
        self.is_ended = true;
    }

    /// True when nothing that may still be written changes the messages.
    pub(crate) fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// Where the next record would start.
    pub(crate) fn position(&self) -> Position {
        self.reading.as_ref().map_or(START, |reading| reading.splitter.position())
    }

    /// Goes on by a step and appends its messages to `messages`; false when more bytes are needed, or all is
    /// done.
    pub(crate) fn step(&mut self, messages: &mut Vec<Outgoing>) -> bool {
        if self.is_finished {
            return false;
        }
        if self.consumed == self.content.len() {
            self.content.clear();
            self.consumed = 0;
        }
        if self.content.is_empty() || self.reading.is_none() {
            self.inflate();
        }
        if self.reading.is_none() {
            self.choose_format(messages);
            if self.is_finished {
                return false;
            }
        }
        let step = self.consumed..self.content.len().min(self.consumed + STEP_BYTES);
        match &mut self.reading {
            Some(reading) if !step.is_empty() => {
                reading.feed(&self.content[step.clone()], messages);
                self.consumed = step.end;
                true
            }
            _ if !self.stored.is_empty() && !self.is_damaged => true,
            _ => {
                self.finish(messages);
                false
            }
        }
    }

    fn inflate(&mut self) {
        if self.is_damaged {
            self.stored.clear();
            return;
        }
        let count = self.stored.len().min(STORED_STEP_BYTES);
        let stored: Vec<u8> = self.stored.drain(..count).collect();
        let is_last = self.is_ended && self.stored.is_empty();
        let result = self.inflate.write(&stored);
        let result = if is_last { result.and_then(|()| self.inflate.finish()) } else { result };
        self.is_damaged = result.is_err();
        self.inflate.drain(&mut self.content);
    }

    /// Chooses the format as soon as the content shows enough; an object without records is left out as a whole.
    fn choose_format(&mut self, messages: &mut Vec<Outgoing>) {
        let is_all = self.is_damaged || (self.is_ended && self.stored.is_empty());
        if self.content.len() < HEAD_BYTES && !is_all {
            return;
        }
        let mark = if self.content.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        let head = &self.content[mark..self.content.len().min(HEAD_BYTES)];
        let Self { choice, origin, .. } = self;
        match format::choose(choice.set, &choice.key, choice.content_type.as_deref(), head) {
            Ok(format) => {
                self.reading = Some(Reading {
                    splitter: Splitter::new(format, mark as u64, origin.max_record_bytes),
                    converter: Converter::new(origin.clone(), format),
                });
                self.consumed = mark;
            }
            Err(unsupported) => {
                self.is_finished = true;
                let reason =
                    Reason { code: RejectCode::UnsupportedContent, message: unsupported.to_string() };
                messages.push(origin.reject(START, reason, choice.size.unwrap_or_default()));
            }
        }
    }

    fn finish(&mut self, messages: &mut Vec<Outgoing>) {
        if !self.is_ended && !self.is_damaged {
            return;
        }
        self.is_finished = true;
        if self.is_damaged {
            let code = RejectCode::DamagedCompression;
            let reason = Reason { code, message: sentence(code).to_owned() };
            messages.push(self.origin.reject(self.position(), reason, 0));
        } else if let Some(Reading { splitter, converter }) = &mut self.reading {
            splitter.finish(&mut |piece| messages.extend(converter.convert(&piece)));
        }
    }
}

impl Reading {
    fn feed(&mut self, content: &[u8], messages: &mut Vec<Outgoing>) {
        let Self { splitter, converter } = self;
        splitter.feed(content, &mut |piece| messages.extend(converter.convert(&piece)));
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;
    use proptest::{collection, option, sample};

    use super::*;
    use crate::config::MessageGroup;

    fn parser(set: Option<Format>) -> Parser {
        let origin = Origin {
            source: "s3://b/k".to_owned(),
            sequencer: "0".repeat(32),
            trace_id: None,
            id_field: None,
            max_record_bytes: 100,
            message_group: MessageGroup::Record,
        };
        Parser::new(FormatChoice { set, key: "k".to_owned(), content_type: None, size: None }, origin)
    }

    #[test]
    fn well_compressed_content_is_parsed_in_small_steps() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&b"a\n".repeat(20_000)).unwrap();
        let mut parser = parser(Some(Format::Text));
        parser.write(&encoder.finish().unwrap());
        parser.end();
        let (mut total, mut most) = (0, 0);
        loop {
            let mut messages = Vec::new();
            let has_more = parser.step(&mut messages);
            total += messages.len();
            most = most.max(messages.len());
            if !has_more {
                break;
            }
        }
        assert_eq!(total, 20_000);
        assert!(most <= STEP_BYTES / 2, "{most}");
    }

    #[test]
    fn format_is_chosen_once_enough_is_seen() {
        let mut parser = parser(None);
        let mut messages = Vec::new();
        for byte in b"\xef\xbb\xbf \n [1,2]" {
            parser.write(&[*byte]);
            while parser.step(&mut messages) {}
        }
        parser.end();
        while parser.step(&mut messages) {}
        assert_eq!(messages.len(), 2);
        assert!(messages[0].message.body.contains(r#""position":{"number":1,"offset":7}"#));
    }

    /// Messages of an object that arrives in parts.
    fn messages(set: Option<Format>, stored: &[u8], at_a_time: usize) -> usize {
        let mut parser = parser(set);
        let mut messages = Vec::new();
        for part in stored.chunks(at_a_time) {
            parser.write(part);
            while parser.step(&mut messages) {}
        }
        parser.end();
        while parser.step(&mut messages) {}
        messages.len()
    }

    /// Rows that are not blank, counted as carelessly as will do for two.
    fn rows(content: &[u8]) -> usize {
        let content = content.strip_prefix(BYTE_ORDER_MARK).unwrap_or(content);
        content.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|row| !row.is_empty()).count()
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 2_000,
            rng_seed: RngSeed::Fixed(1),
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn no_content_vanishes_without_a_message(
            content in collection::vec(
                prop_oneof![3 => sample::select(b"[]{},;\"\n\r1a ".to_vec()), 1 => any::<u8>()],
                0..120,
            ),
            set in option::of(sample::select(vec![
                Format::JsonLines, Format::JsonArray, Format::Csv, Format::Text,
            ])),
            is_compressed in any::<bool>(),
            at_a_time in 1_usize..50,
        ) {
            let stored = if is_compressed {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(&content).unwrap();
                encoder.finish().unwrap()
            } else {
                content.clone()
            };
            prop_assume!(is_compressed || !content.starts_with(&[0x1f, 0x8b]));
            let without_message = match set {
                // A declaration of the delimiter and a header.
                Some(Format::Csv) => rows(&content) <= 2,
                Some(Format::JsonArray) => content.iter().all(|byte| b"[] \t\n\r\x0c".contains(byte)),
                _ => content.iter().all(|byte| b"[] \t\n\r\x0c\xef\xbb\xbf".contains(byte)),
            };
            prop_assert!(messages(set, &stored, at_a_time) > 0 || without_message);
        }
    }
}
