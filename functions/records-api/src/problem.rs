//! What can go wrong, as problem details (RFC 9457).

use serde::Serialize;

use crate::event::HttpResponse;
use crate::operation::Operation;

/// Media type of problem details.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Kinds of problems. The last part of a problem's `type` names its kind and is stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// The content is no JSON.
    MalformedContent,
    /// A parameter of the path, the query or a header is not as described.
    InvalidParameter,
    /// No such record.
    RecordNotFound,
    /// No such path.
    PathNotFound,
    /// The path does not know the method.
    MethodNotAllowed,
    /// A record with the id exists.
    RecordExists,
    /// The record is not of the revision that `If-Match` names.
    PreconditionFailed,
    /// The content, or the item it would make, is too large.
    ContentTooLarge,
    /// The content is not announced as JSON.
    UnsupportedMediaType,
    /// The content is JSON, but not as described.
    InvalidRecord,
    /// The function failed.
    InternalError,
    /// The table is too busy.
    ServiceUnavailable,
}

impl ProblemKind {
    /// Status code, name within `type`, and title.
    #[must_use]
    pub fn facts(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::MalformedContent => (400, "malformed-content", "The content is no JSON"),
            Self::InvalidParameter => (400, "invalid-parameter", "A parameter is not as described"),
            Self::RecordNotFound => (404, "record-not-found", "There is no such record"),
            Self::PathNotFound => (404, "path-not-found", "There is no such path"),
            Self::MethodNotAllowed => (405, "method-not-allowed", "The path does not know this method"),
            Self::RecordExists => (409, "record-exists", "A record with this id exists"),
            Self::PreconditionFailed => (412, "precondition-failed", "The record has another revision"),
            Self::ContentTooLarge => (413, "content-too-large", "The content is too large"),
            Self::UnsupportedMediaType => (415, "unsupported-media-type", "The content must be JSON"),
            Self::InvalidRecord => (422, "invalid-record", "The record is not as described"),
            Self::InternalError => (500, "internal-error", "The request failed for no fault of its own"),
            Self::ServiceUnavailable => (503, "service-unavailable", "The service is too busy"),
        }
    }
}

/// A fault at one place of the content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// JSON Pointer (RFC 6901) to the place.
    pub pointer: String,
    /// What is wrong there.
    pub detail: String,
}

/// One problem. Its texts are safe for clients: they tell nothing of table, function or cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind it is.
    pub kind: ProblemKind,
    /// What is wrong with this request.
    pub detail: Option<String>,
    /// Faults in the content.
    pub faults: Vec<Fault>,
    /// Methods that the path knows, for [`ProblemKind::MethodNotAllowed`].
    pub allow: Vec<Operation>,
}

impl Problem {
    /// A problem that says no more than its kind.
    #[must_use]
    pub fn new(kind: ProblemKind) -> Self {
        Self { kind, detail: None, faults: Vec::new(), allow: Vec::new() }
    }

    /// A problem with a sentence about this request.
    #[must_use]
    pub fn with_detail(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Self::new(kind) }
    }

    /// The response.
    #[must_use]
    pub fn response(&self) -> HttpResponse {
        #[derive(Serialize)]
        struct Details<'problem> {
            r#type: String,
            title: &'static str,
            status: u16,
            #[serde(skip_serializing_if = "Option::is_none")]
            detail: Option<&'problem str>,
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            errors: &'problem [Fault],
        }
        let (status, name, title) = self.kind.facts();
        let details = Details {
            r#type: format!("urn:pipectl:problem:{name}"),
            title,
            status,
            detail: self.detail.as_deref(),
            errors: &self.faults,
        };
        let body = serde_json::to_string(&details).expect("texts and integers always serialise");
        let response = HttpResponse::content(status, MEDIA_TYPE, body);
        match self.kind {
            ProblemKind::MethodNotAllowed => {
                let methods: Vec<&str> = self.allow.iter().map(|operation| operation.method()).collect();
                response.header("allow", methods.join(", "))
            }
            ProblemKind::ServiceUnavailable => response.header("retry-after", "1"),
            _ => response,
        }
    }
}
