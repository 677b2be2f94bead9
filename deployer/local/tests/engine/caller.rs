//! A caller with the credentials of a role, who signs requests as the SDKs do.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use pipectl_local::RunningEngine;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::project::{encode, query};

/// One connection to the engine, and who uses it.
pub(crate) struct Caller {
    connection: BufReader<TcpStream>,
    key: String,
    secret: String,
    token: String,
    /// What `X-Amz-Date` says: by the engine's clock when the connection was opened.
    pub(crate) date: String,
}

/// A request that is signed, and can still be changed.
pub(crate) struct Signed {
    pub(crate) headers: String,
    pub(crate) body: String,
}

impl Caller {
    /// Assumes a new role that may do `actions`.
    pub(crate) fn assume(engine: &RunningEngine, role: &str, actions: &[&str]) -> Self {
        let trust = encode(&policy(json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"})));
        query(engine, "iam", &format!("Action=CreateRole&RoleName={role}&AssumeRolePolicyDocument={trust}"));
        allow(engine, role, actions);
        let assume =
            format!("Action=AssumeRole&RoleSessionName=test&RoleArn=arn:aws:iam::000000000000:role/{role}");
        let answer = query(engine, "sts", &assume);
        let stream = TcpStream::connect(("127.0.0.1", engine.port)).unwrap();
        let mut caller = Self {
            connection: BufReader::new(stream),
            key: between(&answer, "<AccessKeyId>", "<"),
            secret: between(&answer, "<SecretAccessKey>", "<"),
            token: between(&answer, "<SessionToken>", "<"),
            date: String::new(),
        };
        let health =
            Signed { headers: "GET /_ministack/health HTTP/1.1\r\n".to_owned(), body: String::new() };
        let (_, head, _) = caller.send(&health);
        caller.date = amz_date(&between(&head.to_lowercase(), "date: ", "\r\n"));
        caller
    }

    /// Calls an operation; returns the status and the body of the answer.
    pub(crate) fn call(&mut self, target: &str, request: &Value) -> (u16, String) {
        let (status, _, body) = self.send(&self.sign(target, request));
        (status, body)
    }

    /// Signs a call of an operation of DynamoDB or SQS.
    pub(crate) fn sign(&self, target: &str, request: &Value) -> Signed {
        let service = if target.starts_with("AmazonSQS") { "sqs" } else { "dynamodb" };
        let (body, date) = (request.to_string(), &self.date);
        let fields = format!(
            "host:127.0.0.1\nx-amz-date:{date}\nx-amz-security-token:{}\nx-amz-target:{target}\n",
            self.token
        );
        let names = "host;x-amz-date;x-amz-security-token;x-amz-target";
        let scope = format!("{}/us-east-1/{service}/aws4_request", &date[..8]);
        let document = format!("POST\n/\n\n{fields}\n{names}\n{}", hex(&Sha256::digest(&body)));
        let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(document)));
        let secret = format!("AWS4{}", self.secret).into_bytes();
        let key = scope.split('/').fold(secret, |key, part| hmac(&key, part.as_bytes()));
        let signature = hex(&hmac(&key, to_sign.as_bytes()));
        let credential = format!("Credential={}/{scope}", self.key);
        let authorization =
            format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders={names}, Signature={signature}");
        let mut headers = format!("POST / HTTP/1.1\r\nauthorization: {authorization}\r\n");
        for field in fields.lines() {
            let (name, value) = field.split_once(':').unwrap();
            write!(headers, "{name}: {value}\r\n").unwrap();
        }
        Signed { headers, body }
    }

    /// Sends a request; returns the status, the head and the body of the answer.
    pub(crate) fn send(&mut self, request: &Signed) -> (u16, String, String) {
        let length = request.body.len();
        let text = format!("{}content-length: {length}\r\n\r\n{}", request.headers, request.body);
        self.connection.get_mut().write_all(text.as_bytes()).unwrap();
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(self.connection.read_line(&mut head).unwrap(), 0, "{head}");
        }
        let length = between(&head.to_lowercase(), "content-length: ", "\r\n").parse().unwrap();
        let mut body = vec![0; length];
        self.connection.read_exact(&mut body).unwrap();
        (head[9..12].parse().unwrap(), head, String::from_utf8(body).unwrap())
    }
}

/// Replaces what a role may do, with everything.
pub(crate) fn allow(engine: &RunningEngine, role: &str, actions: &[&str]) {
    let document = encode(&policy(json!({"Effect": "Allow", "Action": actions, "Resource": "*"})));
    let put = format!("Action=PutRolePolicy&RoleName={role}&PolicyName=grants&PolicyDocument={document}");
    query(engine, "iam", &put);
}

fn policy(statement: Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

fn between(text: &str, begin: &str, end: &str) -> String {
    let (_, after) = text.split_once(begin).unwrap_or_else(|| panic!("{begin} in {text}"));
    after.split(end).next().unwrap().to_owned()
}

/// `mon, 23 nov 2026 19:58:10 gmt` as `20261123T195810Z`.
fn amz_date(date: &str) -> String {
    const MONTHS: &str = "janfebmaraprmayjunjulaugsepoctnovdec";
    let parts: Vec<&str> = date.split(' ').collect();
    let month = MONTHS.find(parts[2]).unwrap() / 3 + 1;
    format!("{}{month:02}{}T{}Z", parts[3], parts[1], parts[4].replace(':', ""))
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let pad = |with: u8| -> Vec<u8> { (0..64).map(|at| key.get(at).unwrap_or(&0) ^ with).collect() };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
