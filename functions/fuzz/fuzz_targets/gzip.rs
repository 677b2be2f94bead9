//! Arbitrary bytes as a gzip stream, and arbitrary content compressed and padded.
#![no_main]

use libfuzzer_sys::fuzz_target;
use object_extract::effects::Destination;
use support::{Extract, gzip};

#[path = "../../object-extract/tests/extraction/support.rs"]
mod support;

fn texts(stored: Vec<u8>) -> (Vec<String>, usize) {
    let extract = Extract::new(&[("RECORD_FORMAT", "text")], "object.gz", stored);
    extract.put(&["object.gz"], "1").expect("nothing fails");
    (extract.bodies(), extract.messages(Destination::Rejects).len())
}

fuzz_target!(|input: &[u8]| {
    let (_, rejects) = texts([b"\x1f\x8b", input].concat());
    assert!(rejects <= 1 + input.len() * 1_032);

    // What is compressed in two members with padding behind each is read as if it were not compressed.
    let (first, second) = input.split_at(input.len() / 2);
    let padded = [gzip(first), vec![0; first.len() % 513], gzip(second), vec![0; 7]].concat();
    if !input.starts_with(b"\x1f\x8b") {
        assert_eq!(texts(padded), texts(input.to_vec()));
    }
});
