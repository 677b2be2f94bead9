//! What can go wrong with a request, as problem details (RFC 9457).

use serde::Serialize;

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
}

impl Problem {
    /// A problem that says no more than its kind.
    #[must_use]
    pub fn new(kind: ProblemType) -> Self {
        Self { kind, detail: None, faults: Vec::new() }
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
        HttpResponse::content(status, MEDIA_TYPE, body)
    }
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
        let body: serde_json::Value = serde_json::from_str(&response.body).expect("JSON");
        let errors = serde_json::json!([
            { "pointer": "", "detail": "is short" },
            { "pointer": "/a~1b~0c", "detail": "is stout" },
        ]);
        assert_eq!(body["errors"], errors);
    }

    #[test]
    fn members_without_a_value_are_left_out() {
        let response = Problem::new(TEAPOT).response();
        assert_eq!(response.body, r#"{"type":"urn:pipectl:problem:teapot","title":"A teapot","status":418}"#);
    }
}
