//! Formats of objects and how one is chosen.

/// How an object's content is cut into records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON value a line; blank lines do not count.
    JsonLines,
    /// One JSON array; each element is a record.
    JsonArray,
    /// Comma-separated values (RFC 4180) with a header row; each other row is a record whose fields are strings.
    Csv,
    /// Each line that is not empty is the record `{"text": <line>}`.
    Text,
}

/// Why an object holds no records in any format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// Its content is of a known binary type.
    #[error(
        "the object is a file of type `{media_type}`, which holds no records, and was left out as a whole"
    )]
    BinaryType {
        /// Media type that the first bytes show.
        media_type: &'static str,
    },
    /// Its content is not text in UTF-8.
    #[error("the object is binary, or text in another encoding than UTF-8, and was left out as a whole")]
    Binary,
    /// Nothing but its content type says what it is, and that holds no records.
    #[error(
        "the object has the content type `{media_type}`, which holds no records, and was left out as a whole"
    )]
    MediaType {
        /// Media type it was put with, without parameters and in lower case.
        media_type: String,
    },
}

/// Chooses the format of an object, in this order: the one that is `set`, suffix of the key (without `.gz`),
/// content type, and the first byte of `head` that is no white space.
///
/// `.json` and `application/json` are a JSON array when the content starts with `[`, else JSON Lines. `head` is
/// the start of the content, a few kilobytes or all of it.
///
/// # Errors
/// [`Unsupported`] when `head` is binary, or nothing but a content type such as `image/svg+xml` tells the format.
pub fn choose(
    set: Option<Format>,
    key: &str,
    content_type: Option<&str>,
    head: &[u8],
) -> Result<Format, Unsupported> {
    if let Some(unsupported) = binary(head) {
        return Err(unsupported);
    }
    let first = head.iter().copied().find(|byte| !byte.is_ascii_whitespace());
    let json = if first == Some(b'[') { Format::JsonArray } else { Format::JsonLines };
    if let Some(format) = set.or_else(|| by_suffix(key, json)) {
        return Ok(format);
    }
    let media_type = content_type.map(media_type).unwrap_or_default();
    if holds_no_records(&media_type) {
        return Err(Unsupported::MediaType { media_type });
    }
    Ok(by_media_type(&media_type, json).unwrap_or(match first {
        Some(b'[' | b'{') => json,
        _ => Format::Text,
    }))
}

/// First bytes of binary files that are put into buckets most, with their media types. Only signatures that no
/// text starts with: that `BM` starts a bitmap must not cost a table of cars.
const SIGNATURES: [(&[u8], &str); 13] = [
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"BZh91AY&SY", "application/x-bzip2"),
    (b"PAR1\x15", "application/vnd.apache.parquet"),
    (b"Obj\x01", "application/avro"),
    (b"SQLite format 3\0", "application/vnd.sqlite3"),
];

/// Tells binary content by what its first bytes show of its type, or by its share of bytes that no text in UTF-8
/// has. A few of them are single broken records, which are told one by one.
fn binary(head: &[u8]) -> Option<Unsupported> {
    if let Some((_, media_type)) = SIGNATURES.iter().find(|(signature, _)| head.starts_with(signature)) {
        return Some(Unsupported::BinaryType { media_type });
    }
    let strange: usize = head
        .utf8_chunks()
        .map(|chunk| chunk.invalid().len() + chunk.valid().bytes().filter(is_no_text).count())
        .sum();
    (strange * 10 > head.len() * 3).then_some(Unsupported::Binary)
}

/// Control characters that text has no use for: all but bell, backspace, white space, end of file and escape.
fn is_no_text(byte: &u8) -> bool {
    byte.is_ascii_control() && !matches!(byte, 0x07..=0x0d | 0x1a | 0x1b)
}

fn holds_no_records(media_type: &str) -> bool {
    let major = media_type.split('/').next().unwrap_or_default();
    matches!(major, "image" | "audio" | "video" | "font")
        || matches!(media_type, "application/pdf" | "application/zip")
}

fn by_suffix(key: &str, json: Format) -> Option<Format> {
    let key = key.to_ascii_lowercase();
    let (_, suffix) = key.strip_suffix(".gz").unwrap_or(&key).rsplit_once('.')?;
    match suffix {
        "jsonl" | "ndjson" => Some(Format::JsonLines),
        "json" => Some(json),
        "csv" => Some(Format::Csv),
        "txt" | "text" | "log" => Some(Format::Text),
        _ => None,
    }
}

/// The media type of a content type, without parameters and in lower case.
fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn by_media_type(media_type: &str, json: Format) -> Option<Format> {
    match media_type {
        "application/jsonl" | "application/x-ndjson" | "application/jsonlines" => Some(Format::JsonLines),
        "application/json" => Some(json),
        "text/csv" => Some(Format::Csv),
        "text/plain" => Some(Format::Text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(key: &str, content_type: Option<&str>, head: &str) -> Result<Format, Unsupported> {
        choose(None, key, content_type, head.as_bytes())
    }

    #[test]
    fn suffix_decides_before_content_type_and_content() {
        assert_eq!(chosen("a/b.CSV.gz", Some("text/plain"), "["), Ok(Format::Csv));
        assert_eq!(chosen("b.ndjson", None, "["), Ok(Format::JsonLines));
        assert_eq!(chosen("b.log", Some("application/json"), ""), Ok(Format::Text));
        assert_eq!(chosen("b.csv", Some("application/pdf"), "a,b"), Ok(Format::Csv));
    }

    #[test]
    fn content_type_decides_when_the_suffix_says_nothing() {
        assert_eq!(chosen("v1.2/b", Some("Text/CSV; header=present"), "{"), Ok(Format::Csv));
        assert_eq!(chosen("b.dat", Some("text/plain"), "{"), Ok(Format::Text));
    }

    #[test]
    fn json_is_an_array_when_it_starts_as_one() {
        assert_eq!(chosen("b.json", None, " ["), Ok(Format::JsonArray));
        assert_eq!(chosen("b.json", None, "{"), Ok(Format::JsonLines));
    }

    #[test]
    fn content_decides_when_nothing_else_does() {
        assert_eq!(chosen("b", Some("binary/octet-stream"), "{"), Ok(Format::JsonLines));
        assert_eq!(chosen("b", None, "["), Ok(Format::JsonArray));
        assert_eq!(chosen("b", None, "x"), Ok(Format::Text));
    }

    #[test]
    fn type_without_records_is_unsupported_where_nothing_else_tells_the_format() {
        let media_type = "image/svg+xml".to_owned();
        assert_eq!(
            chosen("b.svg", Some("image/SVG+xml"), "<svg/>"),
            Err(Unsupported::MediaType { media_type })
        );
        assert_eq!(chosen("b.txt", Some("image/svg+xml"), "<svg/>"), Ok(Format::Text));
    }

    #[test]
    fn binary_content_is_unsupported_whatever_its_name_says() {
        let utf_16: Vec<u8> = "id,name\n1,a\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let noise: Vec<u8> = (0..=255).collect();
        for head in [&utf_16[..], &noise] {
            assert_eq!(choose(Some(Format::Csv), "b.csv", None, head), Err(Unsupported::Binary), "{head:?}");
        }
        for (head, media_type) in [
            (&b"\x89PNG\r\n\x1a\n"[..], "image/png"),
            (b"%PDF-1.7\n", "application/pdf"),
            (b"PK\x03\x04\x14\0", "application/zip"),
            (b"\x28\xb5\x2f\xfd", "application/zstd"),
        ] {
            assert_eq!(choose(None, "b.txt", None, head), Err(Unsupported::BinaryType { media_type }));
        }
    }

    #[test]
    fn text_with_single_strange_bytes_stays_text() {
        for head in
            [&b"caf\xe9 cr\xe8me\n"[..], b"{\"a\":1}\n\0\n", b"\x1b[31mred\x1b[0m\x07\n", b"\xff\n1\n2\n"]
        {
            assert_eq!(choose(Some(Format::Text), "b", None, head), Ok(Format::Text), "{head:?}");
        }
    }
}
