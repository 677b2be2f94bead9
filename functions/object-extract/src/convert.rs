//! From the bytes of a record to a message.

use std::collections::BTreeMap;

use pipectl_messages::{
    Document, DocumentError, Position, Reason, Record, RecordId, RejectCode, RejectedRecord,
};
use sha2::{Digest as _, Sha256};

use crate::config::MessageGroup;
use crate::csv::{self, Opening};
use crate::effects::{Destination, Message};
use crate::format::Format;
use crate::split::{Content, Piece};

/// Largest message, in bytes: body and attributes together.
/// Source: SQS developer guide, message quotas (read 2026-11-23).
pub(crate) const MAX_MESSAGE_BYTES: usize = 1_048_576;

/// A message and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outgoing {
    pub(crate) destination: Destination,
    pub(crate) message: Message,
}

/// What all records of one object share.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    /// `s3://<bucket>/<key>`.
    pub(crate) source: String,
    /// Sequencer of the event, padded.
    pub(crate) sequencer: String,
    /// Trace of the invocation.
    pub(crate) trace_id: Option<String>,
    /// `ID_FIELD`.
    pub(crate) id_field: Option<String>,
    /// `MAX_RECORD_BYTES`.
    pub(crate) max_record_bytes: usize,
    /// `MESSAGE_GROUP`.
    pub(crate) message_group: MessageGroup,
}

/// The names of the fields of a CSV object.
enum Header {
    /// The next row that is not blank is the header, or declares its delimiter.
    Awaited {
        declared: Option<u8>,
    },
    Known {
        names: Vec<String>,
        delimiter: char,
    },
    /// No row can be read.
    Unusable,
}

/// Converts the pieces of one object, in order.
pub(crate) struct Converter {
    origin: Origin,
    format: Format,
    header: Header,
}

impl Converter {
    pub(crate) fn new(origin: Origin, format: Format) -> Self {
        Self { origin, format, header: Header::Awaited { declared: None } }
    }

    /// The message for a piece; `None` when the piece is no record: a blank line, or the CSV header.
    pub(crate) fn convert(&mut self, piece: &Piece<'_>) -> Option<Outgoing> {
        if matches!(self.header, Header::Unusable) {
            return None;
        }
        let outcome = match piece.content {
            Content::Whole(bytes) => self.body(bytes).and_then(|body| match body {
                Some(body) => self.record(piece.position, bytes, body).map(Some),
                None => Ok(None),
            }),
            Content::TooLarge { size } => Err(too_large(size, self.origin.max_record_bytes)),
            Content::Broken { code, .. } => Err(reason(code, sentence(code))),
        };
        match outcome {
            Ok(message) => message.map(|message| Outgoing { destination: Destination::Records, message }),
            Err(reason) => {
                let reason = self.reason_of_row(reason);
                Some(self.origin.reject(piece.position, reason, size(piece)))
            }
        }
    }

    /// Without its header no row of a CSV object can be read.
    fn reason_of_row(&mut self, cause: Reason) -> Reason {
        if self.format != Format::Csv || matches!(self.header, Header::Known { .. }) {
            return cause;
        }
        self.header = Header::Unusable;
        reason(
            RejectCode::UnusableHeader,
            &format!("no row was read, because the CSV header is not usable: {}", cause.message),
        )
    }

    /// The record's body; `None` for what is no record.
    fn body(&mut self, bytes: &[u8]) -> Result<Option<Document>, Reason> {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| reason(RejectCode::NotUtf8, sentence(RejectCode::NotUtf8)))?;
        match self.format {
            Format::JsonLines if text.trim_ascii().is_empty() => Ok(None),
            Format::JsonLines | Format::JsonArray => {
                Document::from_json(text).map(Some).map_err(|error| unstorable(&error))
            }
            Format::Text | Format::Csv if text.is_empty() => Ok(None),
            Format::Text => {
                let members = BTreeMap::from([("text".to_owned(), Document::String(text.to_owned()))]);
                Ok(Some(Document::Map(members)))
            }
            Format::Csv => self.row(text),
        }
    }

    fn row(&mut self, text: &str) -> Result<Option<Document>, Reason> {
        let fields = |delimiter| {
            csv::fields(text, delimiter)
                .map_err(|_| reason(RejectCode::MisplacedQuote, sentence(RejectCode::MisplacedQuote)))
        };
        let (names, delimiter) = match &self.header {
            Header::Known { names, delimiter } => (names, *delimiter),
            Header::Awaited { declared } => {
                let delimiter = match (declared, csv::opening(text.as_bytes())) {
                    (None, Opening::Declaration(delimiter)) => {
                        self.header = Header::Awaited { declared: Some(delimiter) };
                        return Ok(None);
                    }
                    (None, Opening::Header(delimiter)) => char::from(delimiter),
                    (Some(delimiter), _) => char::from(*delimiter),
                };
                self.header = Header::Known { names: header(fields(delimiter)?)?, delimiter };
                return Ok(None);
            }
            Header::Unusable => return Ok(None),
        };
        let fields = fields(delimiter)?;
        if fields.len() != names.len() {
            let message = format!("{} fields instead of the header's {}", fields.len(), names.len());
            return Err(reason(RejectCode::WrongFieldCount, &message));
        }
        let members = names.iter().cloned().zip(fields.into_iter().map(Document::String)).collect();
        Ok(Some(Document::Map(members)))
    }

    fn record(&self, position: Position, bytes: &[u8], body: Document) -> Result<Message, Reason> {
        let stored_size = body.stored_size();
        if stored_size > Document::MAX_STORED_SIZE {
            return Err(too_large(stored_size as u64, Document::MAX_STORED_SIZE));
        }
        let origin = &self.origin;
        let deduplication_id = digest(&[origin.source.as_bytes(), &position.number.to_be_bytes(), bytes]);
        let id = match origin.id_field.as_deref().and_then(|field| field_of(&body, field)) {
            Some(value) => id_of(value)?,
            None => RecordId::new(&deduplication_id[..32]).expect("hexadecimal digits are legal"),
        };
        let record = Record {
            ordering: origin.ordering(position),
            source: origin.source.clone(),
            position,
            deduplication_id,
            id,
            body,
        };
        let message = origin.message(&record);
        if message.size() > MAX_MESSAGE_BYTES {
            return Err(too_large(message.size() as u64, MAX_MESSAGE_BYTES));
        }
        Ok(message)
    }
}

impl Origin {
    /// Sequencer and position: later lines of one object are newer than earlier ones with the same id.
    fn ordering(&self, position: Position) -> String {
        format!("{}.{:012}", self.sequencer, position.number)
    }

    fn message(&self, record: &Record) -> Message {
        Message {
            body: record.to_json(),
            group_id: match self.message_group {
                MessageGroup::Record => record.id.as_str().to_owned(),
                MessageGroup::Object => digest(&[self.source.as_bytes()]),
            },
            // With the ordering: content that returns to a former state within the queue's five minutes of
            // memory must not be taken for a repetition of it. An event delivered twice has equal ones.
            deduplication_id: digest(&[record.deduplication_id.as_bytes(), record.ordering.as_bytes()]),
            trace_id: self.trace_id.clone(),
        }
    }

    /// The message that says where a record was left out and why.
    pub(crate) fn reject(&self, position: Position, reason: Reason, size: u64) -> Outgoing {
        let rejected = RejectedRecord { source: self.source.clone(), position, reason, size };
        let body = rejected.to_json();
        let message = Message {
            group_id: digest(&[self.source.as_bytes()]),
            deduplication_id: digest(&[self.ordering(position).as_bytes(), body.as_bytes()]),
            trace_id: self.trace_id.clone(),
            body,
        };
        Outgoing { destination: Destination::Rejects, message }
    }
}

/// Field names of a header row.
fn header(names: Vec<String>) -> Result<Vec<String>, Reason> {
    let mut sorted: Vec<&String> = names.iter().collect();
    sorted.sort_unstable();
    if names.iter().any(String::is_empty) {
        Err(reason(RejectCode::UnusableHeader, "a field has no name"))
    } else if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
        Err(reason(RejectCode::UnusableHeader, "two fields have the same name"))
    } else {
        Ok(names)
    }
}

fn field_of<'body>(body: &'body Document, field: &str) -> Option<&'body Document> {
    match body {
        Document::Map(members) => members.get(field),
        _ => None,
    }
}

fn id_of(value: &Document) -> Result<RecordId, Reason> {
    let text = match value {
        Document::String(text) | Document::Number(text) => text,
        _ => return Err(reason(RejectCode::UnusableId, "the id field is neither a string nor a number")),
    };
    RecordId::new(text.as_str()).map_err(|error| reason(RejectCode::UnusableId, &error.to_string()))
}

fn size(piece: &Piece<'_>) -> u64 {
    match piece.content {
        Content::Whole(bytes) => bytes.len() as u64,
        Content::TooLarge { size } | Content::Broken { size, .. } => size,
    }
}

fn unstorable(error: &DocumentError) -> Reason {
    let code = match error {
        DocumentError::NotJson { .. } => RejectCode::NotJson,
        DocumentError::TooDeep => RejectCode::TooDeep,
        DocumentError::NumberOutOfRange => RejectCode::NumberOutOfRange,
        DocumentError::EmptyName => RejectCode::EmptyName,
    };
    reason(code, &error.to_string())
}

fn too_large(size: u64, limit: usize) -> Reason {
    reason(RejectCode::TooLarge, &format!("{size} bytes, at most {limit} are possible"))
}

fn reason(code: RejectCode, message: &str) -> Reason {
    Reason { code, message: message.to_owned() }
}

/// The sentence for a code that needs no facts.
pub(crate) fn sentence(code: RejectCode) -> &'static str {
    match code {
        RejectCode::NotUtf8 => "not UTF-8",
        RejectCode::NotJson => "an element is missing before a comma or a bracket",
        RejectCode::MisplacedQuote => "text after the closing quote of a field",
        RejectCode::Unfinished => "the object ends within this record",
        RejectCode::NotAnArray => "the object does not start as a JSON array",
        RejectCode::TrailingContent => "content after the end of the JSON array",
        RejectCode::DamagedCompression => "the gzip stream is damaged from here on",
        _ => "the record cannot be used",
    }
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// 64 hexadecimal digits over the parts, each with its length, so that no two lists of parts look alike.
fn digest(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    hasher.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        text.extend([digit(byte >> 4), digit(byte & 0xf)]);
        text
    })
}
