//! As much of HTTP/1.1 as a runtime client and the AWS SDK speak to a server on the loopback interface.

use std::io::{self, Error, ErrorKind, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Most headers of a request; the SDK sends about 20.
const MAX_HEADERS: usize = 64;

/// Bytes asked of the connection at once.
const READ_BYTES: usize = 64 * 1024;

/// A request, its content included.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query as sent.
    pub(crate) target: String,
    /// `X-Amz-Target`, by which the JSON protocols of AWS name the operation.
    pub(crate) amz_target: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// What answers requests.
pub(crate) trait Service: Send + Sync + 'static {
    /// Writes the whole answer to `request`. An error closes the connection.
    fn answer(&self, request: Request, to: &mut dyn Write) -> io::Result<()>;

    /// A client has connected.
    fn connected(&self) {}
}

/// A server on 127.0.0.1, one thread a connection, that ends when dropped.
pub(crate) struct Server {
    address: SocketAddr,
    is_ended: Arc<AtomicBool>,
}

impl Server {
    pub(crate) fn start(service: Arc<dyn Service>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let is_ended = Arc::new(AtomicBool::new(false));
        let is_over = Arc::clone(&is_ended);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
                let service = Arc::clone(&service);
                service.connected();
                // A client that goes away in the middle of a request is no fault.
                thread::spawn(move || serve(stream, &*service));
            }
        });
        Ok(Self { address, is_ended })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_ended.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts.
        drop(TcpStream::connect(self.address));
    }
}

fn serve(mut stream: TcpStream, service: &dyn Service) -> io::Result<()> {
    // Without it an answer waits for the acknowledgement of the one before, 40 ms on Linux.
    stream.set_nodelay(true)?;
    let mut received = Vec::new();
    while let Some(request) = read(&mut stream, &mut received)? {
        service.answer(request, &mut stream)?;
    }
    Ok(())
}

/// Reads one request; `received` keeps what came behind it. `None` at the end of the connection.
fn read(stream: &mut impl io::Read, received: &mut Vec<u8>) -> io::Result<Option<Request>> {
    let (mut request, head, length) = loop {
        if let Some(parsed) = parse_head(received)? {
            break parsed;
        }
        if read_more(stream, received)? == 0 {
            return Ok(None);
        }
    };
    while received.len() < head + length {
        if read_more(stream, received)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
    let rest = received.split_off(head + length);
    request.body = received.split_off(head);
    *received = rest;
    Ok(Some(request))
}

fn read_more(stream: &mut impl io::Read, received: &mut Vec<u8>) -> io::Result<usize> {
    received.reserve(READ_BYTES);
    let filled = received.len();
    received.resize(filled + READ_BYTES, 0);
    let count = stream.read(&mut received[filled..]);
    received.truncate(filled + count.as_ref().map_or(0, |count| *count));
    count
}

/// The request without its body, the length of its head and of its body; `None` while the head is not whole.
fn parse_head(received: &[u8]) -> io::Result<Option<(Request, usize, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let invalid = |error| Error::new(ErrorKind::InvalidData, error);
    let httparse::Status::Complete(head) = parsed.parse(received).map_err(invalid)? else {
        return Ok(None);
    };
    let header = |name: &str| {
        let header = parsed.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(header.value).ok()
    };
    if header("transfer-encoding").is_some() {
        return Err(Error::new(ErrorKind::Unsupported, "a request in chunks"));
    }
    let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let request = Request {
        method: parsed.method.unwrap_or_default().to_owned(),
        target: parsed.path.unwrap_or_default().to_owned(),
        amz_target: header("x-amz-target").map(ToOwned::to_owned),
        body: Vec::new(),
    };
    Ok(Some((request, head, length)))
}

/// Writes an answer whose content is at hand, in one write.
pub(crate) fn respond(
    to: &mut dyn Write,
    status: u16,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<()> {
    let mut answer = head(status, headers, body.len() as u64);
    answer.extend_from_slice(body);
    to.write_all(&answer)
}

/// The head of an answer with `length` bytes of content.
pub(crate) fn head(status: u16, headers: &[(&str, &str)], length: u64) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} -\r\ncontent-length: {length}\r\n");
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head.push_str("\r\n");
    head.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_behind_each_other_are_told_apart() {
        let mut stream = &b"POST /a?b HTTP/1.1\r\nX-Amz-Target: S.Op\r\nContent-Length: 2\r\n\r\nxyGET /c HTTP/1.1\r\n\r\n"[..];
        let mut received = Vec::new();
        let first = read(&mut stream, &mut received).unwrap().unwrap();
        assert_eq!(
            (first.method.as_str(), first.target.as_str(), first.body.as_slice()),
            ("POST", "/a?b", &b"xy"[..])
        );
        assert_eq!(first.amz_target.as_deref(), Some("S.Op"));
        let second = read(&mut stream, &mut received).unwrap().unwrap();
        assert_eq!((second.target.as_str(), second.body.len()), ("/c", 0));
        assert_eq!(read(&mut stream, &mut received).unwrap(), None);
    }

    #[test]
    fn request_in_chunks_is_refused() {
        let mut stream = &b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"[..];
        assert_eq!(read(&mut stream, &mut Vec::new()).unwrap_err().kind(), ErrorKind::Unsupported);
    }

    #[test]
    fn answer_names_its_length() {
        let mut answer = Vec::new();
        respond(&mut answer, 202, &[("a", "b")], b"{}").unwrap();
        assert_eq!(answer, b"HTTP/1.1 202 -\r\ncontent-length: 2\r\na: b\r\n\r\n{}");
    }
}
