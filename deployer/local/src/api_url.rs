//! Where the local engine serves an HTTP API.

/// Returns the URL of the default stage of an API on the local engine, with no slash at its end.
///
/// The template's output names `https://<api>.execute-api.<region>.amazonaws.com`, which is right
/// on AWS and leads nowhere here. Paths of routes are appended: AWS serves `/records`, and the
/// engine `<url>/records`.
///
/// ```
/// let url = pipectl_local::local_api_url("http://127.0.0.1:41233", "1a2b3c4d");
/// assert_eq!(url, "http://127.0.0.1:41233/_aws/execute-api/1a2b3c4d");
/// ```
#[must_use]
pub fn local_api_url(endpoint: &str, api_id: &str) -> String {
    format!("{}/_aws/execute-api/{api_id}", endpoint.trim_end_matches('/'))
}
