//! Amazon S3: one object, as long as you like, that is made while it is sent.

use std::io::{self, Write};

use crate::http::head;

pub(super) const GET_OBJECT: &str = "GetObject";

/// Bytes made once and sent again and again.
const BLOCK_BYTES: usize = 256 * 1024;

/// An object of JSON Lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ObjectShape {
    /// Lines of the object.
    pub(crate) records: u64,
    /// Bytes of a line, its end included; at least [`ObjectShape::SMALLEST_RECORD`].
    pub(crate) record_bytes: usize,
}

impl Default for ObjectShape {
    fn default() -> Self {
        Self { records: 10, record_bytes: 200 }
    }
}

impl ObjectShape {
    pub(crate) const SMALLEST_RECORD: usize = 128;

    pub(crate) fn bytes(self) -> u64 {
        self.records * self.record_bytes as u64
    }

    /// One record with the fields of an order's position, filled up by its description.
    fn line(self) -> String {
        let start = r#"{"sku":"A-2","price":12.50,"quantity":3,"in_stock":true,"description":""#;
        let end = "\"}\n";
        let filling = "a part of no particular use ".chars().cycle();
        let length = self.record_bytes.saturating_sub(start.len() + end.len());
        [start, &filling.take(length).collect::<String>(), end].concat()
    }
}

/// Sends the object.
pub(super) fn send(object: ObjectShape, to: &mut dyn Write) -> io::Result<()> {
    let headers =
        [("content-type", "application/x-ndjson"), ("etag", "\"5d41402abc4b2a76b9719d911017c592\"")];
    let line = object.line();
    let length = line.len() as u64 * object.records;
    to.write_all(&head(200, &headers, length))?;
    let block = line.repeat((BLOCK_BYTES / line.len()).max(1));
    let mut left = length;
    while left > 0 {
        let part = usize::try_from(left).map_or(block.len(), |left| left.min(block.len()));
        to.write_all(&block.as_bytes()[..part])?;
        left -= part as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn object_has_the_shape_asked_for() {
        let shape = ObjectShape { records: 3_000, record_bytes: 200 };
        let mut answer = Vec::new();
        send(shape, &mut answer).unwrap();
        let text = String::from_utf8(answer).unwrap();
        let (_, content) = text.split_once("\r\n\r\n").unwrap();
        assert_eq!(content.len() as u64, shape.bytes());
        assert!(content.lines().all(|line| line.len() == 199 && line.ends_with("\"}")));
    }
}
