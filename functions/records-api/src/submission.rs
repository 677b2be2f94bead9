//! Content that clients send.

use std::collections::BTreeMap;

use pipectl_messages::{Document, DocumentError, RecordId};

use crate::event::HttpEvent;
use crate::problem::{Fault, Problem, ProblemKind};

/// A record to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Submission {
    /// Id that the client chose.
    pub(crate) id: Option<RecordId>,
    /// The record, a JSON object.
    pub(crate) body: Document,
}

/// Whether content may name an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdIn {
    /// The path names it.
    Path,
    /// The content may name it.
    Content,
}

impl Submission {
    /// Reads the content of a request: `{"body": {...}}`, and `"id"` where it may name one.
    pub(crate) fn read(event: &HttpEvent, id_in: IdIn, max_bytes: usize) -> Result<Self, Problem> {
        if !event.header("content-type").is_some_and(is_json) {
            let detail = "the content type is not application/json";
            return Err(Problem::with_detail(ProblemKind::UnsupportedMediaType, detail));
        }
        let content = event.content().map_err(|_| malformed("the content is no Base64"))?;
        if content.len() > max_bytes {
            return Err(too_large(content.len(), max_bytes));
        }
        let text = std::str::from_utf8(&content).map_err(|_| malformed("the content is not UTF-8"))?;
        match Document::from_json(text) {
            Ok(document) => Self::from_document(document, id_in),
            Err(error @ DocumentError::NotJson { .. }) => Err(malformed(&error.to_string())),
            Err(error) => Err(Problem::with_detail(ProblemKind::InvalidRecord, error.to_string())),
        }
    }

    fn from_document(document: Document, id_in: IdIn) -> Result<Self, Problem> {
        let Document::Map(mut members) = document else {
            return Err(invalid(vec![fault("", "is not an object")]));
        };
        let mut faults = Vec::new();
        let id = if id_in == IdIn::Content { take_id(&mut members, &mut faults) } else { None };
        let body = take_body(&mut members, &mut faults);
        faults.extend(members.keys().map(|name| fault(&pointer(name), "is not known")));
        match body {
            Some(body) if faults.is_empty() => {
                let size = body.stored_size();
                if size > Document::MAX_STORED_SIZE {
                    Err(too_large(size, Document::MAX_STORED_SIZE))
                } else {
                    Ok(Self { id, body })
                }
            }
            _ => Err(invalid(faults)),
        }
    }
}

fn take_id(members: &mut BTreeMap<String, Document>, faults: &mut Vec<Fault>) -> Option<RecordId> {
    match members.remove("id")? {
        Document::String(text) => {
            RecordId::new(text).map_err(|error| faults.push(fault("/id", &error.to_string()))).ok()
        }
        _ => {
            faults.push(fault("/id", "is not a string"));
            None
        }
    }
}

fn take_body(members: &mut BTreeMap<String, Document>, faults: &mut Vec<Fault>) -> Option<Document> {
    let body = members.remove("body");
    match body {
        Some(Document::Map(_)) => return body,
        Some(_) => faults.push(fault("/body", "is not an object")),
        None => faults.push(fault("/body", "is missing")),
    }
    None
}

/// Media types of JSON (RFC 8259), with or without parameters.
fn is_json(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media_type == "application/json"
}

fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn fault(pointer: &str, detail: &str) -> Fault {
    Fault { pointer: pointer.to_owned(), detail: detail.to_owned() }
}

fn invalid(faults: Vec<Fault>) -> Problem {
    Problem { faults, ..Problem::new(ProblemKind::InvalidRecord) }
}

fn malformed(detail: &str) -> Problem {
    Problem::with_detail(ProblemKind::MalformedContent, detail)
}

fn too_large(size: usize, limit: usize) -> Problem {
    let detail = format!("{size} bytes, at most {limit} are accepted");
    Problem::with_detail(ProblemKind::ContentTooLarge, detail)
}
