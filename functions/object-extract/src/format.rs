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

/// Chooses the format of an object of which nothing is set, in this order: suffix of the key (without `.gz`),
/// content type, and `first`, the first byte of content that is no white space.
///
/// `.json` and `application/json` are a JSON array when the content starts with `[`, else JSON Lines.
#[must_use]
pub fn choose(key: &str, content_type: Option<&str>, first: Option<u8>) -> Format {
    let json = if first == Some(b'[') { Format::JsonArray } else { Format::JsonLines };
    by_suffix(key, json).or_else(|| by_content_type(content_type?, json)).unwrap_or(match first {
        Some(b'[' | b'{') => json,
        _ => Format::Text,
    })
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

fn by_content_type(content_type: &str, json: Format) -> Option<Format> {
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match media_type.as_str() {
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

    #[test]
    fn suffix_decides_before_content_type_and_content() {
        assert_eq!(choose("a/b.CSV.gz", Some("text/plain"), Some(b'[')), Format::Csv);
        assert_eq!(choose("b.ndjson", None, Some(b'[')), Format::JsonLines);
        assert_eq!(choose("b.log", Some("application/json"), None), Format::Text);
    }

    #[test]
    fn content_type_decides_when_the_suffix_says_nothing() {
        assert_eq!(choose("v1.2/b", Some("Text/CSV; header=present"), Some(b'{')), Format::Csv);
        assert_eq!(choose("b.dat", Some("text/plain"), Some(b'{')), Format::Text);
    }

    #[test]
    fn json_is_an_array_when_it_starts_as_one() {
        assert_eq!(choose("b.json", None, Some(b'[')), Format::JsonArray);
        assert_eq!(choose("b.json", None, Some(b'{')), Format::JsonLines);
    }

    #[test]
    fn content_decides_when_nothing_else_does() {
        assert_eq!(choose("b", Some("binary/octet-stream"), Some(b'{')), Format::JsonLines);
        assert_eq!(choose("b", None, Some(b'[')), Format::JsonArray);
        assert_eq!(choose("b", None, Some(b'x')), Format::Text);
    }
}
