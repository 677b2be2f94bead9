//! HTTP as the engine is served: what clients other than the SDKs send, too.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use pipectl_local::RunningEngine;

use crate::project::{Project, s3};

/// Sends bytes as they are and reads until the engine closes the connection.
fn exchange(engine: &RunningEngine, request: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", engine.port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// A request with the caller's credentials; `headers` end with a line break each.
fn request(line: &str, headers: &str, body: &str) -> String {
    let scope = "20260101/us-east-1/s3/aws4_request";
    let caller = format!("AWS4-HMAC-SHA256 Credential=test/{scope}, SignedHeaders=host, Signature=0");
    format!("{line} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {caller}\r\n{headers}\r\n{body}")
}

const CLOSE: &str = "Connection: close\r\n";

#[tokio::test]
async fn requests_in_one_packet_are_answered_in_their_order() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let both = request("PUT /first", "Content-Length: 0\r\n", "") + &request("HEAD /second", CLOSE, "");
    let answers = exchange(&engine, &both);
    let statuses: Vec<&str> =
        answers.lines().filter_map(|line| line.strip_prefix("HTTP/1.1 ")?.get(..3)).collect();
    assert_eq!(statuses, ["200", "404"], "{answers}");
}

#[tokio::test]
async fn body_in_chunks_is_put_together() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    assert_eq!(s3(&engine, "PUT", "/chunks"), 200);
    let chunks = "5;note=x\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
    let put = request("PUT /chunks/object", "Transfer-Encoding: chunked\r\n", chunks);
    let answers = exchange(&engine, &(put + &request("GET /chunks/object", CLOSE, "")));
    assert!(answers.ends_with("\r\n\r\nhello world"), "{answers}");
}

#[tokio::test]
async fn client_that_waits_for_leave_to_send_gets_it() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let headers = format!("Content-Length: 0\r\nExpect: 100-continue\r\n{CLOSE}");
    let answers = exchange(&engine, &request("PUT /awaited", &headers, ""));
    assert!(answers.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"), "{answers}");
}

#[tokio::test]
async fn request_that_cannot_be_read_is_refused_and_the_connection_closed() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let both_lengths = "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n";
    for wrong in ["nonsense\r\n\r\n".to_owned(), request("PUT /smuggled", both_lengths, "0\r\n\r\n")] {
        let answers = exchange(&engine, &wrong);
        assert!(answers.starts_with("HTTP/1.1 400"), "{answers}");
    }
}

#[tokio::test]
async fn connection_that_is_upgraded_goes_to_the_engine_itself() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let answers = exchange(&engine, &request("GET /no-such-api", upgrade, ""));
    assert!(answers.starts_with("HTTP/1.1 403"), "{answers}");
}
