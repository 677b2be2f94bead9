//! What can go wrong with a request, as problem details (RFC 9457).

use serde::Serialize;
use serde_json::{Value, json};

use crate::http::HttpResponse;

/// Media type of problem details.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// A kind of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProblemType {
    /// Status code.
    pub status: u16,
    /// Last part of the problem's `type`; stable.
    pub name: &'static str,
    /// Short sentence without a period, the same for all problems of the kind.
    pub title: &'static str,
}

/// The content is no JSON.
pub const MALFORMED_CONTENT: ProblemType =
    ProblemType { status: 400, name: "malformed-content", title: "The content is no JSON" };

/// A parameter of the path, the query or a header is not as described.
pub const INVALID_PARAMETER: ProblemType =
    ProblemType { status: 400, name: "invalid-parameter", title: "A parameter is not as described" };

/// The path does not know the method.
pub const METHOD_NOT_ALLOWED: ProblemType =
    ProblemType { status: 405, name: "method-not-allowed", title: "The path does not know this method" };

/// The content, or what it would make, is too large.
pub const CONTENT_TOO_LARGE: ProblemType =
    ProblemType { status: 413, name: "content-too-large", title: "The content is too large" };

/// The content is not announced as JSON.
pub const UNSUPPORTED_MEDIA_TYPE: ProblemType =
    ProblemType { status: 415, name: "unsupported-media-type", title: "The content must be JSON" };

/// The function failed.
pub const INTERNAL_ERROR: ProblemType =
    ProblemType { status: 500, name: "internal-error", title: "The request failed for no fault of its own" };

/// A service behind the function is too busy, or did not answer.
pub const SERVICE_UNAVAILABLE: ProblemType =
    ProblemType { status: 503, name: "service-unavailable", title: "The service is too busy" };

/// A fault at one place of the content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// JSON Pointer (RFC 6901) to the place.
    pub pointer: String,
    /// What is wrong there.
    pub detail: String,
}

impl Fault {
    /// A fault of the whole content.
    #[must_use]
    pub fn of_content(detail: impl Into<String>) -> Self {
        Self { pointer: String::new(), detail: detail.into() }
    }

    /// A fault of the content's member `name`.
    #[must_use]
    pub fn of_member(name: &str, detail: impl Into<String>) -> Self {
        Self { pointer: format!("/{}", name.replace('~', "~0").replace('/', "~1")), detail: detail.into() }
    }
}

/// One problem. Its texts go to clients: they tell nothing of queues, tables or causes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind it is.
    pub kind: ProblemType,
    /// What is wrong with this request.
    pub detail: Option<String>,
    /// Faults in the content.
    pub faults: Vec<Fault>,
    /// Methods that the path knows, for [`METHOD_NOT_ALLOWED`].
    pub allow: Vec<&'static str>,
}

impl Problem {
    /// A problem that says no more than its kind.
    #[must_use]
    pub fn new(kind: ProblemType) -> Self {
        Self { kind, detail: None, faults: Vec::new(), allow: Vec::new() }
    }

    /// A problem with a sentence about this request.
    #[must_use]
    pub fn with_detail(kind: ProblemType, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Self::new(kind) }
    }

    /// A problem with the faults of the content.
    #[must_use]
    pub fn with_faults(kind: ProblemType, faults: Vec<Fault>) -> Self {
        Self { faults, ..Self::new(kind) }
    }

    /// A request whose method is none of `allow`, those that the path knows.
    #[must_use]
    pub fn method_not_allowed(allow: Vec<&'static str>) -> Self {
        Self { allow, ..Self::new(METHOD_NOT_ALLOWED) }
    }

    /// Content of `size` bytes where at most `limit` are accepted.
    #[must_use]
    pub fn content_too_large(size: usize, limit: usize) -> Self {
        Self::with_detail(CONTENT_TOO_LARGE, format!("{size} bytes, at most {limit} are accepted"))
    }

    /// The response.
    ///
    /// # Panics
    /// Never: texts and integers always serialise.
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
        let ProblemType { status, name, title } = self.kind;
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
            METHOD_NOT_ALLOWED => response.header("allow", self.allow.join(", ")),
            SERVICE_UNAVAILABLE => response.header("retry-after", "1"),
            _ => response,
        }
    }
}

/// The JSON Schema of every problem's response, for OpenAPI documents.
#[must_use]
pub fn schema() -> Value {
    json!({
        "description": "Problem details, RFC 9457.",
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {
            "type": { "type": "string", "format": "uri" },
            "title": { "type": "string" },
            "status": { "type": "integer", "minimum": 400, "maximum": 599 },
            "detail": { "type": "string" },
            "errors": {
                "description": "Every fault of the content.",
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["pointer", "detail"],
                    "properties": {
                        "pointer": { "description": "JSON Pointer, RFC 6901.", "type": "string" },
                        "detail": { "type": "string" },
                    },
                    "additionalProperties": false,
                },
            },
        },
        "additionalProperties": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEAPOT: ProblemType = ProblemType { status: 418, name: "teapot", title: "A teapot" };

    #[test]
    fn problem_names_every_fault_by_its_pointer() {
        let faults = vec![Fault::of_content("is short"), Fault::of_member("a/b~c", "is stout")];
        let response = Problem::with_faults(TEAPOT, faults).response();
        assert_eq!((response.status_code, response.headers["content-type"].as_str()), (418, MEDIA_TYPE));
        let body: serde_json::Value = serde_json::from_str(&response.body.expect("content")).expect("JSON");
        let errors = serde_json::json!([
            { "pointer": "", "detail": "is short" },
            { "pointer": "/a~1b~0c", "detail": "is stout" },
        ]);
        assert_eq!(body["errors"], errors);
    }

    #[test]
    fn members_without_a_value_are_left_out() {
        let response = Problem::new(TEAPOT).response();
        let body = r#"{"type":"urn:pipectl:problem:teapot","title":"A teapot","status":418}"#;
        assert_eq!(response.body.as_deref(), Some(body));
    }
}
