//! Content that clients send.

use std::collections::BTreeMap;

use pipectl_invocation::http::HttpEvent;
use pipectl_invocation::problem::{Fault, MALFORMED_CONTENT, Problem};
use pipectl_invocation::refusal::json_content;
use pipectl_messages::{Document, DocumentError, RecordId};

use crate::problem::INVALID_RECORD;

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
        let text = json_content(event, max_bytes)?;
        match Document::from_json(&text) {
            Ok(document) => Self::from_document(document, id_in),
            Err(error @ DocumentError::NotJson { .. }) => {
                Err(Problem::with_detail(MALFORMED_CONTENT, error.to_string()))
            }
            Err(error) => Err(Problem::with_detail(INVALID_RECORD, error.to_string())),
        }
    }

    fn from_document(document: Document, id_in: IdIn) -> Result<Self, Problem> {
        let Document::Map(mut members) = document else {
            return Err(Problem::with_faults(INVALID_RECORD, vec![Fault::of_content("is not an object")]));
        };
        let mut faults = Vec::new();
        let id = if id_in == IdIn::Content { take_id(&mut members, &mut faults) } else { None };
        let body = take_body(&mut members, &mut faults);
        faults.extend(members.keys().map(|name| Fault::of_member(name, "is not known")));
        match body {
            Some(body) if faults.is_empty() => {
                let size = body.stored_size();
                if size > Document::MAX_STORED_SIZE {
                    Err(Problem::content_too_large(size, Document::MAX_STORED_SIZE))
                } else {
                    Ok(Self { id, body })
                }
            }
            _ => Err(Problem::with_faults(INVALID_RECORD, faults)),
        }
    }
}

fn take_id(members: &mut BTreeMap<String, Document>, faults: &mut Vec<Fault>) -> Option<RecordId> {
    match members.remove("id")? {
        Document::String(text) => {
            RecordId::new(text).map_err(|error| faults.push(Fault::of_member("id", error.to_string()))).ok()
        }
        _ => {
            faults.push(Fault::of_member("id", "is not a string"));
            None
        }
    }
}

fn take_body(members: &mut BTreeMap<String, Document>, faults: &mut Vec<Fault>) -> Option<Document> {
    let body = members.remove("body");
    match body {
        Some(Document::Map(_)) => return body,
        Some(_) => faults.push(Fault::of_member("body", "is not an object")),
        None => faults.push(Fault::of_member("body", "is missing")),
    }
    None
}
