//! The event of an HTTP API, payload format 2.0, and its response, as far as functions use them.
//!
//! Source: Amazon API Gateway developer guide, Lambda proxy integrations for HTTP APIs (read 2026-11-23).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A request as API Gateway hands it over.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpEvent {
    /// Path, unescaped, with the stage in front unless it is `$default`.
    pub raw_path: String,
    /// Query, as the client sent it.
    #[serde(default)]
    pub raw_query_string: String,
    /// Headers; names in lower case, values of repeated headers joined by commas.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Variables of the route.
    #[serde(default)]
    pub path_parameters: Option<BTreeMap<String, String>>,
    /// The request's surroundings.
    pub request_context: RequestContext,
    /// Content.
    #[serde(default)]
    pub body: Option<String>,
    /// Whether `body` is in Base64.
    #[serde(default)]
    pub is_base64_encoded: bool,
}

/// Surroundings of a request.
#[derive(Debug, Clone, Deserialize)]
pub struct RequestContext {
    /// Name of the stage.
    pub stage: String,
    /// The request line.
    pub http: RequestLine,
}

/// Part of the request line.
#[derive(Debug, Clone, Deserialize)]
pub struct RequestLine {
    /// Method in capitals.
    pub method: String,
}

/// Content in Base64 that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotBase64;

impl HttpEvent {
    /// Method in capitals.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.request_context.http.method
    }

    /// The path without the stage.
    #[must_use]
    pub fn path(&self) -> &str {
        let stage = &self.request_context.stage;
        self.raw_path
            .strip_prefix('/')
            .and_then(|path| path.strip_prefix(stage.as_str()))
            .filter(|rest| stage != "$default" && (rest.is_empty() || rest.starts_with('/')))
            .unwrap_or(&self.raw_path)
    }

    /// A header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// True when the content is announced as JSON (RFC 8259), with or without parameters.
    #[must_use]
    pub fn has_json(&self) -> bool {
        let content_type = self.header("content-type").unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        media_type.eq_ignore_ascii_case("application/json")
    }

    /// The content as bytes.
    ///
    /// # Errors
    /// [`NotBase64`] when it claims to be in Base64 and is not.
    pub fn content(&self) -> Result<Vec<u8>, NotBase64> {
        let body = self.body.as_deref().unwrap_or_default();
        if self.is_base64_encoded {
            BASE64_STANDARD.decode(body).map_err(|_| NotBase64)
        } else {
            Ok(body.as_bytes().to_vec())
        }
    }
}

/// A response as API Gateway expects it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpResponse {
    /// Status code.
    pub status_code: u16,
    /// Headers; names in lower case.
    pub headers: BTreeMap<&'static str, String>,
    /// Content; absent for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Always false: content is text.
    pub is_base64_encoded: bool,
}

impl HttpResponse {
    /// A response without content, not to be stored by caches.
    #[must_use]
    pub fn empty(status_code: u16) -> Self {
        let headers = BTreeMap::from([("cache-control", "no-store".to_owned())]);
        Self { status_code, headers, body: None, is_base64_encoded: false }
    }

    /// A response with `body` of `content_type`, not to be stored by caches.
    #[must_use]
    pub fn content(status_code: u16, content_type: &str, body: String) -> Self {
        Self { body: Some(body), ..Self::empty(status_code) }.header("content-type", content_type)
    }

    /// The response with a header more.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.insert(name, value.into());
        self
    }
}

/// The JSON Schema of what API Gateway answers by itself, such as 429, for OpenAPI documents.
#[must_use]
pub fn gateway_message_schema() -> Value {
    json!({
        "type": "object",
        "required": ["message"],
        "properties": { "message": { "type": ["string", "null"] } },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(content_type: &str, body: &str, is_base64_encoded: bool) -> HttpEvent {
        serde_json::from_value(serde_json::json!({
            "rawPath": "/",
            "headers": { "content-type": content_type },
            "requestContext": { "stage": "$default", "http": { "method": "POST" } },
            "body": body,
            "isBase64Encoded": is_base64_encoded,
        }))
        .expect("a legal fixture")
    }

    #[test]
    fn stage_is_cut_off_the_path_only_as_a_whole_segment() {
        for (stage, raw_path, path) in [
            ("$default", "/records/1", "/records/1"),
            ("prod", "/prod/records", "/records"),
            ("prod", "/records", "/records"),
            ("rec", "/records", "/records"),
            ("records", "/records/records/1", "/records/1"),
        ] {
            let mut event = event("", "", false);
            (event.request_context.stage, event.raw_path) = (stage.to_owned(), raw_path.to_owned());
            assert_eq!(event.path(), path, "{stage} {raw_path}");
        }
    }

    #[test]
    fn json_is_announced_with_or_without_parameters_in_any_case() {
        for content_type in ["application/json", "Application/JSON; charset=utf-8", "application/json ;x"] {
            assert!(event(content_type, "", false).has_json(), "{content_type}");
        }
        for content_type in ["", "text/plain", "application/jsonl", "application/problem+json"] {
            assert!(!event(content_type, "", false).has_json(), "{content_type}");
        }
    }

    #[test]
    fn content_in_base64_is_decoded() {
        assert_eq!(event("", "w6Q=", true).content(), Ok("ä".as_bytes().to_vec()));
        assert_eq!(event("", "w6Q=", false).content(), Ok(b"w6Q=".to_vec()));
        assert_eq!(event("", "?", true).content(), Err(NotBase64));
    }
}
