//! Gives the addresses in kept state the port of this start.
//!
//! The engine writes its own address into what it keeps: the URLs of queues, which are also the IDs of
//! resources, outputs of stacks and variables of functions. On another port they would lead nowhere, or to
//! another project's engine. What is data is left as it was put: the messages of queues; items, log events
//! and records, whose files are not touched.

use std::io;
use std::ops::Range;
use std::path::Path;

use crate::private;

/// Files of services whose state is data, and names no address of the engine besides.
const DATA: [&str; 4] = ["cloudwatch_logs.json", "dynamodb.json", "firehose.json", "kinesis.json"];

/// The member that holds the messages of a queue.
const MESSAGES: &[u8] = b"\"messages\":";

const HOST: &[u8] = b"127.0.0.1:";

/// What follows an address of the engine, whichever port it had. The account is [`crate::ACCOUNT_ID`].
const PATHS: [&[u8]; 3] = [b"/000000000000/", b"/_aws/", b"/_ministack/"];

/// What stands before an address of the engine.
const DOMAINS: &[u8] = b".execute-api.";

/// Rewrites the state below a folder for `port`. `last` is the port of the last start.
pub(crate) fn readdress(services: &Path, last: Option<u16>, port: u16) -> io::Result<()> {
    let entries = match std::fs::read_dir(services) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if DATA.contains(&name) || path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let kept = std::fs::read(&path)?;
        let changed = rewritten(&kept, last, port);
        if changed != kept {
            private::replace(&path, &changed)?;
        }
    }
    Ok(())
}

fn rewritten(text: &[u8], last: Option<u16>, port: u16) -> Vec<u8> {
    let data = messages(text);
    let mut result = Vec::with_capacity(text.len());
    let mut copied = 0;
    for at in starts(text, HOST) {
        let digits = digits(text, at + HOST.len());
        let is_data = data.iter().any(|range| range.contains(&at));
        if !is_data && is_engine(text, at, &digits, last) {
            result.extend_from_slice(&text[copied..digits.start]);
            result.extend_from_slice(port.to_string().as_bytes());
            copied = digits.end;
        }
    }
    result.extend_from_slice(&text[copied..]);
    result
}

/// Whether the address at a place is the engine's.
fn is_engine(text: &[u8], at: usize, digits: &Range<usize>, last: Option<u16>) -> bool {
    let is_last = last.is_some_and(|last| &text[digits.clone()] == last.to_string().as_bytes());
    let after = &text[digits.end..];
    is_last
        || !digits.is_empty()
            && (PATHS.iter().any(|path| after.starts_with(path)) || text[..at].ends_with(DOMAINS))
}

fn digits(text: &[u8], from: usize) -> Range<usize> {
    let count = text[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    from..from + count
}

fn starts<'a>(text: &'a [u8], needle: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    text.windows(needle.len()).enumerate().filter(move |(_, part)| *part == needle).map(|(at, _)| at)
}

/// Where the messages of queues stand: from each `"messages": [` to its `]`.
fn messages(text: &[u8]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for at in starts(text, MESSAGES) {
        // A member of that name within a message's text has escaped quotes.
        let is_within = found.last().is_some_and(|range| range.contains(&at));
        if !is_within && text[..at].last() != Some(&b'\\') {
            found.push(at..end_of_list(text, at + MESSAGES.len()));
        }
    }
    found
}

/// The end of the JSON list that begins at a place or after white space.
fn end_of_list(text: &[u8], from: usize) -> usize {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.iter().enumerate().skip(from) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = quoted,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => depth += 1,
            b']' | b'}' if !quoted => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        String::from_utf8(rewritten(text.as_bytes(), Some(20_001), 20_002)).unwrap()
    }

    #[test]
    fn address_of_the_last_start_gets_the_new_port() {
        assert_eq!(
            of(r#"{"u": "http://127.0.0.1:20001", "v": "http://127.0.0.1:20001/x"}"#),
            r#"{"u": "http://127.0.0.1:20002", "v": "http://127.0.0.1:20002/x"}"#
        );
    }

    #[test]
    fn queue_that_was_left_on_an_older_port_gets_the_new_one_too() {
        assert_eq!(
            of(r"'http://127.0.0.1:41233/000000000000/jobs'"),
            r"'http://127.0.0.1:20002/000000000000/jobs'"
        );
        assert_eq!(of("http://a1.execute-api.127.0.0.1:41233"), "http://a1.execute-api.127.0.0.1:20002");
    }

    #[test]
    fn other_addresses_are_left_alone() {
        for text in
            ["http://127.0.0.1:41233/x", "127.0.0.1:200010", "127.0.0.1:2000", "127.0.0.1:", "10.0.0.1:20001"]
        {
            assert_eq!(of(text), text);
        }
    }

    #[test]
    fn messages_are_left_as_they_were_sent() {
        let kept =
            r#"{"a": {"messages": [{"body": "]\" [127.0.0.1:20001", "at": [1]}], "url": "127.0.0.1:20001"}}"#;
        let changed =
            r#"{"a": {"messages": [{"body": "]\" [127.0.0.1:20001", "at": [1]}], "url": "127.0.0.1:20002"}}"#;
        assert_eq!(of(kept), changed);
        let quoted = r#"{"messages": [], "description": "{\"messages\": [127.0.0.1:20001"}"#;
        assert_eq!(of(quoted), quoted.replace("20001", "20002"));
    }

    #[test]
    fn items_are_left_as_they_were_put_and_other_files_are_rewritten() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["dynamodb.json", "sqs.json"] {
            std::fs::write(folder.path().join(name), "127.0.0.1:20001").unwrap();
        }
        readdress(folder.path(), Some(20_001), 20_002).unwrap();
        let read = |name| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(
            (read("dynamodb.json").as_str(), read("sqs.json").as_str()),
            ("127.0.0.1:20001", "127.0.0.1:20002")
        );
    }

    #[test]
    fn engine_that_kept_nothing_has_nothing_to_rewrite() {
        readdress(Path::new("/nowhere/services"), None, 20_002).unwrap();
    }
}
