//! As much of HTTP/1.1 as the SDKs speak: keep-alive, chunks, `Expect: 100-continue`, `HEAD`.

use std::collections::BTreeMap;
use std::io::{BufRead, Error, ErrorKind, Read as _, Result, Write};

use percent_encoding::percent_decode_str;

/// Largest head, in bytes; the SDKs stay below 8 KiB.
const MAX_HEAD: usize = 64 * 1024;
/// Largest body, in bytes: a deployment package of 50 MB with room to spare.
const MAX_BODY: usize = 256 * 1024 * 1024;

/// A request without its body.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    pub(super) method: String,
    /// Decoded.
    pub(super) path: String,
    /// Decoded; a name without a value has an empty one.
    pub(super) query: BTreeMap<String, String>,
    /// By lower-case name.
    pub(super) headers: BTreeMap<String, String>,
}

impl Head {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    fn says(&self, header: &str, word: &str) -> bool {
        self.header(header).is_some_and(|value| value.to_ascii_lowercase().contains(word))
    }

    /// Length of the body in bytes, as far as it was announced.
    pub(super) fn length(&self) -> usize {
        self.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0)
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The bytes on the wire. A `HEAD` answer names the body's length and has none.
    pub(super) fn bytes(&self, is_head: bool) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        let length = [("content-length", self.body.len().to_string())];
        let length = length.iter().filter(|_| self.status != 204).map(|(name, value)| (*name, value));
        for (name, value) in self.headers.iter().map(|(name, value)| (*name, value)).chain(length) {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        if !is_head {
            bytes.extend_from_slice(&self.body);
        }
        bytes
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        403 => "Forbidden",
        404 => "Not Found",
        409 => "Conflict",
        412 => "Precondition Failed",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Bad Request",
    }
}

/// Reads a request's head; `None` at the end of the connection.
pub(super) fn read_head(reader: &mut impl BufRead) -> Result<Option<Head>> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let read = reader.by_ref().take(MAX_HEAD as u64).read_until(b'\n', &mut bytes)?;
        if read == 0 {
            return Ok(None);
        }
        if bytes.len() > MAX_HEAD {
            return Err(broken("the head is too long"));
        }
    }
    let mut space = [httparse::EMPTY_HEADER; 96];
    let mut parsed = httparse::Request::new(&mut space);
    parsed.parse(&bytes).map_err(|error| Error::new(ErrorKind::InvalidData, error))?;
    let target = parsed.path.unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers = parsed.headers.iter().map(|header| {
        (header.name.to_ascii_lowercase(), String::from_utf8_lossy(header.value).trim().to_owned())
    });
    Ok(Some(Head {
        method: parsed.method.unwrap_or_default().to_owned(),
        path: percent_decode_str(path).decode_utf8_lossy().into_owned(),
        query: pairs(query, false).collect(),
        headers: headers.collect(),
    }))
}

/// Splits a query, or a form, in which `+` is a space.
pub(super) fn pairs(text: &str, is_form: bool) -> impl Iterator<Item = (String, String)> {
    let decode = move |part: &str| {
        let part = if is_form { part.replace('+', " ") } else { part.to_owned() };
        percent_decode_str(&part).decode_utf8_lossy().into_owned()
    };
    let parts = text.split('&').filter(|part| !part.is_empty());
    parts.map(move |part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (decode(name), decode(value))
    })
}

/// Reads a request's body; asks for it where the caller waits to be asked.
pub(super) fn read_body(head: &Head, reader: &mut impl BufRead, writer: &mut impl Write) -> Result<Vec<u8>> {
    if head.says("expect", "100-continue") {
        writer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let body = if head.says("transfer-encoding", "chunked") {
        read_chunks(reader)?
    } else {
        let mut body = vec![0; bounded(head.length())?];
        reader.read_exact(&mut body)?;
        body
    };
    // S3's own chunks lie inside those of HTTP, and look alike.
    if head.says("content-encoding", "aws-chunked") { read_chunks(&mut body.as_slice()) } else { Ok(body) }
}

/// Reads half of the body that was announced, for a connection that breaks in the middle.
pub(super) fn read_half(head: &Head, reader: &mut impl BufRead, writer: &mut impl Write) -> Result<()> {
    if head.says("expect", "100-continue") {
        writer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let mut half = vec![0; bounded(head.length())? / 2];
    reader.read_exact(&mut half)
}

fn read_chunks(reader: &mut impl BufRead) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let size = line.split([';', '\r', '\n']).next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).map_err(|_| broken("a chunk without a size"))?;
        if size == 0 {
            return skip_trailers(reader).map(|()| body);
        }
        let start = body.len();
        body.resize(bounded(start.saturating_add(size))?, 0);
        reader.read_exact(&mut body[start..])?;
        reader.read_line(&mut String::new())?;
    }
}

fn skip_trailers(reader: &mut impl BufRead) -> Result<()> {
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim_end().is_empty() {
            return Ok(());
        }
    }
}

fn bounded(length: usize) -> Result<usize> {
    if length > MAX_BODY { Err(broken("the body is too long")) } else { Ok(length) }
}

fn broken(what: &'static str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(request: &str) -> (Head, Vec<u8>, Vec<u8>) {
        let (mut reader, mut said) = (request.as_bytes(), Vec::new());
        let head = read_head(&mut reader).unwrap().unwrap();
        let body = read_body(&head, &mut reader, &mut said).unwrap();
        (head, body, said)
    }

    #[test]
    fn target_is_decoded_and_header_names_are_lower_case() {
        let (head, ..) = read("GET /b/a%20b?list-type=2&prefix=x%2Fy&versions HTTP/1.1\r\nHost: h\r\n\r\n");
        assert_eq!((head.path.as_str(), head.header("host")), ("/b/a b", Some("h")));
        let query: Vec<_> = head.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(query, [("list-type", "2"), ("prefix", "x/y"), ("versions", "")]);
    }

    #[test]
    fn chunks_and_the_chunks_of_s3_inside_them_are_put_together() {
        let inner = "3;chunk-signature=0\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n";
        let outer = format!("{:x}\r\n{inner}\r\n0\r\n\r\n", inner.len());
        let head = "transfer-encoding: chunked\r\ncontent-encoding: aws-chunked\r\n";
        let (_, body, _) = read(&format!("PUT /b/k HTTP/1.1\r\n{head}\r\n{outer}"));
        assert_eq!(body, b"abc");
    }

    #[test]
    fn caller_that_waits_is_asked_for_the_body() {
        let (_, body, said) =
            read("PUT /b/k HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok");
        assert_eq!((body.as_slice(), said.starts_with(b"HTTP/1.1 100 ")), (b"ok".as_slice(), true));
    }

    #[test]
    fn answer_to_head_names_the_length_of_the_body_it_leaves_out() {
        let text = String::from_utf8(Answer::new(200, "abc").bytes(true)).unwrap();
        assert!(text.ends_with("content-length: 3\r\n\r\n"));
    }
}
