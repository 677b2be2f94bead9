//! Two requests to an engine on 127.0.0.1: its health, and its reset.
//!
//! HTTP/1.0 without a body in one direction is a dozen lines; a client crate would be most of this
//! crate's build.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::credentials::{Credentials, SignError, Unsigned};

/// Longest answer read; the health page has some 8 KiB.
const ANSWER_BYTES: u64 = 1024 * 1024;

/// Why a request had no answer.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The connection failed or broke.
    #[error("no answer from 127.0.0.1:{port}")]
    Io {
        /// Port asked.
        port: u16,
        /// What the system says.
        source: std::io::Error,
    },
    /// The answer was late.
    #[error("no answer from 127.0.0.1:{port} within {} s", patience.as_secs())]
    Late {
        /// Port asked.
        port: u16,
        /// How long was waited.
        patience: Duration,
    },
    /// The request could not be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// What answers does not speak HTTP, or refused.
    #[error("127.0.0.1:{port} answered with status `{status}`")]
    Refused {
        /// Port asked.
        port: u16,
        /// Status code; 0 when the answer had none.
        status: u16,
    },
}

/// Sends a signed request without a body and returns the body of a 200 answer.
pub(crate) async fn request(
    credentials: &Credentials,
    method: &str,
    port: u16,
    path: &str,
    patience: Duration,
) -> Result<Vec<u8>, RequestError> {
    let url = format!("http://127.0.0.1:{port}{path}");
    let unsigned = Unsigned { service: "ministack", method, url: &url, headers: &[], body: b"" };
    let signature = credentials.sign(&unsigned)?;
    let answer = tokio::time::timeout(patience, exchange(method, port, path, &signature))
        .await
        .map_err(|_| RequestError::Late { port, patience })?
        .map_err(|source| RequestError::Io { port, source })?;
    match split(&answer) {
        Some((200, body)) => Ok(body.to_vec()),
        Some((status, _)) => Err(RequestError::Refused { port, status }),
        None => Err(RequestError::Refused { port, status: 0 }),
    }
}

async fn exchange(
    method: &str,
    port: u16,
    path: &str,
    signature: &[(String, String)],
) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let signature: String = signature.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head =
        format!("{method} {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 0\r\n{signature}\r\n");
    stream.write_all(head.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES).read_to_end(&mut answer).await?;
    Ok(answer)
}

/// Status code and body of an answer.
fn split(answer: &[u8]) -> Option<(u16, &[u8])> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let status = head.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.get(..3)?.parse().ok()?;
    Some((status, &answer[end + 4..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answer_is_split_into_status_and_body() {
        assert_eq!(split(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n{}"), Some((200, &b"{}"[..])));
        assert_eq!(split(b"HTTP/1.1 503\r\n\r\n"), Some((503, &b""[..])));
    }

    #[test]
    fn other_protocols_have_no_status() {
        assert_eq!(split(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), None);
        assert_eq!(split(b"HTTP/1.1 200 OK\r\n"), None);
    }

    #[tokio::test]
    async fn closed_port_is_told_apart_from_a_refusal() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let credentials = Credentials { access_key_id: "a".into(), secret_access_key: "b".into() };
        let result = request(&credentials, "GET", port, "/", Duration::from_secs(5)).await;
        assert!(matches!(result, Err(RequestError::Io { port: asked, .. }) if asked == port));
    }
}
