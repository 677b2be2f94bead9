//! Where the local engine serves an HTTP API.

/// Returns the URL of an API's stage on the local engine, with no slash at its end.
///
/// The template's output names `https://<api>.execute-api.<region>.amazonaws.com`, which is right
/// on AWS and leads nowhere here. Paths of routes are appended: for the stage `$default`, AWS serves
/// `/records`, and the engine `<url>/records`.
///
/// ```
/// let url = pipectl_local::local_api_url("http://127.0.0.1:41233", "1a2b3c4d", "$default");
/// assert_eq!(url, "http://127.0.0.1:41233/_aws/execute-api/1a2b3c4d/$default");
/// ```
#[must_use]
pub fn local_api_url(endpoint: &str, api_id: &str, stage: &str) -> String {
    format!("{}/_aws/execute-api/{api_id}/{stage}", endpoint.trim_end_matches('/'))
}
