//! Stands between the program and an endpoint, writes down every request, and can keep one back.

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

/// A proxy for one endpoint. Its threads end with the test's process.
pub(crate) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    requests: Vec<String>,
    held: Option<String>,
    holds: bool,
}

impl Proxy {
    /// Listens on a free port and hands everything on to `address`.
    pub(crate) fn to(address: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared::default());
        let (address, for_all) = (address.to_owned(), Arc::clone(&shared));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (address, shared) = (address.clone(), Arc::clone(&for_all));
                // A caller that is killed breaks its connection; that is no failure of the proxy.
                thread::spawn(move || drop(serve(&stream, &address, &shared)));
            }
        });
        Self { port, shared }
    }

    /// Where it listens, as a URL.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Returns what was asked since the last time: the operation, or the method and path.
    pub(crate) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.state.lock().expect("no panic").requests)
    }

    /// From now on, holds back requests of this name; they will never arrive.
    pub(crate) fn hold(&self, name: &str) {
        self.shared.state.lock().expect("no panic").held = Some(name.to_owned());
    }

    /// Waits until a request is held back.
    pub(crate) fn wait_for_held(&self) {
        let state = self.shared.state.lock().expect("no panic");
        drop(self.shared.changed.wait_while(state, |state| !state.holds).expect("no panic"));
    }

    /// Drops what is held back, and holds nothing more.
    pub(crate) fn drop_held(&self) {
        let mut state = self.shared.state.lock().expect("no panic");
        (state.held, state.holds) = (None, false);
        self.shared.changed.notify_all();
    }
}

impl Shared {
    /// Writes a request down and says whether it may pass, which for one that is held back takes until it is
    /// dropped.
    fn note(&self, request: String) -> bool {
        let mut state = self.state.lock().expect("no panic");
        let is_held = state.held.as_ref() == Some(&request);
        state.requests.push(request);
        if is_held {
            state.holds = true;
            self.changed.notify_all();
            drop(self.changed.wait_while(state, |state| state.holds).expect("no panic"));
        }
        !is_held
    }
}

fn serve(client: &TcpStream, address: &str, shared: &Shared) -> std::io::Result<()> {
    let mut server = TcpStream::connect(address)?;
    let (mut answers, mut caller) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || {
        let copied = std::io::copy(&mut answers, &mut caller);
        drop(caller.shutdown(std::net::Shutdown::Both));
        copied
    });
    let mut requests = BufReader::new(client);
    while let Some((head, length)) = read_head(&mut requests)? {
        server.write_all(head.as_bytes())?;
        // The body may wait for `100 Continue`; the head has gone ahead.
        let mut body = vec![0; length];
        requests.read_exact(&mut body)?;
        if !shared.note(name(&head, &body)) {
            return server.shutdown(std::net::Shutdown::Both);
        }
        server.write_all(&body)?;
    }
    server.shutdown(std::net::Shutdown::Write)
}

/// Reads a request's head and the length of its body; `None` at the end of the connection.
fn read_head(requests: &mut impl BufRead) -> std::io::Result<Option<(String, usize)>> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if requests.read_line(&mut head)? == 0 {
            return Ok(None);
        }
    }
    let lower = head.to_ascii_lowercase();
    assert!(!lower.contains("\r\ntransfer-encoding:"), "a request in chunks: {head}");
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length:"));
    Ok(Some((head, length.map_or(0, |text| text.trim().parse().expect("a length")))))
}

/// The operation of the query protocol, which CloudFormation and STS speak, or method and path.
fn name(head: &str, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let operation = text.split('&').find_map(|pair| pair.strip_prefix("Action="));
    match operation {
        Some(operation) => operation.to_owned(),
        None => head.split(' ').take(2).collect::<Vec<_>>().join(" "),
    }
}
