//! Why a request to an HTTP API was not served.

use crate::aws_error::{AwsError, Retry};
use crate::http::HttpEvent;
use crate::problem::{
    INTERNAL_ERROR, MALFORMED_CONTENT, Problem, SERVICE_UNAVAILABLE, UNSUPPORTED_MEDIA_TYPE,
};

/// A problem for the client, with the cause where it is ours.
#[derive(Debug)]
pub struct Refusal {
    /// What the client learns.
    pub problem: Problem,
    /// What the log learns besides.
    pub cause: Option<AwsError>,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self { problem, cause: None }
    }
}

impl From<AwsError> for Refusal {
    fn from(error: AwsError) -> Self {
        let kind = match error.retry {
            Retry::Throttled | Retry::Transient => SERVICE_UNAVAILABLE,
            Retry::Useless => INTERNAL_ERROR,
        };
        Self { problem: Problem::new(kind), cause: Some(error) }
    }
}

/// The content of a request as text that is announced as JSON; whether it is JSON is yet to be seen.
///
/// # Errors
/// A [`Problem`] when it is announced as something else, in Base64 that is none, of more than `max_bytes`, or
/// not UTF-8; looked for in this order.
pub fn json_content(event: &HttpEvent, max_bytes: usize) -> Result<String, Problem> {
    if !event.has_json() {
        return Err(Problem::with_detail(UNSUPPORTED_MEDIA_TYPE, "the content type is not application/json"));
    }
    let malformed = |detail| Problem::with_detail(MALFORMED_CONTENT, detail);
    let content = event.content().map_err(|_| malformed("the content is no Base64"))?;
    if content.len() > max_bytes {
        return Err(Problem::content_too_large(content.len(), max_bytes));
    }
    String::from_utf8(content).map_err(|_| malformed("the content is not UTF-8"))
}
