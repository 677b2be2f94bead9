//! A caller of the served account, without an SDK.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use pipectl_testkit::{FakeAccount, FakeAws};

/// A served account and its caller.
pub(crate) struct Caller {
    pub(crate) account: FakeAccount,
    pub(crate) aws: FakeAws,
}

/// An answer: its status and its body. No answer when the connection broke.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The texts of all elements of a name.
    pub(crate) fn all(&self, tag: &str) -> Vec<&str> {
        let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
        let parts = self.body.split(&open).skip(1);
        parts.map(|part| part.split_once(&close).unwrap().0).collect()
    }

    pub(crate) fn text(&self, tag: &str) -> &str {
        self.all(tag).first().copied().unwrap_or_default()
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{}", self.body);
        self
    }

    /// AWS's code and sentence of a refusal.
    pub(crate) fn refusal(&self) -> (&str, &str) {
        (self.text("Code"), self.text("Message"))
    }
}

impl Caller {
    pub(crate) fn of(account: FakeAccount) -> Self {
        let aws = FakeAws::serve(&account).unwrap();
        Self { account, aws }
    }

    pub(crate) fn new() -> Self {
        Self::of(FakeAccount::new())
    }

    /// Calls an operation of the Query protocol.
    pub(crate) fn call(&self, operation: &str, fields: &[(&str, &str)]) -> Answer {
        self.try_call(operation, fields).unwrap()
    }

    pub(crate) fn try_call(&self, operation: &str, fields: &[(&str, &str)]) -> Option<Answer> {
        let mut form = format!("Action={operation}&Version=2010-05-15");
        for (name, value) in fields {
            write!(form, "&{name}={}", escaped(value)).unwrap();
        }
        self.send("POST", "/", "AKIATEST", "20261123T120000Z", form.as_bytes())
    }

    /// Sends a request on a connection of its own.
    pub(crate) fn send(
        &self,
        method: &str,
        target: &str,
        key: &str,
        date: &str,
        body: &[u8],
    ) -> Option<Answer> {
        let address = self.aws.endpoint_url();
        let mut stream = TcpStream::connect(address.trim_start_matches("http://")).unwrap();
        let head = format!(
            "{method} {target} HTTP/1.1\r\nhost: aws\r\nconnection: close\r\nx-amz-date: {date}\r\n\
             authorization: AWS4-HMAC-SHA256 Credential={key}/20261123/eu-central-1/x/aws4_request\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        // A connection that breaks early shows when the answer is read.
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let length = head.split_once("content-length: ").map(|(_, rest)| rest.lines().next().unwrap());
        let whole = length.is_none_or(|length| length.parse() == Ok(body.len()) || method == "HEAD");
        let status = head.split(' ').nth(1)?.parse().unwrap();
        whole.then(|| Answer { status, head: head.to_owned(), body: body.to_owned() })
    }

    /// Creates a change set with some more fields.
    pub(crate) fn change_set(&self, name: &str, kind: &str, body: &str, more: &[(&str, &str)]) -> Answer {
        let mut fields = vec![
            ("StackName", "s"),
            ("ChangeSetName", name),
            ("ChangeSetType", kind),
            ("TemplateBody", body),
        ];
        fields.extend_from_slice(more);
        self.call("CreateChangeSet", &fields)
    }

    /// Creates a change set, lets it be made and executes it; the name is the token too.
    #[track_caller]
    pub(crate) fn start(&self, name: &str, kind: &str, body: &str, more: &[(&str, &str)]) {
        self.change_set(name, kind, body, more).ok();
        self.pass(2);
        self.execute(name, &[]).ok();
    }

    pub(crate) fn execute(&self, name: &str, more: &[(&str, &str)]) -> Answer {
        let mut fields = vec![("StackName", "s"), ("ChangeSetName", name), ("ClientRequestToken", name)];
        fields.extend_from_slice(more);
        self.call("ExecuteChangeSet", &fields)
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.account.clock.advance(std::time::Duration::from_secs(seconds));
    }

    /// The stack's status; empty when there is none.
    pub(crate) fn status(&self) -> String {
        self.call("DescribeStacks", &[("StackName", "s")]).text("StackStatus").to_owned()
    }
}

fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}
