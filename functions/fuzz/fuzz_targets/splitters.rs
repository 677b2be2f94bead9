//! Arbitrary content in every format: extraction ends without a failure, says the same twice, and what is no
//! blank line, header or separator gives a message.
#![no_main]

use libfuzzer_sys::fuzz_target;
use object_extract::effects::Destination;
use support::Extract;

#[path = "../../object-extract/tests/extraction/support.rs"]
mod support;

const FORMATS: [&str; 5] = ["auto", "json-lines", "json-array", "csv", "text"];

fuzz_target!(|input: &[u8]| {
    let Some((selector, content)) = input.split_first() else { return };
    let format = FORMATS[usize::from(*selector) % FORMATS.len()];
    let set = [("RECORD_FORMAT", format), ("MAX_RECORD_BYTES", "64")];
    let messages = || {
        let extract = Extract::new(&set, "object", content);
        extract.put(&["object"], "1").expect("nothing fails");
        (extract.messages(Destination::Records), extract.messages(Destination::Rejects))
    };
    let (records, rejects) = messages();
    assert_eq!((&records, &rejects), (&messages().0, &messages().1));
    let is_blank = content.iter().all(|byte| b"[] \t\n\r\x0c\xef\xbb\xbf".contains(byte));
    let may_be_silent = is_blank || matches!(format, "csv");
    assert!(may_be_silent || !records.is_empty() || !rejects.is_empty());
});
