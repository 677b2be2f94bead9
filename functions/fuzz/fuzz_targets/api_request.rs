//! Arbitrary requests: each is answered, none with an internal error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::json;
use support::Api;

#[path = "../../records-api/tests/serving/support.rs"]
mod support;

const METHODS: [&str; 6] = ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"];

fuzz_target!(|input: &[u8]| {
    let Some((selector, rest)) = input.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    let mut parts = text.splitn(5, '\n');
    let mut part = || parts.next().unwrap_or_default();
    let (path, query, content_type, if_match) = (part(), part(), part(), part());
    let request = json!({
        "rawPath": path,
        "rawQueryString": query,
        "headers": { "content-type": content_type, "if-match": if_match },
        "requestContext": {
            "stage": "$default",
            "http": { "method": METHODS[usize::from(selector & 0x7f) % METHODS.len()] },
        },
        "body": parts.next(),
        "isBase64Encoded": selector & 0x80 != 0,
    });
    let response = Api::with_records(2).serve(request);
    assert!((200..500).contains(&response.status_code), "{}", response.status_code);
});
