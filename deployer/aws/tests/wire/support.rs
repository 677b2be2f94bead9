//! A server that gives prepared answers in order and remembers what it was asked.
//!
//! It stands below the SDK, so that what is tested is what goes over the wire.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use pipectl_aws::{Patience, Session, SessionOptions, StaticCredentials};

/// The account that the server's callers belong to.
pub(crate) const ACCOUNT: &str = "111122223333";

/// One prepared answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    status: u16,
    headers: &'static [(&'static str, &'static str)],
    body: Vec<u8>,
}

/// A 200 with a body.
pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Answer {
    Answer { status: 200, headers: &[], body: body.into() }
}

/// An answer of another status.
pub(crate) fn status(status: u16, body: impl Into<Vec<u8>>) -> Answer {
    Answer { status, headers: &[], body: body.into() }
}

impl Answer {
    /// Adds headers.
    pub(crate) fn with(self, headers: &'static [(&'static str, &'static str)]) -> Self {
        Self { headers, ..self }
    }
}

/// The answer to GetCallerIdentity, which comes before the first call that names a bucket's owner.
pub(crate) fn identity() -> Answer {
    ok(format!(
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>{ACCOUNT}</Account>\
         </GetCallerIdentityResult></GetCallerIdentityResponse>"
    ))
}

/// One request as it came in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// By lower-case name.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Request {
    /// A field of a query-protocol body, decoded as far as the tests need it.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        let value = self.body.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
        Some(value.replace("%2F", "/").replace("%3A", ":"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// The running server. It ends with the test's process.
pub(crate) struct CannedAws {
    endpoint_url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl CannedAws {
    /// Starts on a free port of the loopback interface.
    pub(crate) fn answering(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint_url = format!("http://{}", listener.local_addr().unwrap());
        let answers = Arc::new(Mutex::new(answers.into_iter().collect::<VecDeque<_>>()));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (answers, heard) = (Arc::clone(&answers), Arc::clone(&heard));
                std::thread::spawn(move || serve(stream.unwrap(), &answers, &heard));
            }
        });
        Self { endpoint_url, requests }
    }

    /// A session that knows nothing but this server and tries each call once.
    pub(crate) async fn session_in(&self, region: &str) -> Session {
        self.session_with(region, Patience { attempts: 1, ..Patience::default() }).await
    }

    /// A session that tries each call twice, without a wait between.
    pub(crate) async fn patient_session(&self) -> Session {
        let longest_backoff = std::time::Duration::ZERO;
        self.session_with("eu-west-1", Patience { attempts: 2, longest_backoff, ..Patience::default() }).await
    }

    async fn session_with(&self, region: &str, patience: Patience) -> Session {
        let keys =
            StaticCredentials { access_key_id: "test".to_owned(), secret_access_key: "test".to_owned() };
        Session::load(SessionOptions {
            region: Some(region.to_owned()),
            endpoint_url: Some(self.endpoint_url.clone()),
            static_credentials: Some(keys),
            patience,
            ..SessionOptions::default()
        })
        .await
        .unwrap()
    }

    pub(crate) async fn session(&self) -> Session {
        self.session_in("eu-west-1").await
    }

    pub(crate) fn endpoint_url(&self) -> &str {
        &self.endpoint_url
    }

    /// What was asked so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// Method and target of each S3 request; the identity call is left out.
    pub(crate) fn targets(&self) -> Vec<String> {
        let requests = self.requests();
        let to_s3 = requests.iter().filter(|request| request.target != "/");
        to_s3.map(|request| format!("{} {}", request.method, request.target)).collect()
    }
}

fn serve(stream: TcpStream, answers: &Mutex<VecDeque<Answer>>, heard: &Mutex<Vec<Request>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    while let Some(request) = read(&mut reader) {
        let is_head = request.method == "HEAD";
        heard.lock().unwrap().push(request);
        let unexpected = || status(418, "no answer was prepared");
        let answer = answers.lock().unwrap().pop_front().unwrap_or_else(unexpected);
        let mut head = format!("HTTP/1.1 {} Prepared\r\nx-amzn-requestid: request-1\r\n", answer.status);
        for (name, value) in answer.headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        let body = if is_head { &[][..] } else { &answer.body };
        let head = format!("{head}content-length: {}\r\n\r\n", body.len());
        writer.write_all(&[head.as_bytes(), body].concat()).unwrap();
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let mut request =
        Request { method: words.next().unwrap(), target: words.next().unwrap(), ..Request::default() };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        request.headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    request.body = String::from_utf8_lossy(&body).into_owned();
    Some(request)
}
